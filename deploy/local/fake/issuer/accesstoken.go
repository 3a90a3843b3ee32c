package issuer

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// accessTokens is a successful answer of the token endpoint (RFC 6749, section 5.1).
type accessTokens struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token,omitempty"`
	Scope        string `json:"scope"`
}

// verifierFormat is the format of a code verifier (RFC 7636, section 4.1).
var verifierFormat = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// accessToken answers POST /oauth2/token.
func (i *issuer) accessToken(w http.ResponseWriter, r *http.Request) {
	form, fault := publicClient(w, r)
	var g *grant
	if fault == nil {
		g, fault = i.redeem(form)
	}
	var tokens accessTokens
	if fault == nil {
		tokens, fault = i.issue(g)
	}
	if fault != nil {
		answerJSON(w, http.StatusBadRequest, fault)
		return
	}
	answerJSON(w, http.StatusOK, tokens)
}

// publicClient returns the form of a request that the board page may send. The page has no secret, so the form names
// it.
func publicClient(w http.ResponseWriter, r *http.Request) (url.Values, *oauthError) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		return nil, &oauthError{"invalid_request", "the form cannot be read: " + err.Error()}
	}
	if err := checkOnce(r.PostForm); err != nil {
		return nil, err
	}
	if r.PostForm.Get("client_id") != BoardClient {
		return nil, &oauthError{"invalid_client", "client_id must be " + BoardClient}
	}
	return r.PostForm, nil
}

// redeem returns the grant that the form redeems.
func (i *issuer) redeem(form url.Values) (*grant, *oauthError) {
	if fault := checkTarget(form, i.config.Audience); fault != nil {
		return nil, fault
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		g := i.grants.useCode(form.Get("code"))
		switch {
		case g == nil:
			return nil, &oauthError{"invalid_grant", "the code is unknown, expired or used"}
		case form.Get("redirect_uri") != g.redirect:
			return nil, &oauthError{"invalid_grant", "redirect_uri is not the one of the authorization request"}
		case !verifies(form.Get("code_verifier"), g.challenge):
			return nil, &oauthError{"invalid_grant", "code_verifier does not match the code_challenge"}
		}
		return g, nil
	case "refresh_token":
		if g := i.grants.useRefresh(form.Get("refresh_token")); g != nil {
			return g, nil
		}
		return nil, &oauthError{"invalid_grant", "the refresh token is unknown, expired, revoked or used"}
	}
	return nil, &oauthError{"unsupported_grant_type", "grant_type must be authorization_code or refresh_token"}
}

// verifies reports whether the S256 challenge is that of the verifier (RFC 7636, section 4.6).
func verifies(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	got := base64.RawURLEncoding.EncodeToString(sum[:])
	return verifierFormat.MatchString(verifier) && subtle.ConstantTimeCompare([]byte(got), []byte(challenge)) == 1
}

// issue returns the tokens for a grant.
func (i *issuer) issue(g *grant) (accessTokens, *oauthError) {
	signed, _, err := i.sign(g.person, AccessTTL)
	if err != nil {
		return accessTokens{}, &oauthError{"server_error", "cannot sign the token"}
	}
	tokens := accessTokens{AccessToken: signed, TokenType: "Bearer", ExpiresIn: int(AccessTTL / time.Second),
		Scope: g.scope}
	if g.offline {
		tokens.Scope = strings.Join([]string{g.scope, OfflineScope}, " ")
		tokens.RefreshToken, err = i.grants.addRefresh(g)
		switch {
		case errors.Is(err, errEnded):
			return accessTokens{}, &oauthError{"invalid_grant", err.Error()}
		case err != nil:
			return accessTokens{}, &oauthError{"temporarily_unavailable", err.Error()}
		}
	}
	return tokens, nil
}

// revoke answers POST /oauth2/revoke (RFC 7009) for refresh tokens. Access tokens stay valid until they expire.
func (i *issuer) revoke(w http.ResponseWriter, r *http.Request) {
	form, fault := publicClient(w, r)
	if fault != nil {
		answerJSON(w, http.StatusBadRequest, fault)
		return
	}
	i.grants.revoke(form.Get("token"))
	answerJSON(w, http.StatusOK, struct{}{})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // fails only if the client disconnected
}

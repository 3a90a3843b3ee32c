// Package auth checks the bearer tokens of Darkroom's users: JSON Web Tokens (RFC 7519) that an issuer of the
// operator's choice has signed with a key of its JWK Set (RFC 7517).
//
// A token is accepted if all of this holds, as RFC 8725 advises:
//
//   - It is signed with RS256, ES256 or EdDSA by a key of the set that the configuration or the issuer's discovery
//     document (OpenID Connect Discovery 1.0) names. Keys in the header (jwk, jku, x5c, x5u) are ignored, and a critical
//     extension (crit) is refused. So is a key of the set that is for another use, and RSA below 2048 bits (RFC 7518,
//     section 3.3).
//   - iss and aud are the configured ones, exp is present and in the future, and nbf, if present, is in the past. Both
//     times may be off by 30 s.
//   - typ, if present, is JWT or at+jwt (RFC 9068), so that a token made for another purpose is refused.
//   - sub is not empty.
//
// Scopes come from the claim scope, a space-separated string (RFC 9068), or otherwise from scp, a string or an
// array.
//
// The boards claim lists the boards that the caller may use, as an array of strings or as one space-separated
// string, like the scopes of OAuth 2.0. "*" is every board.
package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/settings"
)

const (
	// Leeway is how far the issuer's clock may differ from ours.
	Leeway = 30 * time.Second
	// maxSubject is the maximum length of the subject in bytes after percent-encoding. It is stored as user metadata of
	// the object. S3 accepts 2 KB of user metadata per object.
	maxSubject = 1024
)

// Config says whose tokens are accepted. The comment of a field starts with the name under which an operator sets it.
type Config struct {
	Issuer      string   // AUTH_ISSUER: required value of iss
	Audience    string   // AUTH_AUDIENCE: required value, or one of the values, of aud
	BoardsClaim string   // AUTH_BOARDS_CLAIM: name of the claim that lists the caller's boards
	HTTPHosts   []string // AUTH_HTTP_HOSTS: hosts that may be asked without TLS, besides this machine
	Keys        KeysConfig
}

// Validate returns an error about the first setting that cannot be used, by its name.
func (c Config) Validate() error {
	switch {
	case c.Issuer == "":
		return errors.New("AUTH_ISSUER is not set: want the iss claim of the tokens")
	case c.Audience == "":
		return errors.New("AUTH_AUDIENCE is not set: want the aud claim of the tokens")
	case c.BoardsClaim == "":
		return errors.New("AUTH_BOARDS_CLAIM is not set: want the name of a claim")
	}
	if c.Keys.URL == "" {
		if _, err := settings.HTTPURL(c.Issuer); err != nil {
			return fmt.Errorf("AUTH_ISSUER: cannot find its discovery document, and AUTH_JWKS_URL is not set: %w", err)
		}
	}
	if err := c.Keys.Validate(); err != nil {
		return err
	}
	for _, s := range []struct{ name, url string }{{"AUTH_ISSUER", c.Issuer}, {"AUTH_JWKS_URL", c.Keys.URL}} {
		if withoutTLS(s.url) && !c.mayLackTLS(s.url) {
			return fmt.Errorf("%s: %s has no TLS, so anyone on the network path could replace the keys: want https, a loopback address, or the host in AUTH_HTTP_HOSTS", s.name, s.url)
		}
	}
	return nil
}

// withoutTLS reports whether s is an http URL.
func withoutTLS(s string) bool { return len(s) >= 5 && strings.EqualFold(s[:5], "http:") }

// mayLackTLS reports whether the host of a URL is in HTTPHosts, a loopback address or localhost (RFC 6761, section
// 6.3).
func (c Config) mayLackTLS(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	allowed := slices.ContainsFunc(c.HTTPHosts, func(h string) bool { return strings.EqualFold(h, host) })
	return allowed || host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}

// Verifier is the api.Authenticator of this package. It is safe for concurrent use.
type Verifier struct {
	parser *jwt.Parser
	keys   *keySet
	lookup keyfunc.Keyfunc
	boards string // name of the claim
}

// New returns a Verifier. It fetches no keys yet: see [Verifier.Warm].
func New(cfg Config, log *slog.Logger) (*Verifier, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if withoutTLS(cfg.Issuer) || withoutTLS(cfg.Keys.URL) {
		log.Warn("tokens of a development issuer are accepted: it is reached without TLS", "issuer", cfg.Issuer)
	}
	keys := newKeySet(cfg, log)
	lookup, err := keyfunc.New(keyfunc.Options{Storage: keys})
	if err != nil {
		return nil, fmt.Errorf("look up keys: %w", err)
	}
	return &Verifier{
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{"RS256", "ES256", "EdDSA"}),
			jwt.WithIssuer(cfg.Issuer), jwt.WithAudience(cfg.Audience),
			jwt.WithExpirationRequired(), jwt.WithLeeway(Leeway)),
		keys: keys, lookup: lookup, boards: cfg.BoardsClaim,
	}, nil
}

// Warm fetches the keys, so that the first request need not. It only logs a failure: the first request tries again.
func (v *Verifier) Warm(ctx context.Context) { v.keys.refresh(ctx) }

// Authenticate implements api.Authenticator.
func (v *Verifier) Authenticate(ctx context.Context, token string) (api.Caller, error) {
	claims := jwt.MapClaims{}
	_, err := v.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if _, ok := t.Header["crit"]; ok {
			return nil, errCritical
		}
		if typ, ok := t.Header["typ"]; ok && !accessToken(typ) {
			return nil, errType
		}
		return v.lookup.KeyfuncCtx(ctx)(t)
	})
	var down *api.UnavailableError
	switch {
	case errors.As(err, &down):
		return api.Caller{}, down
	case err != nil && ctx.Err() != nil:
		return api.Caller{}, fmt.Errorf("verify the token: %w", ctx.Err())
	}
	if err != nil {
		return api.Caller{}, &api.TokenError{Reason: reason(err), Err: err}
	}
	sub, err := claims.GetSubject()
	if err != nil || sub == "" {
		return api.Caller{}, &api.TokenError{Reason: "it has no subject", Err: err}
	}
	if len(url.PathEscape(sub)) > maxSubject {
		return api.Caller{}, &api.TokenError{Reason: fmt.Sprintf("its subject exceeds %d bytes in percent-encoding",
			maxSubject)}
	}
	return api.Caller{Subject: sub, Boards: wordsOf(claims[v.boards]), Scopes: scopesOf(claims)}, nil
}

// errCritical refuses an unknown critical extension, as RFC 7515, section 4.1.11, demands.
var errCritical = errors.New("critical header extension")

// errType prevents what RFC 8725, section 3.11, calls cross-JWT confusion.
var errType = errors.New("the header typ names another kind of token")

// accessToken reports whether a token with this typ may be an access token. Most issuers only call it a JWT; RFC 9068,
// section 2.1, calls it at+jwt.
func accessToken(typ any) bool {
	s, ok := typ.(string)
	return ok && slices.Contains([]string{"jwt", "at+jwt", "application/at+jwt"}, strings.ToLower(s))
}

// reason returns the rule that the token broke, for the client. The text of err may quote the token.
func reason(err error) string {
	for _, r := range []struct {
		err    error
		reason string
	}{
		{errCritical, "it has an unknown critical extension"},
		{errType, "it is another kind of token: its typ is neither JWT nor at+jwt"},
		{errUnknownKey, "it is signed with an unknown key"},
		{jwt.ErrTokenMalformed, "it is not a JSON Web Token"},
		{jwt.ErrTokenExpired, "it has expired"},
		{jwt.ErrTokenNotValidYet, "it is not valid yet"},
		{jwt.ErrTokenRequiredClaimMissing, "it lacks a required claim"},
		{jwt.ErrTokenInvalidIssuer, "it is from another issuer"},
		{jwt.ErrTokenInvalidAudience, "it is for another audience"},
		{jwt.ErrTokenSignatureInvalid, "its signature is invalid"},
	} {
		if errors.Is(err, r.err) {
			return r.reason
		}
	}
	return "it cannot be verified"
}

// scopesOf returns the scopes. Some issuers call the claim scp.
func scopesOf(claims jwt.MapClaims) []string {
	if scope, ok := claims["scope"]; ok {
		return wordsOf(scope)
	}
	return wordsOf(claims["scp"])
}

// wordsOf returns the words of a claim that is a list or a string, and none of any other claim.
func wordsOf(claim any) []string {
	switch c := claim.(type) {
	case string:
		return strings.Fields(c)
	case []any:
		var words []string
		for _, w := range c {
			if s, ok := w.(string); ok {
				words = append(words, s)
			}
		}
		return words
	}
	return nil
}

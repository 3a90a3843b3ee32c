package issuer

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"darkroom/deploy/local/origin"
)

// BoardClient is the client id of the board page. The issuer knows no other client. It redirects people only to the
// root of the configured origins.
const BoardClient = "board"

// OfflineScope asks for a refresh token: https://openid.net/specs/openid-connect-core-1_0.html#OfflineAccess
const OfflineScope = "offline_access"

// authorization is an authorization request that was checked (RFC 6749, section 4.1.1; RFC 7636, section 4.3).
type authorization struct {
	client, redirect, state, challenge string
	scope                              string // scopes of the token, separated by spaces
	offline                            bool   // a refresh token was asked for
}

// oauthError is an error answer (RFC 6749, sections 4.1.2.1 and 5.2).
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func (e *oauthError) Error() string { return e.Code + ": " + e.Description }

// challengeFormat is the format of a SHA-256 digest in base64url without padding.
var challengeFormat = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// registered reports whether the issuer may send people to a URL. The comparison is exact (RFC 9700, section 2.1).
func registered(origins origin.List, redirect string) bool {
	return slices.ContainsFunc(origins, func(o string) bool { return o != "" && redirect == o+"/" })
}

// checkAuthorization returns the request in form, as far as it is valid. The caller has checked the client and the
// redirect URL.
func checkAuthorization(form url.Values, audience string) (authorization, *oauthError) {
	a := authorization{client: form.Get("client_id"), redirect: form.Get("redirect_uri"), state: form.Get("state"),
		challenge: form.Get("code_challenge")}
	if err := checkOnce(form); err != nil {
		return a, err
	}
	switch {
	case form.Get("response_type") != "code":
		return a, &oauthError{"unsupported_response_type", "response_type must be code"}
	case form.Get("code_challenge_method") != "S256":
		return a, &oauthError{"invalid_request", "code_challenge_method must be S256"}
	case !challengeFormat.MatchString(a.challenge):
		return a, &oauthError{"invalid_request", "code_challenge must be a SHA-256 digest in base64url, 43 characters"}
	case form.Get("prompt") == "none":
		return a, &oauthError{"login_required", "this issuer remembers nobody"}
	}
	var err *oauthError
	if a.scope, a.offline, err = checkScope(form.Get("scope")); err != nil {
		return a, err
	}
	return a, checkTarget(form, audience)
}

// checkScope splits the requested scopes into those of the token and the one for a refresh token.
func checkScope(asked string) (scope string, offline bool, _ *oauthError) {
	var scopes []string
	for _, s := range strings.Fields(asked) {
		switch s {
		case OfflineScope:
			offline = true
		case ReadScope, WriteScope:
			scopes = append(scopes, s)
		default:
			return "", false, &oauthError{"invalid_scope", "scope may have " + DefaultScope + " " + OfflineScope}
		}
	}
	if len(scopes) == 0 {
		return DefaultScope, offline, nil
	}
	return strings.Join(scopes, " "), offline, nil
}

// checkTarget checks that the token is for the only audience there is (RFC 8707). Some issuers call it audience.
func checkTarget(form url.Values, audience string) *oauthError {
	for _, name := range []string{"resource", "audience"} {
		if form.Has(name) && form.Get(name) != audience {
			return &oauthError{"invalid_target", name + " must be " + audience}
		}
	}
	return nil
}

// checkOnce refuses a parameter that occurs twice (RFC 6749, section 3.1).
func checkOnce(form url.Values) *oauthError {
	for name, values := range form {
		if len(values) > 1 {
			return &oauthError{"invalid_request", name + " occurs twice"}
		}
	}
	return nil
}

//go:embed signin.html
var signInText string

// signInStyle is the hash of the page's style element, in base64, by which the content security policy allows it.
var signInStyle = func() string {
	_, style, _ := strings.Cut(signInText, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	return base64.StdEncoding.EncodeToString(sum[:])
}()

var signInPage = template.Must(template.New("signin.html").Parse(signInText))

// authorize answers GET /oauth2/authorize with the sign-in page, and POST, which the page sends, with a redirect to the
// client.
func (i *issuer) authorize(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	query := r.URL.Query()
	if query.Get("client_id") != BoardClient || !registered(i.config.Origins, query.Get("redirect_uri")) {
		// A redirect would make this issuer send people to any page (RFC 9700, section 4.11).
		http.Error(w, "client_id or redirect_uri is not registered: want the client "+BoardClient+" and the root of an origin that --origin lists", http.StatusBadRequest)
		return
	}
	a, fault := checkAuthorization(query, i.config.Audience)
	if fault != nil {
		i.answer(w, r, a, url.Values{"error": {fault.Code}, "error_description": {fault.Description}})
		return
	}
	if r.Method != http.MethodPost {
		i.sendSignInPage(w, a, http.StatusOK, Request{Subject: "you", Boards: []string{AllBoards}}, "")
		return
	}
	if r.PostForm.Has("cancel") {
		i.answer(w, r, a, url.Values{"error": {"access_denied"}, "error_description": {"the sign-in was cancelled"}})
		return
	}
	person := Request{Subject: r.PostForm.Get("subject"), Boards: strings.Fields(strings.ReplaceAll(r.PostForm.Get("boards"), ",", " ")), Scope: a.scope}
	if _, err := person.validate(); err != nil {
		i.sendSignInPage(w, a, http.StatusBadRequest, person, err.Error())
		return
	}
	code, err := i.grants.addCode(a, person)
	if err != nil {
		i.answer(w, r, a, url.Values{"error": {"temporarily_unavailable"}, "error_description": {err.Error()}})
		return
	}
	i.answer(w, r, a, url.Values{"code": {code}})
}

// answer sends the person back to the client with an answer, which names the issuer (RFC 9207).
func (i *issuer) answer(w http.ResponseWriter, r *http.Request, a authorization, query url.Values) {
	query.Set("iss", i.config.Issuer)
	if a.state != "" {
		query.Set("state", a.state)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, a.redirect+"?"+query.Encode(), http.StatusSeeOther)
}

// sendSignInPage sends the sign-in page, with what the person entered and why it was refused.
func (i *issuer) sendSignInPage(w http.ResponseWriter, a authorization, status int, person Request, fault string) {
	var page bytes.Buffer
	if err := signInPage.Execute(&page, struct{ Subject, Boards, Page, Fault string }{person.Subject, strings.Join(person.Boards, " "), a.redirect, fault}); err != nil {
		http.Error(w, "cannot write the sign-in page", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// Browsers apply form-action to the redirect that answers the form, too. With no referrer at all, they would send
	// the form with "Origin: null".
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+signInStyle+"'; form-action 'self' "+a.redirect+"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(page.Bytes())
}

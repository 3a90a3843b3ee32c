package issuer_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/deploy/local/fake/issuer"
	"darkroom/deploy/local/origin"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
)

const page = "http://localhost:8080/"

// client is the OAuth client of golang.org/x/oauth2, as the board page, and the issuer that it uses.
type client struct {
	oauth2.Config
	ctx    context.Context
	issuer http.Handler
}

// RoundTrip lets the client reach the issuer without a network.
func (c client) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	c.issuer.ServeHTTP(w, r)
	return w.Result(), nil
}

func newClient(t *testing.T) client {
	t.Helper()
	settings := config(t.TempDir())
	settings.Origins = origin.List{"http://localhost:8080", ""}
	c := client{issuer: mustNew(t, settings), Config: oauth2.Config{ClientID: issuer.BoardClient, RedirectURL: page,
		Scopes:   []string{issuer.ReadScope, issuer.OfflineScope},
		Endpoint: oauth2.Endpoint{AuthURL: "http://localhost:8081/oauth2/authorize", TokenURL: "http://localhost:8081/oauth2/token", AuthStyle: oauth2.AuthStyleInParams}}}
	c.ctx = context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: c})
	return c
}

// send sends a form to the issuer, or gets the URL if form is nil.
func (c client) send(target string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	if form != nil {
		r = httptest.NewRequest("POST", target, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	c.issuer.ServeHTTP(w, r)
	return w
}

// returned parses the URL to which an answer sends the person.
func returned(t *testing.T, w *httptest.ResponseRecorder) url.Values {
	t.Helper()
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther || to.Scheme+"://"+to.Host+to.Path != page {
		t.Fatalf("%d to %q (%v): %s", w.Code, w.Header().Get("Location"), err, w.Body)
	}
	return to.Query()
}

// signIn signs ann in and returns the code.
func (c client) signIn(t *testing.T, verifier string) string {
	t.Helper()
	target := c.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier))
	if form := c.send(target, nil); form.Code != http.StatusOK || !strings.Contains(form.Body.String(), `name="subject"`) {
		t.Fatalf("sign-in page: %d %s", form.Code, form.Body)
	}
	got := returned(t, c.send(target, url.Values{"subject": {"ann"}, "boards": {"cats, dogs"}}))
	if got.Get("state") != "s" || got.Get("iss") != "http://localhost:8081" || got.Get("code") == "" {
		t.Fatalf("returned with %v", got)
	}
	return got.Get("code")
}

func TestCodeFlow(t *testing.T) {
	c := newClient(t)
	verifier := oauth2.GenerateVerifier()
	tokens, err := c.Exchange(c.ctx, c.signIn(t, verifier), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	var claims issuer.Claims
	if _, _, err := jwt.NewParser().ParseUnverified(tokens.AccessToken, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Subject != "ann" || !cmp.Equal(claims.Boards, []string{"cats", "dogs"}) || claims.Scope != issuer.ReadScope || claims.Audience[0] != "darkroom" {
		t.Errorf("claims: %+v", claims)
	}
	if left := time.Until(tokens.Expiry); left > issuer.AccessTTL || left < issuer.AccessTTL-time.Minute || tokens.RefreshToken == "" {
		t.Errorf("expires in %s, refresh token %q", left, tokens.RefreshToken)
	}
	again, err := c.TokenSource(c.ctx, &oauth2.Token{RefreshToken: tokens.RefreshToken}).Token()
	if err != nil || again.AccessToken == tokens.AccessToken || again.RefreshToken == tokens.RefreshToken {
		t.Errorf("refreshed: %v", err)
	}
}

// TestCodeIsRefused: a code works once, within a minute, and only with the verifier.
func TestCodeIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t)
		verifier := oauth2.GenerateVerifier()
		refused := func(what, code string, options ...oauth2.AuthCodeOption) {
			t.Helper()
			_, err := c.Exchange(c.ctx, code, options...)
			if e, ok := err.(*oauth2.RetrieveError); !ok || e.ErrorCode != "invalid_grant" {
				t.Errorf("%s: %v, want invalid_grant", what, err)
			}
		}
		refused("unknown code", "x", oauth2.VerifierOption(verifier))
		refused("other verifier", c.signIn(t, verifier), oauth2.VerifierOption(oauth2.GenerateVerifier()))
		refused("no verifier", c.signIn(t, verifier))
		refused("the challenge as its verifier", c.signIn(t, verifier), oauth2.VerifierOption(oauth2.S256ChallengeFromVerifier(verifier)))
		refused("other redirect", c.signIn(t, verifier), oauth2.VerifierOption(verifier), oauth2.SetAuthURLParam("redirect_uri", page+"x"))
		short := "short"
		refused("verifier of 5 characters", c.signIn(t, short), oauth2.VerifierOption(short))

		code := c.signIn(t, verifier)
		refused("stolen", code, oauth2.VerifierOption(oauth2.GenerateVerifier()))
		refused("used", code, oauth2.VerifierOption(verifier))

		code = c.signIn(t, verifier)
		tokens, err := c.Exchange(c.ctx, code, oauth2.VerifierOption(verifier))
		if err != nil {
			t.Fatal(err)
		}
		refused("used twice", code, oauth2.VerifierOption(verifier))
		if _, err := c.TokenSource(c.ctx, &oauth2.Token{RefreshToken: tokens.RefreshToken}).Token(); err == nil {
			t.Error("the refresh token survives a second use of its code")
		}

		code = c.signIn(t, verifier)
		time.Sleep(time.Minute)
		refused("expired", code, oauth2.VerifierOption(verifier))
	})
}

// TestRefreshTokens: each works once, and a second use or a revocation ends its whole sign-in.
func TestRefreshTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t)
		refresh := func(token string) (string, error) {
			got, err := c.TokenSource(c.ctx, &oauth2.Token{RefreshToken: token}).Token()
			if err != nil {
				return "", err
			}
			return got.RefreshToken, nil
		}
		first := func() string {
			verifier := oauth2.GenerateVerifier()
			tokens, err := c.Exchange(c.ctx, c.signIn(t, verifier), oauth2.VerifierOption(verifier))
			if err != nil {
				t.Fatal(err)
			}
			return tokens.RefreshToken
		}
		stolen := first()
		second, err := refresh(stolen)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := refresh(stolen); err == nil {
			t.Error("a refresh token works twice")
		}
		if _, err := refresh(second); err == nil {
			t.Error("the next refresh token survives a second use of the first")
		}
		revoked := first()
		if w := c.send("http://localhost:8081/oauth2/revoke", url.Values{"client_id": {issuer.BoardClient}, "token": {revoked}}); w.Code != http.StatusOK {
			t.Errorf("revoke: %d %s", w.Code, w.Body)
		}
		if _, err := refresh(revoked); err == nil {
			t.Error("a revoked refresh token works")
		}
		old := first()
		time.Sleep(12 * time.Hour)
		if _, err := refresh(old); err == nil {
			t.Error("an expired refresh token works")
		}
		c.Scopes = []string{issuer.ReadScope}
		if got := first(); got != "" {
			t.Error("a refresh token without its scope")
		}
	})
}

// TestForeignRedirects: the issuer sends people to the root of its origins and nowhere else.
func TestForeignRedirects(t *testing.T) {
	c := newClient(t)
	for _, to := range []string{"https://evil.example/", "http://localhost:8080", "http://localhost:8080/x", "http://localhost:8080/?x", "http://localhost:8080/#x",
		"http://localhost:8080.evil.example/", "http://localhost:8080@evil.example/", "https://localhost:8080/", "http://LOCALHOST:8080/", "/", "", "//evil.example/"} {
		c.RedirectURL = to
		for _, form := range []url.Values{nil, {"subject": {"ann"}, "boards": {"*"}}, {"cancel": {"yes"}}} {
			w := c.send(c.AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())), form)
			if w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" {
				t.Errorf("%q: %d to %q", to, w.Code, w.Header().Get("Location"))
			}
		}
	}
	c.RedirectURL, c.ClientID = page, "other"
	if w := c.send(c.AuthCodeURL("s"), nil); w.Code != http.StatusBadRequest {
		t.Errorf("unknown client: %d", w.Code)
	}
}

func TestAuthorizationErrors(t *testing.T) {
	c := newClient(t)
	challenge := oauth2.S256ChallengeOption(oauth2.GenerateVerifier())
	set := oauth2.SetAuthURLParam
	for name, tc := range map[string]struct {
		options []oauth2.AuthCodeOption
		form    url.Values
		want    string
	}{
		"plain":            {[]oauth2.AuthCodeOption{challenge, set("code_challenge_method", "plain")}, nil, "invalid_request"},
		"no PKCE":          {nil, nil, "invalid_request"},
		"no method":        {[]oauth2.AuthCodeOption{challenge, set("code_challenge_method", "")}, nil, "invalid_request"},
		"short challenge":  {[]oauth2.AuthCodeOption{challenge, set("code_challenge", "abc")}, nil, "invalid_request"},
		"implicit":         {[]oauth2.AuthCodeOption{challenge, set("response_type", "token")}, nil, "unsupported_response_type"},
		"scope":            {[]oauth2.AuthCodeOption{challenge, set("scope", "admin")}, nil, "invalid_scope"},
		"resource":         {[]oauth2.AuthCodeOption{challenge, set("resource", "https://other.example")}, nil, "invalid_target"},
		"silent":           {[]oauth2.AuthCodeOption{challenge, set("prompt", "none")}, nil, "login_required"},
		"cancelled":        {[]oauth2.AuthCodeOption{challenge}, url.Values{"cancel": {"yes"}}, "access_denied"},
		"posted anyway":    {nil, url.Values{"subject": {"ann"}, "boards": {"*"}}, "invalid_request"},
		"audience of ours": {[]oauth2.AuthCodeOption{challenge, set("audience", "darkroom"), set("resource", "darkroom")}, url.Values{"cancel": {"yes"}}, "access_denied"},
	} {
		got := returned(t, c.send(c.AuthCodeURL("s", tc.options...), tc.form))
		if got.Get("error") != tc.want || got.Get("state") != "s" || got.Has("code") {
			t.Errorf("%s: %v, want %s", name, got, tc.want)
		}
	}
	if got := returned(t, c.send(c.AuthCodeURL("s", challenge)+"&scope=x", nil)); got.Get("error") != "invalid_request" {
		t.Errorf("scope twice: %v", got)
	}
	w := c.send(c.AuthCodeURL("s", challenge), url.Values{"subject": {`"><script>`}, "boards": {"No Board"}})
	if w.Code != http.StatusBadRequest || strings.Contains(w.Body.String(), "<script>") || !strings.Contains(w.Body.String(), "boards") {
		t.Errorf("a board that cannot be: %d %s", w.Code, w.Body)
	}
}

func TestTokenErrors(t *testing.T) {
	c := newClient(t)
	for want, form := range map[string]url.Values{
		"invalid_client":         {"grant_type": {"refresh_token"}, "client_id": {"other"}},
		"unsupported_grant_type": {"grant_type": {"password"}, "client_id": {"board"}},
		"invalid_grant":          {"grant_type": {"refresh_token"}, "client_id": {"board"}},
		"invalid_target":         {"grant_type": {"refresh_token"}, "client_id": {"board"}, "resource": {"x"}},
		"invalid_request":        {"grant_type": {"refresh_token", "refresh_token"}, "client_id": {"board"}},
	} {
		w := c.send("http://localhost:8081/oauth2/token", form)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"error":"`+want+`"`) || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%v: %d %s, want %s", form, w.Code, w.Body, want)
		}
	}
}

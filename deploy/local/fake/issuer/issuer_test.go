package issuer_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/local/fake/issuer"
	"darkroom/deploy/local/origin"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

func config(dir string) issuer.Config {
	return issuer.Config{Issuer: "http://localhost:8081", Audience: "darkroom", KeyFile: filepath.Join(dir, "issuer.key")}
}

func call(h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, "http://127.0.0.1:8081"+path, strings.NewReader(body)))
	return w
}

func mustNew(t *testing.T, c issuer.Config) http.Handler {
	t.Helper()
	h, err := issuer.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// A token verifies with the published key, even after a restart.
func TestToken(t *testing.T) {
	dir := t.TempDir()
	w := call(mustNew(t, config(dir)), "POST", "/token", `{"subject":"ann","boards":["cats","*"],"ttl":"10m"}`)
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s %s", w.Code, w.Header(), w.Body)
	}
	var got issuer.Response
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}

	again := mustNew(t, config(dir))
	jwks := call(again, "GET", "/jwks.json", "")
	if strings.Contains(jwks.Body.String(), `"d"`) {
		t.Fatal("the key set has the private key")
	}
	keys, err := keyfunc.NewJWKSetJSON(jwks.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var claims issuer.Claims
	_, err = jwt.ParseWithClaims(got.Token, &claims, keys.Keyfunc, jwt.WithValidMethods([]string{"ES256"}),
		jwt.WithIssuer("http://localhost:8081"), jwt.WithAudience("darkroom"), jwt.WithExpirationRequired(), jwt.WithIssuedAt())
	if err != nil {
		t.Fatal(err)
	}
	if claims.Scope != issuer.DefaultScope || claims.ID == "" {
		t.Errorf("claims: %+v", claims)
	}
	if claims.Subject != "ann" || !cmp.Equal(claims.Boards, []string{"cats", "*"}) || claims.NotBefore == nil {
		t.Errorf("claims: %+v", claims)
	}
	if !claims.ExpiresAt.Equal(got.ExpiresAt) || claims.ExpiresAt.Sub(claims.IssuedAt.Time).Round(2*time.Second) != 10*time.Minute {
		t.Errorf("expires %s, claims: %s after %s", got.ExpiresAt, claims.ExpiresAt, claims.IssuedAt)
	}

	other, err := keyfunc.NewJWKSetJSON(call(mustNew(t, config(t.TempDir())), "GET", "/jwks.json", "").Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jwt.Parse(got.Token, other.Keyfunc); err == nil {
		t.Error("the token of one issuer verifies against the key of another")
	}
}

func TestScopeAndType(t *testing.T) {
	w := call(mustNew(t, config(t.TempDir())), "POST", "/token", `{"subject":"ann","boards":["cats"],"scope":"uploads:read"}`)
	var got issuer.Response
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var claims issuer.Claims
	tok, _, err := jwt.NewParser().ParseUnverified(got.Token, &claims)
	if err != nil || claims.Scope != "uploads:read" || tok.Header["typ"] != "at+jwt" {
		t.Errorf("%v %+v, %v", tok.Header, claims, err)
	}
}

// The discovery document leads to the keys.
func TestDiscovery(t *testing.T) {
	h := mustNew(t, config(t.TempDir()))
	w := call(h, "GET", "/.well-known/openid-configuration", "")
	var doc struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || doc.Issuer != "http://localhost:8081" {
		t.Fatalf("%s, %v", w.Body, err)
	}
	path, ok := strings.CutPrefix(doc.JWKS, doc.Issuer)
	if keys := call(h, "GET", path, ""); !ok || keys.Code != 200 || !strings.Contains(keys.Body.String(), `"kid"`) {
		t.Errorf("%s: %d %s", doc.JWKS, keys.Code, keys.Body)
	}
}

func TestBadRequests(t *testing.T) {
	h := mustNew(t, config(t.TempDir()))
	for _, c := range []struct {
		body, want string
	}{
		{``, "want {"},
		{`{`, "want {"},
		{`{"subject":"a","boards":["b"],"admin":true}`, "unknown field"},
		{`{"subject":"a","boards":["b"]}{}`, "more than one"},
		{`{"boards":["b"]}`, "subject"},
		{`{"subject":"a"}`, "at least one"},
		{`{"subject":"a","boards":["Not A Board"]}`, "boards"},
		{`{"subject":"a","boards":["b"],"ttl":"soon"}`, "ttl"},
		{`{"subject":"a","boards":["b"],"ttl":"-1h"}`, "not between"},
		{`{"subject":"a","boards":["b"],"ttl":"9999h"}`, "not between"},
		{`{"subject":"` + strings.Repeat("a", 70<<10) + `"}`, "too large"},
	} {
		w := call(h, "POST", "/token", c.body)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%.60s: %d %s, want 400 with %q", c.body, w.Code, w.Body, c.want)
		}
	}
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/token", 405}, {"GET", "/", 404}, {"GET", "/healthz", 200},
	} {
		if w := call(h, c.method, c.path, ""); w.Code != c.want {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.want)
		}
	}
}

// TestOtherPages: only pages of the configured origins get a token.
func TestOtherPages(t *testing.T) {
	c := config(t.TempDir())
	c.Origins = origin.List{"http://localhost:8080"}
	h := mustNew(t, c)
	for from, want := range map[string]int{"http://localhost:8080": http.StatusOK, "https://evil.example": http.StatusForbidden} {
		r := httptest.NewRequest("POST", "http://127.0.0.1:8081/token", strings.NewReader(`{"subject":"ann","boards":["cats"]}`))
		r.Header.Set("Origin", from)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want || (w.Header().Get("Access-Control-Allow-Origin") == from) != (want == http.StatusOK) {
			t.Errorf("%s: %d %v", from, w.Code, w.Header())
		}
	}
}

func TestKeyFile(t *testing.T) {
	c := config(t.TempDir())
	mustNew(t, c)
	info, err := os.Stat(c.KeyFile)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info, err)
	}
	if err := os.WriteFile(c.KeyFile, []byte("not a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := issuer.New(c); err == nil || !strings.Contains(err.Error(), c.KeyFile) {
		t.Errorf("with an invalid key file: %v", err)
	}
	for _, bad := range []issuer.Config{{Audience: "a", KeyFile: "k"}, {Issuer: "i", KeyFile: "k"}, {Issuer: "i", Audience: "a"}} {
		if _, err := issuer.New(bad); err == nil {
			t.Errorf("%+v: valid", bad)
		}
	}
}

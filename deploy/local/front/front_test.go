package front

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/local/fake/issuer"
)

// serve runs a front on an API that answers with the request it got, and on a real issuer.
func serve(t *testing.T, change func(*Config)) *httptest.Server {
	t.Helper()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("ETag", `"e"`)
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "%s %s %s %s %s", r.Method, r.Host, r.URL.RequestURI(), r.Header.Get("Authorization"), b)
	}))
	t.Cleanup(api.Close)
	tokens, err := issuer.New(issuer.Config{Issuer: "http://issuer", Audience: "darkroom", KeyFile: filepath.Join(t.TempDir(), "key")})
	if err != nil {
		t.Fatal(err)
	}
	issue := httptest.NewServer(tokens)
	t.Cleanup(issue.Close)
	c := Config{API: api.URL, Issuer: issue.URL, Storage: "http://127.0.0.1:9", Queues: []string{"http://127.0.0.1:9/000000000000/q"}, Boards: []string{"cats"}}
	if change != nil {
		change(&c)
	}
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func do(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer x")
	if len(header) == 2 && header[0] != "" {
		req.Header.Set(header[0], header[1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func TestAPIIsAtTheSameOrigin(t *testing.T) {
	s := serve(t, nil)
	host := strings.TrimPrefix(s.URL, "http://")
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/v1/boards/cats/uploads", "{}"}, {"GET", "/v1/boards/cats/uploads/1?wait=20s", ""}, {"DELETE", "/v1/boards/cats/uploads/1", ""},
		{"GET", "/openapi.json", ""}, {"GET", "/healthz", ""}, {"GET", "/problems/", ""}, {"GET", "/problems/timeout", ""},
	} {
		resp, got := do(t, c.method, s.URL+c.path, c.body)
		if want := fmt.Sprintf("%s %s %s Bearer x %s", c.method, host, c.path, c.body); got != want || resp.StatusCode != http.StatusAccepted || resp.Header.Get("ETag") != `"e"` {
			t.Errorf("%s %q, want %q", resp.Status, got, want)
		}
	}
	if resp, text := do(t, "GET", s.URL+"/", ""); resp.StatusCode != http.StatusOK || !strings.Contains(text, "<title>Darkroom") {
		t.Errorf("the page: %s", resp.Status)
	}
}

// TestOtherPages: a page of another origin gets neither a token nor an answer of the API.
func TestOtherPages(t *testing.T) {
	s := serve(t, func(c *Config) { c.Origins = []string{"http://localhost:3000"} })
	for _, c := range []struct {
		from, path string
		want       int
	}{
		{s.URL, "/v1/boards/cats/uploads", http.StatusAccepted}, {"http://localhost:3000", "/v1/boards/cats/uploads", http.StatusAccepted},
		{"https://evil.example", "/v1/boards/cats/uploads", http.StatusForbidden}, {"https://evil.example", "/config.json", http.StatusForbidden}, {"null", "/v1/boards/cats/uploads", http.StatusForbidden},
	} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+c.path, strings.NewReader("{}"))
		req.Header.Set("Authorization", "Bearer x")
		req.Header.Set("Origin", c.from)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s of %s: %s, want %d", c.path, c.from, resp.Status, c.want)
		}
	}
}

func TestAPIThatIsDownIsAProblem(t *testing.T) {
	s := serve(t, func(c *Config) { c.API, c.Issuer = "http://127.0.0.1:9", "http://127.0.0.1:9" })
	resp, text := do(t, "GET", s.URL+"/v1/boards/cats/uploads", "")
	if resp.StatusCode != http.StatusBadGateway || resp.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(text, "does not answer") {
		t.Errorf("%s %s", resp.Status, text)
	}
}

// TestPageSignsInAtIssuer: the page gets the issuer's URL as browsers know it, and may call it.
func TestPageSignsInAtIssuer(t *testing.T) {
	s := serve(t, func(c *Config) { c.PublicIssuer = "http://localhost:8081" })
	_, text := do(t, "GET", s.URL+"/config.json", "")
	var config struct{ SignIn map[string]string }
	want := map[string]string{"issuer": "http://localhost:8081", "clientId": issuer.BoardClient, "scope": "uploads:read uploads:write offline_access"}
	if err := json.Unmarshal([]byte(text), &config); err != nil || !maps.Equal(config.SignIn, want) {
		t.Errorf("%s: %v, want %v", text, err, want)
	}
	resp, _ := do(t, "GET", s.URL+"/", "")
	if policy := resp.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "connect-src 'self' http://127.0.0.1:9 http://localhost:8081;") {
		t.Errorf("policy %s", policy)
	}
}

func TestBadConfig(t *testing.T) {
	good := Config{API: "http://a", Issuer: "http://i", Storage: "http://s", Queues: []string{"http://q/0/q"}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, spoil := range []func(*Config){
		func(c *Config) { c.API = "" }, func(c *Config) { c.Issuer = "i" }, func(c *Config) { c.Storage = "s3://x" }, func(c *Config) { c.Queues = []string{"http://"} }, func(c *Config) { c.Queues = nil },
		func(c *Config) { c.Workers = []string{"w"} }, func(c *Config) { c.Boards = []string{"No Board"} },
	} {
		c := good
		spoil(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%+v: valid", c)
		}
	}
}

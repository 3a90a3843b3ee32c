package auth

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// documents is a transport that answers each URL with a document.
type documents map[string]string

func (d documents) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := http.StatusOK, d[r.URL.String()]
	if body == "" {
		status = http.StatusNotFound
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(bytes.NewBufferString(body)), Request: r}, nil
}

func discovery(issuer, jwks string) string {
	return fmt.Sprintf(`{"issuer":%q,"jwks_uri":%q,"scopes_supported":["openid"]}`, issuer, jwks)
}

func TestDiscovery(t *testing.T) {
	for name, c := range map[string]struct {
		issuer, at, document string
		want                 string
	}{
		"found":             {"https://id.example", "https://id.example/.well-known/openid-configuration", discovery("https://id.example", "https://keys.example/k"), ""},
		"issuer with slash": {"https://id.example/", "https://id.example/.well-known/openid-configuration", discovery("https://id.example/", "https://keys.example/k"), ""},
		"issuer with path":  {"https://id.example/realms/a", "https://id.example/realms/a/.well-known/openid-configuration", discovery("https://id.example/realms/a", "https://keys.example/k"), ""},
		"another issuer's":  {"https://id.example", "https://id.example/.well-known/openid-configuration", discovery("https://evil.example", "https://keys.example/k"), "evil.example"},
		"keys in the clear": {"https://id.example", "https://id.example/.well-known/openid-configuration", discovery("https://id.example", "http://keys.example/k"), "want https"},
		"no keys":           {"https://id.example", "https://id.example/.well-known/openid-configuration", `{"issuer":"https://id.example"}`, "jwks_uri"},
		"not JSON":          {"https://id.example", "https://id.example/.well-known/openid-configuration", `<html>`, "decode"},
		"too long":          {"https://id.example", "https://id.example/.well-known/openid-configuration", strings.Repeat(" ", maxKeys+1), "more than"},
		"not there":         {"https://id.example", "https://id.example/other", "{}", "Not Found"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			d := documents{c.at: c.document, "https://keys.example/k": string(keySetJSON(t, jwk(t, ecKey.Public(), "k1", "")))}
			v, err := New(Config{Issuer: c.issuer, Audience: audience, BoardsClaim: "boards", Keys: KeysConfig{Client: d}}, slog.New(slog.NewTextHandler(&log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			claims := goodClaims()
			claims["iss"] = c.issuer
			_, err = v.Authenticate(t.Context(), sign(t, jwt.SigningMethodES256, ecKey, claims, "kid", "k1"))
			if (err == nil) != (c.want == "") {
				t.Errorf("%v, want an error: %v", err, c.want != "")
			}
			if err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q does not say %q", err, c.want)
			}
			if !strings.Contains(log.String(), c.want) {
				t.Errorf("log %q does not say %q", log.String(), c.want)
			}
		})
	}
}

// An issuer may move its keys, so the document is read before each fetch of the keys.
func TestDiscoveryIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := documents{issuer + discoveryPath: discovery(issuer, "https://a.example"),
			"https://a.example": string(keySetJSON(t, jwk(t, ecKey.Public(), "old", ""))),
			"https://b.example": string(keySetJSON(t, jwk(t, otherKey.Public(), "new", "")))}
		v := newVerifier(t, KeysConfig{Client: d})
		want(t, v, "old", "accepted")
		d[issuer+discoveryPath] = discovery(issuer, "https://b.example")
		time.Sleep(keysMaxAge)
		want(t, v, "new", "accepted")
		want(t, v, "old", "refused")
	})
}

func TestDiscoveryNeedsAURL(t *testing.T) {
	for _, issuer := range []string{"accounts.example", "https://ann:secret@accounts.example", "urn:issuer"} {
		if err := (Config{Issuer: issuer, Audience: audience, BoardsClaim: "boards"}).Validate(); err == nil || !strings.Contains(err.Error(), "discovery") {
			t.Errorf("issuer %q without a URL of its keys: %v", issuer, err)
		}
	}
}

// redirects is a transport that redirects some URLs and answers the others with a document.
type redirects struct {
	documents
	to map[string]string
}

func (r redirects) RoundTrip(req *http.Request) (*http.Response, error) {
	to, ok := r.to[req.URL.String()]
	if !ok {
		return r.documents.RoundTrip(req)
	}
	return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {to}}, Body: http.NoBody, Request: req}, nil
}

// TestRedirects: whoever may redirect to another host, or to one without TLS, would choose the keys.
func TestRedirects(t *testing.T) {
	document, keys := issuer+discoveryPath, issuer+"/keys"
	for name, c := range map[string]struct{ from, to, want string }{
		"within the host":       {document, issuer + "/moved", ""},
		"keys, within the host": {keys, issuer + "/moved", ""},
		"another host":          {document, "https://evil.example/moved", "another host"},
		"keys, another host":    {keys, "https://evil.example/moved", "another host"},
		"a host below":          {keys, "https://a.issuer.example/moved", "another host"},
		"without TLS":           {document, "http://issuer.example/moved", "from https to http"},
		"keys, without TLS":     {keys, "http://issuer.example/moved", "from https to http"},
		"in circles":            {keys, keys, "redirects"},
	} {
		t.Run(name, func(t *testing.T) {
			good := documents{document: discovery(issuer, keys), keys: string(keySetJSON(t, jwk(t, ecKey.Public(), "k1", "")))}
			r := redirects{documents: good, to: map[string]string{c.from: c.to}}
			if c.to != c.from {
				good[c.to] = good[c.from]
			}
			v := newVerifier(t, KeysConfig{Client: r})
			_, err := v.Authenticate(t.Context(), sign(t, jwt.SigningMethodES256, ecKey, goodClaims(), "kid", "k1"))
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestIssuerWithoutTLS(t *testing.T) {
	for name, c := range map[string]struct {
		issuer, keys string
		refused      bool
	}{
		"https":                   {"https://id.example", "", false},
		"no URL, keys by https":   {"accounts.example", "https://id.example/keys", false},
		"http":                    {"http://id.example", "", true},
		"HTTP":                    {"HTTP://id.example", "", true},
		"http, keys by https":     {"http://id.example", "https://id.example/keys", true},
		"keys by http":            {"https://id.example", "http://id.example/keys", true},
		"private network":         {"http://10.0.0.1:8081", "", true},
		"localhost as a label":    {"http://localhost.example", "", true},
		"localhost":               {"http://localhost:8081", "http://127.0.0.1:8081/keys", false},
		"localhost, a name in":    {"http://board.localhost:8081", "", false},
		"loopback of IPv6":        {"http://[::1]:8081", "", false},
		"loopback, another octet": {"http://127.8.9.1", "", false},
	} {
		cfg := Config{Issuer: c.issuer, Audience: audience, BoardsClaim: "boards", Keys: KeysConfig{URL: c.keys}}
		err := cfg.Validate()
		if (err != nil) != c.refused || err != nil && !strings.Contains(err.Error(), "AUTH_HTTP_HOSTS") {
			t.Errorf("%s: %v", name, err)
		}
		cfg.HTTPHosts = []string{"ID.example", "10.0.0.1", "localhost.example"}
		var log bytes.Buffer
		if _, err := New(cfg, slog.New(slog.NewTextHandler(&log, nil))); err != nil {
			t.Errorf("%s, allowed: %v", name, err)
		}
		plain := withoutTLS(c.issuer) || withoutTLS(c.keys)
		if warned := strings.Contains(log.String(), "development issuer") && strings.Contains(log.String(), c.issuer); warned != plain {
			t.Errorf("%s: warned %v", name, warned)
		}
	}
}

// TestKeysOfALocalIssuerElsewhere: an issuer on this host cannot name keys without TLS on another.
func TestKeysOfALocalIssuerElsewhere(t *testing.T) {
	const local = "http://localhost:8081"
	d := documents{local + discoveryPath: discovery(local, "http://evil.example/keys"),
		"http://evil.example/keys": string(keySetJSON(t, jwk(t, ecKey.Public(), "k1", "")))}
	v, err := New(Config{Issuer: local, Audience: audience, BoardsClaim: "boards", Keys: KeysConfig{Client: d}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	claims := goodClaims()
	claims["iss"] = local
	if _, err := v.Authenticate(t.Context(), sign(t, jwt.SigningMethodES256, ecKey, claims, "kid", "k1")); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Error(err)
	}
}

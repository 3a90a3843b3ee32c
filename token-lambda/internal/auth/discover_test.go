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

package tokens

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// counting is an issuer that fails once and whose tokens live for an hour.
type counting struct{ calls int }

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if c.calls++; c.calls == 1 {
		w.WriteHeader(http.StatusBadGateway)
		return w.Result(), nil
	}
	body, _ := io.ReadAll(r.Body)
	if string(body) != `{"subject":"ann","boards":["cats"],"ttl":"1h0m0s"}` {
		w.WriteHeader(http.StatusBadRequest)
		w.Write(body)
		return w.Result(), nil
	}
	fmt.Fprintf(w, `{"token":"t%d","expiresAt":%q}`, c.calls, time.Now().Add(time.Hour).Format(time.RFC3339))
	return w.Result(), nil
}

func TestSourceRenewsTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Source{URL: "http://issuer", Subject: "ann", Boards: []string{"cats"}, TTL: time.Hour, HTTP: &http.Client{Transport: &counting{}}}
		for _, want := range []string{"t2", "t2", "t3"} {
			if want == "t3" {
				time.Sleep(time.Hour - renewal + time.Second)
			}
			if got, err := s.Token(t.Context()); err != nil || got != want {
				t.Fatalf("%q, %v, want %q", got, err, want)
			}
		}
	})
}

package auth

import (
	"bytes"
	"crypto"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"darkroom/token-lambda/internal/api"
)

// fakeIssuer is a transport that plays the issuer without a network, so that time can be faked.
type fakeIssuer struct {
	mu     sync.Mutex
	set    []byte
	status int
	err    error
	delay  time.Duration
	asked  int
}

func (f *fakeIssuer) RoundTrip(r *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.asked++
	set, status, err, delay := f.set, f.status, f.err, f.delay
	f.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(bytes.NewReader(set)), Request: r}, nil
}

func (f *fakeIssuer) answer(status int, set []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.status, f.set, f.err = status, set, nil
}

func (f *fakeIssuer) publish(t *testing.T, kid string, key crypto.PublicKey) {
	f.answer(200, keySetJSON(t, jwk(t, key, kid, "")))
}

// want authenticates with a token signed by the key named kid and checks the outcome.
func want(t *testing.T, v *Verifier, kid string, outcome string) {
	t.Helper()
	key := any(ecKey)
	if kid == "new" {
		key = otherKey
	}
	_, err := v.Authenticate(t.Context(), sign(t, jwt.SigningMethodES256, key, goodClaims(), "kid", kid))
	got := "accepted"
	var down *api.UnavailableError
	switch {
	case errors.As(err, &down) && down.RetryAfter > 0:
		got = "unavailable"
	case err != nil:
		got = "refused"
	}
	if got != outcome {
		t.Errorf("token of key %q: %s (%v), want %s", kid, got, err, outcome)
	}
}

func fakeVerifier(t *testing.T, f *fakeIssuer) *Verifier {
	return newVerifier(t, KeysConfig{URL: issuer + "/keys", Client: f})
}

func TestIssuerAwayAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIssuer{err: errors.New("connection refused")}
		v := fakeVerifier(t, f)
		v.Warm(t.Context())
		want(t, v, "old", "unavailable")
		if f.asked != 1 {
			t.Errorf("asked %d times within a second, want 1", f.asked)
		}
		f.publish(t, "old", ecKey.Public())
		time.Sleep(keysRetry)
		want(t, v, "old", "accepted")
	})
}

func TestIssuerHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIssuer{delay: time.Hour}
		v := fakeVerifier(t, f)
		start := time.Now()
		v.Warm(t.Context())
		if took := time.Since(start); took > keysTimeout {
			t.Errorf("the start took %v", took)
		}
		want(t, v, "old", "unavailable")
	})
}

func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIssuer{}
		f.publish(t, "old", ecKey.Public())
		v := fakeVerifier(t, f)
		want(t, v, "old", "accepted")
		f.publish(t, "new", otherKey.Public())
		want(t, v, "old", "accepted") // still cached
		want(t, v, "new", "refused")  // fetched a moment ago
		time.Sleep(keysMinInterval)
		want(t, v, "new", "accepted")
		want(t, v, "old", "refused") // gone with the old set
	})
}

func TestWithdrawnKeyIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIssuer{}
		f.publish(t, "old", ecKey.Public())
		v := fakeVerifier(t, f)
		want(t, v, "old", "accepted")
		f.answer(200, []byte(`{"keys":[]}`))
		time.Sleep(keysMaxAge - time.Second)
		want(t, v, "old", "accepted")
		time.Sleep(time.Second)
		want(t, v, "old", "refused")
	})
}

func TestKeysOutliveTheIssuersFailures(t *testing.T) {
	for name, fail := range map[string]func(*fakeIssuer){
		"refused":    func(f *fakeIssuer) { f.err = errors.New("connection refused") },
		"error page": func(f *fakeIssuer) { f.answer(503, []byte("<html>")) },
		"200 page":   func(f *fakeIssuer) { f.answer(200, []byte("<html>")) },
		"other JSON": func(f *fakeIssuer) { f.answer(200, []byte(`{"error":"busy"}`)) },
		"too large":  func(f *fakeIssuer) { f.answer(200, []byte(`{"keys":[],"x":"`+strings.Repeat("x", maxKeys)+`"}`)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeIssuer{}
				f.publish(t, "old", ecKey.Public())
				var log bytes.Buffer
				v := fakeVerifier(t, f)
				v.keys.log = slog.New(slog.NewTextHandler(&log, nil))
				want(t, v, "old", "accepted")
				fail(f)
				time.Sleep(keysMaxAge)
				want(t, v, "old", "accepted")
				want(t, v, "old", "accepted")
				if f.asked != 2 || strings.Count(log.String(), "cannot fetch the issuer's keys") != 1 {
					t.Errorf("asked %d times, want 2; log: %s", f.asked, &log)
				}
				f.publish(t, "new", otherKey.Public())
				time.Sleep(keysMinInterval)
				want(t, v, "new", "accepted")
			})
		})
	}
}

func TestMadeUpKeyIDsDoNotFloodTheIssuer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIssuer{}
		f.publish(t, "old", ecKey.Public())
		v := fakeVerifier(t, f)
		want(t, v, "old", "accepted")
		for range 60 {
			time.Sleep(time.Second)
			want(t, v, "made up", "refused")
		}
		if f.asked != 1+6 {
			t.Errorf("asked %d times in a minute, want 1 and every 10 s", f.asked)
		}
	})
}

func TestRequestsShareOneFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIssuer{delay: time.Second}
		f.publish(t, "old", ecKey.Public())
		v := fakeVerifier(t, f)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { want(t, v, "old", "accepted") })
		}
		wg.Wait()
		if f.asked != 1 {
			t.Errorf("asked %d times, want 1", f.asked)
		}
	})
}

// TestRequestsShareAFailedFetch: an issuer that does not answer is asked once for all requests that wait, however many.
func TestRequestsShareAFailedFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIssuer{delay: time.Hour}
		v := fakeVerifier(t, f)
		start := time.Now()
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() { want(t, v, "old", "unavailable") })
		}
		wg.Wait()
		if took := time.Since(start); f.asked != 1 || took > keysTimeout {
			t.Errorf("asked %d times in %v, want once", f.asked, took)
		}
		want(t, v, "old", "unavailable")
		if f.asked != 1 {
			t.Error("asked again at once")
		}
		time.Sleep(keysRetry)
		want(t, v, "old", "unavailable")
		if f.asked != 2 {
			t.Errorf("asked %d times after the interval, want 2", f.asked)
		}
	})
}

func TestTokenWithoutKeyIDNeedsTheKeysToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeIssuer{err: errors.New("connection refused")}
		v := fakeVerifier(t, f)
		token := sign(t, jwt.SigningMethodES256, ecKey, goodClaims())
		var down *api.UnavailableError
		if _, err := v.Authenticate(t.Context(), token); !errors.As(err, &down) {
			t.Errorf("got %v, want an UnavailableError", err)
		}
		f.publish(t, "old", ecKey.Public())
		time.Sleep(keysRetry)
		if _, err := v.Authenticate(t.Context(), token); err != nil {
			t.Error(err)
		}
	})
}

package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
)

func TestOutcomeOfAMessage(t *testing.T) {
	bad := fmt.Errorf("%w: %w", reconcile.ErrBadMessage, errors.New("no key"))
	for name, tc := range map[string]struct{ err, want error }{
		"bad":         {bad, pool.ErrBadMessage},
		"bad twice":   {errors.Join(bad, bad), pool.ErrBadMessage},
		"outage":      {fmt.Errorf("get: %w", store.ErrUnavailable), pool.ErrUnavailable},
		"refused":     {fmt.Errorf("put: %w", store.ErrRefused), pool.ErrUnavailable},
		"stalled":     {fmt.Errorf("get: %w", store.ErrStalled), pool.ErrUnavailable},
		"bad, outage": {errors.Join(bad, store.ErrUnavailable), pool.ErrUnavailable},
	} {
		if err := poolError(tc.err); !errors.Is(err, tc.want) || !errors.Is(err, tc.err) || err.Error() != tc.err.Error() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := poolError(nil); err != nil {
		t.Error(err)
	}
	if other := errors.New("timeout"); poolError(other) != other {
		t.Error("a failure of another kind becomes one of the pool's")
	}
}

func TestHealth(t *testing.T) {
	for _, tc := range []struct {
		err    error
		status int
		body   string
	}{{nil, 200, "ok\n"}, {errors.New("draining"), 503, "draining\n"}} {
		rec := httptest.NewRecorder()
		health(func() error { return tc.err })(rec, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if rec.Code != tc.status || rec.Body.String() != tc.body {
			t.Errorf("%v: %d %q", tc.err, rec.Code, rec.Body)
		}
	}
}

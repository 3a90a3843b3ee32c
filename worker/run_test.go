package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/reconcile"
)

func TestOutcomeOfAMessage(t *testing.T) {
	bad := fmt.Errorf("%w: %w", reconcile.ErrBadMessage, errors.New("no key"))
	other := errors.New("timeout")
	for name, tc := range map[string]struct {
		err error
		bad bool
	}{
		"none":             {nil, false},
		"bad":              {bad, true},
		"wrapped":          {fmt.Errorf("event 1: %w", bad), true},
		"bad twice":        {errors.Join(errors.Join(nil, bad), bad), true},
		"bad and not done": {errors.Join(errors.Join(nil, bad), other), false},
		"not done":         {errors.Join(other), false},
	} {
		t.Run(name, func(t *testing.T) {
			err := outcome(tc.err)
			if errors.Is(err, pool.ErrBadMessage) != tc.bad || (err == nil) != (tc.err == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestProbe(t *testing.T) {
	for status, down := range map[int]bool{200: false, 403: false, 404: false, 301: false, 500: true, 503: true} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/second" {
				w.WriteHeader(status)
			}
		}))
		client := s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: aws.String(server.URL), UsePathStyle: true, RetryMaxAttempts: 1,
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
		if err := probe(t.Context(), client, "first", "second"); (err != nil) != down {
			t.Errorf("status %d: %v", status, err)
		}
		server.Close()
		if probe(t.Context(), client, "first") == nil {
			t.Error("nobody listens, and the probe succeeds")
		}
	}
}

func TestAnswer(t *testing.T) {
	for _, tc := range []struct {
		err    error
		status int
		body   string
	}{{nil, 200, "ok\n"}, {errors.New("draining"), 503, "draining\n"}} {
		rec := httptest.NewRecorder()
		answer(func() error { return tc.err })(rec, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if rec.Code != tc.status || rec.Body.String() != tc.body {
			t.Errorf("%v: %d %q", tc.err, rec.Code, rec.Body)
		}
	}
}

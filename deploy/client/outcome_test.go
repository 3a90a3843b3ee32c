package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// waiting is an API whose photo is ready some time after the first request.
type waiting struct {
	ready    time.Duration // 0: never
	longest  time.Duration // longest wait of the API; 0: it cannot wait
	noTag    bool          // the answers have no ETag
	outages  int           // answers with 503 before the others
	retry    string        // Retry-After of these
	begun    time.Time
	requests []waitRequest
}

// waitRequest is a request that the API has received.
type waitRequest struct {
	after time.Duration // since the first
	wait  string
	seen  string // If-None-Match
}

const processingTag, readyTag = `W/"processing"`, `W/"ready"`

func (s *waiting) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.begun.IsZero() {
		s.begun = time.Now()
	}
	got := waitRequest{time.Since(s.begun), r.URL.Query().Get("wait"), r.Header.Get("If-None-Match")}
	s.requests = append(s.requests, got)
	w := httptest.NewRecorder()
	if s.outages > 0 {
		s.outages--
		w.Header().Set("Retry-After", s.retry)
		w.WriteHeader(http.StatusServiceUnavailable)
		return w.Result(), nil
	}
	wait, _ := time.ParseDuration(got.wait)
	wait = min(wait, s.longest)
	ready := s.ready > 0 && time.Since(s.begun)+wait >= s.ready
	if ready {
		wait = s.ready - time.Since(s.begun)
	}
	select {
	case <-time.After(wait):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	tag, answer := processingTag, contract.Upload{State: photo.Processing}
	if ready {
		tag, answer = readyTag, contract.Upload{State: photo.Ready}
	}
	if !s.noTag {
		w.Header().Set("ETag", tag)
	}
	if tag == got.seen {
		w.WriteHeader(http.StatusNotModified)
	} else {
		json.NewEncoder(w).Encode(answer)
	}
	return w.Result(), nil
}

func TestAwaitOutcome(t *testing.T) {
	const second = time.Second
	for name, c := range map[string]struct {
		api         waiting
		httpTimeout time.Duration
		took        time.Duration // at least, and at most two seconds more
		least, most int           // requests
		err         string
	}{
		"one request":               {api: waiting{ready: 7 * second, longest: 20 * second}, took: 7 * second, least: 1, most: 1},
		"ready at once":             {api: waiting{ready: 1, longest: 20 * second}, least: 1, most: 1},
		"three requests":            {api: waiting{ready: 50 * second, longest: 20 * second}, took: 50 * second, least: 3, most: 3},
		"without entity tags":       {api: waiting{ready: 50 * second, longest: 20 * second, noTag: true}, took: 50 * second, least: 3, most: 3},
		"an API that cannot wait":   {api: waiting{ready: 7 * second}, took: 7 * second, least: 5, most: 12},
		"a function's timeout":      {api: waiting{ready: 17 * second, longest: 3 * second}, took: 17 * second, least: 6, most: 6},
		"a timeout that is near":    {api: waiting{ready: 7 * second, longest: time.Millisecond}, took: 7 * second, least: 5, most: 12},
		"an outage":                 {api: waiting{ready: 7 * second, longest: 20 * second, outages: 2, retry: "9"}, took: 18 * second, least: 3, most: 3},
		"never":                     {api: waiting{longest: 20 * second}, took: 58 * second, least: 4, most: 10, err: "no outcome within 1m0s: the photo is still processing"},
		"never, and it cannot wait": {api: waiting{}, took: 58 * second, least: 30, most: 50, err: "no outcome within 1m0s: the photo is still processing"},
		"never an answer":           {api: waiting{outages: 1000, retry: "30"}, took: 58 * second, least: 2, most: 2, err: "no outcome within 1m0s"},
		"an impatient HTTP client":  {api: waiting{ready: 15 * second, longest: 20 * second}, httpTimeout: 8 * second, took: 15 * second, least: 4, most: 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, err := New(Config{API: "http://api", Board: "cats", Tokens: StaticToken("x"), Timeout: time.Minute,
					HTTP: &http.Client{Transport: &c.api, Timeout: c.httpTimeout}})
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				up, err := client.awaitOutcome(t.Context(), "http://api/outcome?a=b")
				took := time.Since(start)
				if c.err == "" && (err != nil || up.State != photo.Ready) || c.err != "" && (err == nil || !strings.HasSuffix(err.Error(), c.err)) {
					t.Errorf("%s, %v", up.State, err)
				}
				if took < c.took || took > c.took+2*second {
					t.Errorf("took %v, want %v", took, c.took)
				}
				if n := len(c.api.requests); n < c.least || n > c.most {
					t.Errorf("%d requests, want %d to %d: %v", n, c.least, c.most, c.api.requests)
				}
				for i, r := range c.api.requests {
					if limit := 20 * second; r.wait == limit.String() && c.httpTimeout > 0 {
						t.Errorf("request %d waits for longer than the HTTP client", i)
					}
					if seen := i > 0 && !c.api.noTag && c.api.retry == ""; seen != (r.seen == processingTag) {
						t.Errorf("request %d has seen %q", i, r.seen)
					}
				}
			})
		})
	}
}

func TestWaitKeepsTheQuery(t *testing.T) {
	c, err := New(Config{API: "http://api", Board: "cats", Tokens: StaticToken("x")})
	if err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{"http://api/outcome": "http://api/outcome?wait=20s", "http://api/outcome?a=b": "http://api/outcome?a=b&wait=20s"} {
		if got, err := c.waitURL(t.Context(), url); err != nil || got != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	}
	if _, err := c.waitURL(t.Context(), "http://api/%zz"); err == nil || !strings.Contains(err.Error(), "%zz") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.awaitOutcome(ctx, "http://api/outcome"); err == nil {
		t.Error("no error after the end of the context")
	}
}

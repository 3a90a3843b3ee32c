package faults

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// server stands for S3 and SQS: it records requests and answers with a given status, by default 200, and body.
type server struct {
	mu       sync.Mutex
	requests []string
	bodies   []string
	status   int
	answer   string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.bodies = append(s.requests, r.Method+" "+r.URL.Path), append(s.bodies, string(body))
	if s.status != 0 {
		w.WriteHeader(s.status)
	}
	io.WriteString(w, s.answer)
}

// received returns the requests so far. It takes the lock, because a handler may still run after its answer was cut.
func (s *server) received() (requests, bodies []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests), slices.Clone(s.bodies)
}

func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

// do makes one request on a new connection: net/http repeats a GET whose reused connection was cut.
func do(t *testing.T, method, url, body string, header ...string) (status int, answer string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

func counts(t *testing.T, url string) (c Counts) {
	t.Helper()
	_, text, err := do(t, http.MethodGet, url+CountsPath, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return c
}

func TestS3Faults(t *testing.T) {
	const body = "0123456789"
	for _, c := range []struct {
		name     string
		config   Config
		method   string
		path     string
		upstream int // status of the server, 0 for 200
		status   int // 0: no answer
		answer   string
		cut      bool // the body ends early
		reached  bool
		injected Kind
		object   Object
	}{
		{name: "nothing", method: "GET", path: "/b/k", status: 200, answer: body, reached: true},
		{name: "error", config: Config{S3Error: 1}, method: "PUT", path: "/b/k", status: 500, answer: "<Code>InternalError</Code>", injected: Error, object: Object{Injected: 1}},
		{name: "error of HEAD", config: Config{S3Error: 1}, method: "HEAD", path: "/b/k", status: 500, injected: Error, object: Object{Injected: 1}},
		{name: "throttle", config: Config{S3SlowDown: 1}, method: "GET", path: "/b", status: 503, answer: "<Code>SlowDown</Code>", injected: SlowDown},
		{name: "lost", config: Config{S3Lost: 1}, method: "PUT", path: "/b/k", reached: true, injected: Lost, object: Object{Stored: 1, Lost: 1, Injected: 1}},
		{name: "lost removal", config: Config{S3Lost: 1}, method: "DELETE", path: "/b/k", reached: true, injected: Lost, object: Object{Lost: 1, Injected: 1}},
		{name: "no loss of a refusal", config: Config{S3Lost: 1}, method: "PUT", path: "/b/k", upstream: 412, status: 412, answer: body, reached: true},
		{name: "no loss of a GET", config: Config{S3Lost: 1}, method: "GET", path: "/b/k", status: 200, answer: body, reached: true},
		{name: "stored", method: "PUT", path: "/b/k", status: 200, answer: body, reached: true, object: Object{Stored: 1}},
		{name: "truncated", config: Config{S3Truncate: 1}, method: "GET", path: "/b/k", status: 200, answer: "01234", cut: true, reached: true, injected: Truncate, object: Object{Injected: 1}},
		{name: "stalled", config: Config{S3Stall: 1, StallFor: time.Millisecond}, method: "GET", path: "/b/k", status: 200, answer: "01234", cut: true, reached: true, injected: Stall, object: Object{Injected: 1}},
		{name: "a list does not stall", config: Config{S3Stall: 1}, method: "GET", path: "/b", status: 200, answer: body, reached: true},
		{name: "a refusal is not truncated", config: Config{S3Truncate: 1}, method: "GET", path: "/b/k", upstream: 404, status: 404, answer: body, reached: true},
		{name: "health", config: Config{S3Error: 1}, method: "GET", path: "/healthz", status: 200, answer: body, reached: true},
		{name: "two slashes", method: "GET", path: "/b//k", status: 200, answer: body, reached: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			upstream := &server{status: c.upstream, answer: body}
			proxy, transport := Proxy(strings.TrimPrefix(serve(t, upstream).URL, "http://"))
			t.Cleanup(transport.CloseIdleConnections)
			front := serve(t, S3(proxy, c.config))
			status, answer, err := do(t, c.method, front.URL+c.path, "")
			if status != c.status || !strings.Contains(answer, c.answer) || c.cut && answer != c.answer {
				t.Errorf("%d %q, want %d %q", status, answer, c.status, c.answer)
			}
			if wantErr := c.cut || c.status == 0; (err != nil) != wantErr {
				t.Errorf("error %v, want one: %v", err, wantErr)
			}
			requests, _ := upstream.received()
			if reached := len(requests) == 1 && requests[0] == c.method+" "+c.path; reached != c.reached {
				t.Errorf("the server received %q", requests)
			}
			got := counts(t, front.URL)
			want := map[Kind]int{}
			if c.injected != "" {
				want[c.injected] = 1
			}
			if !maps.Equal(got.Injected, want) || got.Objects["b/k"] != c.object {
				t.Errorf("counts %+v, want %v and %+v", got, want, c.object)
			}
			if n := got.Requests[c.method+" b"]; c.path != "/healthz" && n != 1 {
				t.Errorf("requests %v", got.Requests)
			}
		})
	}
}

// The handler returns when the client gives up a stalled body.
func TestStallEndsWithTheClient(t *testing.T) {
	done := make(chan struct{})
	faulty := S3(&server{answer: "0123456789"}, Config{S3Stall: 1, StallFor: time.Hour})
	front := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		w.Header().Set("Content-Length", "10")
		faulty.ServeHTTP(w, r)
	}))
	resp, err := http.Get(front.URL + "/b/k")
	if err != nil {
		t.Fatal(err)
	}
	half := make([]byte, 5)
	if _, err := io.ReadFull(resp.Body, half); err != nil || string(half) != "01234" {
		t.Fatalf("%q, %v", half, err)
	}
	resp.Body.Close()
	<-done
}

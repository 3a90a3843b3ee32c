package front

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestDrainEndsWaits has requests that wait at an API which never answers them, and one that does not wait.
func TestDrainEndsWaits(t *testing.T) {
	waiting, finish := make(chan struct{}, 6), make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Accept") == "text/event-stream":
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, ": waiting\n\n")
			w.(http.Flusher).Flush()
			<-r.Context().Done() // the client says when it has the beginning
		case r.URL.Query().Has("wait") && r.URL.Query().Get("wait") != "0" || strings.HasSuffix(r.URL.Path, "/outcome") && !r.URL.Query().Has("wait") || r.Header.Get("Prefer") != "":
			waiting <- struct{}{}
			<-r.Context().Done()
		case r.Method == http.MethodPost:
			waiting <- struct{}{}
			<-finish
		}
		io.WriteString(w, r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("Authorization"))
	}))
	defer api.Close()
	f, err := New(Config{API: api.URL, Issuer: api.URL, Storage: api.URL, Queues: []string{api.URL + "/0/q"}})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(f)
	defer s.Close()
	answers := make(chan string, 6)
	for _, request := range []string{"GET /v1/boards/cats/uploads/1?wait=20s", "GET /v1/boards/cats/uploads/2 Prefer: wait=20", "GET /v1/boards/cats/uploads/3/outcome",
		"GET /v1/boards/cats/outcomes?ids=3&wait=20s", "POST /v1/boards/cats/uploads"} {
		method, path, _ := strings.Cut(request, " ")
		go func() {
			path, header, _ := strings.Cut(path, " ")
			name, value, _ := strings.Cut(header, ": ")
			_, text := do(t, method, s.URL+path, "", name, value)
			answers <- text
		}()
	}
	go func() {
		answers <- stream(t, s.URL+"/v1/boards/cats/outcomes?ids=4", len(": waiting\n\n"), func() { waiting <- struct{}{} })
	}()
	for range 6 {
		<-waiting
	}
	f.Drain()
	got := []string{<-answers, <-answers, <-answers, <-answers, <-answers}
	slices.Sort(got)
	if want := []string{": waiting\n\n", "GET /v1/boards/cats/outcomes?ids=3&wait=0 Bearer x", "GET /v1/boards/cats/uploads/1 Bearer x",
		"GET /v1/boards/cats/uploads/2 Bearer x", "GET /v1/boards/cats/uploads/3/outcome?wait=0 Bearer x"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	close(finish)
	if text := <-answers; text != "POST /v1/boards/cats/uploads Bearer x" {
		t.Errorf("the request that does not wait: %q", text)
	}
	if _, text := do(t, "GET", s.URL+"/v1/boards/cats/uploads/1?wait=20s", ""); text != "GET /v1/boards/cats/uploads/1 Bearer x" {
		t.Errorf("a wait that comes later: %q", text)
	}
}

// stream returns the body of an event stream, and calls begun once it has its first bytes, or has failed.
func stream(t *testing.T, url string, first int, begun func()) string {
	begun = sync.OnceFunc(begun)
	defer begun()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	req.Header.Set("Accept", "text/event-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	head := make([]byte, first)
	n, err := io.ReadFull(resp.Body, head)
	if err != nil {
		return string(head[:n]) + err.Error()
	}
	begun()
	rest, err := io.ReadAll(resp.Body)
	if err != nil {
		return string(head) + string(rest) + err.Error()
	}
	return string(head) + string(rest)
}

// parts answers for the API, the issuer and a worker, in process. A part whose name is stored in down answers 503.
type parts struct{ down atomic.Value }

func (p *parts) RoundTrip(r *http.Request) (*http.Response, error) {
	down, _ := p.down.Load().(string)
	switch {
	case down == "":
	case down == "worker" && r.URL.Path == "/readyz":
		return &http.Response{StatusCode: http.StatusServiceUnavailable, Status: "503", Body: io.NopCloser(strings.NewReader("check QUEUE_URL"))}, nil
	case r.URL.Host == down:
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &parts{}
		p.down.Store("api")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c := Config{API: "http://api", Issuer: "http://issuer", Workers: []string{"http://127.0.0.1:9102"}}
		var got []string
		for err := range waiting(ctx, c, &http.Client{Transport: p}) {
			if err == nil {
				got = append(got, "ready")
				continue
			}
			got = append(got, err.Error())
			switch len(got) {
			case 1:
				p.down.Store("issuer")
			case 2:
				p.down.Store("worker")
			case 3:
				p.down.Store("")
			}
		}
		want := []string{"the API does not answer", "the token issuer does not answer", "no worker is ready: GET http://127.0.0.1:9102/readyz: 503: check QUEUE_URL", "ready"}
		if len(got) != len(want) {
			t.Fatalf("got %q", got)
		}
		for i := range want {
			if !strings.HasPrefix(got[i], want[i]) {
				t.Errorf("%d: %q, want %q", i, got[i], want[i])
			}
		}
		p.down.Store("api")
		time.AfterFunc(time.Second, cancel)
		for err := range waiting(ctx, c, &http.Client{Transport: p}) {
			t.Errorf("after a second: %v", err)
		}
	})
}

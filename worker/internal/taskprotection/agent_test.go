package taskprotection

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// agent is a container agent. Its answers are the ones described in
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
type agent struct {
	t      *testing.T
	answer func(w http.ResponseWriter, r *http.Request) bool // answers instead of a success, unless it returns false

	mu    sync.Mutex
	calls []string // such as "12s on 10": when, which protection, minutes
	begun time.Time
}

func (a *agent) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ProtectionEnabled *bool
		ExpiresInMinutes  int
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil || r.Method != http.MethodPut || r.URL.Path != "/api/1234/task-protection/v1/state" || in.ProtectionEnabled == nil {
		a.t.Errorf("%s %s %s: %v", r.Method, r.URL, body, err)
		return
	}
	call := fmt.Sprintf("%v off", time.Since(a.begun))
	if *in.ProtectionEnabled {
		call = fmt.Sprintf("%v on %d", time.Since(a.begun), in.ExpiresInMinutes)
	}
	a.mu.Lock()
	a.calls = append(a.calls, call)
	a.mu.Unlock()
	if a.answer == nil || !a.answer(w, r) {
		fmt.Fprintf(w, `{"protection":{"ExpirationDate":"2023-12-20T21:57:44.837Z","ProtectionEnabled":%t,"TaskArn":"arn:aws:ecs:us-west-2:111122223333:task/1234"}}`, *in.ProtectionEnabled)
	}
}

// RoundTrip lets a client reach the agent without a network: a synctest bubble cannot wait for one.
func (a *agent) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.ServeHTTP(rec, r)
	}()
	select {
	case <-done:
		return rec.Result(), nil
	case <-r.Context().Done():
		<-done
		return nil, r.Context().Err()
	}
}

func (a *agent) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.calls)
}

func (a *agent) want(calls ...string) {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if got, want := strings.Join(a.calls, ", "), strings.Join(calls, ", "); got != want {
		a.t.Errorf("calls %s, want %s", got, want)
	}
}

// start runs the protection in a synctest bubble. stop ends it.
func (a *agent) start(cfg Config) (p *Protection, stop func()) {
	a.t.Helper()
	a.begun = time.Now()
	cfg.AgentURI, cfg.Client = "http://169.254.170.2/api/1234", &http.Client{Transport: a}
	p, err := New(cfg)
	if err != nil {
		a.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() { p.Run(ctx) })
	return p, func() { cancel(); run.Wait() }
}

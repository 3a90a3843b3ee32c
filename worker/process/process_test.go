package process

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// serve runs a server until the test ends and returns its address.
func serve(t *testing.T, h http.HandlerFunc) (addr string, stop func() error) {
	t.Helper()
	l, err := Listen("127.0.0.1:0", "ADDR")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- Serve(ctx, l, &http.Server{Handler: h}, 10*time.Second, slog.New(slog.DiscardHandler))
	}()
	return l.Addr().String(), func() error { cancel(); return <-done }
}

func TestServeFinishesRunningRequests(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	addr, stop := serve(t, func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-finish
		io.WriteString(w, "whole")
	})
	got := make(chan string)
	go func() {
		resp, err := http.Get("http://" + addr)
		if err != nil {
			got <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		got <- string(b)
	}()
	<-begun
	stopped := make(chan error)
	go func() { stopped <- stop() }()
	close(finish)
	if s := <-got; s != "whole" {
		t.Errorf("got %q", s)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// TestServeClosesUnusedConnections has connections that have sent nothing. Shutdown alone would wait longer for them
// than the requests may take.
func TestServeClosesUnusedConnections(t *testing.T) {
	l, err := Listen("127.0.0.1:0", "ADDR")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	srv := &http.Server{Handler: http.NotFoundHandler()}
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, srv, 2*time.Second, slog.New(slog.DiscardHandler)) }()
	unused, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer unused.Close()
	if resp, err := http.Get("http://" + l.Addr().String()); err != nil { // its connection was accepted after the other
		t.Fatal(err)
	} else {
		resp.Body.Close()
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestListenOnATakenPortNamesTheSetting(t *testing.T) {
	addr, stop := serve(t, func(http.ResponseWriter, *http.Request) {})
	defer stop()
	if _, err := Listen(addr, "LISTEN_ADDR"); err == nil || !strings.Contains(err.Error(), "set LISTEN_ADDR") {
		t.Errorf("got %v", err)
	}
}

func TestHealthCommand(t *testing.T) {
	status := http.StatusOK
	addr, stop := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != HealthPath {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
		io.WriteString(w, "why it is so\nand more")
	})
	c := HealthCommand{ListenAddr: addr, Timeout: time.Minute}
	if err := c.Run(); err != nil {
		t.Error(err)
	}
	status = http.StatusServiceUnavailable
	if err := c.Run(); err == nil || !strings.HasSuffix(err.Error(), "503 Service Unavailable: why it is so") {
		t.Errorf("503 with a reason: %v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if err := c.Run(); err == nil {
		t.Error("a stopped server counts as healthy")
	}
}

func TestVersion(t *testing.T) {
	platform := runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH
	if v := Version("worker"); !strings.HasPrefix(v, "worker ") || !strings.HasSuffix(v, " "+platform) || len(strings.Fields(v)) != 5 {
		t.Errorf("got %q", v)
	}
	t.Cleanup(func() { version, revision = "", "" })
	version, revision = "1.2.3", "abcdef"
	if v, want := Version("worker"), "worker 1.2.3 abcdef "+platform; v != want {
		t.Errorf("got %q, want %q", v, want)
	}
}

func TestReachable(t *testing.T) {
	for addr, want := range map[string]string{
		":80": "127.0.0.1:80", "0.0.0.0:80": "127.0.0.1:80", "[::]:80": "127.0.0.1:80", "aws:80": "aws:80", "[::1]:80": "[::1]:80", "odd": "odd",
	} {
		if got := Reachable(addr); got != want {
			t.Errorf("%s: %s, want %s", addr, got, want)
		}
	}
}

package supervise

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"darkroom/deploy/testkit/freeport"
)

const role = "SUPERVISE_TEST_ROLE"

// The child processes of these tests are this binary in one of several roles.
func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "":
		os.Exit(m.Run())
	case "environment":
		for _, e := range os.Environ() {
			fmt.Println(e)
		}
		os.Stderr.WriteString("without an end of line")
		os.Exit(3)
	case "polite", "stubborn":
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		go http.ListenAndServe(os.Getenv("ADDR"), http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		fmt.Println("up")
		<-stop
		fmt.Println("asked to stop")
		if os.Getenv(role) == "stubborn" {
			select {}
		}
	case "parent": // starts a child and waits to be killed
		c := self("polite", "ADDR="+os.Getenv("ADDR"))
		c.Healthy = []string{"http://" + os.Getenv("ADDR")}
		if p, err := Start(c); err != nil || p.Ready(context.Background()) != nil {
			os.Exit(1)
		}
		fmt.Println("ready")
		select {}
	}
	os.Exit(0)
}

func self(as string, env ...string) Command {
	return Command{Name: as, Path: os.Args[0], Env: append(env, role+"="+as)}
}

// recorder collects lines and lets a test wait for one.
type recorder struct {
	mu    sync.Mutex
	lines []string
	more  chan struct{}
}

func newRecorder() *recorder { return &recorder{more: make(chan struct{}, 1000)} }

func (r *recorder) line(s string) {
	r.mu.Lock()
	r.lines = append(r.lines, s)
	r.mu.Unlock()
	r.more <- struct{}{}
}

func (r *recorder) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.lines, "\n")
}

func (r *recorder) wait(t *testing.T, part string) {
	t.Helper()
	deadline := time.After(time.Minute)
	for !strings.Contains(r.text(), part) {
		select {
		case <-r.more:
		case <-deadline:
			t.Fatalf("no line with %q in:\n%s", part, r.text())
		}
	}
}

func TestChildThatDies(t *testing.T) {
	t.Setenv("SECRET_OF_THE_PARENT", "1")
	out := newRecorder()
	c := self("environment", "ONLY=this")
	c.Line = out.line
	c.Healthy = []string{"http://" + freeport.Addresses(t, 1)[0]}
	p, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	err = p.Ready(t.Context())
	if err == nil {
		t.Fatal("ready")
	}
	for _, want := range []string{"environment ended: exit status 3", "ONLY=this", "without an end of line"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error without %q: %v", want, err)
		}
	}
	if strings.Contains(out.text(), "SECRET_OF_THE_PARENT") {
		t.Errorf("the child has the parent's environment:\n%s", out.text())
	}
	if err := p.Stop(time.Minute); err != nil {
		t.Errorf("stop of a dead child: %v", err)
	}
}

func TestReadyAndStop(t *testing.T) {
	addr := freeport.Addresses(t, 1)[0]
	c := self("polite", "ADDR="+addr)
	c.Healthy = []string{"http://" + addr}
	p, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if group, err := syscall.Getpgid(p.PID()); err != nil || group != p.PID() {
		t.Errorf("process group %d (%v), want its own %d", group, err, p.PID())
	}
	if err := p.Stop(time.Minute); err != nil {
		t.Error(err)
	}
	select {
	case <-p.Done():
	default:
		t.Error("still running")
	}
}

// An answer of another program at the child's address does not make the child ready.
func TestReadyIsOfTheChildItself(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go srv.Serve(l)
	defer srv.Close()
	c := self("environment")
	c.Healthy = []string{"http://" + l.Addr().String()}
	p, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if err := p.Ready(t.Context()); err == nil {
		t.Error("ready")
	}
}

func TestNeverReady(t *testing.T) {
	c := self("polite", "ADDR="+freeport.Addresses(t, 1)[0])
	c.Healthy = []string{"http://" + freeport.Addresses(t, 1)[0]}
	p, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Ready(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("ready: %v", err)
	}
}

func TestStubbornChildIsKilled(t *testing.T) {
	out := newRecorder()
	c := self("stubborn", "ADDR="+freeport.Addresses(t, 1)[0])
	c.Line = out.line
	p, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	out.wait(t, "up")
	if err := p.Stop(50 * time.Millisecond); err == nil || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("stop: %v", err)
	}
	select {
	case <-p.Done():
	default:
		t.Error("still running")
	}
}

// A suspended child does not run until it is resumed: it ignores the request to stop until then.
func TestSuspend(t *testing.T) {
	addr := freeport.Addresses(t, 1)[0]
	lines := newRecorder()
	c := self("polite", "ADDR="+addr)
	c.Healthy, c.Line = []string{"http://" + addr}, lines.line
	p, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Suspend(); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Timeout: 200 * time.Millisecond}
	defer client.CloseIdleConnections()
	answers := func() bool {
		resp, err := client.Get("http://" + addr)
		if err == nil {
			resp.Body.Close()
		}
		return err == nil
	}
	for try := 0; answers(); try++ { // a busy system may let it run on for a moment
		if try == 10 {
			t.Fatal("a suspended child answers")
		}
	}
	p.cmd.Process.Signal(syscall.SIGTERM) // sent earlier, it would be delivered before the signal to stop
	if answers() {
		t.Error("a suspended child answers after a signal")
	}
	if strings.Contains(lines.text(), "asked to stop") {
		t.Error("a suspended child got a signal")
	}
	p.Resume()
	<-p.Done()
	if !strings.Contains(lines.text(), "asked to stop") {
		t.Errorf("after Resume: %s", lines.text())
	}
	if err := p.Suspend(); err == nil {
		t.Error("a child that has ended was suspended")
	}
	p.Resume() // does nothing
}

func TestStartFails(t *testing.T) {
	if _, err := Start(Command{Name: "nothing", Path: "/does/not/exist"}); err == nil {
		t.Error("started")
	}
}

func TestKeptChildComesBack(t *testing.T) {
	out := newRecorder()
	c := self("polite", "ADDR="+freeport.Addresses(t, 1)[0])
	c.Line = out.line
	var why []error
	k, err := Keep(c, func(err error, _ time.Duration) { why = append(why, err) })
	if err != nil {
		t.Fatal(err)
	}
	out.wait(t, "up")
	first := k.Process().PID()
	syscall.Kill(first, syscall.SIGKILL)
	out.wait(t, "up\nup")
	if err := k.Stop(time.Minute); err != nil {
		t.Error(err)
	}
	if second := k.Process().PID(); second == first || len(why) != 1 || !strings.Contains(why[0].Error(), "killed") {
		t.Errorf("process %d after %d, restarted because of %v", second, first, why)
	}
	if n := strings.Count(out.text(), "up"); n != 2 {
		t.Errorf("started %d times", n)
	}
}

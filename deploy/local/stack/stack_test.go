package stack

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The child processes of these tests are this binary under the names of the programs. Each listens where the program
// would, and logs its start and end in the file $JOURNAL, in the data folder or in $HOME.
func TestMain(m *testing.M) {
	flags := map[string]string{}
	if len(os.Args) > 1 && (os.Args[1] == "aws" || os.Args[1] == "front") {
		for i := 2; i+1 < len(os.Args); i += 2 {
			flags[os.Args[i]] = os.Args[i+1]
		}
	}
	switch name := filepath.Base(os.Args[0]); {
	case flags["--listen-addr"] != "":
		play("front", filepath.Join(os.Getenv("HOME"), "journal"), flags["--listen-addr"])
	case len(flags) > 0:
		addrs := []string{flags["--s3-addr"], flags["--sqs-addr"], flags["--issuer-addr"]}
		if flags["--faults"] != "" {
			addrs = append(addrs, flags["--faulty-s3-addr"], flags["--faulty-sqs-addr"])
		}
		play("aws", filepath.Join(flags["--data"], "journal"), addrs...)
	case name == "token-lambda", name == "worker":
		play(name, os.Getenv("JOURNAL"), os.Getenv("LISTEN_ADDR"))
	default:
		os.Exit(m.Run())
	}
}

// play acts as a program: it listens at addrs until SIGTERM, and notes events and its environment in the journal.
func play(name, journal string, addrs ...string) {
	note := func(what string) {
		f, err := os.OpenFile(journal, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(f, name, what)
		f.Close()
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	fmt.Println(`{"level":"INFO","msg":"chatter"}`)
	fmt.Println(`{"level":"WARN","msg":"a warning"}`)
	if os.Getenv("BROKEN") != "" {
		fmt.Println("no such bucket")
		os.Exit(7)
	}
	for _, e := range append(os.Environ(), strings.Join(os.Args[1:], " ")) {
		note("has " + e)
	}
	for _, addr := range addrs {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			panic(err)
		}
		go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	}
	note("starts")
	<-stop
	note("stops")
	os.Exit(0)
}

// buffer is a bytes.Buffer that several goroutines may use.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) { b.mu.Lock(); defer b.mu.Unlock(); return b.b.Write(p) }
func (b *buffer) String() string              { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

// config returns a configuration whose programs are this binary, and its output.
func config(t *testing.T) (Config, *buffer) {
	t.Helper()
	self, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	bin, data := t.TempDir(), t.TempDir()
	for _, name := range []string{"token-lambda", "worker"} {
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	journal := "JOURNAL=" + filepath.Join(data, "journal")
	t.Setenv("HOME", data)
	out := &buffer{}
	return Config{Data: data, Self: self, Bin: bin, Ports: freePorts(t), APIEnv: []string{journal}, WorkerEnv: []string{journal}, Out: out}, out
}

// journal returns the events of the children, and their environments and arguments.
func journal(t *testing.T, c Config) (events []string, env string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(c.Data, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if strings.Contains(line, " has ") {
			env += line
		} else {
			events = append(events, strings.TrimSpace(line))
		}
	}
	return events, env
}

// wantRefused checks that nothing answers at url.
func wantRefused(t *testing.T, url string) {
	t.Helper()
	if resp, err := http.Get(url); err == nil {
		resp.Body.Close()
		t.Errorf("%s still answers", url)
	}
}

func TestStartAndStop(t *testing.T) {
	t.Setenv("SECRET_OF_THE_PARENT", "1")
	c, out := config(t)
	c.Workers = 2
	s, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range append([]string{s.API, s.TokenLambda, s.Issuer, s.S3, s.SQS}, s.Workers...) {
		resp, err := http.Get(url)
		if err != nil {
			t.Error(err)
			continue
		}
		resp.Body.Close()
	}
	if _, err := Start(t.Context(), c); err == nil || !strings.Contains(err.Error(), "another system") {
		t.Errorf("a second system on the same data: error %v", err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if err := s.Stop(); err != nil {
		t.Errorf("the second Stop: %v", err)
	}
	events, env := journal(t, c)
	want := []string{"front starts", "aws starts", "token-lambda starts", "worker starts", "worker starts",
		"token-lambda stops", "front stops", "worker stops", "worker stops", "aws stops"}
	if !slices.Equal(events, want) {
		t.Errorf("order %q, want %q", events, want)
	}
	if strings.Contains(env, "SECRET_OF_THE_PARENT") {
		t.Error("a child has the parent's environment")
	}
	for _, has := range []string{
		"worker has AWS_ENDPOINT_URL_SQS=" + s.SQS + "\n", "worker has QUEUE_URL=" + s.SQS + "/000000000000/darkroom-events\n", "worker has PHOTOS_QUEUE_URL=" + s.SQS + "/000000000000/darkroom-photos\n",
		"worker has LISTEN_ADDR=" + hostPort(s.Workers[1]) + "\n", "token-lambda has AUTH_ISSUER=" + s.Issuer + "\n",
		"token-lambda has AWS_ENDPOINT_URL_S3=" + s.S3 + "\n", "--api " + s.TokenLambda + " --issuer " + s.Issuer + " --storage " + s.S3 + " ",
		"--worker " + s.Workers[0] + "," + s.Workers[1] + "\n", "worker has AWS_CONFIG_FILE=" + os.DevNull + "\n",
	} {
		if !strings.Contains(env, has) {
			t.Errorf("no %q in the children's environment:\n%s", has, env)
		}
	}
	text := out.String()
	for line, want := range map[string]bool{"[aws] WARN a warning": true, "[worker 2] WARN a warning": true, "chatter": false} {
		if strings.Contains(text, line) != want {
			t.Errorf("output contains %q: %v, want %v:\n%s", line, !want, want, text)
		}
	}
	wantRefused(t, s.API)
	wantRefused(t, s.S3)
}

func TestVerbose(t *testing.T) {
	c, out := config(t)
	c.Verbose = true
	s, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "[worker] INFO chatter") {
		t.Errorf("output:\n%s", out)
	}
}

func TestOnlyWorkersAreRestarted(t *testing.T) {
	c, out := config(t)
	s, err := Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	first := s.WorkerPIDs()[0]
	syscall.Kill(first, syscall.SIGKILL)
	deadline := time.After(time.Minute)
	for s.WorkerPIDs()[0] == first {
		select {
		case err := <-s.Failed():
			t.Fatal(err)
		case <-deadline:
			t.Fatal("the worker was not restarted")
		case <-time.After(10 * time.Millisecond):
		}
	}
	if !strings.Contains(out.String(), "worker ended: signal: killed") || !strings.Contains(out.String(), "restarting worker") {
		t.Errorf("output:\n%s", out)
	}
	syscall.Kill(s.api.PID(), syscall.SIGKILL)
	if err := <-s.Failed(); !strings.Contains(err.Error(), "token-lambda ended: signal: killed") || !strings.Contains(err.Error(), "a warning") {
		t.Errorf("failed: %v", err)
	}
}

func TestBrokenChild(t *testing.T) {
	for _, which := range []string{"token-lambda", "worker"} {
		c, _ := config(t)
		env := map[string]*[]string{"token-lambda": &c.APIEnv, "worker": &c.WorkerEnv}[which]
		*env = append(*env, "BROKEN=1")
		_, err := Start(t.Context(), c)
		if err == nil {
			t.Fatalf("%s: started", which)
		}
		for _, want := range []string{which + " ended: exit status 7", "no such bucket"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error without %q: %v", which, want, err)
			}
		}
		wantRefused(t, loopbackURL(c.Ports.S3))
		wantRefused(t, loopbackURL(c.Ports.API))
	}
}

func TestInterruptedStart(t *testing.T) {
	c, _ := config(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, c); err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("%v", err)
	}
}

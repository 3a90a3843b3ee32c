package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"darkroom/deploy/local/stack"
	"darkroom/deploy/local/supervise"
	"darkroom/deploy/testkit/freeport"
)

const asProgram = "LOCAL_TEST_AS_PROGRAM" // set in a child process: this binary is the program

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// environment returns the environment of a child process with its own home folder.
func environment(home string) []string {
	return []string{asProgram + "=1", "HOME=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, "cache"), "TMPDIR=" + os.TempDir()}
}

// local runs the program and returns its exit status and output.
func local(t *testing.T, home string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = environment(home)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestAWSCommand(t *testing.T) {
	home, a := t.TempDir(), freeport.Addresses(t, 3)
	flags := []string{"--s3-addr", a[0], "--sqs-addr", a[1], "--issuer-addr", a[2]}
	check := append([]string{"aws", "--healthcheck"}, flags...)
	if status, _, stderr := local(t, home, check...); status != 1 || !strings.Contains(stderr, "refused") {
		t.Errorf("health check before the start: status %d: %s", status, stderr)
	}
	p, err := supervise.Start(supervise.Command{
		Name: "aws", Path: os.Args[0], Env: environment(home), Healthy: []string{"http://" + a[0] + "/healthz", "http://" + a[2] + "/healthz"},
		Args: append([]string{"aws", "--data", filepath.Join(home, "data"), "--issuer-url", "http://issuer.example"}, flags...),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Kill()
	if err := p.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := local(t, home, check...); status != 0 {
		t.Errorf("health check: status %d: %s", status, stderr)
	}
	status, token, stderr := local(t, home, "token", "--issuer", "http://"+a[2], "--board", "cats", "--board", "dogs", "--ttl", "5m")
	if status != 0 || strings.Count(token, ".") != 2 || strings.Count(token, "\n") != 1 {
		t.Errorf("token: status %d: %s%s", status, token, stderr)
	}
	if status, _, stderr := local(t, home, "token", "--issuer", "http://"+a[2], "--board", "No Board"); status == 0 || !strings.Contains(stderr, "400") {
		t.Errorf("token for an invalid board: status %d: %s", status, stderr)
	}
	if err := p.Stop(20 * time.Second); err != nil {
		t.Error(err)
	}
}

func TestCommandLineErrors(t *testing.T) {
	home, addr := t.TempDir(), freeport.Addresses(t, 1)[0]
	picture := filepath.Join(home, "a.png")
	if err := os.WriteFile(picture, []byte("\x89PNG\r\n\x1a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(home, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"upload", filepath.Join(home, "missing.jpg")}, 1, "missing.jpg: no such file"},
		{[]string{"upload", empty}, 1, "no photos in this folder"},
		{[]string{"upload"}, 2, "path"},
		{[]string{"upload", picture, "--board", "No Board"}, 2, "--board"},
		{[]string{"upload", picture, "--parallel", "0"}, 2, "--parallel"},
		{[]string{"upload", picture, "--api", "127.0.0.1"}, 2, "--api: not an http URL"},
		{[]string{"upload", picture, "--api", "http://" + addr, "--token", "x"}, 1, "no system to upload to"},
		{[]string{"token", "--issuer", "http://" + addr}, 1, "no token issuer"},
		{[]string{"token", "--issuer", "ftp://" + addr}, 2, "--issuer: not an http URL"},
		{[]string{"token", "--ttl", "1ms"}, 2, "--ttl"},
		{[]string{"--workers", "0"}, 2, "--workers: 0 is less than 1"},
		{[]string{"--s3-port", "70000", "--bin", home}, 2, "70000"},
		{[]string{"--bin", home}, 1, "token-lambda"},
		{[]string{"aws", "--s3-addr", "nowhere"}, 2, "S3_ADDR (--s3-addr)"},
		{[]string{"front", "--queue-url", "q"}, 2, "QUEUE_URL (--queue-url): not an http URL"},
		{[]string{"front", "--listen-addr", "8080"}, 2, "LISTEN_ADDR"},
	} {
		if status, _, stderr := local(t, home, c.args...); status != c.status || !strings.Contains(stderr, c.want) {
			t.Errorf("%q: status %d, want %d and %q in: %s", c.args, status, c.status, c.want, stderr)
		}
	}
}

func TestResolve(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", home)
	t.Chdir(home)
	answers := func() string {
		s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		t.Cleanup(s.Close)
		return s.URL
	}
	check := func(issuer, api, wantIssuer, wantAPI string) {
		t.Helper()
		if i, a, err := (target{Issuer: issuer}).resolve(t.Context(), api); err != nil || i != wantIssuer || a != wantAPI {
			t.Errorf("%q, %q, %v, want %q, %q", i, a, err, wantIssuer, wantAPI)
		}
	}
	const silent = "http://127.0.0.1:1"
	ports := func(api, issuer string) { // the containers' ports
		text := fmt.Sprintf("API_PORT=%s\n# ISSUER_PORT=1\nISSUER_PORT=%s\n", strings.TrimPrefix(api, "http://127.0.0.1:"), strings.TrimPrefix(issuer, "http://127.0.0.1:"))
		if err := os.WriteFile(".env", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ports(silent, silent)
	check("", "", silent, silent) // nothing answers: the containers, for the error message
	a := stack.DefaultAddresses()
	a.API, a.Issuer = answers(), answers()
	withdraw, err := a.Publish()
	if err != nil {
		t.Fatal(err)
	}
	defer withdraw()
	check("", "", a.Issuer, a.API)
	check("http://i/", "http://a/", "http://i", "http://a")
	check("", "http://a", a.Issuer, "http://a")

	api, issuer := answers(), answers()
	ports(api, silent)
	check("", "", a.Issuer, a.API) // another program has that port
	ports(api, issuer)
	if _, _, err := (target{}).resolve(t.Context(), ""); err == nil || !strings.Contains(err.Error(), api) || !strings.Contains(err.Error(), a.API) || !strings.Contains(err.Error(), "--api") {
		t.Errorf("two systems answer: %v", err)
	}
	check("", api, issuer, api)
	check("", a.API, a.Issuer, a.API)
	check(issuer, "", issuer, api)
	t.Setenv("API_PORT", "1")
	t.Setenv("ISSUER_PORT", "1")
	check("", "", a.Issuer, a.API) // the environment goes before .env
	withdraw()
	check("", "", silent, silent)
}

func TestWelcome(t *testing.T) {
	var b bytes.Buffer
	a := stack.DefaultAddresses()
	a.APIMetrics, a.Watch = "http://127.0.0.1:9100", "http://127.0.0.1:9101"
	welcome(&b, a, true)
	for _, want := range []string{a.API + "/v1/boards/demo/uploads", a.Issuer, a.S3, a.SQS, a.Workers[0], a.APIMetrics, a.Watch, "use --data to keep it"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}

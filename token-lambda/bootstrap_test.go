package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"darkroom/deploy/local/build"
)

// bootstrap is the path of the built program, which Lambda and the container image run.
var bootstrap string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "token-lambda")
	if err != nil {
		panic(err)
	}
	bootstrap = filepath.Join(dir, build.TokenLambda)
	if err := build.Cached(context.Background(), dir, build.TokenLambda); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// builtProgram returns the path of the program, after walking the directories that it is built from. The go command
// caches a test's result by the test's own binary, which does not contain all of the program, and by the files and
// directories that the test has read.
func builtProgram(t *testing.T) string {
	t.Helper()
	for _, dir := range []string{".", "../worker/photo", "../worker/ecsmetadata", "../worker/logging", "../worker/process", "../worker/processmetrics", "../worker/settings", "../worker/tracing"} {
		if err := filepath.WalkDir(dir, func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat("../go.mod"); err != nil {
		t.Fatal(err)
	}
	return bootstrap
}

// issuer signs tokens and publishes its key.
type issuer struct {
	url string
	key *ecdsa.PrivateKey
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	jwk, err := jwkset.NewJWKFromKey(key.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: "k1"}})
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{jwk.Marshal()}})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(set) }))
	t.Cleanup(srv.Close)
	return &issuer{url: srv.URL, key: key}
}

func (i *issuer) token(t testing.TB, boards ...string) string {
	t.Helper()
	tok := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"iss": "https://issuer.example", "aud": "darkroom", "sub": "ann",
		"exp": time.Now().Add(time.Hour).Unix(), "boards": boards, "scope": "uploads:write"})
	tok.Header["kid"] = "k1"
	s, err := tok.SignedString(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (i *issuer) env(more ...string) []string {
	return append([]string{"UPLOADS_BUCKET=photos-up", "VARIANTS_BUCKET=photos-var", "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=AK", "AWS_SECRET_ACCESS_KEY=SK", "AWS_EC2_METADATA_DISABLED=true", "HOME=" + os.TempDir(),
		"AUTH_ISSUER=https://issuer.example", "AUTH_AUDIENCE=darkroom", "AUTH_JWKS_URL=" + i.url}, more...)
}

// command returns a command that runs the program for a short time. It is killed after 20 s.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, builtProgram(t), args...)
	cmd.Env = env
	return cmd
}

// child is a running program.
type child struct {
	*exec.Cmd
	lines chan map[string]any // its log
	out   chan string         // the lines of its standard output
	mu    sync.Mutex
	text  strings.Builder // its log as written
}

// start runs the program until the test ends.
func start(t *testing.T, env []string, args ...string) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), builtProgram(t), args...)
	cmd.Env = env
	return startCommand(t, cmd)
}

// startCommand starts a command that runs the program, and collects what it writes.
func startCommand(t *testing.T, cmd *exec.Cmd) *child {
	t.Helper()
	p := &child{Cmd: cmd, lines: make(chan map[string]any, 100), out: make(chan string, 100)}
	stderr, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.out)
		for s := bufio.NewScanner(stdout); s.Scan(); {
			p.out <- s.Text()
		}
	}()
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(stderr); s.Scan(); {
			p.mu.Lock()
			fmt.Fprintln(&p.text, s.Text())
			p.mu.Unlock()
			var rec map[string]any
			if err := json.Unmarshal(s.Bytes(), &rec); err != nil {
				rec = map[string]any{"msg": s.Text()}
			}
			p.lines <- rec
		}
	}()
	t.Cleanup(func() {
		p.Process.Kill()
		for range p.lines {
		}
		for range p.out {
		}
		p.Wait()
	})
	return p
}

// log returns the log so far.
func (p *child) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// waitFor returns the next record of the log with this message.
func (p *child) waitFor(t *testing.T, msg string) map[string]any {
	t.Helper()
	for {
		select {
		case rec, ok := <-p.lines:
			if !ok {
				t.Fatalf("the program ended without %q:\n%s", msg, p.log())
			}
			if rec["msg"] == msg {
				return rec
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no %q in the log:\n%s", msg, p.log())
		}
	}
}

// runtimeAPI is a fake of Lambda's runtime API for custom runtimes.
// See https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
type runtimeAPI struct {
	events  chan string // to deliver
	answers chan answer
}

type answer struct {
	path string
	body []byte
}

func newRuntimeAPI(t testing.TB) (*runtimeAPI, string) {
	rt := &runtimeAPI{events: make(chan string), answers: make(chan answer)}
	const prefix = "/2018-06-01/runtime/invocation/"
	n := 0
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case ev := <-rt.events:
			n++
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprintf("invocation-%d", n))
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			io.WriteString(w, ev)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST "+prefix+"{id}/{kind}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		rt.answers <- answer{r.URL.Path[len(prefix):], body}
		w.WriteHeader(http.StatusAccepted)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return rt, strings.TrimPrefix(srv.URL, "http://")
}

// call delivers an event to the program that next asks for one, and returns its answer.
func (rt *runtimeAPI) call(t testing.TB, event any) answer {
	t.Helper()
	b, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	rt.events <- string(b)
	return <-rt.answers
}

// invoke delivers an event to p and returns its answer.
func (rt *runtimeAPI) invoke(t *testing.T, p *child, event any) answer {
	t.Helper()
	b, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	timeout := time.After(20 * time.Second)
	select {
	case rt.events <- string(b):
	case <-timeout:
		t.Fatalf("the program does not ask for an event:\n%s", p.log())
	}
	select {
	case a := <-rt.answers:
		return a
	case <-timeout:
		t.Fatalf("the program does not answer the event:\n%s", p.log())
		return answer{}
	}
}

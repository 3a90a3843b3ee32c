package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/client"
	"darkroom/deploy/local/fake"
	"darkroom/deploy/local/stack"
	"darkroom/deploy/local/tokens"
	"darkroom/deploy/testkit/programs"
	"darkroom/deploy/testkit/race"
	"darkroom/deploy/testkit/sqsdepth"
	"darkroom/worker/photo"
)

// TestMain runs nothing under the race detector. The programs are built without it. It would see only the code here
// that draws and compares pictures, and make that many times slower.
func TestMain(m *testing.M) {
	if race.Enabled {
		fmt.Println("the programs are built without the race detector: run this package without it")
		return
	}
	programs.Main(m)
}

// system is a running system of the built programs.
type system struct {
	*stack.Stack
	log *logged
}

// startSystem starts a system on free ports. It stops when the test ends, and the test fails if a process had to be
// killed.
func startSystem(t *testing.T, change func(*stack.Config)) *system {
	t.Helper()
	bin := programs.Shared(t)
	log := &logged{}
	cfg := stack.Config{Data: t.TempDir(), Self: filepath.Join(bin, "local"), Bin: bin, Out: log, Verbose: true, AnyPorts: true}
	if change != nil {
		change(&cfg)
	}
	st, err := stack.Start(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	t.Cleanup(func() {
		// The client may open connections that it never uses, and S3 waits for connections without a request.
		http.DefaultClient.CloseIdleConnections()
		if err := st.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the programs' logs:\n%s", log)
		}
	})
	return &system{Stack: st, log: log}
}

// logged is a buffer for several goroutines.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (s *system) token(t *testing.T, subject string, boards ...string) string {
	t.Helper()
	token, err := s.tokens(subject, boards...).Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (s *system) s3() *s3.Client {
	return s3.New(s3.Options{Region: fake.Region, BaseEndpoint: &s.S3, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(fake.AccessKey, fake.SecretKey, "")})
}

func (s *system) sqs() *sqs.Client {
	return sqs.New(sqs.Options{Region: fake.Region, BaseEndpoint: &s.SQS,
		Credentials: credentials.NewStaticCredentialsProvider(fake.AccessKey, fake.SecretKey, "")})
}

// depth returns the number of messages of a queue.
func (s *system) depth(t *testing.T, queues ...string) sqsdepth.Depth {
	t.Helper()
	d, err := sqsdepth.Read(t.Context(), s.sqs(), queues...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// exchange sends a request and returns the status and the body of the answer.
func exchange(t *testing.T, req *http.Request) (status int, body string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// eventually waits up to two minutes until done reports true.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within two minutes: %s", what)
		}
	}
}

// wantQueuesEmpty waits until the queues are empty, and checks that the dead-letter queues are.
func (s *system) wantQueuesEmpty(t *testing.T) {
	t.Helper()
	eventually(t, "empty queues", func() bool {
		return s.depth(t, s.Queues()...).Total() == 0
	})
	if d := s.depth(t, s.DeadLetters...); d.Total() != 0 {
		t.Errorf("dead-letter queues: %+v, want no messages", d)
	}
}

func (s *system) keys(t *testing.T, bucket string) []string {
	t.Helper()
	var keys []string
	pages := s3.NewListObjectsV2Paginator(s.s3(), &s3.ListObjectsV2Input{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			keys = append(keys, *o.Key)
		}
	}
	return keys
}

func (s *system) client(t *testing.T, board photo.Board) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{API: s.API, Board: board, Tokens: s.tokens("ann", string(board))})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *system) tokens(subject string, boards ...string) client.TokenSource {
	return &tokens.Source{URL: s.Issuer, Subject: subject, Boards: boards}
}

// healthy reports whether a GET of url is answered with 200.
func healthy(url string) bool {
	resp, err := http.Get(url)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (l *logged) contains(text string) bool { return strings.Contains(l.String(), text) }

package fakes3_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"darkroom/deploy/local/fake/fakes3"
	"darkroom/deploy/testkit/freeport"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

const (
	childAddr = "S3_TEST_ADDR" // set in a child process: address to serve S3 on
	childDir  = "S3_TEST_DIR"
	childDeaf = "S3_TEST_DEAF" // set in a child process: delivering events fails
	uploads   = "darkroom-uploads"
	variants  = "darkroom-variants"
)

// The server can run only once in a process, so each test starts one as a child process of this binary. The child
// writes "ready" and the events to its standard output, a line each.
func TestMain(m *testing.M) {
	if os.Getenv(childAddr) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	err := fakes3.Run(ctx, fakes3.Config{
		Addr: os.Getenv(childAddr), Dir: os.Getenv(childDir), AccessKey: "darkroom", SecretKey: "darkroom-local",
		Buckets: []fakes3.Bucket{{Name: uploads, Notify: true, Origins: []string{"http://localhost:3000", "http://localhost:8080"}}, {Name: variants}},
		Notify: func(_ context.Context, _ string, event []byte) error {
			if os.Getenv(childDeaf) != "" && !bytes.Contains(event, []byte("TestEvent")) {
				return errors.New("nobody listens")
			}
			_, err := fmt.Printf("%s\n", event)
			return err
		},
		Ready: func() { fmt.Println("ready") },
		Log:   slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type server struct {
	t      *testing.T
	addr   string
	cmd    *exec.Cmd
	lines  chan string
	stderr *bytes.Buffer
	*s3.Client
}

func start(t *testing.T, dir string, env ...string) *server {
	t.Helper()
	return startAt(t, freeport.Addresses(t, 1)[0], dir, env...)
}

func startAt(t *testing.T, addr, dir string, env ...string) *server {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), append(env, childAddr+"="+addr, childDir+"="+dir)...)
	stderr := &bytes.Buffer{}
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	s := &server{t: t, addr: addr, cmd: cmd, lines: make(chan string, 1000), stderr: stderr}
	go func() {
		defer close(s.lines)
		for sc := bufio.NewScanner(out); sc.Scan(); {
			s.lines <- sc.Text()
		}
	}()
	s.Client = s3.New(s3.Options{
		BaseEndpoint: new("http://" + addr), Region: "us-east-1", UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("darkroom", "darkroom-local", ""),
		Retryer:     aws.NopRetryer{}, // a server that was killed does not come back
	})
	return s
}

// line returns the next line of the child's standard output.
func (s *server) line() string {
	s.t.Helper()
	select {
	case l, ok := <-s.lines:
		if !ok {
			s.t.Fatalf("the server ended: %s", s.stderr)
		}
		return l
	case <-time.After(time.Minute):
		s.t.Fatal("no line from the server")
	}
	return ""
}

// stop stops the server and returns the rest of its standard output.
func (s *server) stop() (rest []string) {
	s.t.Helper()
	s.cmd.Process.Signal(syscall.SIGTERM)
	for l := range s.lines {
		rest = append(rest, l)
	}
	if err := s.cmd.Wait(); err != nil || s.stderr.Len() > 0 {
		s.t.Errorf("the server ended with %v and wrote: %s", err, s.stderr)
	}
	return rest
}

type object struct {
	Key, ETag, Sequencer string
	Size                 *int64
}

// event returns the name and the object of the next event, and checks the fields that all events share.
func (s *server) event() (string, object) {
	s.t.Helper()
	line := s.line()
	var e struct {
		Records []struct {
			EventVersion, EventSource, AWSRegion, EventName string
			EventTime                                       time.Time
			UserIdentity                                    struct{ PrincipalID string }
			RequestParameters                               struct{ SourceIPAddress string }
			ResponseElements                                map[string]string
			S3                                              struct {
				S3SchemaVersion, ConfigurationID string
				Bucket                           struct {
					Name, ARN     string
					OwnerIdentity struct{ PrincipalID string }
				}
				Object object
			}
		}
	}
	if err := json.Unmarshal([]byte(line), &e); err != nil || len(e.Records) != 1 {
		s.t.Fatalf("event %s: %v", line, err)
	}
	r := e.Records[0]
	for _, c := range []struct{ what, got, want string }{
		{"version", r.EventVersion, "2.1"}, {"source", r.EventSource, "aws:s3"}, {"region", r.AWSRegion, "us-east-1"},
		{"bucket", r.S3.Bucket.Name, uploads}, {"ARN", r.S3.Bucket.ARN, "arn:aws:s3:::" + uploads},
		{"schema", r.S3.S3SchemaVersion, "1.0"}, {"client", r.RequestParameters.SourceIPAddress, "127.0.0.1"},
	} {
		if c.got != c.want {
			s.t.Errorf("event %s: %s %q, want %q", line, c.what, c.got, c.want)
		}
	}
	if since := time.Since(r.EventTime); since < -time.Minute || since > time.Hour {
		s.t.Errorf("event %s: time is off by %s", line, since)
	}
	return r.EventName, r.S3.Object
}

func code(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return fmt.Sprint(err)
}

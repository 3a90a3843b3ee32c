package s3_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"darkroom/deploy/local/s3"

	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

const (
	childAddr = "S3_TEST_ADDR" // set in a child: serve S3 there
	childDir  = "S3_TEST_DIR"
	childDeaf = "S3_TEST_DEAF" // set in a child: no event can be delivered
	uploads   = "darkroom-uploads"
	variants  = "darkroom-variants"
)

// The server takes the working directory and runs once a process, so each test has one as a child process of this
// very binary. The child writes "ready" and then the events, one a line, to its standard output.
func TestMain(m *testing.M) {
	if os.Getenv(childAddr) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	err := s3.Run(ctx, s3.Config{
		Addr: os.Getenv(childAddr), Dir: os.Getenv(childDir), AccessKey: "darkroom", SecretKey: "darkroom-local",
		Buckets: []s3.Bucket{{Name: uploads, Notify: true, CORS: true}, {Name: variants}},
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
	*awss3.Client
}

func start(t *testing.T, dir string, env ...string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
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
	s.Client = awss3.New(awss3.Options{
		BaseEndpoint: new("http://" + addr), Region: "us-east-1", UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("darkroom", "darkroom-local", ""),
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

// stop ends the server and returns what else it wrote to its standard output.
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

// event returns name and object of the next event, after checking what is the same in all.
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

func TestObjectsAndEvents(t *testing.T) {
	ctx := t.Context()
	s := start(t, filepath.Join(t.TempDir(), "data"))
	if l := s.line(); !strings.Contains(l, `"Event":"s3:TestEvent"`) || !strings.Contains(l, `"Bucket":"`+uploads+`"`) {
		t.Fatalf("first line %s, want s3:TestEvent", l)
	}
	if l := s.line(); l != "ready" {
		t.Fatalf("line %q, want ready", l)
	}

	body := "hello"
	last := ""
	for _, key := range []string{"cats/0123456789abcdef0123456789abcdef", "a b", "a+b", "katze/ä €.jpg", "100%/~*'(x)"} {
		put, err := s.PutObject(ctx, &awss3.PutObjectInput{
			Bucket: new(uploads), Key: &key, Body: strings.NewReader(body), ContentType: new("image/jpeg"),
			IfNoneMatch: new("*"), Metadata: map[string]string{"owner": "ann"},
		})
		if err != nil {
			t.Fatalf("put %q: %v", key, err)
		}
		name, o := s.event()
		got, err := url.QueryUnescape(o.Key)
		if err != nil || got != key || strings.Contains(o.Key, " ") || strings.Contains(o.Key, "%2F") {
			t.Errorf("event of %q: key %q", key, o.Key)
		}
		if name != "ObjectCreated:Put" || o.Size == nil || *o.Size != int64(len(body)) || `"`+o.ETag+`"` != *put.ETag {
			t.Errorf("event of %q: %s %+v", key, name, o)
		}
		if o.Sequencer <= last || len(o.Sequencer) != 18 {
			t.Errorf("event of %q: sequencer %q after %q", key, o.Sequencer, last)
		}
		last = o.Sequencer

		head, err := s.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: new(uploads), Key: &key})
		if err != nil || *head.ContentType != "image/jpeg" || head.Metadata["owner"] != "ann" {
			t.Errorf("head %q: %v %+v", key, err, head)
		}
		res, err := s.GetObject(ctx, &awss3.GetObjectInput{Bucket: new(uploads), Key: &key})
		if err != nil {
			t.Fatalf("get %q: %v", key, err)
		}
		if b, err := io.ReadAll(res.Body); err != nil || string(b) != body {
			t.Errorf("get %q: %q, %v", key, b, err)
		}

		// A conditional write that fails has no event: the next one is that of the removal.
		_, err = s.PutObject(ctx, &awss3.PutObjectInput{Bucket: new(uploads), Key: &key, Body: strings.NewReader("other"), IfNoneMatch: new("*")})
		if code(err) != "PreconditionFailed" {
			t.Errorf("put %q again: %v, want PreconditionFailed", key, err)
		}
		if _, err := s.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: new(uploads), Key: &key}); err != nil {
			t.Errorf("delete %q: %v", key, err)
		}
		if name, o := s.event(); name != "ObjectRemoved:Delete" || o.Size != nil || o.ETag != "" || o.Sequencer <= last {
			t.Errorf("event of the removal of %q: %s %+v after %s", key, name, o, last)
		}
	}

	// A bucket that does not notify stays silent.
	if _, err := s.PutObject(ctx, &awss3.PutObjectInput{Bucket: new(variants), Key: new("x"), Body: strings.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	if rest := s.stop(); len(rest) > 0 {
		t.Errorf("more output: %q", rest)
	}
}

func TestCopyMultipartAndDeleteObjects(t *testing.T) {
	ctx := t.Context()
	s := start(t, t.TempDir())
	s.line()
	s.line()
	if _, err := s.PutObject(ctx, &awss3.PutObjectInput{Bucket: new(variants), Key: new("from"), Body: strings.NewReader("abc")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CopyObject(ctx, &awss3.CopyObjectInput{Bucket: new(uploads), Key: new("copy"), CopySource: new(variants + "/from")}); err != nil {
		t.Fatal(err)
	}
	if name, o := s.event(); name != "ObjectCreated:Copy" || o.Key != "copy" || *o.Size != 3 || o.ETag != "900150983cd24fb0d6963f7d28e17f72" {
		t.Errorf("event of the copy: %s %+v", name, o)
	}

	mp, err := s.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{Bucket: new(uploads), Key: new("big")})
	if err != nil {
		t.Fatal(err)
	}
	part, err := s.UploadPart(ctx, &awss3.UploadPartInput{Bucket: new(uploads), Key: new("big"), UploadId: mp.UploadId, PartNumber: new(int32(1)), Body: strings.NewReader("abcd")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.CompleteMultipartUpload(ctx, &awss3.CompleteMultipartUploadInput{Bucket: new(uploads), Key: new("big"), UploadId: mp.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{
			ETag: part.ETag, PartNumber: new(int32(1)),
			ChecksumCRC32: part.ChecksumCRC32, ChecksumCRC64NVME: part.ChecksumCRC64NVME,
		}}}})
	if err != nil {
		t.Fatal(err)
	}
	if name, o := s.event(); name != "ObjectCreated:CompleteMultipartUpload" || o.Key != "big" || *o.Size != 4 || !strings.HasSuffix(o.ETag, "-1") {
		t.Errorf("event of the multipart upload: %s %+v", name, o)
	}

	res, err := s.DeleteObjects(ctx, &awss3.DeleteObjectsInput{Bucket: new(uploads), Delete: &types.Delete{Objects: []types.ObjectIdentifier{
		{Key: new("copy")}, {Key: new("big")},
	}}})
	if err != nil || len(res.Deleted) != 2 || len(res.Errors) != 0 {
		t.Fatalf("delete objects: %v %+v", err, res)
	}
	for _, key := range []string{"copy", "big"} {
		if name, o := s.event(); name != "ObjectRemoved:Delete" || o.Key != key {
			t.Errorf("event of a removal: %s %+v, want %s", name, o, key)
		}
	}
	if rest := s.stop(); len(rest) > 0 {
		t.Errorf("more output: %q", rest)
	}
}

func TestPresignedPut(t *testing.T) {
	ctx := t.Context()
	s := start(t, t.TempDir())
	s.line()
	s.line()
	body := []byte("0123456789")
	presigned := func(key string) *http.Request {
		signed, err := awss3.NewPresignClient(s.Client).PresignPutObject(ctx, &awss3.PutObjectInput{
			Bucket: new(uploads), Key: &key, ContentType: new("image/jpeg"), ContentLength: new(int64(len(body))), IfNoneMatch: new("*"),
		})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(ctx, signed.Method, signed.URL, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = signed.SignedHeader.Clone()
		return req
	}
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"as signed", func(*http.Request) {}, http.StatusOK},
		{"a second time", func(*http.Request) {}, http.StatusPreconditionFailed},
		{"another type", func(r *http.Request) { r.Header.Set("Content-Type", "image/png") }, http.StatusForbidden},
		{"longer", func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader("0123456789x")), 11
		}, http.StatusForbidden},
		{"unconditional", func(r *http.Request) { r.Header.Del("If-None-Match") }, http.StatusForbidden},
		{"another key", func(r *http.Request) { r.URL.Path += "x" }, http.StatusForbidden},
	} {
		req := presigned("photo")
		c.change(req)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		b, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("%s: %s, want %d: %s", c.name, resp.Status, c.want, b)
		}
	}
	if name, o := s.event(); name != "ObjectCreated:Put" || o.Key != "photo" {
		t.Errorf("event: %s %+v", name, o)
	}

	for _, c := range []struct{ bucket, allow string }{{uploads, "*"}, {variants, ""}} {
		req, _ := http.NewRequestWithContext(ctx, http.MethodOptions, "http://"+s.addr+"/"+c.bucket+"/photo", nil)
		req.Header.Set("Origin", "http://localhost:3000")
		req.Header.Set("Access-Control-Request-Method", "PUT")
		req.Header.Set("Access-Control-Request-Headers", "content-type,if-none-match,x-amz-meta-owner")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		allow := resp.Header.Get("Access-Control-Allow-Origin")
		if ok := allow == "*" || allow == "http://localhost:3000"; ok != (c.allow != "") {
			t.Errorf("preflight of %s: %s, origin %q", c.bucket, resp.Status, allow)
		}
	}
	if rest := s.stop(); len(rest) > 0 {
		t.Errorf("more output: %q", rest)
	}
}

// An event that could not be sent before the process was killed is sent by the next one, which sends no second
// s3:TestEvent.
func TestUnsentEventsOutliveTheProcess(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := start(t, dir, childDeaf+"=1")
	s.line()
	s.line()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		// The answer waits for the event, so there is none.
		s.PutObject(ctx, &awss3.PutObjectInput{Bucket: new(uploads), Key: new("kept"), Body: strings.NewReader("abc")})
	}()
	for {
		_, err := s.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: new(uploads), Key: new("kept")})
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	cancel()
	<-done
	s.cmd.Process.Kill()
	s.cmd.Wait()

	s = start(t, dir)
	if name, o := s.event(); name != "ObjectCreated:Put" || o.Key != "kept" || *o.Size != 3 {
		t.Errorf("event after the restart: %s %+v", name, o)
	}
	if l := s.line(); l != "ready" {
		t.Errorf("line %q, want ready", l)
	}
	if rest := s.stop(); len(rest) > 0 {
		t.Errorf("more output: %q", rest)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "unsent")); err != nil || len(left) > 0 {
		t.Errorf("unsent events: %v %v", left, err)
	}
}

func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childAddr+"="+l.Addr().String(), childDir+"="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), l.Addr().String()) || strings.Contains(string(out), "\nready\n") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestConfigValidate(t *testing.T) {
	good := s3.Config{Addr: "127.0.0.1:9000", Dir: "data", AccessKey: "a", SecretKey: "b"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*s3.Config){
		"no address": func(c *s3.Config) { c.Addr = "" },
		"port 0":     func(c *s3.Config) { c.Addr = "127.0.0.1:0" },
		"no folder":  func(c *s3.Config) { c.Dir = "" },
		"no key":     func(c *s3.Config) { c.AccessKey = "" },
		"no secret":  func(c *s3.Config) { c.SecretKey = "" },
		"no name":    func(c *s3.Config) { c.Buckets = []s3.Bucket{{}} },
		"no target":  func(c *s3.Config) { c.Buckets = []s3.Bucket{{Name: "x", Notify: true}} },
	} {
		c := good
		spoil(&c)
		if c.Validate() == nil {
			t.Errorf("%s: valid", name)
		}
	}
}

package fakes3_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"darkroom/deploy/local/fake/fakes3"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

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
		put, err := s.PutObject(ctx, &s3.PutObjectInput{
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

		head, err := s.HeadObject(ctx, &s3.HeadObjectInput{Bucket: new(uploads), Key: &key})
		if err != nil || *head.ContentType != "image/jpeg" || head.Metadata["owner"] != "ann" {
			t.Errorf("head %q: %v %+v", key, err, head)
		}
		res, err := s.GetObject(ctx, &s3.GetObjectInput{Bucket: new(uploads), Key: &key})
		if err != nil {
			t.Fatalf("get %q: %v", key, err)
		}
		if b, err := io.ReadAll(res.Body); err != nil || string(b) != body {
			t.Errorf("get %q: %q, %v", key, b, err)
		}

		// A conditional write that fails has no event: the next event is that of the delete.
		_, err = s.PutObject(ctx, &s3.PutObjectInput{Bucket: new(uploads), Key: &key, Body: strings.NewReader("other"), IfNoneMatch: new("*")})
		if code(err) != "PreconditionFailed" {
			t.Errorf("put %q again: %v, want PreconditionFailed", key, err)
		}
		if _, err := s.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: new(uploads), Key: &key}); err != nil {
			t.Errorf("delete %q: %v", key, err)
		}
		if name, o := s.event(); name != "ObjectRemoved:Delete" || o.Size != nil || o.ETag != "" || o.Sequencer <= last {
			t.Errorf("event of the removal of %q: %s %+v after %s", key, name, o, last)
		}
	}

	// A bucket that does not notify sends no events.
	if _, err := s.PutObject(ctx, &s3.PutObjectInput{Bucket: new(variants), Key: new("x"), Body: strings.NewReader(body)}); err != nil {
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
	if _, err := s.PutObject(ctx, &s3.PutObjectInput{Bucket: new(variants), Key: new("from"), Body: strings.NewReader("abc")}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CopyObject(ctx, &s3.CopyObjectInput{Bucket: new(uploads), Key: new("copy"), CopySource: new(variants + "/from")}); err != nil {
		t.Fatal(err)
	}
	if name, o := s.event(); name != "ObjectCreated:Copy" || o.Key != "copy" || *o.Size != 3 || o.ETag != "900150983cd24fb0d6963f7d28e17f72" {
		t.Errorf("event of the copy: %s %+v", name, o)
	}

	mp, err := s.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: new(uploads), Key: new("big")})
	if err != nil {
		t.Fatal(err)
	}
	part, err := s.UploadPart(ctx, &s3.UploadPartInput{Bucket: new(uploads), Key: new("big"), UploadId: mp.UploadId, PartNumber: new(int32(1)), Body: strings.NewReader("abcd")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: new(uploads), Key: new("big"), UploadId: mp.UploadId,
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

	res, err := s.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: new(uploads), Delete: &types.Delete{Objects: []types.ObjectIdentifier{
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
		signed, err := s3.NewPresignClient(s.Client).PresignPutObject(ctx, &s3.PutObjectInput{
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
		req.Header.Set("Origin", "http://localhost:3000")
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
		// versitygw exposes more headers.
		if got := resp.Header.Get("Access-Control-Expose-Headers"); !strings.HasPrefix(got, "ETag, Location, ") {
			t.Errorf("%s: a page may read %q", c.name, got)
		}
	}
	if name, o := s.event(); name != "ObjectCreated:Put" || o.Key != "photo" {
		t.Errorf("event: %s %+v", name, o)
	}

	for _, c := range []struct{ bucket, from, allow string }{
		{uploads, "http://localhost:3000", "http://localhost:3000"}, {uploads, "http://evil.example", ""}, {variants, "http://localhost:3000", ""},
	} {
		req, _ := http.NewRequestWithContext(ctx, http.MethodOptions, "http://"+s.addr+"/"+c.bucket+"/photo", nil)
		req.Header.Set("Origin", c.from)
		req.Header.Set("Access-Control-Request-Method", "PUT")
		req.Header.Set("Access-Control-Request-Headers", "content-type,if-none-match,x-amz-meta-owner")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if allow := resp.Header.Get("Access-Control-Allow-Origin"); allow != c.allow {
			t.Errorf("preflight of %s by %s: %s, allowed %q", c.bucket, c.from, resp.Status, allow)
		}
	}
	if rest := s.stop(); len(rest) > 0 {
		t.Errorf("more output: %q", rest)
	}
}

// The next process sends the event that a killed process could not send. It sends no second s3:TestEvent.
func TestUnsentEventsSurviveKill(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s := start(t, dir, childDeaf+"=1")
	s.line()
	s.line()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		// The answer waits for the event, so it never comes.
		s.PutObject(ctx, &s3.PutObjectInput{Bucket: new(uploads), Key: new("kept"), Body: strings.NewReader("abc")})
	}()
	for {
		_, err := s.HeadObject(ctx, &s3.HeadObjectInput{Bucket: new(uploads), Key: new("kept")})
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
	good := fakes3.Config{Addr: "127.0.0.1:9000", Dir: "data", AccessKey: "a", SecretKey: "b"}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*fakes3.Config){
		"no address": func(c *fakes3.Config) { c.Addr = "" },
		"port 0":     func(c *fakes3.Config) { c.Addr = "127.0.0.1:0" },
		"no folder":  func(c *fakes3.Config) { c.Dir = "" },
		"no key":     func(c *fakes3.Config) { c.AccessKey = "" },
		"no secret":  func(c *fakes3.Config) { c.SecretKey = "" },
		"no name":    func(c *fakes3.Config) { c.Buckets = []fakes3.Bucket{{}} },
		"no target":  func(c *fakes3.Config) { c.Buckets = []fakes3.Bucket{{Name: "x", Notify: true}} },
	} {
		c := good
		spoil(&c)
		if c.Validate() == nil {
			t.Errorf("%s: valid", name)
		}
	}
}

// Package fakes3test starts the fake S3 for tests. The fake changes its working directory and can run only once in a
// process, so a test binary runs it in a child process of itself: its TestMain must call [Main].
package fakes3test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/deploy/local/fake/fakes3"
	"darkroom/deploy/testkit/freeport"
)

// AccessKey and SecretKey are the only credentials that the fake accepts.
const AccessKey, SecretKey = "test", "test-secret"

// Environment of the child process.
const (
	childAddr    = "S3TEST_ADDR"
	childDir     = "S3TEST_DIR"
	childBuckets = "S3TEST_BUCKETS"
)

// Main runs the tests and exits. In a process that [Start] started, it runs the fake S3 instead.
func Main(m *testing.M) {
	if os.Getenv(childAddr) == "" {
		os.Exit(m.Run())
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { // standard input ends when the parent process ends
		defer cancel()
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	var buckets []fakes3.Bucket
	for _, name := range strings.Fields(os.Getenv(childBuckets)) {
		buckets = append(buckets, fakes3.Bucket{Name: name})
	}
	err := fakes3.Run(ctx, fakes3.Config{Addr: os.Getenv(childAddr), Dir: os.Getenv(childDir), AccessKey: AccessKey, SecretKey: SecretKey,
		Buckets: buckets, Ready: func() { fmt.Println("ready") }})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Start starts a fake S3 with the buckets and without events, and returns its endpoint. It stops when the test ends.
func Start(t testing.TB, buckets ...string) (endpoint string) {
	t.Helper()
	addr := freeport.Addresses(t, 1)[0]
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childAddr+"="+addr, childDir+"="+t.TempDir(), childBuckets+"="+strings.Join(buckets, " "))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A client may have opened connections that it never used. The fake would wait ten seconds for their requests.
		clients.closeIdle()
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("embedded S3: %v\n%s", err, stderr.String())
		}
	})
	if _, err := io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
		t.Fatalf("embedded S3 did not start: %v", err)
	}
	return "http://" + addr
}

// Client returns a client for the endpoint. options are applied to its configuration.
func Client(endpoint string, options ...func(*s3.Options)) *s3.Client {
	return s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(AccessKey, SecretKey, "")}, append(slices.Clone(options), clients.add)...)
}

// clients are the HTTP clients of all clients of this process.
var clients pool

type pool struct {
	mu  sync.Mutex
	all []interface{ CloseIdleConnections() }
}

// add gives the client under construction an HTTP client whose connections closeIdle can close. It leaves one that is
// not the SDK's own as it is.
func (p *pool) add(o *s3.Options) {
	builder, ok := o.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		return
	}
	o.HTTPClient = builder.Freeze()
	if c, ok := o.HTTPClient.(interface{ CloseIdleConnections() }); ok {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.all = append(p.all, c)
	}
}

func (p *pool) closeIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.all {
		c.CloseIdleConnections()
	}
}

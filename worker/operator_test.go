package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/s3"
	"darkroom/deploy/local/sqs/sqstest"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/s3store"
)

// The embedded S3 changes its process's working directory, so this test binary is also that: when it has these
// variables.
const (
	asS3 = "WORKER_TEST_S3_ADDR"
	inS3 = "WORKER_TEST_S3_DIR"
)

func runS3() {
	ctx, cancel := context.WithCancel(context.Background())
	go func() { // the pipe ends with the process that holds its other end
		defer cancel()
		io.Copy(io.Discard, os.Stdin)
	}()
	if err := s3.Run(ctx, s3.Config{Addr: os.Getenv(asS3), Dir: os.Getenv(inS3), AccessKey: "test", SecretKey: "test-secret",
		Buckets: []s3.Bucket{{Name: "uploads"}, {Name: "variants"}}, Ready: func() { fmt.Println("ready") }}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// operated is a system as an operator's commands see it.
type operated struct {
	uploads, variants *s3store.Bucket
	sqs               *awssqs.Client
	queue, dead       string
	env               []string
}

func operate(t *testing.T) *operated {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asS3+"="+addr, inS3+"="+t.TempDir())
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
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("embedded S3: %v\n%s", err, stderr.String())
		}
	})
	if _, err := io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
		t.Fatalf("embedded S3 did not start: %v\n%s", err, stderr.String())
	}
	emulator, endpoint := sqstest.Start(t)
	if err := emulator.EnsureQueue("dead", nil); err != nil {
		t.Fatal(err)
	}
	if err := emulator.EnsureQueue("photos", map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":5}`, emulator.QueueARN("dead"))}); err != nil {
		t.Fatal(err)
	}
	access := credentials.NewStaticCredentialsProvider("test", "test-secret", "")
	client := awss3.New(awss3.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://" + addr), Credentials: access}, s3store.Options)
	o := &operated{uploads: s3store.New(client, "uploads"), variants: s3store.New(client, "variants"),
		sqs:   sqstest.Client(endpoint),
		queue: endpoint + "/000000000000/photos", dead: endpoint + "/000000000000/dead"}
	o.env = []string{"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test-secret", "AWS_ENDPOINT_URL_S3=http://" + addr, "AWS_ENDPOINT_URL_SQS=" + endpoint,
		"QUEUE_URL=" + o.queue, "UPLOADS_BUCKET=uploads", "VARIANTS_BUCKET=variants"}
	return o
}

func (o *operated) put(t *testing.T, b *s3store.Bucket, key string, body []byte) {
	t.Helper()
	if err := b.Put(t.Context(), key, reconcile.Content{Type: "application/octet-stream", Body: body}); err != nil {
		t.Fatal(err)
	}
}

// run runs a command and wants a status of it.
func (o *operated) run(t *testing.T, want int, args ...string) string {
	t.Helper()
	stdout, stderr, status := worker(t, o.env, args...)
	if status != want {
		t.Fatalf("%v: status %d, want %d\n%s%s", args, status, want, stdout, stderr)
	}
	return stdout + stderr
}

// bodies takes what a queue holds.
func (o *operated) bodies(t *testing.T, queue string) (bodies []string) {
	t.Helper()
	for {
		out, err := o.sqs.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			slices.Sort(bodies)
			return bodies
		}
		for _, m := range out.Messages {
			bodies = append(bodies, *m.Body)
			if _, err := o.sqs.DeleteMessage(t.Context(), &awssqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// work does what a worker with the default settings does with all that is in the queue.
func (o *operated) work(t *testing.T) (events int) {
	t.Helper()
	f := recipeFlags{MaxBytes: 67108864, MaxPixels: 120000000}
	engine, err := f.engine()
	if err != nil {
		t.Fatal(err)
	}
	recipe, err := f.recipe()
	if err != nil {
		t.Fatal(err)
	}
	r, err := reconcile.New(reconcile.Config{Bucket: "uploads", Recipe: recipe}, o.uploads, o.variants, engine)
	if err != nil {
		t.Fatal(err)
	}
	bodies := o.bodies(t, o.queue)
	for _, b := range bodies {
		if err := r.Message(t.Context(), b); err != nil {
			t.Error(err)
		}
	}
	return len(bodies)
}

func wantIn(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is not in\n%s", p, text)
		}
	}
}

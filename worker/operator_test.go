package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/deploy/local/s3"
	"darkroom/deploy/local/sqs"
	"darkroom/worker/internal/deadletter"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/s3store"
	"darkroom/worker/photo"
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
	emulator, err := sqs.Open(sqs.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(emulator)
	t.Cleanup(func() {
		server.Close()
		if err := emulator.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := emulator.EnsureQueue("dead", nil); err != nil {
		t.Fatal(err)
	}
	if err := emulator.EnsureQueue("photos", map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":5}`, emulator.QueueARN("dead"))}); err != nil {
		t.Fatal(err)
	}
	access := credentials.NewStaticCredentialsProvider("test", "test-secret", "")
	client := awss3.New(awss3.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://" + addr), Credentials: access}, s3store.Options)
	o := &operated{uploads: s3store.New(client, "uploads"), variants: s3store.New(client, "variants"),
		sqs:   awssqs.New(awssqs.Options{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: access}),
		queue: server.URL + "/000000000000/photos", dead: server.URL + "/000000000000/dead"}
	o.env = []string{"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test-secret", "AWS_ENDPOINT_URL_S3=http://" + addr, "AWS_ENDPOINT_URL_SQS=" + server.URL,
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

func TestBackfillAndSweep(t *testing.T) {
	o := operate(t)
	dir := t.TempDir()
	writeJPEG(t, dir+"/p.jpg", 40, 30)
	picture, err := os.ReadFile(dir + "/p.jpg")
	if err != nil {
		t.Fatal(err)
	}
	var refs []photo.Ref
	for range 3 {
		ref := photo.Ref{Board: "cats", ID: photo.NewID()}
		refs = append(refs, ref)
		o.put(t, o.uploads, ref.Key(), picture)
	}
	wantIn(t, o.run(t, 0, "backfill", "--dry-run"), "3 originals, 0 up to date", "3: no manifest", "3 events would be sent", refs[0].Key()+"\tno manifest")
	if n := o.work(t); n != 0 {
		t.Fatalf("a dry run sent %d events", n)
	}
	wantIn(t, o.run(t, 0, "backfill", "--max", "2"), "2 events sent", "stopped at --max", "--after cats/")
	wantIn(t, o.run(t, 0, "backfill", "--prefix", "dogs/"), "0 originals", "0 events sent")
	if n := o.work(t); n != 2 {
		t.Fatalf("%d events, want 2", n)
	}
	wantIn(t, o.run(t, 0, "backfill"), "3 originals, 2 up to date", "1 events sent")
	o.work(t)
	wantIn(t, o.run(t, 0, "backfill"), "3 originals, 3 up to date", "0 events sent")
	wantIn(t, o.run(t, 0, "backfill", "--dry-run", `--variants=[{"name":"w","width":9,"height":9,"fit":"inside"}]`), "3: another recipe")

	// One loses its original without an event, one its manifest.
	if err := o.uploads.Delete(t.Context(), []string{refs[0].Key()}); err != nil {
		t.Fatal(err)
	}
	if err := o.variants.Delete(t.Context(), []string{refs[1].ManifestKey()}); err != nil {
		t.Fatal(err)
	}
	wantIn(t, o.run(t, 0, "sweep"), "3 photos", "1 without an original", "0 without a manifest for 1h0m0s, 1 for less", "1 events sent")
	wantIn(t, o.run(t, 0, "sweep", "--older-than", "0s", "--rate", "0"), "1 without a manifest for 0s", "2 events sent")
	if n := o.work(t); n != 3 {
		t.Fatalf("%d events, want 3", n)
	}
	for e, err := range o.variants.List(t.Context(), "", "") {
		if err != nil || strings.HasPrefix(e.Key, refs[0].Prefix()) {
			t.Errorf("left: %+v, %v", e, err)
		}
	}
	wantIn(t, o.run(t, 0, "sweep", "--older-than", "0s"), "2 photos", "0 without an original", "0 events sent")
	wantIn(t, o.run(t, 1, "sweep", "--uploads-bucket", "nowhere"), "NoSuchBucket")
	wantIn(t, o.run(t, 1, "backfill", "--uploads-bucket", "variants"), "are the same")
}

func TestDeadLettersAreListedAndRedriven(t *testing.T) {
	o := operate(t)
	send := func(body, reason string) {
		t.Helper()
		in := &awssqs.SendMessageInput{QueueUrl: &o.dead, MessageBody: &body}
		if reason != "" {
			in.MessageAttributes = map[string]types.MessageAttributeValue{deadletter.ReasonAttribute: {DataType: aws.String("String"), StringValue: &reason}}
		}
		if _, err := o.sqs.SendMessage(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 12 {
		send(fmt.Sprint("slow ", i), "")
	}
	send("hello", "not-an-s3-event")
	wantIn(t, o.run(t, 0, "dlq", "list"), "13 messages", "12        received-too-often", "1         not-an-s3-event")
	wantIn(t, o.run(t, 0, "dlq", "list", "-v"), `"hello"`, `"slow 11"`)
	wantIn(t, o.run(t, 0, "dlq", "list", "--dead-letter-queue-url", o.queue, "--queue-url", ""), "0 messages")
	wantIn(t, o.run(t, 1, "dlq", "list", "--queue-url", o.dead), "no redrive policy")

	wantIn(t, o.run(t, 0, "redrive", "--dry-run", "--reason", "too-often"), "13 messages", "12 of them are chosen")
	wantIn(t, o.run(t, 0, "redrive", "--older-than", "1h"), "0 of them are chosen", "0 messages moved")
	if n := len(o.bodies(t, o.queue)); n != 0 {
		t.Fatalf("%d messages were moved", n)
	}
	wantIn(t, o.run(t, 0, "redrive", "--reason", "too-often", "--max", "5"), "13 messages", "5 of them are chosen", "5 messages moved")
	wantIn(t, o.run(t, 0, "redrive", "--reason", "too-often"), "8 messages", "7 of them are chosen", "7 messages moved")
	moved := o.bodies(t, o.queue)
	if len(slices.Compact(slices.Clone(moved))) != 12 || len(moved) != 12 || slices.Contains(moved, "hello") {
		t.Errorf("moved %q", moved)
	}
	if left := o.bodies(t, o.dead); !slices.Equal(left, []string{"hello"}) {
		t.Errorf("left %q", left)
	}
	wantIn(t, o.run(t, 1, "redrive", "--queue-url", "", "--dead-letter-queue-url", o.dead), "QUEUE_URL is not set")
	wantIn(t, o.run(t, 1, "redrive", "--dead-letter-queue-url", o.queue), "are the same")
}

// TestInterruptedCommand stops a redrive in the middle, as a user does.
func TestInterruptedCommand(t *testing.T) {
	o := operate(t)
	for i := range 5 {
		if _, err := o.sqs.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &o.dead, MessageBody: aws.String(fmt.Sprint(i))}); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "redrive", "--rate", "0.001")
	cmd.Env = append([]string{asProgram + "=1", "AWS_REGION=us-east-1", "HOME=" + t.TempDir()}, o.env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// The first is moved at once, the second in a quarter of an hour.
	if got, err := o.sqs.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &o.queue, WaitTimeSeconds: 20}); err != nil || len(got.Messages) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(stdout)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status != 130 {
		t.Errorf("status %d, want 130", status)
	}
	wantIn(t, string(out)+stderr.String(), "1 messages moved", "interrupted: run it again")
	if left := o.bodies(t, o.dead); len(left) != 4 {
		t.Errorf("%d messages are left to be seen, want 4", len(left))
	}
}

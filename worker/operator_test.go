package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/fake/fakes3/fakes3test"
	"darkroom/deploy/local/fake/fakesqs"
	"darkroom/deploy/local/fake/fakesqs/fakesqstest"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/s3store"
)

// operated is a system for an operator's commands: two buckets, a queue and its dead-letter queue.
type operated struct {
	uploads, variants *s3store.Bucket
	sqs               *awssqs.Client
	emulator          *fakesqs.Server
	queue, dead       string
	env               []string
}

func operate(t *testing.T) *operated {
	t.Helper()
	storage := fakes3test.Start(t, "uploads", "variants")
	emulator, endpoint := fakesqstest.Start(t)
	if err := emulator.EnsureQueue("dead", nil); err != nil {
		t.Fatal(err)
	}
	if err := emulator.EnsureQueue("photos", map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":5}`, emulator.QueueARN("dead"))}); err != nil {
		t.Fatal(err)
	}
	client := fakes3test.Client(storage, s3store.Options)
	o := &operated{uploads: s3store.New(client, "uploads"), variants: s3store.New(client, "variants"),
		sqs: fakesqstest.Client(endpoint), emulator: emulator,
		queue: endpoint + "/000000000000/photos", dead: endpoint + "/000000000000/dead"}
	o.env = []string{"AWS_ACCESS_KEY_ID=" + fakes3test.AccessKey, "AWS_SECRET_ACCESS_KEY=" + fakes3test.SecretKey, "AWS_ENDPOINT_URL_S3=" + storage, "AWS_ENDPOINT_URL_SQS=" + endpoint,
		"QUEUE_URL=" + o.queue, "UPLOADS_BUCKET=uploads", "VARIANTS_BUCKET=variants"}
	return o
}

func (o *operated) put(t *testing.T, b *s3store.Bucket, key string, body []byte) {
	t.Helper()
	if err := b.Put(t.Context(), key, store.Content{Type: "application/octet-stream", Body: body}); err != nil {
		t.Fatal(err)
	}
}

// run runs a command, checks its exit status, and returns its output.
func (o *operated) run(t *testing.T, want int, args ...string) string {
	t.Helper()
	stdout, stderr, status := worker(t, o.env, args...)
	if status != want {
		t.Fatalf("%v: status %d, want %d\n%s%s", args, status, want, stdout, stderr)
	}
	return stdout + stderr
}

// bodies receives and deletes every message of a queue, and returns their bodies.
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

// work handles every message of the queue as a worker with the default settings does.
func (o *operated) work(t *testing.T) (events int) {
	t.Helper()
	return o.workWith(t, "")
}

// workWith is work for a worker with these VARIANTS.
func (o *operated) workWith(t *testing.T, variants string) (events int) {
	t.Helper()
	f := recipeFlags{MaxBytes: 67108864, MaxPixels: 120000000, Variants: variants}
	engine, err := f.engine()
	if err != nil {
		t.Fatal(err)
	}
	r, err := reconcile.New(reconcile.Config{Bucket: "uploads", ParseEvents: parseEvents, Recipe: engine.Recipe()}, o.uploads, o.variants, engine)
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

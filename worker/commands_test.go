package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/sqsqueue"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
	"darkroom/worker/s3event"
)

// TestRejectedOriginalIsDiscarded has S3 delete an original with If-Match.
func TestRejectedOriginalIsDiscarded(t *testing.T) {
	t.Parallel()
	o := operate(t)
	ref := photo.Ref{Board: "cats", ID: photo.NewID()}
	o.put(t, o.uploads, ref.Key(), []byte("no picture"))
	wantIn(t, o.run(t, 0, "sweep", "--older-than", "0s"), "1 event sent")
	o.work(t)
	body := s3event.Format(s3event.Event{Name: reconcile.EventDiscard, Bucket: "uploads", Key: ref.Key()})
	if _, err := o.sqs.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &o.queue, MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
	o.work(t)
	if _, err := o.uploads.Head(t.Context(), ref.Key()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the original: %v", err)
	}
	wantIn(t, o.run(t, 0, "sweep", "--older-than", "0s"), "0 without an original", "0 events sent")
	_, manifest, err := o.variants.Get(t.Context(), ref.ManifestKey(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer manifest.Close()
	if m, err := photo.ReadManifest(ref, manifest); err != nil || m.State != photo.Rejected || !m.Discarded() {
		t.Errorf("the manifest: %+v, %v", m, err)
	}
}

func TestBackfillAndSweep(t *testing.T) {
	t.Parallel()
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
	wantIn(t, o.run(t, 0, "backfill"), "3 originals, 2 up to date", "1 event sent")
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
	wantIn(t, o.run(t, 0, "sweep"), "3 photos", "1 without an original", "0 without a manifest for 1h0m0s", "1 changed less than 1h0m0s ago", "1 event sent")
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
	wantIn(t, o.run(t, 0, "sweep", "--rejected-days", "1"), "0 rejected, with originals older than 1 day", "0 events sent")

	// One variant changes its size and another only its bytes, and one is left behind.
	named := map[photo.Ref]string{}
	for e, err := range o.variants.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range refs[1:] {
			if strings.HasPrefix(e.Key, ref.Prefix()) && e.Key != ref.ManifestKey() && named[ref] == "" {
				named[ref] = e.Key
				size := e.Bytes
				if ref == refs[1] {
					size++
				}
				o.put(t, o.variants, e.Key, make([]byte, size))
			}
		}
	}
	wantIn(t, o.run(t, 0, "backfill", "--dry-run"), "2 originals, 1 up to date", "1: a variant has another size")
	wantIn(t, o.run(t, 0, "backfill", "--verify"), "2 originals, 0 up to date", "1: a variant has another size", "1: a variant has other bytes", "2 events sent")
	o.work(t)
	wantIn(t, o.run(t, 0, "backfill", "--verify"), "2 originals, 2 up to date", "0 events sent")
	left := refs[1].VariantKey("large", strings.Repeat("0", 64), photo.JPEG)
	o.put(t, o.variants, left, []byte("left behind"))
	wantIn(t, o.run(t, 0, "sweep", "--dry-run", "--older-than", "0s"), refs[1].Key()+"\tvariants that no manifest names: 1", "1 event would be sent")
	wantIn(t, o.run(t, 0, "sweep"), "0 with variants that no manifest names", "1 changed less than 1h0m0s ago", "0 events sent")
	o.run(t, 0, "sweep", "--older-than", "0s")
	o.work(t)
	if _, err := o.variants.Head(t.Context(), left); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the variant that no manifest names: %v, want ErrNotFound", err)
	}
	wantIn(t, o.run(t, 1, "sweep", "--uploads-bucket", "nowhere"), "NoSuchBucket")
	wantIn(t, o.run(t, 2, "backfill", "--uploads-bucket", "variants"), "are the same")
}

func TestDeadLettersAreListedAndRedriven(t *testing.T) {
	t.Parallel()
	o := operate(t)
	send := func(body, reason string) {
		t.Helper()
		in := &awssqs.SendMessageInput{QueueUrl: &o.dead, MessageBody: &body}
		if reason != "" {
			in.MessageAttributes = map[string]types.MessageAttributeValue{sqsqueue.AttributeReason: {DataType: aws.String("String"), StringValue: &reason}}
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

	wantIn(t, o.run(t, 0, "redrive", "--dry-run", "--reason", "too-often"), "13 messages", "12 selected")
	wantIn(t, o.run(t, 0, "redrive", "--older-than", "1h"), "0 selected", "0 messages moved")
	if n := len(o.bodies(t, o.queue)); n != 0 {
		t.Fatalf("%d messages were moved", n)
	}
	wantIn(t, o.run(t, 0, "redrive", "--reason", "too-often", "--max", "5"), "13 messages", "5 selected", "5 messages moved")
	wantIn(t, o.run(t, 0, "redrive", "--reason", "too-often"), "8 messages", "7 selected", "7 messages moved")
	moved := o.bodies(t, o.queue)
	if len(slices.Compact(slices.Clone(moved))) != 12 || len(moved) != 12 || slices.Contains(moved, "hello") {
		t.Errorf("moved %q", moved)
	}
	if left := o.bodies(t, o.dead); !slices.Equal(left, []string{"hello"}) {
		t.Errorf("left %q", left)
	}
	wantIn(t, o.run(t, 2, "redrive", "--queue-url", "", "--dead-letter-queue-url", o.dead), "QUEUE_URL (--queue-url) is not set")
	wantIn(t, o.run(t, 2, "redrive", "--dead-letter-queue-url", o.queue), "the same queue")
}

// TestInterruptedCommand stops a redrive in the middle, as a user does.
func TestInterruptedCommand(t *testing.T) {
	t.Parallel()
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
	wantIn(t, string(out)+stderr.String(), "1 message moved", "interrupted: run it again")
	if left := o.bodies(t, o.dead); len(left) != 4 {
		t.Errorf("%d messages are left to be seen, want 4", len(left))
	}
}

// TestTerminalEscapesAreQuoted: nobody who may send messages or put objects can write escape sequences to the
// operator's terminal.
func TestTerminalEscapesAreQuoted(t *testing.T) {
	const evil = "a\x1b]0;owned\x07\x1b[2J\rb\u202ec"
	event := s3event.Format(s3event.Event{Name: "ObjectCreated:Put", Bucket: "uploads", Key: evil})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	letters := []queue.Message{{ID: evil, Body: event, Reason: evil, Sent: at}, {ID: "2", Body: evil, Reason: "two\nlines\tand tabs", Sent: at}}
	var out strings.Builder
	showLetters(&out, letters, true, at.Add(time.Minute))
	for _, r := range out.String() {
		if !strconv.IsPrint(r) && r != '\n' {
			t.Errorf("%q is in\n%q", r, out.String())
		}
	}
	wantIn(t, out.String(), `"a\x1b]0;owned\a\x1b[2J\rb\u202ec"`, `"two\nlines\tand tabs"`)
	if n := strings.Count(out.String(), "\n"); n != 8 {
		t.Errorf("%d lines, want 8:\n%s", n, out.String())
	}
}

package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/worker/photo"
)

// TestCommandsKnowBothQueues runs the operator's commands on a system that routes.
func TestCommandsKnowBothQueues(t *testing.T) {
	t.Parallel()
	o := operate(t)
	policy := func(dead string) map[string]string {
		return map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":5}`, o.emulator.QueueARN(dead))}
	}
	for name, attributes := range map[string]map[string]string{"fair": policy("fair-dead"), "sharing": policy("dead"), "bare": nil} {
		if err := o.emulator.EnsureQueue("fair-dead", nil); err != nil {
			t.Fatal(err)
		}
		if err := o.emulator.EnsureQueue(name, attributes); err != nil {
			t.Fatal(err)
		}
	}
	named := func(queue string) *string { return aws.String(o.queue[:len(o.queue)-len("photos")] + queue) }
	send := func(queue, body, board string) {
		t.Helper()
		in := &awssqs.SendMessageInput{QueueUrl: named(queue), MessageBody: &body}
		if board != "" {
			in.MessageGroupId = &board
		}
		if _, err := o.sqs.SendMessage(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	// received receives and deletes every message of a queue, and returns each as body and group.
	received := func(queue string) (all []string) {
		t.Helper()
		out, err := o.sqs.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: named(queue), MaxNumberOfMessages: 10,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{"MessageGroupId"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range out.Messages {
			all = append(all, *m.Body+" of "+m.Attributes["MessageGroupId"])
		}
		slices.Sort(all)
		return all
	}
	o.env = append(o.env, "PHOTOS_QUEUE_URL="+*named("fair"))
	send("dead", "an event", "")
	send("fair-dead", "one", "cats")
	send("fair-dead", "two", "dogs")
	wantIn(t, o.run(t, 0, "dlq", "list"), "Dead letters of the events:\n1 message\n", "Dead letters of the photos:\n2 messages\n")
	if out := o.run(t, 0, "dlq", "list", "--max", "1"); len(out) == 0 || slices.Contains([]byte(out), '2') {
		t.Errorf("of one message: %s", out)
	}
	wantIn(t, o.run(t, 0, "redrive", "--max", "2"), "1 message moved", "2 messages\n", "1 selected")
	wantIn(t, o.run(t, 0, "redrive"), "0 messages moved", "1 message moved")
	if events, photos := received("photos"), received("fair"); !slices.Equal(events, []string{"an event of "}) || !slices.Equal(photos, []string{"one of cats", "two of dogs"}) {
		t.Errorf("redriven to the events %q and to the photos %q", events, photos)
	}

	ref := photo.Ref{Board: "cats", ID: photo.NewID()}
	o.put(t, o.uploads, ref.Key(), []byte("not a photo"))
	wantIn(t, o.run(t, 0, "backfill"), "1 event sent")
	wantIn(t, o.run(t, 0, "sweep", "--older-than", "0s"), "1 event sent")
	if events, photos := received("photos"), received("fair"); len(events) != 0 || len(photos) != 2 || photos[0][len(photos[0])-len(" of cats"):] != " of cats" {
		t.Errorf("backfill and sweep sent %q to the events and %q to the photos", events, photos)
	}

	send("dead", "an event", "")
	if out := o.run(t, 0, "dlq", "list", "--photos-queue-url", *named("sharing")); out[:len("1 message\n")] != "1 message\n" {
		t.Errorf("a dead-letter queue of both queues: %s", out)
	}
	wantIn(t, o.run(t, 1, "dlq", "list", "--photos-queue-url", *named("bare")), "bare has no redrive policy")
}

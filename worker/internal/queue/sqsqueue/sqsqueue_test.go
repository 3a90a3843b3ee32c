package sqsqueue

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/fake/fakesqs/fakesqstest"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

// emulator is a running SQS emulator.
type emulator struct{ client *awssqs.Client }

func start(t *testing.T) emulator {
	t.Helper()
	_, endpoint := fakesqstest.Start(t)
	return emulator{fakesqstest.Client(endpoint, func(o *awssqs.Options) { o.RetryMaxAttempts = 1 })}
}

// create makes a queue. Its redrive policy names the queue target, unless that is empty.
func (e emulator) create(t *testing.T, name, target string) (url string) {
	t.Helper()
	out, err := e.client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		t.Fatal(err)
	}
	if target != "" {
		policy := `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:` + target + `","maxReceiveCount":5}`
		_, err := e.client.SetQueueAttributes(t.Context(), &awssqs.SetQueueAttributesInput{QueueUrl: out.QueueUrl, Attributes: map[string]string{"RedrivePolicy": policy}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return *out.QueueUrl
}

// open is the open function of the conformance suite.
func (e emulator) open(t *testing.T, kind queuetest.DeadLetterQueue) (q, dead queue.Queue) {
	name := "q-" + rand.Text()
	switch kind {
	case queuetest.None:
		return New(e.client, e.create(t, name, ""), ""), nil
	case queuetest.Own:
		url := e.create(t, name, "") // SQS refuses a redrive policy that names the queue itself, but not a setting that does
		return New(e.client, url, url), nil
	}
	dead = New(e.client, e.create(t, name+"-dlq", ""), "")
	return New(e.client, e.create(t, name, name+"-dlq"), ""), dead
}

func TestConformance(t *testing.T) {
	queuetest.Conformance(t, start(t).open)
}

func TestDepthCountsDelayedMessages(t *testing.T) {
	e := start(t)
	url := e.create(t, "photos", "")
	if _, err := e.client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("a"), DelaySeconds: 600}); err != nil {
		t.Fatal(err)
	}
	if got, err := New(e.client, url, "").Depth(t.Context()); err != nil || got != (queue.Depth{Delayed: 1}) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := New(e.client, url+"-gone", "").Depth(t.Context()); err == nil {
		t.Errorf("a queue that does not exist: %+v", got)
	}
}

func TestSecondsAreRoundedUp(t *testing.T) {
	for d, want := range map[time.Duration]int32{0: 0, time.Nanosecond: 1, time.Second: 1, 1500 * time.Millisecond: 2, 12 * time.Hour: 43200} {
		if got := seconds(d); got != want {
			t.Errorf("seconds(%v) = %d, want %d", d, got, want)
		}
	}
}

package sqsqueue

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/fake/fakesqs/fakesqstest"
	"darkroom/worker/internal/depth"
)

func TestDepth(t *testing.T) {
	_, endpoint := fakesqstest.Start(t)
	client := dial(endpoint)
	create := func(name string, attributes map[string]string) string {
		out, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		return *out.QueueUrl
	}
	dead := create("photos-dlq", nil)
	url := create("photos", map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:photos-dlq","maxReceiveCount":5}`})
	send := func(url string, delay int32) {
		if _, err := client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("a"), DelaySeconds: delay}); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		send(url, 0)
	}
	send(url, 600)
	send(dead, 0)
	if _, err := client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 1}); err != nil {
		t.Fatal(err)
	}
	q := New(client, url, "")
	if got, err := q.Depth(t.Context()); err != nil || got != (depth.Depth{Visible: 2, InFlight: 1, Delayed: 1}) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := q.DeadLetters(t.Context()); err != nil || got != (depth.Depth{Visible: 1}) {
		t.Errorf("dead letters %+v, %v", got, err)
	}
	if got, err := New(client, dead, "").DeadLetters(t.Context()); !errors.Is(err, depth.ErrNone) {
		t.Errorf("dead letters of a queue without: %+v, %v", got, err)
	}
	if got, err := New(client, url+"-gone", "").Depth(t.Context()); err == nil {
		t.Errorf("no such queue: %+v", got)
	}
}

package fakesqs_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/local/fake/fakesqs/fakesqstest"
)

// endpoint is the SQS under test: the one at SQS_ENDPOINT, with the credentials and region of the environment if there
// are any, or an emulator.
type endpoint struct {
	*testing.T
	client *sqs.Client
	prefix string // prefix of queue names, unique to the run
}

func dial(t *testing.T) *endpoint {
	t.Helper()
	e := &endpoint{T: t, prefix: "conformance-" + strings.ToLower(rand.Text()[:10])}
	url := os.Getenv("SQS_ENDPOINT")
	if url == "" {
		_, url := fakesqstest.Start(t)
		e.client = newClient(url)
		return e
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	if _, err := cfg.Credentials.Retrieve(t.Context()); err != nil {
		e.client = newClient(url) // an emulator accepts any credentials
		return e
	}
	e.client = sqs.NewFromConfig(cfg, func(o *sqs.Options) { o.BaseEndpoint = &url })
	return e
}

func newClient(url string) *sqs.Client {
	return fakesqstest.Client(url, func(o *sqs.Options) { o.RetryMaxAttempts = 1 })
}

// TestConformance checks that an SQS behaves as this project needs. SQS_ENDPOINT names the SQS to check instead of the
// emulator, for example
//
//	SQS_ENDPOINT=http://127.0.0.1:9324 go test ./deploy/local/fake/fakesqs -run Conformance
//
// It creates queues with names of its own and deletes them. Behaviour that takes longer than a second is tested on the
// core.
func TestConformance(t *testing.T) {
	for name, test := range map[string]func(*endpoint){
		"CreateQueue": testCreateQueue, "QueueURL": testQueueURL, "MissingQueue": testMissingQueue,
		"ListQueues": testListQueues, "Attributes": testAttributes, "InvalidAttributes": testInvalidAttributes,
		"RedrivePolicy": testRedrivePolicy, "Tags": testTags, "FIFO": testFIFO,
		"SendReceiveDelete": testSendReceiveDelete, "SystemAttributes": testSystemAttributes,
		"MessageAttributes": testMessageAttributes, "InvalidMessages": testInvalidMessages, "ReceiveLimits": testReceiveLimits,
		"SendBatch": testSendBatch, "DeleteBatch": testDeleteBatch, "VisibilityBatch": testVisibilityBatch,
		"BatchRules": testBatchRules, "Counts": testCounts, "Visibility": testVisibility, "VisibilityLimits": testVisibilityLimits,
		"StaleHandle": testStaleHandle, "Delay": testDelay, "LongPoll": testLongPoll, "DeadLetterQueue": testDeadLetterQueue,
		"MoveTask": testMoveTask, "MoveTaskErrors": testMoveTaskErrors, "Purge": testPurge, "Size": testSize,
		"MessageGroup": testMessageGroup, "InvalidMessageGroup": testInvalidMessageGroup, "Fairness": testFairness,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(dial(t))
		})
	}
}

// queue creates a queue, which is deleted after the test, and returns its URL.
func (e *endpoint) queue(suffix string, attributes map[string]string) *string {
	e.Helper()
	out, err := e.client.CreateQueue(e.Context(), &sqs.CreateQueueInput{QueueName: aws.String(e.prefix + suffix), Attributes: attributes})
	e.must(err)
	e.Cleanup(func() {
		_, err := e.client.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: out.QueueUrl})
		if code(err) != "" && code(err) != "AWS.SimpleQueueService.NonExistentQueue" {
			e.Errorf("clean up: %v", err)
		}
	})
	return out.QueueUrl
}

func (e *endpoint) must(err error) {
	e.Helper()
	if err != nil {
		e.Fatal(err)
	}
}

// fails checks that err has one of these codes.
func (e *endpoint) fails(err error, codes ...string) {
	e.Helper()
	if !slices.Contains(codes, code(err)) {
		e.Errorf("error %v has the code %q, want %v", err, code(err), codes)
	}
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func (e *endpoint) send(url *string, body string) string {
	e.Helper()
	out, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body})
	e.must(err)
	return *out.MessageId
}

// receive receives up to n messages, waiting up to ten seconds for the first.
func (e *endpoint) receive(url *string, n int32, change func(*sqs.ReceiveMessageInput)) []types.Message {
	e.Helper()
	in := &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: n, WaitTimeSeconds: 10}
	if change != nil {
		change(in)
	}
	out, err := e.client.ReceiveMessage(e.Context(), in)
	e.must(err)
	return out.Messages
}

// receiveOne receives exactly one message.
func (e *endpoint) receiveOne(url *string, change func(*sqs.ReceiveMessageInput)) types.Message {
	e.Helper()
	got := e.receive(url, 1, change)
	if len(got) != 1 {
		e.Fatalf("received %d messages, want 1", len(got))
	}
	return got[0]
}

// receiveNone checks that nothing can be received now.
func (e *endpoint) receiveNone(url *string) {
	e.Helper()
	if got := e.receive(url, 10, func(in *sqs.ReceiveMessageInput) { in.WaitTimeSeconds = 0 }); len(got) != 0 {
		e.Fatalf("received %d messages, want none", len(got))
	}
}

func (e *endpoint) attributes(url *string, names ...types.QueueAttributeName) map[string]string {
	e.Helper()
	if len(names) == 0 {
		names = []types.QueueAttributeName{types.QueueAttributeNameAll}
	}
	out, err := e.client.GetQueueAttributes(e.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: names})
	e.must(err)
	return out.Attributes
}

func (e *endpoint) equal(what string, got, want any) {
	e.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		e.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// eventually waits up to a minute until ok reports true: changes take AWS a moment.
func (e *endpoint) eventually(what string, ok func() bool) {
	e.Helper()
	for start := time.Now(); !ok(); {
		if time.Since(start) > time.Minute {
			e.Fatalf("not within a minute: %s", what)
		}
		select {
		case <-e.Context().Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// counts returns the visible, in-flight and delayed messages of a queue.
func (e *endpoint) counts(url *string) string {
	e.Helper()
	a := e.attributes(url)
	return fmt.Sprint(a["ApproximateNumberOfMessages"], " ", a["ApproximateNumberOfMessagesNotVisible"], " ", a["ApproximateNumberOfMessagesDelayed"])
}

// deadLetterPair creates a queue and its dead-letter queue.
func (e *endpoint) deadLetterPair(maxReceives any) (source, dead *string) {
	e.Helper()
	dead = e.queue("-dlq", nil)
	return e.queue("", map[string]string{"VisibilityTimeout": "30", "RedrivePolicy": e.redrive(dead, maxReceives)}), dead
}

func (e *endpoint) redrive(dead *string, maxReceives any) string {
	e.Helper()
	b, err := json.Marshal(map[string]any{"deadLetterTargetArn": e.arn(dead), "maxReceiveCount": maxReceives})
	e.must(err)
	return string(b)
}

func (e *endpoint) arn(url *string) string {
	e.Helper()
	return e.attributes(url, types.QueueAttributeNameQueueArn)["QueueArn"]
}

func (e *endpoint) setVisibility(url, handle *string, seconds int32) error {
	_, err := e.client.ChangeMessageVisibility(e.Context(),
		&sqs.ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: seconds})
	return err
}

func (e *endpoint) deleteMessage(url, handle *string) error {
	_, err := e.client.DeleteMessage(e.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: handle})
	return err
}

package sqsadmin

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/deploy/local/fake/fakesqs/fakesqstest"
	"darkroom/worker/internal/deadletter"
	"darkroom/worker/internal/deadletter/lettertest"
)

// serve starts the emulator and returns a client of it.
func serve(t *testing.T) *awssqs.Client {
	t.Helper()
	_, endpoint := fakesqstest.Start(t)
	return fakesqstest.Client(endpoint)
}

func create(t *testing.T, client *awssqs.Client, attributes map[string]string) (url string) {
	t.Helper()
	created, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: aws.String("q-" + rand.Text()), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return *created.QueueUrl
}

func TestConformance(t *testing.T) {
	client := serve(t)
	lettertest.Conformance(t, func(t *testing.T) (lettertest.Queue, func(body, reason string)) {
		url := create(t, client, nil)
		return New(client, url), func(body, reason string) {
			in := &awssqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}
			if reason != "" {
				in.MessageAttributes = map[string]types.MessageAttributeValue{deadletter.ReasonAttribute: {DataType: aws.String("String"), StringValue: &reason}}
			}
			if _, err := client.SendMessage(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestDeadLetters(t *testing.T) {
	client := serve(t)
	dead := create(t, client, nil)
	out, err := client.GetQueueAttributes(t.Context(), &awssqs.GetQueueAttributesInput{QueueUrl: &dead, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}})
	if err != nil {
		t.Fatal(err)
	}
	queue := create(t, client, map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":5}`, out.Attributes["QueueArn"])})
	if got, err := DeadLetters(t.Context(), client, queue); err != nil || got != dead {
		t.Errorf("got %q, %v, want %q", got, err, dead)
	}
	if got, err := DeadLetters(t.Context(), client, dead); err == nil || !strings.Contains(err.Error(), "no redrive policy") {
		t.Errorf("a queue without one: %q, %v", got, err)
	}
	if _, err := DeadLetters(t.Context(), client, queue+"-none"); err == nil {
		t.Error("no queue: no error")
	}
}

// failing answers a batch with entries that failed, first by SQS's fault and then by the sender's.
type failing struct{ batches [][]string }

func (f *failing) Do(r *http.Request) (*http.Response, error) {
	var in struct{ Entries []struct{ Id string } }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range in.Entries {
		ids = append(ids, e.Id)
	}
	f.batches = append(f.batches, ids)
	answer := `{"Failed":[{"Id":"1","Code":"InternalError","Message":"m","SenderFault":false},{"Id":"2","Code":"InvalidMessageContents","Message":"m","SenderFault":true}]}`
	if len(f.batches) > 1 {
		answer = `{"Failed":[]}`
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

func TestPartsOfABatchThatFail(t *testing.T) {
	for name, do := range map[string]func(context.Context, *Queue) []error{
		"send": func(ctx context.Context, q *Queue) []error { return q.Send(ctx, []string{"a", "b", "c"}) },
		"delete": func(ctx context.Context, q *Queue) []error {
			return q.Delete(ctx, []deadletter.Letter{{Receipt: "a"}, {Receipt: "b"}, {Receipt: "c"}})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &failing{}
			errs := do(t.Context(), New(fakesqstest.Client("http://sqs.invalid", func(o *awssqs.Options) { o.HTTPClient = f }), "http://sqs.invalid/1/q"))
			if len(errs) != 3 || errs[0] != nil || errs[1] != nil || errs[2] == nil || !strings.Contains(errs[2].Error(), "InvalidMessageContents") {
				t.Errorf("%s: %v, want an error of the third alone", name, errs)
			}
			if got := fmt.Sprint(f.batches); got != "[[0 1 2] [1]]" {
				t.Errorf("%s: batches of %s, want the second again and alone", name, got)
			}
		})
	}
}

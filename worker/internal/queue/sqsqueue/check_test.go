package sqsqueue

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

// TestCheckOverSQS also makes sure that a check takes no message.
func TestCheckOverSQS(t *testing.T) {
	e := start(t)
	dead, url := e.create(t, "photos-dlq", ""), e.create(t, "photos", "photos-dlq")
	other := e.create(t, "other", "")
	q := New(e.client, url, "")
	if errs := q.Send(t.Context(), queuetest.Texts("a")); errs[0] != nil {
		t.Fatal(errs[0])
	}
	arn, err := q.Check(t.Context())
	if err != nil || !strings.HasPrefix(arn, "arn:aws:sqs:") || !strings.HasSuffix(arn, ":photos") {
		t.Errorf("got %q, %v", arn, err)
	}
	if d, err := q.Depth(t.Context()); err != nil || d != (queue.Depth{Visible: 1}) {
		t.Errorf("depth %+v, %v, want one visible message", d, err)
	}
	if _, err := New(e.client, url+"-none", "").Check(t.Context()); err == nil || !strings.Contains(err.Error(), "photos-none") {
		t.Errorf("a queue that does not exist: %v", err)
	}
	for name, tc := range map[string]struct {
		q    *Queue
		want error // errAny for any
	}{
		"of the redrive policy": {New(e.client, url, ""), nil},
		"configured":            {New(e.client, url, dead), nil},
		"without a policy":      {New(e.client, other, dead), nil},
		"none":                  {New(e.client, other, ""), queue.ErrNoDeadLetterQueue},
		"another":               {New(e.client, url, other), errOtherDeadLetterQueue},
		"does not exist":        {New(e.client, url, dead+"-none"), errAny},
	} {
		if err := tc.q.CheckDeadLetters(t.Context()); !errors.Is(err, tc.want) && (tc.want != errAny || err == nil) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

var errAny = errors.New("any")

// httpFunc is an HTTP client that answers by itself.
type httpFunc func(r *http.Request) (*http.Response, error)

func (f httpFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// TestCheckSend also makes sure that a check sends no message.
func TestCheckSend(t *testing.T) {
	e := start(t)
	q := New(e.client, e.create(t, "photos", ""), "")
	if err := q.CheckSend(t.Context()); err != nil {
		t.Error(err)
	}
	if d, err := q.Depth(t.Context()); err != nil || d != (queue.Depth{}) {
		t.Errorf("depth %+v, %v, want an empty queue", d, err)
	}
	if err := New(e.client, q.url+"-none", "").CheckSend(t.Context()); err == nil || !strings.Contains(err.Error(), "photos-none") {
		t.Errorf("a queue that does not exist: %v", err)
	}
	for name, tc := range map[string]struct {
		status int
		text   string
		ok     bool
	}{
		"the delay is refused": {200, `{"Failed":[{"Id":"0","Code":"InvalidParameterValue","SenderFault":true}]}`, true},
		"the whole request is": {400, `{"__type":"com.amazonaws.sqs#InvalidParameterValue"}`, true},
		"no permission":        {403, `{"__type":"AccessDeniedException"}`, false},
		"an entry is denied":   {200, `{"Failed":[{"Id":"0","Code":"AccessDenied"}]}`, false},
		"500":                  {500, ``, false},
	} {
		a := &answers{status: tc.status, texts: []string{tc.text}}
		if err := a.queue().CheckSend(t.Context()); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCheckFailsLikeAConsumer has SQS give an answer to one operation, and succeed otherwise.
func TestCheckFailsLikeAConsumer(t *testing.T) {
	const receipt = `{"Failed":[{"Id":"0","Code":"ReceiptHandleIsInvalid","SenderFault":true}]}`
	for name, tc := range map[string]struct {
		operation string
		status    int
		text      string
		ok        bool
	}{
		"all is well":                  {ok: true},
		"no permission to look":        {"GetQueueAttributes", 403, `{"__type":"AccessDeniedException"}`, false},
		"no permission to delete":      {"DeleteMessageBatch", 403, `{"__type":"AccessDeniedException"}`, false},
		"no permission to delete, 400": {"DeleteMessageBatch", 400, `{"__type":"com.amazonaws.sqs#AccessDenied"}`, false},
		"an entry may not be deleted":  {"DeleteMessageBatch", 200, `{"Failed":[{"Id":"0","Code":"AccessDenied"}]}`, false},
		"no permission to extend":      {"ChangeMessageVisibilityBatch", 403, `{"__type":"AccessDeniedException"}`, false},
		"key":                          {"ChangeMessageVisibilityBatch", 400, `{"__type":"KmsDisabled"}`, false},
		"credentials":                  {"DeleteMessageBatch", 403, `{"__type":"InvalidClientTokenId"}`, false},
		"500":                          {"DeleteMessageBatch", 500, ``, false},
		"the whole request is refused for the receipt": {"DeleteMessageBatch", 400, `{"__type":"com.amazonaws.sqs#ReceiptHandleIsInvalid"}`, true},
		"another word for the receipt":                 {"ChangeMessageVisibilityBatch", 400, `{"__type":"InvalidParameterValue"}`, true},
		"deleted, as some emulators say":               {"DeleteMessageBatch", 200, `{"Successful":[{"Id":"0"}]}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			client := sqs.New(sqs.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://sqs.invalid"), RetryMaxAttempts: 1,
				Credentials: credentials.NewStaticCredentialsProvider("test", "test-secret", ""),
				HTTPClient: httpFunc(func(r *http.Request) (*http.Response, error) {
					operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
					status, text := 200, receipt
					switch operation {
					case tc.operation:
						status, text = tc.status, tc.text
					case "GetQueueAttributes":
						text = `{"Attributes":{"QueueArn":"arn:aws:sqs:us-east-1:1:q"}}`
					}
					return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
						Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text)), Request: r}, nil
				})})
			if _, err := New(client, "http://sqs.invalid/1/q", "").Check(t.Context()); (err == nil) != tc.ok {
				t.Errorf("got %v", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := start(t)
	if _, err := New(e.client, e.create(t, "q", ""), "").Check(ctx); err == nil {
		t.Error("nobody waited for an answer, and there is one")
	}
}

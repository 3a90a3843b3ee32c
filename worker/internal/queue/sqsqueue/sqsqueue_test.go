package sqsqueue

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/fake/fakesqs/fakesqstest"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

func dial(url string) *awssqs.Client {
	return fakesqstest.Client(url, func(o *awssqs.Options) { o.RetryMaxAttempts = 1 })
}

func TestConformance(t *testing.T) {
	_, endpoint := fakesqstest.Start(t)
	client := dial(endpoint)
	queuetest.Conformance(t, func(t *testing.T, redrive bool) queuetest.World {
		name := "q-" + rand.Text()
		create := func(name string, attributes map[string]string) *string {
			out, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
			if err != nil {
				t.Fatal(err)
			}
			return out.QueueUrl
		}
		var attributes map[string]string
		dead := create(name+"-dlq", nil)
		if redrive {
			attributes = map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:` + name + `-dlq","maxReceiveCount":5}`}
		}
		url := create(name, attributes)
		return queuetest.World{
			Queue: New(client, *url, ""),
			Send: func(body string) {
				if _, err := client.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: url, MessageBody: &body}); err != nil {
					t.Error(err)
				}
			},
			DeadLetters: func() (all []queuetest.DeadLetter) {
				out, err := client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: dead, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"}})
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range out.Messages {
					all = append(all, queuetest.DeadLetter{Message: queue.Message{ID: *m.MessageId, Body: *m.Body}, Reason: *m.MessageAttributes[AttributeReason].StringValue})
				}
				return all
			},
		}
	})
}

// TestBatchAnswers holds the queue to what the emulator never says.
func TestBatchAnswers(t *testing.T) {
	batch := []queue.Message{{ID: "a", Receipt: "ra"}, {ID: "b", Receipt: "rb"}, {ID: "c", Receipt: "rc"}}
	for name, tc := range map[string]struct {
		status int
		answer string
		want   []string // of each entry's error; empty means none
	}{
		"all done":          {200, `{"Successful":[{"Id":"0"},{"Id":"1"},{"Id":"2"}]}`, []string{"", "", ""}},
		"one failed":        {200, `{"Successful":[{"Id":"2"},{"Id":"0"}],"Failed":[{"Id":"1","Code":"InternalError","Message":"later","SenderFault":false}]}`, []string{"", "message b: InternalError: later", ""}},
		"an entry missing":  {200, `{"Successful":[{"Id":"0"},{"Id":"1"},{"Id":"7"},{"Id":"x"}]}`, []string{"", "", "lacks"}},
		"the call failed":   {503, `{"__type":"com.amazonaws.sqs#ServiceUnavailable"}`, []string{"ServiceUnavailable", "ServiceUnavailable", "ServiceUnavailable"}},
		"a bad call":        {400, `{"__type":"com.amazonaws.sqs#InvalidParameterValue"}`, []string{"InvalidParameterValue", "InvalidParameterValue", "InvalidParameterValue"}},
		"an empty answer":   {200, `{}`, []string{"lacks", "lacks", "lacks"}},
		"answered by chaff": {200, `<html>`, []string{"deserializ", "deserializ", "deserializ"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/x-amz-json-1.0")
				w.WriteHeader(tc.status)
				w.Write([]byte(tc.answer))
			}))
			defer server.Close()
			q := New(dial(server.URL), server.URL+"/1/q", "")
			var changes []queue.VisibilityChange
			for _, m := range batch {
				changes = append(changes, queue.VisibilityChange{Message: m, Timeout: time.Minute})
			}
			for call, errs := range map[string][]error{"delete": q.Delete(t.Context(), batch), "visibility": q.SetVisibility(t.Context(), changes)} {
				for i, want := range tc.want {
					switch err := errs[i]; {
					case want == "" && err != nil:
						t.Errorf("%s, entry %d: %v", call, i, err)
					case want != "" && (err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, queue.ErrLeaseLost)):
						t.Errorf("%s, entry %d: %v, want %q", call, i, err, want)
					}
				}
			}
		})
	}
}

func TestDeadLetterURL(t *testing.T) {
	const queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/photos"
	for policy, want := range map[string]string{
		`{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:photos-dlq","maxReceiveCount":"5"}`: "https://sqs.eu-west-1.amazonaws.com/123456789012/photos-dlq",
		``:                           "",
		`{`:                          "",
		`{"deadLetterTargetArn":""}`: "",
	} {
		url, err := deadLetterURL(queue, policy)
		if url != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v", policy, url, err)
		}
	}
}

func TestSecondsAreRoundedUp(t *testing.T) {
	for d, want := range map[time.Duration]int32{0: 0, time.Nanosecond: 1, time.Second: 1, 1500 * time.Millisecond: 2, 12 * time.Hour: 43200} {
		if got := seconds(d); got != want {
			t.Errorf("seconds(%v) = %d, want %d", d, got, want)
		}
	}
}

package sqsqueue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/local/fake/fakesqs/fakesqstest"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

// answers is an SQS that gives prepared answers, repeats the last one, and records the entries of each request.
type answers struct {
	status  int
	texts   []string
	batches [][]string
}

func (a *answers) Do(r *http.Request) (*http.Response, error) {
	var in struct{ Entries []struct{ Id string } }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, err
	}
	var ids []string
	for _, e := range in.Entries {
		ids = append(ids, e.Id)
	}
	text := a.texts[min(len(a.batches), len(a.texts)-1)]
	a.batches = append(a.batches, ids)
	return &http.Response{StatusCode: a.status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

func (a *answers) queue() *Queue {
	client := fakesqstest.Client("http://sqs.invalid", func(o *awssqs.Options) { o.HTTPClient, o.RetryMaxAttempts = a, 1 })
	return New(client, "http://sqs.invalid/1/q", "")
}

// batchCalls are the three batch operations on messages a, b and c.
var batchCalls = map[string]func(ctx context.Context, q *Queue) []error{
	"send":   func(ctx context.Context, q *Queue) []error { return q.Send(ctx, queuetest.Texts("a", "b", "c")) },
	"delete": func(ctx context.Context, q *Queue) []error { return q.Delete(ctx, threeMessages) },
	"visibility": func(ctx context.Context, q *Queue) []error {
		var changes []queue.VisibilityChange
		for _, m := range threeMessages {
			changes = append(changes, queue.VisibilityChange{Message: m, Timeout: time.Minute})
		}
		return q.SetVisibility(ctx, changes)
	},
}

var threeMessages = []queue.Message{{ID: "a", Receipt: "ra"}, {ID: "b", Receipt: "rb"}, {ID: "c", Receipt: "rc"}}

// TestBatchAnswers has SQS give answers that the emulator never gives.
func TestBatchAnswers(t *testing.T) {
	const failed = `{"Successful":[{"Id":"2"},{"Id":"0"}],"Failed":[{"Id":"1","Code":"InternalError","Message":"later","SenderFault":false}]}`
	for name, tc := range map[string]struct {
		status int
		answer string
		want   []string // part of each entry's error; empty for none
	}{
		"all done":          {200, `{"Successful":[{"Id":"0"},{"Id":"1"},{"Id":"2"}]}`, []string{"", "", ""}},
		"one failed":        {200, failed, []string{"", "InternalError: later", ""}},
		"an entry missing":  {200, `{"Successful":[{"Id":"0"},{"Id":"1"},{"Id":"7"},{"Id":"x"}]}`, []string{"", "", "lacks"}},
		"the call failed":   {503, `{"__type":"com.amazonaws.sqs#ServiceUnavailable"}`, []string{"ServiceUnavailable", "ServiceUnavailable", "ServiceUnavailable"}},
		"a bad call":        {400, `{"__type":"com.amazonaws.sqs#InvalidParameterValue"}`, []string{"InvalidParameterValue", "InvalidParameterValue", "InvalidParameterValue"}},
		"an empty answer":   {200, `{}`, []string{"lacks", "lacks", "lacks"}},
		"answered by chaff": {200, `<html>`, []string{"deserializ", "deserializ", "deserializ"}},
	} {
		for operation, call := range batchCalls {
			t.Run(name+", "+operation, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a := &answers{status: tc.status, texts: []string{tc.answer}}
					errs := call(t.Context(), a.queue())
					for i, want := range tc.want {
						switch err := errs[i]; {
						case want == "" && err != nil:
							t.Errorf("entry %d: %v", i, err)
						case want != "" && (err == nil || !strings.Contains(err.Error(), want) || errors.Is(err, queue.ErrNotInFlight)):
							t.Errorf("entry %d: %v, want %q", i, err, want)
						}
					}
				})
			})
		}
	}
}

// TestEntriesAreRetried has SQS fail one entry through its own fault and one through the sender's.
func TestEntriesAreRetried(t *testing.T) {
	const first = `{"Successful":[{"Id":"0"}],"Failed":[{"Id":"1","Code":"InternalError","Message":"m","SenderFault":false},` +
		`{"Id":"2","Code":"InvalidMessageContents","Message":"m","SenderFault":true}]}`
	for operation, call := range batchCalls {
		t.Run(operation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &answers{status: 200, texts: []string{first, `{"Successful":[{"Id":"1"}]}`}}
				errs := call(t.Context(), a.queue())
				if len(errs) != 3 || errs[0] != nil || errs[1] != nil || errs[2] == nil || !strings.Contains(errs[2].Error(), "InvalidMessageContents") {
					t.Errorf("%v, want an error of the third entry alone", errs)
				}
				if got := fmt.Sprint(a.batches); got != "[[0 1 2] [1]]" {
					t.Errorf("requests for %s, want one for all and one for the second", got)
				}
			})
		})
	}
}

// TestRetriesOfEntriesEnd has SQS fail one entry for ever, and the caller give up.
func TestRetriesOfEntriesEnd(t *testing.T) {
	const answer = `{"Successful":[{"Id":"0"},{"Id":"2"}],"Failed":[{"Id":"1","Code":"InternalError","Message":"m","SenderFault":false}]}`
	for requests, timeout := range map[int]time.Duration{3: time.Hour, 1: 100 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			a := &answers{status: 200, texts: []string{answer}}
			errs := a.queue().Delete(ctx, threeMessages)
			if len(a.batches) != requests || errs[0] != nil || errs[1] == nil || errs[2] != nil {
				t.Errorf("within %v: %d requests, want %d; %v", timeout, len(a.batches), requests, errs)
			}
		})
	}
}

// TestErrorsKeepTheReceiptSecret has SQS repeat a receipt in its answer.
func TestErrorsKeepTheReceiptSecret(t *testing.T) {
	for _, code := range []string{"MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue"} {
		a := &answers{status: 200, texts: []string{`{"Failed":[{"Id":"0","Code":"` + code + `","Message":"Value ra is invalid","SenderFault":true}]}`}}
		errs := a.queue().SetVisibility(t.Context(), []queue.VisibilityChange{{Message: threeMessages[0]}})
		if !errors.Is(errs[0], queue.ErrNotInFlight) || strings.Contains(errs[0].Error(), "ra is") {
			t.Errorf("%s: %v", code, errs[0])
		}
	}
}

package faults

import (
	"maps"
	"net/http"
	"strings"
	"testing"
)

func TestSQSFaults(t *testing.T) {
	const batch = `{"QueueUrl":"q","Entries":[{"Id":"a"},{"Id":"b"}]}`
	for _, c := range []struct {
		name      string
		config    Config
		operation string
		body      string
		upstream  int // status of the server, 0 for 200
		says      string
		status    int // 0: no answer
		answer    string
		reached   string // the body that the server received
		injected  Kind
	}{
		{name: "nothing", operation: "SendMessage", body: "{}", says: "x", status: 200, answer: "x", reached: "{}"},
		{name: "error", config: Config{SQSError: 1}, operation: "DeleteMessage", body: "{}", status: 500, answer: "InternalFailure", injected: Error},
		{name: "lost", config: Config{SQSLost: 1}, operation: "DeleteMessage", body: "{}", reached: "{}", injected: Lost},
		{name: "lost receive", config: Config{SQSLost: 1}, operation: "ReceiveMessage", body: "{}", says: `{"Messages":[{"ReceiptHandle":"r"}]}`, reached: "{}", injected: Lost},
		{name: "an empty receive has nothing to lose", config: Config{SQSLost: 1}, operation: "ReceiveMessage", body: "{}", says: `{}`, status: 200, answer: "{}", reached: "{}"},
		{name: "no loss of a refusal", config: Config{SQSLost: 1}, operation: "DeleteMessage", body: "{}", upstream: 400, says: "no", status: 400, answer: "no", reached: "{}"},
		{name: "no loss of a question", config: Config{SQSLost: 1}, operation: "GetQueueAttributes", body: "{}", says: "x", status: 200, answer: "x", reached: "{}"},
		{name: "partial", config: Config{SQSPartial: 1}, operation: "DeleteMessageBatch", body: batch, says: `{"Successful":[{"Id":"a"}]}`, status: 200,
			answer:  `{"Failed":[{"Id":"b","SenderFault":false,"Code":"InternalError","Message":"The entry failed for an unknown reason."}],"Successful":[{"Id":"a"}]}`,
			reached: `{"Entries":[{"Id":"a"}],"QueueUrl":"q"}`, injected: Partial},
		{name: "partial of one", config: Config{SQSPartial: 1}, operation: "DeleteMessageBatch", body: `{"Entries":[{"Id":"a"}]}`, status: 200,
			answer: `{"Failed":[{"Id":"a","SenderFault":false,"Code":"InternalError","Message":"The entry failed for an unknown reason."}]}`, injected: Partial},
		{name: "partial of a refusal", config: Config{SQSPartial: 1}, operation: "SendMessageBatch", body: batch, upstream: 400, says: "no", status: 400, answer: "no",
			reached: `{"Entries":[{"Id":"a"}],"QueueUrl":"q"}`},
		{name: "partial of no batch", config: Config{SQSPartial: 1}, operation: "DeleteMessageBatch", body: "?", upstream: 400, says: "no", status: 400, answer: "no", reached: "?"},
		{name: "not partial", config: Config{SQSPartial: 1}, operation: "DeleteMessage", body: "{}", says: "x", status: 200, answer: "x", reached: "{}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			upstream := &server{status: c.upstream, answer: c.says}
			front := serve(t, SQS(upstream, c.config))
			status, answer, err := do(t, http.MethodPost, front.URL, c.body, "X-Amz-Target", "AmazonSQS."+c.operation)
			if status != c.status || !strings.Contains(answer, c.answer) || (err != nil) != (c.status == 0) {
				t.Errorf("%d %q %v, want %d %q", status, answer, err, c.status, c.answer)
			}
			_, bodies := upstream.received()
			if reached := strings.Join(bodies, ";"); reached != c.reached {
				t.Errorf("the server received %q, want %q", reached, c.reached)
			}
			want := map[Kind]int{}
			if c.injected != "" {
				want[c.injected] = 1
			}
			if got := counts(t, front.URL); !maps.Equal(got.Injected, want) || got.Requests[c.operation] != 1 || got.Lost[c.operation] != want[Lost] {
				t.Errorf("counts %+v, want %v", got, want)
			}
		})
	}
}

package fakesqs_test

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func testSendBatch(e *endpoint) {
	url := e.queue("", map[string]string{"MaximumMessageSize": "1024"})
	out, err := e.client.SendMessageBatch(e.Context(), &sqs.SendMessageBatchInput{QueueUrl: url, Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("good"), MessageBody: aws.String("a"), MessageAttributes: map[string]types.MessageAttributeValue{"k": {DataType: aws.String("String"), StringValue: aws.String("v")}}},
		{Id: aws.String("large"), MessageBody: aws.String(strings.Repeat("x", 1025))},
		{Id: aws.String("late"), MessageBody: aws.String("b"), DelaySeconds: 900},
	}})
	e.must(err)
	ok := map[string]string{}
	for _, s := range out.Successful {
		ok[*s.Id] = *s.MessageId
	}
	if len(ok) != 2 || ok["good"] == "" || ok["late"] == "" || ok["good"] == ok["late"] {
		e.Errorf("successful: %v", ok)
	}
	if len(out.Failed) != 1 || *out.Failed[0].Id != "large" || *out.Failed[0].Code != "InvalidParameterValue" || !out.Failed[0].SenderFault {
		e.Errorf("failed: %+v", out.Failed)
	}
	e.equal("id", *e.receiveOne(url, nil).MessageId, ok["good"])
	e.receiveNone(url)
}

// batch sends n messages and returns them received.
func (e *endpoint) batch(url *string, n int) []types.Message {
	e.Helper()
	var entries []types.SendMessageBatchRequestEntry
	for i := range n {
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: aws.String(fmt.Sprint("body ", i))})
	}
	_, err := e.client.SendMessageBatch(e.Context(), &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
	e.must(err)
	var got []types.Message
	e.eventually("all of the batch is received", func() bool {
		got = append(got, e.receive(url, 10, nil)...)
		return len(got) == n
	})
	return got
}

func testDeleteBatch(e *endpoint) {
	url := e.queue("", nil)
	m := e.batch(url, 10)
	entries := []types.DeleteMessageBatchRequestEntry{{Id: aws.String("bad"), ReceiptHandle: aws.String("nonsense")}}
	for i := range 9 {
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), ReceiptHandle: m[i].ReceiptHandle})
	}
	out, err := e.client.DeleteMessageBatch(e.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: entries})
	e.must(err)
	if len(out.Successful) != 9 || len(out.Failed) != 1 || *out.Failed[0].Id != "bad" || *out.Failed[0].Code != "ReceiptHandleIsInvalid" {
		e.Errorf("%d successful, failed: %+v", len(out.Successful), out.Failed)
	}
	e.eventually("one remains", func() bool { return e.counts(url) == "0 1 0" })
}

func testVisibilityBatch(e *endpoint) {
	url := e.queue("", nil)
	m := e.batch(url, 3)
	out, err := e.client.ChangeMessageVisibilityBatch(e.Context(), &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
		{Id: aws.String("release"), ReceiptHandle: m[0].ReceiptHandle, VisibilityTimeout: 0},
		{Id: aws.String("extend"), ReceiptHandle: m[1].ReceiptHandle, VisibilityTimeout: 60},
		{Id: aws.String("nonsense"), ReceiptHandle: aws.String("nonsense"), VisibilityTimeout: 60},
		{Id: aws.String("long"), ReceiptHandle: m[2].ReceiptHandle, VisibilityTimeout: 43201},
	}})
	e.must(err)
	failed := map[string]string{}
	for _, f := range out.Failed {
		failed[*f.Id] = *f.Code
	}
	e.equal("failed", failed, map[string]string{"nonsense": "ReceiptHandleIsInvalid", "long": "InvalidParameterValue"})
	e.equal("number of successful", len(out.Successful), 2)
	e.equal("released message", *e.receiveOne(url, nil).MessageId, *m[0].MessageId)
	e.receiveNone(url)
}

func testBatchRules(e *endpoint) {
	url, x := e.queue("", nil), aws.String("x")
	ids := func(n int, id func(i int) string) []*string {
		var s []*string
		for i := range n {
			s = append(s, aws.String(id(i)))
		}
		return s
	}
	for name, c := range map[string]struct {
		ids  []*string
		code string
	}{
		"empty":    {nil, "EmptyBatchRequest"},
		"eleven":   {ids(11, func(i int) string { return fmt.Sprint(i) }), "TooManyEntriesInBatchRequest"},
		"same":     {ids(2, func(int) string { return "same" }), "BatchEntryIdsNotDistinct"},
		"empty id": {ids(1, func(int) string { return "" }), "InvalidBatchEntryId"},
		"colon":    {ids(1, func(int) string { return "a:b" }), "InvalidBatchEntryId"},
		"long":     {ids(1, func(int) string { return strings.Repeat("x", 81) }), "InvalidBatchEntryId"},
	} {
		send, del, vis := []types.SendMessageBatchRequestEntry{}, []types.DeleteMessageBatchRequestEntry{}, []types.ChangeMessageVisibilityBatchRequestEntry{}
		for _, id := range c.ids {
			send = append(send, types.SendMessageBatchRequestEntry{Id: id, MessageBody: x})
			del = append(del, types.DeleteMessageBatchRequestEntry{Id: id, ReceiptHandle: x})
			vis = append(vis, types.ChangeMessageVisibilityBatchRequestEntry{Id: id, ReceiptHandle: x})
		}
		_, err1 := e.client.SendMessageBatch(e.Context(), &sqs.SendMessageBatchInput{QueueUrl: url, Entries: send})
		_, err2 := e.client.DeleteMessageBatch(e.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: del})
		_, err3 := e.client.ChangeMessageVisibilityBatch(e.Context(), &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: url, Entries: vis})
		for i, err := range []error{err1, err2, err3} {
			if code(err) != "AWS.SimpleQueueService."+c.code {
				e.Errorf("%s, operation %d: %v, want %s", name, i, err, c.code)
			}
		}
	}
	e.receiveNone(url)
}

package fakesqs_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func testSendReceiveDelete(e *endpoint) {
	url := e.queue("", nil)
	body := "Grüße, \"photo\" \t\n 📷 \U0001F5BC"
	id := e.send(url, body)
	m := e.receiveOne(url, nil)
	e.equal("message", []string{*m.MessageId, *m.Body}, []string{id, body})
	if len(m.Attributes) != 0 || len(m.MessageAttributes) != 0 || m.MD5OfMessageAttributes != nil {
		e.Errorf("attributes that were not requested: %+v", m)
	}
	e.receiveNone(url)
	e.must(e.deleteMessage(url, m.ReceiptHandle))
	e.must(e.deleteMessage(url, m.ReceiptHandle))
	e.eventually("the queue is empty", func() bool { return e.counts(url) == "0 0 0" })
	e.fails(e.deleteMessage(url, aws.String("nonsense")), "ReceiptHandleIsInvalid")
}

func testSystemAttributes(e *endpoint) {
	url := e.queue("", nil)
	out, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x"),
		MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
			"AWSTraceHeader": {DataType: aws.String("String"), StringValue: aws.String("Root=1-5759e988-bd862e3fe1be46a994272793")}}})
	e.must(err)
	if out.MD5OfMessageSystemAttributes == nil {
		e.Error("no digest of the system attributes")
	}
	now := time.Now().UnixMilli()
	wantNow := func(name, v string) {
		if n, err := strconv.ParseInt(v, 10, 64); err != nil || n < now-60_000 || n > now+60_000 {
			e.Errorf("%s = %q, want about %d", name, v, now)
		}
	}
	all := func(in *sqs.ReceiveMessageInput) {
		in.MessageSystemAttributeNames = []types.MessageSystemAttributeName{"All"}
		in.VisibilityTimeout = 1
	}
	m := e.receiveOne(url, all)
	wantNow("SentTimestamp", m.Attributes["SentTimestamp"])
	wantNow("ApproximateFirstReceiveTimestamp", m.Attributes["ApproximateFirstReceiveTimestamp"])
	if m.Attributes["SenderId"] == "" {
		e.Error("no SenderId")
	}
	e.equal("trace header", m.Attributes["AWSTraceHeader"], "Root=1-5759e988-bd862e3fe1be46a994272793")
	e.equal("receive count", m.Attributes["ApproximateReceiveCount"], "1")
	again := e.receiveOne(url, func(in *sqs.ReceiveMessageInput) {
		//lint:ignore SA1019 the older name of the parameter is what many clients send
		in.AttributeNames = []types.QueueAttributeName{"ApproximateReceiveCount", "SentTimestamp", "ApproximateFirstReceiveTimestamp"}
	})
	e.equal("attributes of the second receive", again.Attributes, map[string]string{"ApproximateReceiveCount": "2",
		"SentTimestamp": m.Attributes["SentTimestamp"], "ApproximateFirstReceiveTimestamp": m.Attributes["ApproximateFirstReceiveTimestamp"]})
}

func testMessageAttributes(e *endpoint) {
	url := e.queue("", nil)
	value := func(kind, s string) types.MessageAttributeValue {
		if strings.HasPrefix(kind, "Binary") {
			return types.MessageAttributeValue{DataType: &kind, BinaryValue: []byte(s)}
		}
		return types.MessageAttributeValue{DataType: &kind, StringValue: &s}
	}
	// These digests are AWS's own.
	out, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("msg"), MessageAttributes: map[string]types.MessageAttributeValue{
		"Help.Me": value("String", "Me"), "Hello": value("String", "There"), "General": value("String", "Kenobi")}})
	e.must(err)
	e.equal("digest of the attributes", *out.MD5OfMessageAttributes, "4c360f3fdafd970e05fae2f149d997f5")
	for _, c := range []struct {
		names []string
		want  string // the digest
		n     int
	}{
		{nil, "", 0}, {[]string{"All"}, "4c360f3fdafd970e05fae2f149d997f5", 3}, {[]string{".*"}, "4c360f3fdafd970e05fae2f149d997f5", 3},
		{[]string{"Foo", "Help"}, "", 0}, {[]string{"Hello", "General"}, "fca026605781cb4126a1e9044df24232", 2},
		{[]string{"Foo", "Hello"}, "a311262e065454b75da111d535b8dacd", 1}, {[]string{"Hel.*"}, "83fee93c1bcd8b9a5a923ffacdc636c7", 2},
	} {
		m := e.receiveOne(url, func(in *sqs.ReceiveMessageInput) { in.MessageAttributeNames = c.names })
		e.equal(fmt.Sprint("digest of ", c.names), aws.ToString(m.MD5OfMessageAttributes), c.want)
		e.equal(fmt.Sprint("number of ", c.names), len(m.MessageAttributes), c.n)
		e.must(e.setVisibility(url, m.ReceiptHandle, 0))
	}
	url = e.queue("-kinds", nil)
	sent := map[string]types.MessageAttributeValue{"n": value("Number.int", "-1.5e3"), "b": value("Binary", "traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01"), "s": value("String.json", "{}")}
	_, err = e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("test"), MessageAttributes: sent})
	e.must(err)
	m := e.receiveOne(url, func(in *sqs.ReceiveMessageInput) { in.MessageAttributeNames = []string{"All"} })
	for name, v := range sent {
		got := m.MessageAttributes[name]
		e.equal(name, []string{*got.DataType, aws.ToString(got.StringValue), string(got.BinaryValue)}, []string{*v.DataType, aws.ToString(v.StringValue), string(v.BinaryValue)})
	}
	many := map[string]types.MessageAttributeValue{}
	for i := range 11 {
		many[fmt.Sprint("a", i)] = value("String", "x")
	}
	for what, bad := range map[string]map[string]types.MessageAttributeValue{
		"eleven": many, "empty": {"a": value("String", "")}, "type": {"a": value("Text", "x")}, "number": {"a": value("Number", "x")},
		"dots": {"a..b": value("String", "x")}, "start": {".a": value("String", "x")}, "reserved": {"AWS.a": value("String", "x")},
	} {
		_, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x"), MessageAttributes: bad})
		if code(err) != "InvalidParameterValue" {
			e.Errorf("attributes %s: %v, want InvalidParameterValue", what, err)
		}
	}
}

func testInvalidMessages(e *endpoint) {
	url := e.queue("", nil)
	for _, body := range []string{"\x00", "a\x0b", "\uffff"} {
		_, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body})
		e.fails(err, "InvalidMessageContents")
	}
	_, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("")})
	e.fails(err, "MissingParameter")
	for _, delay := range []int32{-1, 901} {
		_, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x"), DelaySeconds: delay})
		e.fails(err, "InvalidParameterValue")
	}
	e.receiveNone(url)
}

func testReceiveLimits(e *endpoint) {
	url := e.queue("", nil)
	for _, in := range []sqs.ReceiveMessageInput{{MaxNumberOfMessages: 11}, {MaxNumberOfMessages: -1}, {WaitTimeSeconds: 21},
		{VisibilityTimeout: 43201}, {VisibilityTimeout: -1}} {
		in.QueueUrl = url
		_, err := e.client.ReceiveMessage(e.Context(), &in)
		e.fails(err, "InvalidParameterValue")
	}
}

func testSize(e *endpoint) {
	url := e.queue("", map[string]string{"MaximumMessageSize": "1024"})
	e.send(url, strings.Repeat("x", 1024))
	_, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String(strings.Repeat("x", 1025))})
	e.fails(err, "InvalidParameterValue")
	_, err = e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String(strings.Repeat("x", 1020)),
		MessageAttributes: map[string]types.MessageAttributeValue{"a": {DataType: aws.String("String"), StringValue: aws.String("x")}}})
	e.fails(err, "InvalidParameterValue")
	large := e.queue("-large", nil)
	e.send(large, strings.Repeat("x", 1<<20))
	e.equal("length", len(*e.receiveOne(large, nil).Body), 1<<20)
	half := strings.Repeat("x", 1<<19)
	_, err = e.client.SendMessageBatch(e.Context(), &sqs.SendMessageBatchInput{QueueUrl: large, Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("1"), MessageBody: &half}, {Id: aws.String("2"), MessageBody: aws.String(half + "x")}}})
	e.fails(err, "AWS.SimpleQueueService.BatchRequestTooLong")
}

func testCounts(e *endpoint) {
	url := e.queue("", nil)
	for range 3 {
		e.send(url, "x")
	}
	_, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("later"), DelaySeconds: 900})
	e.must(err)
	e.eventually("three visible, one delayed", func() bool { return e.counts(url) == "3 0 1" })
	m := e.receiveOne(url, nil)
	e.eventually("one in flight", func() bool { return e.counts(url) == "2 1 1" })
	e.must(e.deleteMessage(url, m.ReceiptHandle))
	e.eventually("one deleted", func() bool { return e.counts(url) == "2 0 1" })
}

func testVisibility(e *endpoint) {
	url := e.queue("", map[string]string{"VisibilityTimeout": "1"})
	id := e.send(url, "x")
	first := e.receiveOne(url, nil)
	second := e.receiveOne(url, nil) // when the visibility timeout ends
	e.equal("ids", []string{*first.MessageId, *second.MessageId}, []string{id, id})
	e.must(e.setVisibility(url, second.ReceiptHandle, 30))
	e.receiveNone(url)
	e.must(e.setVisibility(url, second.ReceiptHandle, 0))
	third := e.receiveOne(url, func(in *sqs.ReceiveMessageInput) { in.VisibilityTimeout = 30 })
	if *third.ReceiptHandle == *second.ReceiptHandle {
		e.Error("two receives gave the same receipt handle")
	}
	e.receiveNone(url)
	e.must(e.deleteMessage(url, third.ReceiptHandle))
}

func testVisibilityLimits(e *endpoint) {
	url := e.queue("", nil)
	e.send(url, "x")
	m := e.receiveOne(url, nil)
	e.fails(e.setVisibility(url, m.ReceiptHandle, 43201), "InvalidParameterValue")
	e.fails(e.setVisibility(url, m.ReceiptHandle, -1), "InvalidParameterValue")
	e.fails(e.setVisibility(url, m.ReceiptHandle, 43200), "InvalidParameterValue") // part of the 12 hours has passed
	e.must(e.setVisibility(url, m.ReceiptHandle, 43000))
	e.fails(e.setVisibility(url, aws.String("nonsense"), 1), "ReceiptHandleIsInvalid")
}

func testStaleHandle(e *endpoint) {
	url := e.queue("", map[string]string{"VisibilityTimeout": "1"})
	e.send(url, "x")
	deleted := e.receiveOne(url, nil)
	e.must(e.deleteMessage(url, deleted.ReceiptHandle))
	e.fails(e.setVisibility(url, deleted.ReceiptHandle, 5), "InvalidParameterValue", "ReceiptHandleIsInvalid", "AWS.SimpleQueueService.MessageNotInflight")
	id := e.send(url, "y")
	stale := e.receiveOne(url, nil)
	e.must(e.setVisibility(url, stale.ReceiptHandle, 0))
	fresh := e.receiveOne(url, func(in *sqs.ReceiveMessageInput) { in.VisibilityTimeout = 30 })
	e.equal("id", *fresh.MessageId, id)
	e.must(e.deleteMessage(url, stale.ReceiptHandle)) // succeeds; whether it deletes is SQS's choice
	other := e.queue("-other", nil)
	e.fails(e.setVisibility(other, fresh.ReceiptHandle, 5), "InvalidParameterValue", "ReceiptHandleIsInvalid")
}

func testDelay(e *endpoint) {
	url := e.queue("", map[string]string{"DelaySeconds": "900"})
	e.send(url, "by the queue")
	e.receiveNone(url)
	_, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("by the message"), DelaySeconds: 1})
	e.must(err)
	e.receiveNone(url)
	e.equal("body", *e.receiveOne(url, nil).Body, "by the message")
}

func testLongPoll(e *endpoint) {
	url := e.queue("", map[string]string{"ReceiveMessageWaitTimeSeconds": "20"})
	type result struct {
		m   *sqs.ReceiveMessageOutput
		err error
	}
	poll := func(ctx context.Context) <-chan result {
		c := make(chan result, 1)
		go func() {
			m, err := e.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url})
			c <- result{m, err}
		}()
		return c
	}
	waiting := poll(e.Context())
	id := e.send(url, "x")
	r := <-waiting
	e.must(r.err)
	if len(r.m.Messages) != 1 || *r.m.Messages[0].MessageId != id {
		e.Fatalf("the long poll got %d messages, want the one that was sent", len(r.m.Messages))
	}
	e.must(e.deleteMessage(url, r.m.Messages[0].ReceiptHandle))
	ctx, hangUp := context.WithCancel(e.Context())
	gone := poll(ctx)
	hangUp()
	if r := <-gone; !errors.Is(r.err, context.Canceled) {
		e.Fatalf("a poll that was cancelled returned %v", r.err)
	}
	id = e.send(url, "y")
	e.equal("id of the message after a hung-up poll", *e.receiveOne(url, nil).MessageId, id)
}

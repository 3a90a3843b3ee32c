package fakesqs_test

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func testMessageGroup(e *endpoint) {
	source, dead := e.deadLetterPair(1)
	longest := strings.Repeat("g", 100) + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`"
	_, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: source, MessageBody: aws.String("x"), MessageGroupId: &longest})
	e.must(err)
	named := func(in *sqs.ReceiveMessageInput) {
		in.MessageSystemAttributeNames = []types.MessageSystemAttributeName{"MessageGroupId"}
	}
	want := map[string]string{"MessageGroupId": longest}
	m := e.receiveOne(source, named)
	e.equal("attributes", m.Attributes, want)
	e.must(e.setVisibility(source, m.ReceiptHandle, 0))
	e.receiveNone(source)
	m = e.receiveOne(dead, named)
	e.equal("attributes in the dead-letter queue", m.Attributes, want)
	e.must(e.setVisibility(dead, m.ReceiptHandle, 0))
	e.eventually("the dead letter is visible", func() bool { return e.counts(dead) == "1 0 0" })
	_, err = e.client.StartMessageMoveTask(e.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(e.arn(dead))})
	e.must(err)
	e.equal("attributes after the redrive", e.receiveOne(source, named).Attributes, want)
}

func testInvalidMessageGroup(e *endpoint) {
	url := e.queue("", nil)
	bad := []string{"a b", "ä", "a\n", strings.Repeat("g", 129)}
	entries := []types.SendMessageBatchRequestEntry{{Id: aws.String("good"), MessageBody: aws.String("x"), MessageGroupId: aws.String("g")}}
	for i, g := range bad {
		_, err := e.client.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x"), MessageGroupId: &g})
		e.fails(err, "InvalidParameterValue")
		entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint("bad", i)), MessageBody: aws.String("x"), MessageGroupId: &g})
	}
	out, err := e.client.SendMessageBatch(e.Context(), &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
	e.must(err)
	if len(out.Successful) != 1 || len(out.Failed) != len(bad) || *out.Failed[0].Code != "InvalidParameterValue" {
		e.Errorf("successful: %+v, failed: %+v", out.Successful, out.Failed)
	}
	e.receiveOne(url, nil)
	e.receiveNone(url)
}

// sendGroup sends n messages to a group.
func (e *endpoint) sendGroup(url *string, group string, n int) {
	e.Helper()
	for n > 0 {
		var entries []types.SendMessageBatchRequestEntry
		for i := range min(n, 10) {
			entries = append(entries, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), MessageBody: &group, MessageGroupId: &group})
		}
		out, err := e.client.SendMessageBatch(e.Context(), &sqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
		e.must(err)
		if len(out.Failed) > 0 {
			e.Fatalf("failed: %+v", out.Failed)
		}
		n -= len(entries)
	}
}

// testFairness floods a queue with messages of one group and keeps a hundred of them in flight. Messages of quiet
// groups then overtake the flood, and no message of the flood is lost. SQS's thresholds are approximate, so the test
// allows some messages of the flood among those of the quiet groups.
func testFairness(e *endpoint) {
	url := e.queue("", map[string]string{"VisibilityTimeout": "120"})
	const flood, flying, quiet = 300, 100, 20
	e.sendGroup(url, "flood", flood)
	count := map[string]int{}
	receive := func() {
		for _, m := range e.receive(url, 10, nil) {
			count[strings.TrimRight(*m.Body, "0123456789")]++
		}
	}
	e.eventually("the flood is in flight", func() bool { receive(); return count["flood"] >= flying })
	before := count["flood"]
	for i := range quiet {
		e.sendGroup(url, fmt.Sprint("quiet", i), 1)
	}
	e.eventually("the quiet messages are received", func() bool { receive(); return count["quiet"] == quiet })
	if passed := count["flood"] - before; passed > (flood-before)/2 {
		e.Errorf("%d messages of the flood were received before %d of quiet groups", passed, quiet)
	}
	e.eventually("all are received", func() bool { receive(); return count["flood"] == flood })
}

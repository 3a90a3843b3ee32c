package fakesqs_test

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// deadLetter sends a message and receives it maxReceives times. The next receive moves it to the dead-letter queue.
func (e *endpoint) deadLetter(source *string, maxReceives int) (id string) {
	e.Helper()
	id = e.send(source, "poison")
	for range maxReceives {
		m := e.receiveOne(source, nil)
		e.equal("id", *m.MessageId, id)
		e.must(e.setVisibility(source, m.ReceiptHandle, 0))
	}
	return id
}

func testDeadLetterQueue(e *endpoint) {
	source, dead := e.deadLetterPair(2)
	id := e.send(source, "poison")
	all := func(in *sqs.ReceiveMessageInput) {
		in.MessageSystemAttributeNames = []types.MessageSystemAttributeName{"All"}
	}
	var first, last types.Message
	for i := range 2 {
		last = e.receiveOne(source, all)
		if i == 0 {
			first = last
		}
		e.must(e.setVisibility(source, last.ReceiptHandle, 0))
	}
	e.receiveNone(dead) // the limit is reached, the move waits for the next receive
	e.receiveNone(source)
	m := e.receiveOne(dead, all)
	e.equal("id and body", []string{*m.MessageId, *m.Body}, []string{id, "poison"})
	e.equal("SentTimestamp", m.Attributes["SentTimestamp"], first.Attributes["SentTimestamp"])
	e.equal("DeadLetterQueueSourceArn", m.Attributes["DeadLetterQueueSourceArn"], e.arn(source))
	e.equal("ApproximateReceiveCount", m.Attributes["ApproximateReceiveCount"], "3")
	e.must(e.deleteMessage(source, last.ReceiptHandle)) // without effect
	e.must(e.setVisibility(dead, m.ReceiptHandle, 0))
	e.equal("id", *e.receiveOne(dead, nil).MessageId, id)
}

func testMoveTask(e *endpoint) {
	source, dead := e.deadLetterPair(1)
	old := map[string]bool{}
	for range 2 {
		old[e.deadLetter(source, 1)] = true
		e.receiveNone(source)
	}
	e.eventually("both are dead", func() bool { return e.counts(dead) == "2 0 0" })
	started, err := e.client.StartMessageMoveTask(e.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(e.arn(dead))})
	e.must(err)
	var task types.ListMessageMoveTasksResultEntry
	e.eventually("the task completes", func() bool {
		out, err := e.client.ListMessageMoveTasks(e.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: aws.String(e.arn(dead)), MaxResults: aws.Int32(10)})
		e.must(err)
		if len(out.Results) != 1 {
			e.Fatalf("%d tasks, want 1", len(out.Results))
		}
		task = out.Results[0]
		return *task.Status == "COMPLETED"
	})
	e.equal("moved", []int64{task.ApproximateNumberOfMessagesMoved, *task.ApproximateNumberOfMessagesToMove}, []int64{2, 2})
	if task.TaskHandle != nil || task.DestinationArn != nil || *task.SourceArn != e.arn(dead) || task.StartedTimestamp == 0 {
		e.Errorf("task: %+v", task)
	}
	for range 2 {
		m := e.receiveOne(source, func(in *sqs.ReceiveMessageInput) {
			in.MessageSystemAttributeNames = []types.MessageSystemAttributeName{"ApproximateReceiveCount"}
		})
		e.equal("receive count after the move", m.Attributes["ApproximateReceiveCount"], "1")
		if old[*m.MessageId] {
			e.Error("a redriven message kept its id")
		}
	}
	e.receiveNone(dead)
	_, err = e.client.CancelMessageMoveTask(e.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: started.TaskHandle})
	e.fails(err, "InvalidParameterValue", "AWS.SimpleQueueService.UnsupportedOperation")
}

func testMoveTaskErrors(e *endpoint) {
	source, dead := e.deadLetterPair(1)
	e.deadLetter(source, 1)
	e.receiveNone(source)
	e.deadLetter(source, 1)
	e.receiveNone(source)
	e.eventually("both are dead", func() bool { return e.counts(dead) == "2 0 0" })
	start := func(from string, to *string, rate *int32) (string, error) {
		out, err := e.client.StartMessageMoveTask(e.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: &from, DestinationArn: to, MaxNumberOfMessagesPerSecond: rate})
		if err != nil {
			return "", err
		}
		return *out.TaskHandle, nil
	}
	_, err := start(e.arn(source), nil, nil)
	e.fails(err, "InvalidParameterValue") // it is not a dead-letter queue
	_, err = start(e.arn(dead)+"-none", nil, nil)
	e.fails(err, "ResourceNotFoundException")
	_, err = start(e.arn(dead), aws.String(e.arn(source)+"-none"), nil)
	if missing := (*types.ResourceNotFoundException)(nil); !errors.As(err, &missing) {
		e.Errorf("error %v is not a ResourceNotFoundException", err)
	}
	_, err = start(e.arn(dead), nil, aws.Int32(501))
	e.fails(err, "InvalidParameterValue")
	to := e.queue("-to", nil)
	handle, err := start(e.arn(dead), aws.String(e.arn(to)), aws.Int32(1))
	e.must(err)
	_, err = start(e.arn(dead), nil, nil)
	e.fails(err, "InvalidParameterValue") // a task is running
	_, err = e.client.CancelMessageMoveTask(e.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: &handle})
	e.must(err)
	e.eventually("the task is cancelled", func() bool {
		out, err := e.client.ListMessageMoveTasks(e.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: aws.String(e.arn(dead))})
		e.must(err)
		return *out.Results[0].Status == "CANCELLED"
	})
	_, err = e.client.CancelMessageMoveTask(e.Context(), &sqs.CancelMessageMoveTaskInput{TaskHandle: aws.String("nonsense")})
	e.fails(err, "InvalidParameterValue")
}

package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// queue is one queue of SQS.
type queue struct {
	client *sqs.Client
	url    string
}

func (q queue) send(ctx context.Context, body string) error {
	if _, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.url, MessageBody: &body}); err != nil {
		return fmt.Errorf("send to %s: %w", q.url, err)
	}
	return nil
}

// depth is how many messages a queue has. On AWS the figures are approximate.
type depth struct{ visible, inFlight, delayed int }

func (d depth) total() int { return d.visible + d.inFlight + d.delayed }

func (q queue) depth(ctx context.Context) (d depth, err error) {
	names := []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible, types.QueueAttributeNameApproximateNumberOfMessagesDelayed}
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: names})
	if err != nil {
		return d, fmt.Errorf("attributes of %s: %w", q.url, err)
	}
	for i, into := range []*int{&d.visible, &d.inFlight, &d.delayed} {
		if *into, err = strconv.Atoi(out.Attributes[string(names[i])]); err != nil {
			return d, fmt.Errorf("attribute %s of %s: %w", names[i], q.url, err)
		}
	}
	return d, nil
}

// letter is a message of a dead-letter queue.
type letter struct{ id, body, reason string }

const (
	// reasonAttribute is the message attribute in which a worker says why it gave a message up.
	reasonAttribute = "darkroom-reason"
	// lookTime is how long the messages of a dead-letter queue are hidden from others while they are looked at, seconds.
	lookTime = 120
)

// letters looks at all messages of a dead-letter queue and leaves them there.
func (q queue) letters(ctx context.Context) ([]letter, error) {
	seen := map[string]bool{}
	var all []letter
	for {
		out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: 10, VisibilityTimeout: lookTime,
			WaitTimeSeconds: 1, MessageAttributeNames: []string{reasonAttribute}})
		if err != nil {
			return nil, fmt.Errorf("receive from %s: %w", q.url, err)
		}
		if len(out.Messages) == 0 {
			return all, nil
		}
		for _, m := range out.Messages {
			if id := aws.ToString(m.MessageId); !seen[id] {
				seen[id] = true
				all = append(all, letter{id, aws.ToString(m.Body), aws.ToString(m.MessageAttributes[reasonAttribute].StringValue)})
			}
		}
	}
}

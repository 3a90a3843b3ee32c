package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/testkit/sqsdepth"
)

// queue is an SQS queue.
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

// depth reads the number of messages. On AWS it is approximate.
func (q queue) depth(ctx context.Context) (sqsdepth.Depth, error) {
	return sqsdepth.Read(ctx, q.client, q.url)
}

// letter is a message of a dead-letter queue.
type letter struct{ id, body, reason string }

const (
	// reasonAttribute is the message attribute in which a worker says why it dead-lettered a message.
	reasonAttribute = "darkroom-reason"
	// listVisibility is the visibility timeout in seconds while the messages of a dead-letter queue are listed.
	listVisibility = 120
)

// letters returns all messages of a dead-letter queue. It deletes none.
func (q queue) letters(ctx context.Context) ([]letter, error) {
	seen := map[string]bool{}
	var all []letter
	for {
		out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: 10, VisibilityTimeout: listVisibility,
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

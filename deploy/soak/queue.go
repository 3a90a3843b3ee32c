package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/testkit/sqsdepth"
)

// queues are SQS queues that hold one thing together: the events and the photos, or their dead letters.
type queues struct {
	client *sqs.Client
	urls   []string // the first is the one that S3 sends to, or its dead-letter queue
}

// send sends a message as S3 does.
func (q queues) send(ctx context.Context, body string) error {
	if _, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.urls[0], MessageBody: &body}); err != nil {
		return fmt.Errorf("send to %s: %w", q.urls[0], err)
	}
	return nil
}

// depth reads the number of messages in all queues. On AWS it is approximate.
func (q queues) depth(ctx context.Context) (sqsdepth.Depth, error) {
	return sqsdepth.Read(ctx, q.client, q.urls...)
}

// letter is a message of a dead-letter queue.
type letter struct{ id, body, reason string }

const (
	// reasonAttribute is the message attribute in which a worker says why it dead-lettered a message.
	reasonAttribute = "darkroom-reason"
	// listVisibility is the visibility timeout in seconds while the messages of a dead-letter queue are listed.
	listVisibility = 120
)

// letters returns all messages of the dead-letter queues. It deletes none.
func (q queues) letters(ctx context.Context) (all []letter, err error) {
	for _, url := range q.urls {
		some, err := list(ctx, q.client, url)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// list returns all messages of one dead-letter queue.
func list(ctx context.Context, client *sqs.Client, url string) ([]letter, error) {
	seen := map[string]bool{}
	var all []letter
	for {
		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: listVisibility,
			WaitTimeSeconds: 1, MessageAttributeNames: []string{reasonAttribute}})
		if err != nil {
			return nil, fmt.Errorf("receive from %s: %w", url, err)
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

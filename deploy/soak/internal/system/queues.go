package system

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/deploy/testkit/sqsdepth"
)

// Queues are the SQS queues of the events and of the photos, or their dead-letter queues.
type Queues struct {
	client *sqs.Client
	urls   []string // the first is the one that S3 sends to, or its dead-letter queue
}

// Send sends a message to the first queue, as S3 does.
func (q Queues) Send(ctx context.Context, body string) error {
	if _, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &q.urls[0], MessageBody: &body}); err != nil {
		return fmt.Errorf("send to %s: %w", q.urls[0], err)
	}
	return nil
}

// Depth reads the number of messages in all queues. On AWS it is approximate.
func (q Queues) Depth(ctx context.Context) (sqsdepth.Depth, error) {
	return sqsdepth.Read(ctx, q.client, q.urls...)
}

// Letter is a message of a dead-letter queue.
type Letter struct{ id, Body, Reason string }

const (
	// reasonAttribute is the message attribute in which a worker says why it dead-lettered a message.
	reasonAttribute = "darkroom-reason"
	// readVisibility is the visibility timeout in seconds while the messages of a dead-letter queue are read.
	readVisibility = 120
)

// Messages returns all messages of the dead-letter queues. It deletes none.
func (q Queues) Messages(ctx context.Context) (all []Letter, err error) {
	for _, url := range q.urls {
		some, err := receiveAll(ctx, q.client, url)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// receiveAll returns all messages of one dead-letter queue.
func receiveAll(ctx context.Context, client *sqs.Client, url string) ([]Letter, error) {
	seen := map[string]bool{}
	var all []Letter
	for {
		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: readVisibility,
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
				all = append(all, Letter{id, aws.ToString(m.Body), aws.ToString(m.MessageAttributes[reasonAttribute].StringValue)})
			}
		}
	}
}

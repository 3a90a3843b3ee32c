// Package sqsadmin is what an operator's commands do with SQS: it sends messages, looks through a dead-letter queue and
// finds the one that belongs to a queue.
package sqsadmin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	smithytime "github.com/aws/smithy-go/time"

	"darkroom/worker/internal/deadletter"
)

// Queue is one SQS standard queue. To send to it needs the permission sqs:SendMessage; to look at messages
// sqs:ReceiveMessage and sqs:ChangeMessageVisibility; to delete them sqs:DeleteMessage.
type Queue struct {
	client *sqs.Client
	url    string
}

// New returns the queue with this URL.
func New(client *sqs.Client, url string) *Queue { return &Queue{client: client, url: url} }

// Entries of a batch that SQS itself, and not the sender, failed are tried again.
const (
	attempts   = 3
	retryPause = 200 * time.Millisecond
)

// batchBytes is what the messages of a batch may have together. SQS has raised it, and may not have everywhere:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const batchBytes = 256 << 10

// Send implements enqueue.Queue.
func (q *Queue) Send(ctx context.Context, bodies []string) []error {
	var errs []error
	for len(errs) < len(bodies) {
		rest := bodies[len(errs):]
		n, bytes := 1, len(rest[0])
		for n < len(rest) && bytes+len(rest[n]) <= batchBytes {
			bytes += len(rest[n])
			n++
		}
		errs = append(errs, q.send(ctx, rest[:n])...)
	}
	return errs
}

func (q *Queue) send(ctx context.Context, bodies []string) []error {
	return inBatch(ctx, len(bodies), func(left []int) ([]types.BatchResultErrorEntry, error) {
		entries := make([]types.SendMessageBatchRequestEntry, len(left))
		for i, n := range left {
			entries[i] = types.SendMessageBatchRequestEntry{Id: id(n), MessageBody: &bodies[n]}
		}
		out, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries})
		if err != nil {
			return nil, err
		}
		return out.Failed, nil
	})
}

// Receive implements deadletter.Queue.
func (q *Queue) Receive(ctx context.Context, lease time.Duration) ([]deadletter.Letter, error) {
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &q.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1,
		VisibilityTimeout: int32(lease / time.Second), MessageAttributeNames: []string{deadletter.ReasonAttribute},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{
			types.MessageSystemAttributeNameApproximateReceiveCount, types.MessageSystemAttributeNameSentTimestamp}})
	if err != nil {
		return nil, fmt.Errorf("receive from %s: %w", q.url, err)
	}
	letters := make([]deadletter.Letter, len(out.Messages))
	for i, m := range out.Messages {
		// A number that is missing or odd is shown as 0.
		sent, _ := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64)
		receives, _ := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
		letters[i] = deadletter.Letter{ID: aws.ToString(m.MessageId), Body: aws.ToString(m.Body), Receipt: aws.ToString(m.ReceiptHandle),
			Reason: aws.ToString(m.MessageAttributes[deadletter.ReasonAttribute].StringValue), Sent: time.UnixMilli(sent), Receives: receives}
	}
	return letters, nil
}

// Release implements deadletter.Queue. An entry that SQS refuses is of a lease that has ended.
func (q *Queue) Release(ctx context.Context, letters []deadletter.Letter) error {
	var failed error
	for batch := range slices.Chunk(letters, 10) {
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(batch))
		for i, l := range batch {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: id(i), ReceiptHandle: aws.String(l.Receipt), VisibilityTimeout: 0}
		}
		if _, err := q.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url, Entries: entries}); err != nil {
			failed = errors.Join(failed, fmt.Errorf("release messages of %s: %w", q.url, err))
		}
	}
	return failed
}

// Delete implements deadletter.Queue.
func (q *Queue) Delete(ctx context.Context, letters []deadletter.Letter) []error {
	return inBatch(ctx, len(letters), func(left []int) ([]types.BatchResultErrorEntry, error) {
		entries := make([]types.DeleteMessageBatchRequestEntry, len(left))
		for i, n := range left {
			entries[i] = types.DeleteMessageBatchRequestEntry{Id: id(n), ReceiptHandle: &letters[n].Receipt}
		}
		out, err := q.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: entries})
		if err != nil {
			return nil, err
		}
		return out.Failed, nil
	})
}

func id(n int) *string { return aws.String(strconv.Itoa(n)) }

// inBatch does a batch of n entries and does those again that failed by no fault of theirs. It returns an error, or
// nil, for each.
func inBatch(ctx context.Context, n int, do func(left []int) ([]types.BatchResultErrorEntry, error)) []error {
	errs := make([]error, n)
	left := make([]int, n)
	for i := range left {
		left[i] = i
		errs[i] = ctx.Err()
	}
	for try := 0; try < attempts && len(left) > 0 && ctx.Err() == nil; try++ {
		if try > 0 {
			_ = smithytime.SleepWithContext(ctx, retryPause) // if it is cut short, the calls below fail
		}
		failed, err := do(left)
		if err != nil {
			for _, i := range left {
				errs[i] = err
			}
			return errs
		}
		for _, i := range left {
			errs[i] = nil
		}
		left = nil
		for _, f := range failed {
			i, err := strconv.Atoi(aws.ToString(f.Id))
			if err != nil || i < 0 || i >= n {
				continue // not one of ours
			}
			errs[i] = fmt.Errorf("%s: %s", aws.ToString(f.Code), aws.ToString(f.Message))
			if !f.SenderFault {
				left = append(left, i)
			}
		}
	}
	return errs
}

// DeadLetters returns the URL of the queue that a queue's redrive policy moves messages to. It needs the permissions
// sqs:GetQueueAttributes on the one and sqs:GetQueueUrl on the other.
func DeadLetters(ctx context.Context, client *sqs.Client, queueURL string) (string, error) {
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &queueURL, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameRedrivePolicy}})
	if err != nil {
		return "", fmt.Errorf("attributes of %s: %w", queueURL, err)
	}
	text := out.Attributes[string(types.QueueAttributeNameRedrivePolicy)]
	if text == "" {
		return "", fmt.Errorf("queue %s has no redrive policy, and so no dead-letter queue", queueURL)
	}
	var policy struct {
		Target string `json:"deadLetterTargetArn"`
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return "", fmt.Errorf("redrive policy of %s: %w", queueURL, err)
	}
	target, err := arn.Parse(policy.Target)
	if err != nil {
		return "", fmt.Errorf("redrive policy of %s: %q: %w", queueURL, policy.Target, err)
	}
	found, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &target.Resource, QueueOwnerAWSAccountId: &target.AccountID})
	if err != nil {
		return "", fmt.Errorf("dead-letter queue %s: %w", policy.Target, err)
	}
	return aws.ToString(found.QueueUrl), nil
}

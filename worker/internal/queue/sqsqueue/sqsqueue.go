// Package sqsqueue implements [queue.Queue] with one Amazon SQS standard queue and its dead-letter queue.
//
// Permissions, by operation:
//
//   - Receive: sqs:ReceiveMessage
//   - SetVisibility: sqs:ChangeMessageVisibility
//   - Delete: sqs:DeleteMessage
//   - Send and CheckSend: sqs:SendMessage
//   - DeadLetter: sqs:SendMessage on the dead-letter queue
//   - Depth: sqs:GetQueueAttributes; DeadLetterDepth: the same on the dead-letter queue
//
// Without a configured dead-letter queue, finding it needs sqs:GetQueueAttributes on the queue.
package sqsqueue

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/worker/internal/queue"
)

// Limits are those of every SQS queue:
//
//   - Batch: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html
//   - BatchBytes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
//     (256 KiB for years; the limit has been raised since, but perhaps not everywhere)
//   - MinWait and MaxWait: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
//     (a receive that does not wait asks only some of the servers)
//   - MaxVisibility: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
var Limits = queue.Limits{
	Batch:         10,
	BatchBytes:    256 << 10,
	MinWait:       time.Second,
	MaxWait:       20 * time.Second,
	MaxVisibility: 12 * time.Hour,
}

// Queue is one SQS queue. It implements [queue.Queue].
type Queue struct {
	client *sqs.Client
	url    string

	mu            sync.Mutex
	deadLetterURL string // empty until it is known
}

var _ queue.Queue = (*Queue)(nil)

// New returns the queue with this URL. Bad messages go to the queue with the URL deadLetterURL; if that is empty, to
// the one that the queue's redrive policy names.
func New(client *sqs.Client, url, deadLetterURL string) *Queue {
	return &Queue{client: client, url: url, deadLetterURL: deadLetterURL}
}

// Limits implements [queue.Consumer].
func (q *Queue) Limits() queue.Limits { return Limits }

// Receive implements [queue.Consumer]. SQS counts in whole seconds. Durations are rounded up, here and in
// SetVisibility, so that no visibility timeout ends before the consumer expects it.
func (q *Queue) Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]queue.Message, error) {
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:              &q.url,
		MaxNumberOfMessages:   int32(max),
		WaitTimeSeconds:       seconds(wait),
		VisibilityTimeout:     seconds(visibility),
		MessageAttributeNames: []string{AttributeReason, AttributeSent},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount,
			types.MessageSystemAttributeNameSentTimestamp, types.MessageSystemAttributeNameMessageGroupId},
	})
	if err != nil {
		return nil, fmt.Errorf("receive from %s: %w", q.url, err)
	}
	messages := make([]queue.Message, len(out.Messages))
	for i, m := range out.Messages {
		messages[i] = received(m)
	}
	return messages, nil
}

// received converts a message. One without a receive count counts as new.
func received(m types.Message) queue.Message {
	message := queue.Message{
		ID: aws.ToString(m.MessageId), Body: aws.ToString(m.Body), Receipt: aws.ToString(m.ReceiptHandle), ReceiveCount: 1,
		Reason: aws.ToString(m.MessageAttributes[AttributeReason].StringValue),
		Group:  m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)],
	}
	if n, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)]); err == nil {
		message.ReceiveCount = n
	}
	if ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64); err == nil {
		message.Sent = time.UnixMilli(ms)
	}
	first := aws.ToString(m.MessageAttributes[AttributeSent].StringValue)
	if ms, err := strconv.ParseInt(first, 10, 64); err == nil && time.UnixMilli(ms).Before(message.Sent) {
		message.Sent = time.UnixMilli(ms)
	}
	return message
}

// seconds rounds up to whole seconds.
func seconds(d time.Duration) int32 { return int32((d + time.Second - 1) / time.Second) }

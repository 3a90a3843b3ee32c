// Package sqsqueue is the pool's queue over Amazon SQS.
package sqsqueue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"darkroom/worker/internal/pool"
)

// Queue is one SQS standard queue. It needs the permissions sqs:ReceiveMessage, sqs:DeleteMessage and
// sqs:ChangeMessageVisibility.
type Queue struct {
	client *sqs.Client
	url    string
}

// New returns the queue with this URL.
func New(client *sqs.Client, url string) *Queue { return &Queue{client: client, url: url} }

// Receive implements [pool.Queue]. Durations are cut to whole seconds, as SQS counts them.
func (q *Queue) Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]pool.Message, error) {
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    aws.String(q.url),
		MaxNumberOfMessages:         int32(max),
		WaitTimeSeconds:             seconds(wait),
		VisibilityTimeout:           seconds(visibility),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		return nil, fmt.Errorf("receive from %s: %w", q.url, err)
	}
	messages := make([]pool.Message, 0, len(out.Messages))
	for _, m := range out.Messages {
		// The count is approximate by its name; without one the message counts as new.
		count, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
		if err != nil {
			count = 1
		}
		messages = append(messages, pool.Message{
			ID: aws.ToString(m.MessageId), Body: aws.ToString(m.Body), Receipt: aws.ToString(m.ReceiptHandle), ReceiveCount: count,
		})
	}
	return messages, nil
}

// Delete implements [pool.Queue].
func (q *Queue) Delete(ctx context.Context, m pool.Message) error {
	_, err := q.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(q.url), ReceiptHandle: aws.String(m.Receipt)})
	if err != nil && !leaseLost(err) {
		return fmt.Errorf("delete message %s: %w", m.ID, err)
	}
	return nil
}

// SetVisibility implements [pool.Queue].
func (q *Queue) SetVisibility(ctx context.Context, m pool.Message, d time.Duration) error {
	_, err := q.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: aws.String(q.url), ReceiptHandle: aws.String(m.Receipt), VisibilityTimeout: seconds(d),
	})
	switch {
	case err == nil:
		return nil
	case leaseLost(err):
		return fmt.Errorf("message %s: %w", m.ID, pool.ErrLeaseLost)
	}
	return fmt.Errorf("set visibility of message %s: %w", m.ID, err)
}

// leaseLost reports whether SQS refused a receipt handle because the message is no longer in flight under it. SQS
// says so with MessageNotInflight, with ReceiptHandleIsInvalid, or with an InvalidParameterValue, which a receipt
// of a message that was received again or deleted gives:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
// The parameters that InvalidParameterValue could mean otherwise are within their ranges by the pool's Config.
func leaseLost(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue":
		return true
	}
	return false
}

func seconds(d time.Duration) int32 { return int32(d / time.Second) }

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

	"darkroom/worker/internal/queue"
)

// Queue is one SQS standard queue with its dead-letter queue. It needs the permissions sqs:ReceiveMessage,
// sqs:DeleteMessage and sqs:ChangeMessageVisibility, and sqs:SendMessage on the dead-letter queue. To find that by
// itself it needs sqs:GetQueueAttributes too.
type Queue struct {
	client *sqs.Client
	url    string
	dead   deadLetterQueue
}

// New returns the queue with this URL. Bad messages go to the dead-letter queue with the URL deadLetters; if that is
// empty, to the one that the queue's redrive policy names.
func New(client *sqs.Client, url, deadLetters string) *Queue {
	return &Queue{client: client, url: url, dead: deadLetterQueue{url: deadLetters}}
}

// Receive implements [queue.Queue]. Durations are rounded up to whole seconds, as SQS counts them, here and in
// SetVisibility: a lease ends no earlier than the pool thinks.
func (q *Queue) Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]queue.Message, error) {
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:            aws.String(q.url),
		MaxNumberOfMessages: int32(max),
		WaitTimeSeconds:     seconds(wait),
		VisibilityTimeout:   seconds(visibility),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{
			types.MessageSystemAttributeNameApproximateReceiveCount, types.MessageSystemAttributeNameSentTimestamp},
	})
	if err != nil {
		return nil, fmt.Errorf("receive from %s: %w", q.url, err)
	}
	messages := make([]queue.Message, 0, len(out.Messages))
	for _, m := range out.Messages {
		// The count is approximate by its name; without one the message counts as new.
		count, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
		if err != nil {
			count = 1
		}
		message := queue.Message{ID: aws.ToString(m.MessageId), Body: aws.ToString(m.Body), Receipt: aws.ToString(m.ReceiptHandle), ReceiveCount: count}
		if ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64); err == nil {
			message.Sent = time.UnixMilli(ms)
		}
		messages = append(messages, message)
	}
	return messages, nil
}

// Delete implements [queue.Queue].
func (q *Queue) Delete(ctx context.Context, batch []queue.Message) []error {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(batch))
	for i, m := range batch {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: entryID(i), ReceiptHandle: aws.String(m.Receipt)}
	}
	out, err := q.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(q.url), Entries: entries})
	if err != nil {
		return whole(len(batch), fmt.Errorf("delete messages: %w", err))
	}
	done := make([]*string, len(out.Successful))
	for i, e := range out.Successful {
		done[i] = e.Id
	}
	errs := byEntry(len(batch), done, out.Failed)
	for i, err := range errs {
		if errors.Is(err, queue.ErrLeaseLost) {
			errs[i] = nil // it is gone, or somebody else's
		} else if err != nil {
			errs[i] = fmt.Errorf("delete message %s: %w", batch[i].ID, err)
		}
	}
	return errs
}

// SetVisibility implements [queue.Queue].
func (q *Queue) SetVisibility(ctx context.Context, batch []queue.VisibilityChange) []error {
	entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(batch))
	for i, c := range batch {
		entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: entryID(i), ReceiptHandle: aws.String(c.Message.Receipt), VisibilityTimeout: seconds(c.Timeout)}
	}
	out, err := q.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String(q.url), Entries: entries})
	if err != nil {
		return whole(len(batch), fmt.Errorf("set visibility of messages: %w", err))
	}
	done := make([]*string, len(out.Successful))
	for i, e := range out.Successful {
		done[i] = e.Id
	}
	errs := byEntry(len(batch), done, out.Failed)
	for i, err := range errs {
		if err != nil {
			errs[i] = fmt.Errorf("set visibility of message %s: %w", batch[i].Message.ID, err)
		}
	}
	return errs
}

func entryID(i int) *string { return aws.String(strconv.Itoa(i)) }

// whole gives each of n entries the error of the call.
func whole(n int, err error) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return errs
}

// errNoAnswer is the error of an entry that the answer says nothing of.
var errNoAnswer = errors.New("the answer lacks this entry")

// byEntry returns the errors of n entries from the two lists of an answer.
func byEntry(n int, done []*string, failed []types.BatchResultErrorEntry) []error {
	errs := whole(n, errNoAnswer)
	set := func(id *string, err error) {
		if i, convert := strconv.Atoi(aws.ToString(id)); convert == nil && i >= 0 && i < n {
			errs[i] = err
		}
	}
	for _, id := range done {
		set(id, nil)
	}
	for _, e := range failed {
		set(e.Id, entryError(aws.ToString(e.Code), aws.ToString(e.Message)))
	}
	return errs
}

// entryError returns the error of an entry. SQS says that a message is no longer in flight under a receipt handle
// with MessageNotInflight, with ReceiptHandleIsInvalid, or with an InvalidParameterValue, which a receipt of a message
// that was received again or deleted gives:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
// The parameters that InvalidParameterValue could mean otherwise are within their ranges by what the pool asks for.
func entryError(code, message string) error {
	switch code {
	case "MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue":
		return queue.ErrLeaseLost
	}
	return fmt.Errorf("%s: %s", code, message)
}

// seconds rounds up.
func seconds(d time.Duration) int32 { return int32((d + time.Second - 1) / time.Second) }

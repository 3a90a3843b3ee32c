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
	smithytime "github.com/aws/smithy-go/time"

	"darkroom/worker/internal/queue"
)

// The SDK retries a call that fails. This package retries the entries of a batch that failed through a fault of SQS,
// not of the sender.
const (
	entryAttempts   = 3
	entryRetryPause = 200 * time.Millisecond
)

// Send implements [queue.Sender].
func (q *Queue) Send(ctx context.Context, messages []queue.Outgoing) []error {
	var errs []error
	for len(errs) < len(messages) {
		rest := messages[len(errs):]
		n, bytes := 1, size(rest[0])
		for n < len(rest) && bytes+size(rest[n]) <= Limits.BatchBytes {
			bytes += size(rest[n])
			n++
		}
		errs = append(errs, q.send(ctx, rest[:n])...)
	}
	return errs
}

// size returns the bytes of a message, as the limit of a batch counts them.
func size(m queue.Outgoing) int {
	n := len(m.Body)
	if !m.Sent.IsZero() {
		n += len(AttributeSent) + len(typeNumber) + len(sentValue(m.Sent))
	}
	return n
}

// send sends messages that fit in one request.
func (q *Queue) send(ctx context.Context, messages []queue.Outgoing) []error {
	errs := inBatch(ctx, len(messages), func(indices []int) (succeeded []*string, failed []types.BatchResultErrorEntry, err error) {
		entries := make([]types.SendMessageBatchRequestEntry, len(indices))
		for i, n := range indices {
			entries[i] = types.SendMessageBatchRequestEntry{Id: entryID(n), MessageBody: &messages[n].Body,
				MessageGroupId: groupID(messages[n].Group)}
			if !messages[n].Sent.IsZero() {
				entries[i].MessageAttributes = map[string]types.MessageAttributeValue{
					AttributeSent: {DataType: aws.String(typeNumber), StringValue: aws.String(sentValue(messages[n].Sent))}}
			}
		}
		out, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries})
		if err != nil {
			return nil, nil, err
		}
		for _, e := range out.Successful {
			succeeded = append(succeeded, e.Id)
		}
		return succeeded, out.Failed, nil
	})
	for i, err := range errs {
		if err != nil {
			errs[i] = fmt.Errorf("send to %s: %w", q.url, err)
		}
	}
	return errs
}

// SetVisibility implements [queue.Consumer].
func (q *Queue) SetVisibility(ctx context.Context, batch []queue.VisibilityChange) []error {
	errs := inBatch(ctx, len(batch), func(indices []int) (succeeded []*string, failed []types.BatchResultErrorEntry, err error) {
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(indices))
		for i, n := range indices {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: entryID(n), ReceiptHandle: &batch[n].Message.Receipt,
				VisibilityTimeout: seconds(batch[n].Timeout)}
		}
		out, err := q.client.ChangeMessageVisibilityBatch(ctx,
			&sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url, Entries: entries})
		if err != nil {
			return nil, nil, err
		}
		for _, e := range out.Successful {
			succeeded = append(succeeded, e.Id)
		}
		return succeeded, out.Failed, nil
	})
	for i, err := range errs {
		if err != nil {
			errs[i] = fmt.Errorf("set the visibility timeout of message %s: %w", batch[i].Message.ID, notInFlight(err))
		}
	}
	return errs
}

// Delete implements [queue.Consumer]. A message that is no longer in flight is gone, or another consumer has it.
func (q *Queue) Delete(ctx context.Context, batch []queue.Message) []error {
	errs := inBatch(ctx, len(batch), func(indices []int) (succeeded []*string, failed []types.BatchResultErrorEntry, err error) {
		entries := make([]types.DeleteMessageBatchRequestEntry, len(indices))
		for i, n := range indices {
			entries[i] = types.DeleteMessageBatchRequestEntry{Id: entryID(n), ReceiptHandle: &batch[n].Receipt}
		}
		out, err := q.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.url, Entries: entries})
		if err != nil {
			return nil, nil, err
		}
		for _, e := range out.Successful {
			succeeded = append(succeeded, e.Id)
		}
		return succeeded, out.Failed, nil
	})
	for i, err := range errs {
		if err = notInFlight(err); errors.Is(err, queue.ErrNotInFlight) {
			errs[i] = nil
		} else if err != nil {
			errs[i] = fmt.Errorf("delete message %s: %w", batch[i].ID, err)
		}
	}
	return errs
}

// entryID returns the ID in a request of the entry with this index.
func entryID(index int) *string { return aws.String(strconv.Itoa(index)) }

// entryError says why SQS failed one entry of a batch.
type entryError struct{ code, message string }

func (e *entryError) Error() string { return e.code + ": " + e.message }

// errNoAnswer is the error of an entry that the answer does not mention.
var errNoAnswer = errors.New("the answer lacks this entry")

// inBatch makes a batch call for n entries and repeats it for those that failed by a fault of SQS. It returns an error,
// or nil, for each entry. call makes a request for the entries with these indices and returns what the answer says.
func inBatch(ctx context.Context, n int,
	call func(indices []int) (succeeded []*string, failed []types.BatchResultErrorEntry, err error)) []error {
	errs := make([]error, n)
	pending := make([]int, n)
	for i := range pending {
		pending[i] = i
	}
	for attempt := 1; ; attempt++ {
		succeeded, failed, err := call(pending)
		answer := err
		if answer == nil {
			answer = errNoAnswer
		}
		for _, i := range pending {
			errs[i] = answer
		}
		for _, id := range succeeded {
			if i, ok := entryIndex(id, n); ok {
				errs[i] = nil
			}
		}
		pending = nil
		for _, f := range failed {
			if i, ok := entryIndex(f.Id, n); ok {
				errs[i] = &entryError{aws.ToString(f.Code), aws.ToString(f.Message)}
				if !f.SenderFault {
					pending = append(pending, i)
				}
			}
		}
		if len(pending) == 0 || attempt == entryAttempts || smithytime.SleepWithContext(ctx, entryRetryPause) != nil {
			return errs
		}
	}
}

// entryIndex is the inverse of entryID. It ignores an ID that no entry has.
func entryIndex(id *string, n int) (int, bool) {
	i, err := strconv.Atoi(aws.ToString(id))
	return i, err == nil && i >= 0 && i < n
}

// notInFlight returns a [queue.ErrNotInFlight] in place of the error of an entry that says so. SQS says so with
// MessageNotInflight, ReceiptHandleIsInvalid or InvalidParameterValue. The last is its answer to a receipt whose
// message has been received again or deleted:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
// InvalidParameterValue has no other cause here: the consumer keeps to the queue's limits. The answer's text is dropped
// because it repeats the receipt.
func notInFlight(err error) error {
	var entry *entryError
	if errors.As(err, &entry) {
		switch entry.code {
		case "MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue":
			return queue.ErrNotInFlight
		}
	}
	return err
}

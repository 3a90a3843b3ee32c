package sqsqueue

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/worker/internal/awsfault"
)

// checkReceipt is a receipt handle that no message has.
const checkReceipt = "darkroom-check"

// Check returns the queue's ARN, or an error if a consumer of the queue would fail: the queue does not exist or does
// not answer, or the credentials may not read its attributes, delete messages, or change their visibility timeouts. It
// tries the last two with a receipt that no message has, so it changes nothing. Only a receive can show whether
// messages can be received.
func (q *Queue) Check(ctx context.Context) (arn string, err error) {
	if arn, err = q.arn(ctx, q.url); err != nil {
		return "", err
	}
	deleted, err := q.client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &q.url,
		Entries: []types.DeleteMessageBatchRequestEntry{{Id: aws.String("0"), ReceiptHandle: aws.String(checkReceipt)}}})
	if err == nil {
		err = firstFailure(deleted.Failed)
	}
	if denied(err) {
		return "", fmt.Errorf("delete from %s: %w", q.url, err)
	}
	changed, err := q.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &q.url,
		Entries: []types.ChangeMessageVisibilityBatchRequestEntry{{Id: aws.String("0"), ReceiptHandle: aws.String(checkReceipt)}}})
	if err == nil {
		err = firstFailure(changed.Failed)
	}
	if denied(err) {
		return "", fmt.Errorf("set a visibility timeout in %s: %w", q.url, err)
	}
	return arn, nil
}

// checkDelay is a delay, in seconds, that SQS refuses: 900 is the longest.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatchRequestEntry.html
const checkDelay = 901

// checkBody is the body of a message that every worker deletes without effect, in case a compatible service accepts the
// delay.
const checkBody = `{"Service":"Amazon S3","Event":"s3:TestEvent"}`

// CheckSend returns an error if a sender to the queue would fail: the queue does not exist or does not answer, or the
// credentials may not send messages. It sends a message that SQS refuses for its delay, so it changes nothing.
func (q *Queue) CheckSend(ctx context.Context) error {
	sent, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url,
		Entries: []types.SendMessageBatchRequestEntry{{Id: aws.String("0"), MessageBody: aws.String(checkBody), DelaySeconds: checkDelay}}})
	if err == nil {
		err = firstFailure(sent.Failed)
	}
	if denied(err) {
		return fmt.Errorf("send to %s: %w", q.url, err)
	}
	return nil
}

// errOtherDeadLetterQueue reports that bad messages and those of the redrive policy would go to different queues. An
// operator lists and redrives only one of them.
var errOtherDeadLetterQueue = errors.New("the redrive policy names another dead-letter queue")

// CheckDeadLetters returns an error if there is no dead-letter queue, if it does not exist or does not answer to the
// credentials, or if the queue's redrive policy names another. Only a send can show whether messages can be sent to it.
func (q *Queue) CheckDeadLetters(ctx context.Context) error {
	url, err := q.findDeadLetterURL(ctx)
	if err != nil {
		return err
	}
	if _, err := q.arn(ctx, url); err != nil {
		return err
	}
	policy, err := q.redrivePolicy(ctx)
	if err != nil || policy == "" {
		return err
	}
	if target, err := policyURL(q.url, policy); err != nil || !sameQueue(target, url) {
		return errors.Join(err, fmt.Errorf("%s is not %s: %w", url, target, errOtherDeadLetterQueue))
	}
	return nil
}

// arn returns the ARN of a queue.
func (q *Queue) arn(ctx context.Context, url string) (string, error) {
	arn, err := q.attribute(ctx, url, types.QueueAttributeNameQueueArn)
	if err != nil {
		return "", fmt.Errorf("read the attributes of %s: %w", url, err)
	}
	return arn, nil
}

// firstFailure returns the error of a batch of one.
func firstFailure(failed []types.BatchResultErrorEntry) error {
	if len(failed) == 0 {
		return nil
	}
	return &entryError{aws.ToString(failed[0].Code), aws.ToString(failed[0].Message)}
}

// denied reports whether a request with [checkReceipt] failed for a reason other than that receipt.
func denied(err error) bool {
	if err == nil {
		return false
	}
	code := awsfault.Code(err)
	if entry, ok := err.(*entryError); ok {
		return strings.Contains(entry.code, "AccessDenied") || awsfault.KeyFault(entry.code)
	}
	status := awsfault.Status(err)
	return status == 0 || status == 403 || status >= 500 || awsfault.Settings(err) || awsfault.KeyFault(code) ||
		strings.Contains(code, "AccessDenied") || strings.Contains(code, "NonExistentQueue") ||
		strings.Contains(code, "QueueDoesNotExist")
}

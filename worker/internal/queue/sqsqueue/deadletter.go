package sqsqueue

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/worker/internal/queue"
)

// Message attributes of what DeadLetter sends, all of type String. A message that the redrive policy moved has neither.
const (
	AttributeReason    = "darkroom-reason"     // why the worker sent it
	AttributeMessageID = "darkroom-message-id" // ID of the original message; the copy has its own
)

// maxReasonBytes is the longest reason. If the body alone is as long as SQS allows for a whole message, there is no
// room for a reason: sending fails, and the redrive policy moves the message later.
const maxReasonBytes = 1024

// DeadLetter implements [queue.Sender].
func (q *Queue) DeadLetter(ctx context.Context, m queue.Message, reason string) error {
	url, err := q.findDeadLetterURL(ctx)
	if err != nil {
		return err
	}
	text := func(s string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(s)}
	}
	_, err = q.client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &url, MessageBody: &m.Body, MessageGroupId: groupID(m.Group),
		MessageAttributes: map[string]types.MessageAttributeValue{AttributeReason: text(attributeValue(reason)),
			AttributeMessageID: text(m.ID)},
	})
	if err != nil {
		return fmt.Errorf("send message %s to the dead-letter queue: %w", m.ID, err)
	}
	return nil
}

// DeadLetterQueue returns the dead-letter queue as a queue of its own, for an operator to list and empty.
func (q *Queue) DeadLetterQueue(ctx context.Context) (*Queue, error) {
	url, err := q.findDeadLetterURL(ctx)
	if err != nil {
		return nil, err
	}
	return New(q.client, url, ""), nil
}

// attributeValue makes a reason acceptable as an attribute: it is not empty, not too long, and has only characters that
// XML allows.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func attributeValue(reason string) string {
	reason = strings.Map(func(r rune) rune {
		if r != unicode.ReplacementChar && (unicode.IsGraphic(r) || r == '\n' || r == '\t') {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(reason, "?"))
	if len(reason) > maxReasonBytes {
		reason = strings.ToValidUTF8(reason[:maxReasonBytes], "")
	}
	if reason == "" {
		return "unknown"
	}
	return reason
}

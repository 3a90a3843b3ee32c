package sqsqueue

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/worker/internal/deadletter"
	"darkroom/worker/internal/queue"
)

// Message attributes of what DeadLetter sends. A message that the redrive policy moved has neither.
const (
	AttributeReason    = deadletter.ReasonAttribute
	AttributeMessageID = "darkroom-message-id" // of the message in the queue it came from: the copy has one of its own
)

// reasonMost is the most bytes of a reason. A body may be as long as SQS lets a whole message be, so one of nearly
// that length leaves no room even for a short reason: then sending fails, and the redrive policy takes the message.
const reasonMost = 1024

// deadLetterQueue is where bad messages go, once it is known.
type deadLetterQueue struct {
	mu  sync.Mutex
	url string
}

// DeadLetter implements [queue.Queue].
func (q *Queue) DeadLetter(ctx context.Context, m queue.Message, reason string) error {
	url, err := q.deadLetters(ctx)
	if err != nil {
		return err
	}
	text := func(s string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(s)}
	}
	_, err = q.client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: aws.String(url), MessageBody: aws.String(m.Body),
		MessageAttributes: map[string]types.MessageAttributeValue{AttributeReason: text(clean(reason)), AttributeMessageID: text(m.ID)},
	})
	if err != nil {
		return fmt.Errorf("send message %s to the dead-letter queue: %w", m.ID, err)
	}
	return nil
}

// deadLetters returns the URL of the dead-letter queue. It is looked up once; where there is none it is looked up
// again the next time, since one may have been set meanwhile.
func (q *Queue) deadLetters(ctx context.Context) (string, error) {
	q.dead.mu.Lock()
	defer q.dead.mu.Unlock()
	if q.dead.url != "" {
		return q.dead.url, nil
	}
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(q.url), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameRedrivePolicy},
	})
	if err != nil {
		return "", fmt.Errorf("find the dead-letter queue of %s: %w", q.url, err)
	}
	url, err := deadLetterURL(q.url, out.Attributes[string(types.QueueAttributeNameRedrivePolicy)])
	if err != nil {
		return "", err
	}
	q.dead.url = url
	return url, nil
}

// deadLetterURL returns the URL of the dead-letter queue that a redrive policy names. It is in the account and the
// region of the queue, so its URL differs in the name alone:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
func deadLetterURL(from, policy string) (string, error) {
	var p struct {
		Target string `json:"deadLetterTargetArn"`
	}
	if policy == "" {
		return "", queue.ErrNoDeadLetterQueue
	}
	if err := json.Unmarshal([]byte(policy), &p); err != nil {
		return "", fmt.Errorf("redrive policy of %s: %w", from, err)
	}
	name := p.Target[strings.LastIndexByte(p.Target, ':')+1:]
	if name == "" {
		return "", fmt.Errorf("redrive policy of %s: no queue in %q", from, p.Target)
	}
	return from[:strings.LastIndexByte(from, '/')+1] + name, nil
}

// clean makes a reason a value that SQS takes as an attribute: not empty, and of the characters that XML allows.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func clean(reason string) string {
	reason = strings.Map(func(r rune) rune {
		if r != unicode.ReplacementChar && (unicode.IsGraphic(r) || r == '\n' || r == '\t') {
			return r
		}
		return '?'
	}, strings.ToValidUTF8(reason, "?"))
	if len(reason) > reasonMost {
		reason = strings.ToValidUTF8(reason[:reasonMost], "")
	}
	if reason == "" {
		return "unknown"
	}
	return reason
}

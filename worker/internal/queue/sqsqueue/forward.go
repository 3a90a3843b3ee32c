package sqsqueue

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// AttributeSent is the message attribute that says when a message forwarded from another queue was first sent. It has
// the type Number and counts milliseconds of Unix time, like SQS's own SentTimestamp.
const AttributeSent = "darkroom-sent"

const typeNumber = "Number"

// sentValue is the value of AttributeSent.
func sentValue(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// groupID returns the MessageGroupId of a group, or nil for none. In a standard queue it makes the queue fair:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
func groupID(group string) *string {
	if group == "" {
		return nil
	}
	return aws.String(group)
}

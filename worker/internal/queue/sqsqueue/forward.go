package sqsqueue

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// AttributeSent is the message attribute of a message that comes from another queue: when it was first sent, in
// milliseconds of Unix time, as SQS's own SentTimestamp. It has the type Number.
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

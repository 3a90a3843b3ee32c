// Package sqsdepth reads how many messages SQS queues hold.
package sqsdepth

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Depth counts the messages of a queue. On AWS the counts are approximate.
type Depth struct {
	Visible  int // ready to be received
	InFlight int // received, and neither deleted nor visible again
	Delayed  int // sent with a delay that has not passed
}

// Total returns the number of all messages.
func (d Depth) Total() int { return d.Visible + d.InFlight + d.Delayed }

// Client is the part of [sqs.Client] that Read calls. It needs the permission sqs:GetQueueAttributes.
type Client interface {
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput,
		...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

var attributes = []types.QueueAttributeName{
	types.QueueAttributeNameApproximateNumberOfMessages,
	types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
}

// Read returns the sum of the depths of the queues at these URLs. An attribute that is missing or no number is an
// error.
func Read(ctx context.Context, client Client, queueURLs ...string) (Depth, error) {
	var sum Depth
	for _, url := range queueURLs {
		d, err := read(ctx, client, url)
		if err != nil {
			return Depth{}, err
		}
		sum = Depth{Visible: sum.Visible + d.Visible, InFlight: sum.InFlight + d.InFlight, Delayed: sum.Delayed + d.Delayed}
	}
	return sum, nil
}

// read returns the depth of one queue.
func read(ctx context.Context, client Client, queueURL string) (Depth, error) {
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &queueURL,
		AttributeNames: attributes})
	if err != nil {
		return Depth{}, fmt.Errorf("read the depth of %s: %w", queueURL, err)
	}
	var d Depth
	for i, n := range []*int{&d.Visible, &d.InFlight, &d.Delayed} {
		if *n, err = strconv.Atoi(out.Attributes[string(attributes[i])]); err != nil {
			return Depth{}, fmt.Errorf("read the depth of %s: attribute %s: %w", queueURL, attributes[i], err)
		}
	}
	return d, nil
}

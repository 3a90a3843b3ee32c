package sqsqueue

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/worker/internal/queue"
)

// Depth implements [queue.Inspector].
func (q *Queue) Depth(ctx context.Context) (queue.Depth, error) { return q.depth(ctx, q.url) }

// DeadLetterDepth implements [queue.Inspector].
func (q *Queue) DeadLetterDepth(ctx context.Context) (queue.Depth, error) {
	url, err := q.findDeadLetterURL(ctx)
	if err != nil {
		return queue.Depth{}, err
	}
	d, err := q.depth(ctx, url)
	d.Shared = AccountAndName(url)
	return d, err
}

func (q *Queue) depth(ctx context.Context, url string) (queue.Depth, error) {
	var d queue.Depth
	numbers := map[types.QueueAttributeName]*int{
		types.QueueAttributeNameApproximateNumberOfMessages:           &d.Visible,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible: &d.InFlight,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed:    &d.Delayed,
	}
	in := &sqs.GetQueueAttributesInput{QueueUrl: &url}
	for name := range numbers {
		in.AttributeNames = append(in.AttributeNames, name)
	}
	out, err := q.client.GetQueueAttributes(ctx, in)
	if err != nil {
		return queue.Depth{}, fmt.Errorf("depth of %s: %w", url, err)
	}
	for name, n := range numbers {
		if *n, err = strconv.Atoi(out.Attributes[string(name)]); err != nil {
			return queue.Depth{}, fmt.Errorf("depth of %s: %s: %w", url, name, err)
		}
	}
	return d, nil
}

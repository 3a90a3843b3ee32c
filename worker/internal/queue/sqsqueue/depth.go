package sqsqueue

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/worker/internal/depth"
	"darkroom/worker/internal/queue"
)

// Depth implements [depth.Queue]. It needs the permission sqs:GetQueueAttributes.
func (q *Queue) Depth(ctx context.Context) (depth.Depth, error) { return q.depthOf(ctx, q.url) }

// DeadLetters implements [depth.Queue]. It needs that permission on the dead-letter queue too.
func (q *Queue) DeadLetters(ctx context.Context) (depth.Depth, error) {
	url, err := q.deadLetters(ctx)
	if errors.Is(err, queue.ErrNoDeadLetterQueue) {
		return depth.Depth{}, depth.ErrNone
	}
	if err != nil {
		return depth.Depth{}, err
	}
	return q.depthOf(ctx, url)
}

func (q *Queue) depthOf(ctx context.Context, url string) (depth.Depth, error) {
	var d depth.Depth
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
		return d, fmt.Errorf("look at %s: %w", url, err)
	}
	for name, n := range numbers {
		if *n, err = strconv.Atoi(out.Attributes[string(name)]); err != nil {
			return d, fmt.Errorf("look at %s: %s: %w", url, name, err)
		}
	}
	return d, nil
}

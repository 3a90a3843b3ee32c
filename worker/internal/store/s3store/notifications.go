package s3store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ErrNotifiesOthers reports that a bucket notifies other queues of new objects, and not this one.
var ErrNotifiesOthers = errors.New("the bucket notifies another queue")

// CheckNotifications compares the bucket's notifications with the queue that has this ARN. The error is an
// [ErrNotifiesOthers] if the bucket sends the events of new objects to other queues only. If nobody can see where the
// events go, unseen says why: the worker lacks s3:GetBucketNotification and cannot read the configuration, the store
// has none, or the bucket notifies an SNS topic, a Lambda function or EventBridge. Each of these may pass events on to
// the queue.
func (b *Bucket) CheckNotifications(ctx context.Context, queueARN string) (unseen string, err error) {
	out, err := b.client.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: &b.name})
	if err != nil {
		// The bucket allows everything that a job needs, and a job does not need this.
		return "the configuration cannot be read: " + err.Error(), nil
	}
	var queues []string
	for _, c := range out.QueueConfigurations {
		for _, e := range c.Events {
			if arn := aws.ToString(c.QueueArn); strings.HasPrefix(string(e), "s3:ObjectCreated:") && !slices.Contains(queues, arn) {
				queues = append(queues, arn)
			}
		}
	}
	switch {
	case slices.Contains(queues, queueARN):
		return "", nil
	case out.EventBridgeConfiguration != nil:
		return "the bucket notifies EventBridge", nil
	case len(out.TopicConfigurations) > 0:
		return "the bucket notifies an SNS topic", nil
	case len(out.LambdaFunctionConfigurations) > 0:
		return "the bucket notifies a Lambda function", nil
	case len(queues) == 0:
		return "the bucket notifies nobody of new objects", nil
	}
	return "", fmt.Errorf("s3://%s sends the events of new objects to %s, not to %s: %w", b.name, strings.Join(queues, " and "), queueARN, ErrNotifiesOthers)
}

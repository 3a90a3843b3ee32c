package sqsqueue

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/worker/internal/queue"
)

// findDeadLetterURL returns the URL of the dead-letter queue: the configured one, or else the one of the redrive
// policy. It reads the policy until it finds one, since an operator may add it later. It refuses the queue itself,
// since a message sent there would come straight back.
func (q *Queue) findDeadLetterURL(ctx context.Context) (string, error) {
	q.mu.Lock()
	url := q.deadLetterURL
	q.mu.Unlock()
	known := url != ""
	if !known {
		policy, err := q.redrivePolicy(ctx)
		if err != nil {
			return "", err
		}
		if url, err = policyURL(q.url, policy); err != nil {
			return "", err
		}
	}
	if sameQueue(url, q.url) {
		return "", fmt.Errorf("%s: %w", q.url, queue.ErrOwnDeadLetterQueue)
	}
	if !known {
		q.mu.Lock()
		q.deadLetterURL = url
		q.mu.Unlock()
	}
	return url, nil
}

// redrivePolicy returns the queue's redrive policy, or "" if it has none.
func (q *Queue) redrivePolicy(ctx context.Context) (string, error) {
	policy, err := q.attribute(ctx, q.url, types.QueueAttributeNameRedrivePolicy)
	if err != nil {
		return "", fmt.Errorf("find the dead-letter queue of %s: %w", q.url, err)
	}
	return policy, nil
}

// attribute returns one attribute of a queue, or "" if the queue does not have it.
func (q *Queue) attribute(ctx context.Context, url string, name types.QueueAttributeName) (string, error) {
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{name}})
	if err != nil {
		return "", err
	}
	return out.Attributes[string(name)], nil
}

// policyURL returns the URL of the dead-letter queue that a redrive policy names. That queue is in the account and the
// region of the queue itself, so the two URLs differ only in the name:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
func policyURL(queueURL, policy string) (string, error) {
	if policy == "" {
		return "", fmt.Errorf("%s has no redrive policy: %w", queueURL, queue.ErrNoDeadLetterQueue)
	}
	var p struct {
		Target string `json:"deadLetterTargetArn"`
	}
	if err := json.Unmarshal([]byte(policy), &p); err != nil {
		return "", fmt.Errorf("redrive policy of %s: %w", queueURL, err)
	}
	name := p.Target[strings.LastIndexByte(p.Target, ':')+1:]
	if name == "" {
		return "", fmt.Errorf("redrive policy of %s: %q is not the ARN of a queue", queueURL, p.Target)
	}
	queueURL = strings.TrimRight(queueURL, "/")
	return queueURL[:strings.LastIndexByte(queueURL, '/')+1] + name, nil
}

// Is reports whether q and other are the same queue for the same client.
func (q *Queue) Is(other *Queue) bool { return sameQueue(q.url, other.url) }

// sameQueue reports whether two URLs name the same queue for the same client.
func sameQueue(a, b string) bool { return AccountAndName(a) == AccountAndName(b) }

// AccountAndName returns the part of a URL that identifies the queue: the last two elements of the path, as
// "account/queue". It returns "" if the URL has no path. The client always asks the endpoint that it was configured
// with, so neither the host of a URL nor what comes before the account matters.
func AccountAndName(queueURL string) string {
	u, err := url.Parse(queueURL)
	if err != nil {
		return queueURL
	}
	elements := strings.Split(strings.Trim(path.Clean("/"+u.Path), "/"), "/")
	return strings.Join(elements[max(0, len(elements)-2):], "/")
}

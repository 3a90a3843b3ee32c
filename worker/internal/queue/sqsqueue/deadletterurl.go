package sqsqueue

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"darkroom/worker/internal/queue"
)

// findDeadLetterURL returns the URL of the dead-letter queue: the configured one, or else the one of the redrive policy. It
// reads the policy until it finds one, since an operator may add it later. It refuses the queue itself: a message sent
// there would come straight back.
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
	const policy = types.QueueAttributeNameRedrivePolicy
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &q.url, AttributeNames: []types.QueueAttributeName{policy}})
	if err != nil {
		return "", fmt.Errorf("find the dead-letter queue of %s: %w", q.url, err)
	}
	return out.Attributes[string(policy)], nil
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

// sameQueue reports whether two URLs name one queue for one client. The client always asks the endpoint that it was
// configured with, whatever the URL's host, so that the account and the name decide.
func sameQueue(a, b string) bool { return accountAndName(a) == accountAndName(b) }

// accountAndName returns the last two elements of the path of a queue URL.
func accountAndName(url string) string {
	elements := strings.Split(strings.TrimRight(url, "/"), "/")
	return strings.Join(elements[max(0, len(elements)-2):], "/")
}

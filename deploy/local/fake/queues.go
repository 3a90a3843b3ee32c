package fake

import (
	"fmt"

	"darkroom/deploy/local/fake/fakesqs"
)

// Attributes of the queues:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const (
	maxReceiveCount = 5
	visibility      = "60"      // seconds; a worker extends it while it processes a message
	longPoll        = "20"      // seconds; the maximum
	retention       = "1209600" // seconds: 14 days, the maximum
)

// ensureQueues creates the queues and their dead-letter queues, or updates their attributes.
func ensureQueues(queues *fakesqs.Server) error {
	for _, q := range []struct{ name, deadLetters string }{{Events, EventDeadLetters}, {Photos, PhotosDeadLetters}} {
		if err := queues.EnsureQueue(q.deadLetters, map[string]string{"MessageRetentionPeriod": retention}); err != nil {
			return err
		}
		if err := queues.EnsureQueue(q.name, map[string]string{
			"VisibilityTimeout":             visibility,
			"ReceiveMessageWaitTimeSeconds": longPoll,
			"MessageRetentionPeriod":        retention,
			"RedrivePolicy":                 fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, queues.QueueARN(q.deadLetters), maxReceiveCount),
		}); err != nil {
			return err
		}
	}
	// Purges are received until they are complete, so no number of receives moves them.
	return queues.EnsureQueue(Purges, map[string]string{"VisibilityTimeout": visibility, "ReceiveMessageWaitTimeSeconds": longPoll, "MessageRetentionPeriod": retention})
}

// Package queue is the contract of a queue whose messages are leased, as those of SQS are.
package queue

import (
	"context"
	"errors"
	"time"
)

// Message is one received message and the lease on it.
type Message struct {
	ID           string // stays the same over receives
	Body         string
	Receipt      string    // names this receive when the message is settled; a secret, never logged
	ReceiveCount int       // of this receive, from 1
	Sent         time.Time // when the queue took it; zero where that is not known
	Received     time.Time // set by the pool
}

// VisibilityChange makes a lease end Timeout from now; 0 releases the message.
type VisibilityChange struct {
	Message Message
	Timeout time.Duration
}

// BatchMax is the most messages of one call. It is that of SQS:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html
const BatchMax = 10

// Queue is a queue with leases, as SQS is. Its methods are safe for concurrent use and return soon after their
// context has ended. A batch has 1 to [BatchMax] entries; its errors are by entry, as many as entries, and a call that
// fails as a whole gives each entry its error.
type Queue interface {
	// Receive leases up to max messages (1 to BatchMax), waiting up to wait for the first. The lease lasts for
	// visibility.
	Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]Message, error)
	// Delete removes messages for good. A message that is gone already is no error.
	Delete(ctx context.Context, batch []Message) []error
	// SetVisibility changes when leases end. If a lease is no longer ours the entry's error is an [ErrLeaseLost].
	SetVisibility(ctx context.Context, batch []VisibilityChange) []error
	// DeadLetter sends a copy of the message to the dead-letter queue, and the reason with it. The message itself
	// stays until it is deleted. Without a dead-letter queue the error is an [ErrNoDeadLetterQueue].
	DeadLetter(ctx context.Context, m Message, reason string) error
}

// What queues report.
var (
	// ErrLeaseLost reports that the message is no longer leased under this receipt: it went back to the queue, to
	// another worker or to the dead-letter queue. It is also a cause of the cancellation of a handler's context.
	ErrLeaseLost = errors.New("lease lost")
	// ErrNoDeadLetterQueue reports that the queue has no dead-letter queue.
	ErrNoDeadLetterQueue = errors.New("the queue has no dead-letter queue")
)

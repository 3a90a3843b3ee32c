// Package queue is the contract between the programs of Darkroom and a message queue. A message that is received stays
// in the queue, hidden from others for its visibility timeout, until it is deleted. Delivery is at least once.
//
// An adapter such as sqsqueue implements [Queue]. A consumer asks for the part that it uses. [Meter] measures the calls
// to any queue, [DepthSampler] exports how much a queue holds, and package queuetest has a queue in memory and the
// conformance suite that every implementation passes.
package queue

import (
	"context"
	"errors"
	"time"
)

// Message is one received message.
type Message struct {
	ID           string // stays the same when the message is received again
	Body         string
	Group        string    // group that it was sent with; see [Outgoing]
	Receipt      string    // identifies this receive when the message is settled; a secret, never logged
	ReceiveCount int       // number of this receive, from 1; approximate
	Sent         time.Time // when the message was first sent; zero if unknown
	Received     time.Time // set by the consumer
	Reason       string    // why a worker sent the message to the dead-letter queue; empty for any other message
}

// Outgoing is a message to send.
type Outgoing struct {
	Body string
	// Group is the unit of fairness: the queue returns messages of groups that hold it up after those of other groups.
	// It has up to 128 ASCII letters, digits and punctuation marks. A message without one is a group of its own.
	Group string
	// Sent is when the message was first sent, to the millisecond, if it comes from another queue. Zero means now.
	Sent time.Time
}

// VisibilityChange makes a message visible again after Timeout, counted from now. A timeout of 0 releases the message.
type VisibilityChange struct {
	Message Message
	Timeout time.Duration
}

// Depth is how many messages a queue holds. The numbers may be approximate.
type Depth struct {
	Visible  int // can be received
	InFlight int // received, and neither deleted nor released
	Delayed  int // not yet visible for the first time
	// Shared identifies a dead-letter queue. Two queues can have the same one, which counts once in a sum. It is empty
	// for any other queue, and if no other queue can have the same one.
	Shared string
}

// Limits are what a queue allows. They are constant for one queue.
type Limits struct {
	Batch         int           // most messages in one call
	BatchBytes    int           // most bytes of messages in one request; Send splits what is larger
	MinWait       time.Duration // shortest wait with which a receive misses no message
	MaxWait       time.Duration // longest wait of a receive
	MaxVisibility time.Duration // longest time from a receive until the message is visible again, extensions included
}

// Consumer receives the messages of a queue and settles them.
//
// The methods of Consumer, [Sender] and [Inspector] are safe for concurrent use and return soon after their context has
// ended. A batch has 1 to Limits().Batch entries. A batch method returns one error, or nil, for each entry; a call that
// fails as a whole gives its error to every entry.
type Consumer interface {
	// Limits returns what the queue allows. It makes no call to the queue.
	Limits() Limits
	// Receive returns up to max messages (1 to Limits().Batch) and hides them from others for visibility. It waits up to
	// wait for the first message.
	Receive(ctx context.Context, max int, wait, visibility time.Duration) ([]Message, error)
	// SetVisibility changes when messages become visible again. The error of a message that is no longer in flight under
	// its receipt is an [ErrNotInFlight].
	SetVisibility(ctx context.Context, batch []VisibilityChange) []error
	// Delete removes messages for good. A message that is already gone is no error.
	Delete(ctx context.Context, batch []Message) []error
}

// Sender adds messages to a queue or to its dead-letter queue.
type Sender interface {
	// Send adds messages to the queue.
	Send(ctx context.Context, messages []Outgoing) []error
	// DeadLetter sends a copy of the message, with the reason, to the dead-letter queue. The message itself stays until it
	// is deleted. The error is an [ErrNoDeadLetterQueue] or an [ErrOwnDeadLetterQueue] if there is no queue to send to.
	DeadLetter(ctx context.Context, m Message, reason string) error
}

// Inspector reports how much a queue holds.
type Inspector interface {
	// Depth reports on the queue itself.
	Depth(ctx context.Context) (Depth, error)
	// DeadLetterDepth reports on its dead-letter queue. The error is an [ErrNoDeadLetterQueue] if there is none.
	DeadLetterDepth(ctx context.Context) (Depth, error)
}

// Queue is what an adapter implements.
type Queue interface {
	Consumer
	Sender
	Inspector
}

// Errors of queues.
var (
	// ErrNotInFlight reports that a message is no longer in flight under its receipt: its visibility timeout ended, and it
	// went back to the queue, to another consumer or to the dead-letter queue.
	ErrNotInFlight = errors.New("the visibility timeout has ended")
	// ErrNoDeadLetterQueue reports that the queue has no dead-letter queue.
	ErrNoDeadLetterQueue = errors.New("the queue has no dead-letter queue")
	// ErrOwnDeadLetterQueue reports that the queue is configured as its own dead-letter queue. A message sent there would
	// be received again at once, without end.
	ErrOwnDeadLetterQueue = errors.New("the queue is its own dead-letter queue")
)

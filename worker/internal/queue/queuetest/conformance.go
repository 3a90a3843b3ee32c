package queuetest

import (
	"errors"
	"testing"
	"time"

	"darkroom/worker/internal/queue"
)

// DeadLetterQueue is the kind of dead-letter queue that a queue under test has.
type DeadLetterQueue int

const (
	Separate DeadLetterQueue = iota // messages move to it after five receives
	None
	Own // the queue is its own dead-letter queue by mistake
)

// Conformance checks what consumers rely on. open returns an empty queue with that kind of dead-letter queue, and the
// dead-letter queue itself if it is a separate one.
func Conformance(t *testing.T, open func(t *testing.T, kind DeadLetterQueue) (q, dead queue.Queue)) {
	for name, check := range map[string]func(suite, *testing.T){
		"the limits are set":                                    suite.limits,
		"a message says when it was sent":                       suite.sentTime,
		"a message keeps its group and its first time":          suite.forwarded,
		"an empty queue gives nothing and no error":             suite.empty,
		"no more than asked for, each once":                     suite.askedFor,
		"a released message comes back under the same id":       suite.released,
		"deleted messages are gone":                             suite.deleted,
		"a released message is no longer in flight":             suite.notInFlight,
		"entries of a batch succeed and fail independently":     suite.entries,
		"a batch that is too large for one request is sent":     suite.largeBatch,
		"a wait ends with the context":                          suite.cancelled,
		"a wait ends with a message":                            suite.awaited,
		"nothing happens in a context that has ended":           suite.tooLate,
		"a dead letter has its reason, and the message stays":   suite.deadLettered,
		"a reason of any bytes and any length is delivered":     suite.anyReason,
		"a message without a reason has none":                   suite.noReason,
		"the depth counts visible messages and those in flight": suite.depth,
	} {
		t.Run(name, func(t *testing.T) {
			q, dead := open(t, Separate)
			check(suite{q, dead}, t)
		})
	}
	for name, tc := range map[string]struct {
		kind DeadLetterQueue
		want error
	}{
		"without a dead-letter queue": {None, queue.ErrNoDeadLetterQueue},
		"its own dead-letter queue":   {Own, queue.ErrOwnDeadLetterQueue},
	} {
		t.Run(name, func(t *testing.T) {
			q, _ := open(t, tc.kind)
			suite{queue: q}.refused(t, tc.want)
		})
	}
}

// suite is a queue under test and its dead-letter queue. Its methods are one check each.
type suite struct{ queue, dead queue.Queue }

func (s suite) send(t *testing.T, bodies ...string) {
	t.Helper()
	if errs := s.queue.Send(t.Context(), Texts(bodies...)); len(errs) != len(bodies) || errors.Join(errs...) != nil {
		t.Fatalf("send: %d results for %d messages: %v", len(errs), len(bodies), errors.Join(errs...))
	}
}

func receive(t *testing.T, q queue.Queue, max int) []queue.Message {
	t.Helper()
	got, err := q.Receive(t.Context(), max, 0, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// receiveOne receives the only message of a queue.
func receiveOne(t *testing.T, q queue.Queue) queue.Message {
	t.Helper()
	got := receive(t, q, q.Limits().Batch)
	if len(got) != 1 {
		t.Fatalf("received %d messages, want 1", len(got))
	}
	return got[0]
}

// receiveAll receives until n messages have come or ten receives have been made.
func (s suite) all(t *testing.T, n int) (got []queue.Message) {
	t.Helper()
	for range 10 {
		if got = append(got, receive(t, s.queue, s.queue.Limits().Batch)...); len(got) >= n {
			break
		}
	}
	if len(got) != n {
		t.Fatalf("received %d messages, want %d", len(got), n)
	}
	return got
}

// set changes the visibility timeout of one message.
func (s suite) set(t *testing.T, m queue.Message, d time.Duration) error {
	t.Helper()
	errs := s.queue.SetVisibility(t.Context(), []queue.VisibilityChange{{Message: m, Timeout: d}})
	if len(errs) != 1 {
		t.Fatalf("%d errors for 1 entry", len(errs))
	}
	return errs[0]
}

// Package deadletter lists the messages of a dead-letter queue and moves them back to the queue that they came from.
//
// The only way to read a message is to receive it. So every message is hidden from other consumers while the queue is
// read: none is seen twice. All are released at the end, also when the command is interrupted. If the command is
// killed, its messages become visible again when their visibility timeout ends. Reading counts as a receive of each
// message; that has no effect, since a dead-letter queue has no redrive policy of its own.
package deadletter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"darkroom/worker/internal/printable"
	"darkroom/worker/internal/progress"
	"darkroom/worker/internal/queue"
	"darkroom/worker/plural"
	"darkroom/worker/s3event"
)

// TooOften is the reason of a message that no worker sent to the dead-letter queue: the queue itself moved it, after as
// many receives as its redrive policy allows.
const TooOften = "received-too-often"

// Reason returns why a message is in the dead-letter queue.
func Reason(m queue.Message) string {
	if m.Reason == "" {
		return TooOften
	}
	return m.Reason
}

// Keys returns the object keys of the events in a message, or the beginning of a message that has no events. It quotes
// unprintable text.
func Keys(m queue.Message) string {
	events, err := s3event.Parse(m.Body)
	if len(events) == 0 && err != nil {
		return fmt.Sprintf("%.60q", m.Body)
	}
	var keys []string
	for _, e := range events {
		keys = append(keys, printable.Text(fmt.Sprintf("%.120s", e.Key)))
	}
	return strings.Join(keys, " ")
}

// Filter selects messages. The zero Filter selects all.
type Filter struct {
	Reason    string        // part of the reason, upper or lower case
	OlderThan time.Duration // minimum age; see [queue.Message.Sent]
}

func (f Filter) matches(m queue.Message, now time.Time) bool {
	return strings.Contains(strings.ToLower(Reason(m)), strings.ToLower(f.Reason)) && now.Sub(m.Sent) >= f.OlderThan
}

const (
	// visibility is how long a message is hidden while the queue is read. It is not extended: in a queue that takes longer
	// to read, some messages are received again, but counted once.
	visibility = 2 * time.Minute
	// maxIdleReceives is how many receives in a row may bring nothing new before the queue counts as read. For each
	// batch of hidden messages one more is allowed, because it may bring those back. A receive that waits asks every
	// server of the queue; one more finds what others released meanwhile.
	maxIdleReceives = 2
	// releaseTimeout bounds the release at the end. It also applies to a command that was interrupted.
	releaseTimeout = 30 * time.Second
)

// read receives every message of the queue and calls visit with each batch of messages not seen before. The messages
// that visit returns as held stay hidden until the end. read returns when visit says stop, which is no error, or ctx
// ends.
func read(ctx context.Context, q queue.Consumer,
	visit func(batch []queue.Message) (held []queue.Message, stop bool, err error)) (err error) {
	held := map[string]queue.Message{} // key: ID; each with the receipt of its last receive
	hold := func(messages []queue.Message) {
		for _, m := range messages {
			held[m.ID] = m
		}
	}
	defer func() {
		if failed := release(ctx, q, slices.Collect(maps.Values(held))); failed != nil {
			err = errors.Join(err, fmt.Errorf("some messages stay hidden for up to %v: %w", visibility, failed))
		}
	}()
	limits := q.Limits()
	seen := map[string]bool{}
	for idle := 0; idle < maxIdleReceives+len(held)/limits.Batch; {
		batch, err := q.Receive(ctx, limits.Batch, limits.MinWait, visibility)
		if err != nil {
			return err
		}
		var fresh []queue.Message
		for _, m := range batch {
			if !seen[m.ID] {
				seen[m.ID] = true
				fresh = append(fresh, m)
				continue
			}
			hold([]queue.Message{m}) // its visibility timeout has ended at least once
		}
		if idle++; len(fresh) > 0 {
			idle = 0
		}
		keep, stop, err := visit(fresh)
		hold(keep)
		if stop || err != nil {
			return err
		}
	}
	return nil
}

// release makes messages visible again, also after ctx has ended. One that is visible already is no error.
func release(ctx context.Context, q queue.Consumer, messages []queue.Message) (failed error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	for batch := range slices.Chunk(messages, q.Limits().Batch) {
		changes := make([]queue.VisibilityChange, len(batch))
		for i, m := range batch {
			changes[i] = queue.VisibilityChange{Message: m}
		}
		for _, err := range q.SetVisibility(ctx, changes) {
			if err != nil && !errors.Is(err, queue.ErrNotInFlight) {
				failed = errors.Join(failed, err)
				break // the rest of the batch failed in the same way
			}
		}
	}
	return failed
}

// List returns the messages of the queue, oldest first, or at most max of them if max is not 0.
func List(ctx context.Context, q queue.Consumer, max int, line *progress.Line) ([]queue.Message, error) {
	var all []queue.Message
	err := read(ctx, q, func(batch []queue.Message) ([]queue.Message, bool, error) {
		for _, m := range batch {
			if max == 0 || len(all) < max {
				all = append(all, m)
			}
		}
		line.Step(len(batch), "%s read", plural.Count(len(all), "message"))
		return batch, max > 0 && len(all) == max, nil
	})
	slices.SortFunc(all, func(a, b queue.Message) int { return a.Sent.Compare(b.Sent) })
	return all, err
}

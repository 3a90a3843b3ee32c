// Package deadletter shows what is in a dead-letter queue and puts messages of it back.
//
// To look at a message is to receive it. So each is held under a lease while the queue is gone through, that none is
// seen twice, and released at the end, also when the command is interrupted; what a killed command held comes back
// when its leases end. To look counts as a receive of each, which a queue without a redrive policy of its own, as a
// dead-letter queue is, makes nothing of.
package deadletter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"darkroom/worker/internal/progress"
	"darkroom/worker/s3event"
)

// ReasonAttribute is the message attribute, a String, in which a worker says why it sent a message to the dead-letter
// queue.
const ReasonAttribute = "darkroom-reason"

// TooOften is the reason of a message without that attribute: the queue itself moved it, after as many receives as
// its redrive policy allows.
const TooOften = "received-too-often"

// Letter is a message in the dead-letter queue and the lease on it.
type Letter struct {
	ID       string
	Body     string
	Receipt  string    // a secret, never shown
	Reason   string    // of a worker's, or ""
	Sent     time.Time // when it was sent first, by S3 or by the worker that gave it up
	Receives int       // of both queues; looking adds one
}

// Why returns the reason why the message is here.
func (l Letter) Why() string {
	if l.Reason == "" {
		return TooOften
	}
	return l.Reason
}

// Names returns the keys that the message's events name, or else how it begins.
func (l Letter) Names() string {
	events, err := s3event.Parse(l.Body)
	if len(events) == 0 && err != nil {
		return fmt.Sprintf("%.60q", l.Body)
	}
	var keys []string
	for _, e := range events {
		keys = append(keys, fmt.Sprintf("%.120s", e.Key))
	}
	return strings.Join(keys, " ")
}

// Queue is a dead-letter queue.
type Queue interface {
	// Receive leases up to 10 messages for so long, waiting a second for the first.
	Receive(ctx context.Context, lease time.Duration) ([]Letter, error)
	// Release ends the leases. One that has ended by itself is no error.
	Release(ctx context.Context, letters []Letter) error
	// Delete removes up to 10 messages for good and returns an error, or nil, for each.
	Delete(ctx context.Context, letters []Letter) []error
}

// Filter chooses messages.
type Filter struct {
	Reason    string        // a part of the reason, in any case; "" for every one
	OlderThan time.Duration // since it was sent first
}

func (f Filter) chooses(l Letter, now time.Time) bool {
	return strings.Contains(strings.ToLower(l.Why()), strings.ToLower(f.Reason)) && now.Sub(l.Sent) >= f.OlderThan
}

const (
	// lease is how long messages are held while the queue is gone through, extended by none: of a queue that takes
	// longer some are seen again, and counted once.
	lease = 2 * time.Minute
	// idleMost is after how many receives in a row without anything new the queue counts as gone through, beside those
	// in which what is held may come again. A receive that waits asks all of SQS's servers; one more is for what was
	// let go meanwhile.
	idleMost = 2
	// releaseTimeout bounds the release at the end, also of a command that was interrupted.
	releaseTimeout = 30 * time.Second
)

// visit goes through the queue and shows each message to see, a batch at a time. What that returns is held until the
// end. It ends early when see says stop, which is no error, and with ctx.
func visit(ctx context.Context, q Queue, see func(batch []Letter) (held []Letter, stop bool, err error)) (err error) {
	held := map[string]Letter{} // by id, with the last lease on each
	hold := func(letters []Letter) {
		for _, l := range letters {
			held[l.ID] = l
		}
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
		defer cancel()
		if failed := q.Release(end, slices.Collect(maps.Values(held))); failed != nil {
			err = errors.Join(err, fmt.Errorf("some messages stay hidden for up to %v: %w", lease, failed))
		}
	}()
	seen := map[string]bool{}
	for idle := 0; idle < idleMost+len(held)/10; {
		batch, err := q.Receive(ctx, lease)
		if err != nil {
			return err
		}
		var fresh []Letter
		for _, l := range batch {
			if !seen[l.ID] {
				seen[l.ID] = true
				fresh = append(fresh, l)
				continue
			}
			hold([]Letter{l}) // its first lease has ended
		}
		if idle++; len(fresh) > 0 {
			idle = 0
		}
		keep, stop, err := see(fresh)
		hold(keep)
		if stop || err != nil {
			return err
		}
	}
	return nil
}

// List returns the messages of the queue, or max of them if that is not 0, the oldest first.
func List(ctx context.Context, q Queue, max int, line *progress.Line) ([]Letter, error) {
	var all []Letter
	err := visit(ctx, q, func(batch []Letter) ([]Letter, bool, error) {
		for _, l := range batch {
			if max == 0 || len(all) < max {
				all = append(all, l)
			}
		}
		line.Step(len(batch), "%d messages looked at", len(all))
		return batch, max > 0 && len(all) == max, nil
	})
	slices.SortFunc(all, func(a, b Letter) int { return a.Sent.Compare(b.Sent) })
	return all, err
}

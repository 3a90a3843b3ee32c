package deadletter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/internal/progress"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/sendlimit"
	"darkroom/worker/plural"
)

// moveTimeout bounds the move of one batch.
const moveTimeout = 30 * time.Second

// Choose returns the messages that match the filter, in their order, or at most max of them if max is not 0.
func Choose(messages []queue.Message, f Filter, max int) []queue.Message {
	var chosen []queue.Message
	now := time.Now()
	for _, m := range messages {
		if f.matches(m, now) && (max == 0 || len(chosen) < max) {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// Sender is a queue that messages are moved to.
type Sender interface {
	Send(ctx context.Context, messages []queue.Outgoing) []error
}

// Redrive moves listed messages from the dead-letter queue to another queue, usually the one that they came from. It
// returns how many it moved.
//
// Redrive sends a message before it deletes it. If the delete fails, the message is in both queues, which does no harm:
// reconciling a photo twice is the same as reconciling it once. Redrive moves only listed messages, by ID. A message
// that fails again meanwhile comes back with another ID and stays.
func Redrive(ctx context.Context, from queue.Consumer, to Sender, listed []queue.Message, limits sendlimit.Limits,
	line *progress.Line) (int, error) {
	if err := limits.Validate(); err != nil {
		return 0, err
	}
	if limits.DryRun || len(listed) == 0 {
		return 0, nil
	}
	want := map[string]bool{}
	for _, m := range listed {
		want[m.ID] = true
	}
	limiter, maxBatch := limits.Limiter(from.Limits().Batch)
	moved := 0
	err := read(ctx, from, func(batch []queue.Message) (held []queue.Message, stop bool, err error) {
		var chosen []queue.Message
		for _, m := range batch {
			if want[m.ID] {
				chosen = append(chosen, m)
			} else {
				held = append(held, m)
			}
		}
		for len(chosen) > 0 {
			n := min(len(chosen), maxBatch)
			if err := limiter.WaitN(ctx, n); err != nil {
				return append(held, chosen...), true, err
			}
			gone, err := move(ctx, from, to, chosen[:n])
			moved += gone
			line.Step(gone, "%d of %s moved", moved, plural.Count(len(want), "message"))
			if err != nil {
				return append(held, chosen...), true, err
			}
			chosen = chosen[n:]
		}
		return held, moved >= len(want), nil
	})
	if err == nil && moved < len(want) {
		err = fmt.Errorf("%d of %s not received: deleted meanwhile, or held by another consumer", len(want)-moved,
			plural.Count(len(want), "message"))
	}
	return moved, err
}

// move sends one batch of messages and deletes those that were sent. It ignores the end of ctx once it has begun,
// because nobody knows whether an interrupted request took effect.
func move(ctx context.Context, from queue.Consumer, to Sender, messages []queue.Message) (int, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), moveTimeout)
	defer cancel()
	again := make([]queue.Outgoing, len(messages))
	for i, m := range messages {
		again[i] = queue.Outgoing{Body: m.Body, Group: m.Group}
	}
	var failed error
	var sent []queue.Message
	for i, err := range to.Send(ctx, again) {
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("message %s: %w", messages[i].ID, err))
			continue
		}
		sent = append(sent, messages[i])
	}
	if len(sent) == 0 {
		return 0, failed
	}
	moved := 0
	for i, err := range from.Delete(ctx, sent) {
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("message %s was sent but not deleted, so both queues have it: %w",
				sent[i].ID, err))
			continue
		}
		moved++
	}
	return moved, failed
}

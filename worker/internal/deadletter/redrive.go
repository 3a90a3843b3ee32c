package deadletter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"darkroom/worker/internal/enqueue"
	"darkroom/worker/internal/progress"
)

// moveTimeout bounds the move of a batch.
const moveTimeout = 30 * time.Second

// Choose returns the messages that a filter chooses, in their order, at most max if that is not 0.
func Choose(letters []Letter, f Filter, max int) []Letter {
	var chosen []Letter
	now := time.Now()
	for _, l := range letters {
		if f.chooses(l, now) && (max == 0 || len(chosen) < max) {
			chosen = append(chosen, l)
		}
	}
	return chosen
}

// Redrive sends messages that were listed back to where they came from and then deletes them here. A message is sent
// before it is deleted, so one whose delete fails or is interrupted is there twice, which does no harm: to reconcile
// a photo twice is to reconcile it once. Only what was listed is moved, by its id: a message that comes back here
// meanwhile, because it still fails, has another and stays. It returns how many were moved.
func Redrive(ctx context.Context, from Queue, to enqueue.Queue, listed []Letter, limits enqueue.Limits, line *progress.Line) (int, error) {
	if err := limits.Validate(); err != nil {
		return 0, err
	}
	if limits.DryRun || len(listed) == 0 {
		return 0, nil
	}
	want := map[string]bool{}
	for _, l := range listed {
		want[l.ID] = true
	}
	limiter, batchMost := limits.Limiter()
	moved := 0
	err := visit(ctx, from, func(batch []Letter) (held []Letter, stop bool, err error) {
		var chosen []Letter
		for _, l := range batch {
			if want[l.ID] {
				chosen = append(chosen, l)
			} else {
				held = append(held, l)
			}
		}
		for len(chosen) > 0 {
			n := min(len(chosen), batchMost)
			if err := limiter.WaitN(ctx, n); err != nil {
				return append(held, chosen...), true, err
			}
			gone, err := move(ctx, from, to, chosen[:n])
			moved += gone
			line.Step(gone, "%d of %d messages moved", moved, len(want))
			if err != nil {
				return append(held, chosen...), true, err
			}
			chosen = chosen[n:]
		}
		return held, moved >= len(want), nil
	})
	if err == nil && moved < len(want) {
		err = fmt.Errorf("%d of %d messages were not there any more, or are in another's hands", len(want)-moved, len(want))
	}
	return moved, err
}

// move sends up to 10 messages and deletes those that were sent. Once begun it is not interrupted: of a request that is,
// nobody knows whether it was done.
func move(ctx context.Context, from Queue, to enqueue.Queue, letters []Letter) (int, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), moveTimeout)
	defer cancel()
	bodies := make([]string, len(letters))
	for i, l := range letters {
		bodies[i] = l.Body
	}
	var failed error
	var sent []Letter
	for i, err := range to.Send(ctx, bodies) {
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("send message %s: %w", letters[i].ID, err))
			continue
		}
		sent = append(sent, letters[i])
	}
	if len(sent) == 0 {
		return 0, failed
	}
	gone := 0
	for i, err := range from.Delete(ctx, sent) {
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("message %s is sent and not deleted, so it is there twice: %w", sent[i].ID, err))
			continue
		}
		gone++
	}
	return gone, failed
}

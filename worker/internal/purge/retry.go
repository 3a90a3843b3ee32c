package purge

import (
	"context"
	"slices"
	"time"

	"darkroom/worker/internal/queue"
)

// wait leaves a purge that is not complete for a later check.
func (l *Loop) wait(ctx context.Context, r received) {
	if age := time.Since(r.oldest()); age > overdueAfter {
		l.cfg.Metrics.overdue.Inc()
		l.cfg.Log.Error("a purge is overdue: the CDN has not completed it", "purge", r.Purge, "photos", len(r.refs), "since", r.oldest())
	}
	after := checkEvery
	if r.ReceiveCount > manyChecks {
		after = checkLate
	}
	l.keep(ctx, after, r)
}

// putOff leaves messages for a later attempt, after a failure.
func (l *Loop) putOff(ctx context.Context, err error, messages ...received) {
	if ctx.Err() != nil && context.Cause(ctx) == context.Canceled {
		l.release(ctx, 0, messages...) // this process stops, and another one continues
		return
	}
	photos, receives, oldest := 0, 0, messages[0].oldest()
	for _, r := range messages {
		photos += len(r.refs)
		receives = max(receives, r.ReceiveCount)
		if at := r.oldest(); at.Before(oldest) {
			oldest = at
		}
	}
	after := backoff(receives)
	log, text := l.cfg.Log.Warn, "a purge failed and is retried"
	if time.Since(oldest) > overdueAfter {
		l.cfg.Metrics.overdue.Inc()
		log, text = l.cfg.Log.Error, "a purge is overdue: it failed and is retried"
	}
	log(text, "photos", photos, "since", oldest, "retry_in", after, "check", l.advice(err), "error", err)
	l.keep(ctx, after, messages...)
}

// keep leaves messages in the queue for some time. It sends a message again that the queue may soon discard for its
// age.
func (l *Loop) keep(ctx context.Context, after time.Duration, messages ...received) {
	for _, r := range messages {
		if time.Since(r.Sent) > renewAfter {
			l.replace(ctx, r, r.message)
		} else {
			l.release(ctx, after, r)
		}
	}
}

// replace sends another message and then deletes the one that it replaces.
func (l *Loop) replace(ctx context.Context, r received, by message) {
	if err := l.send(ctx, by); err != nil {
		l.cfg.Log.Warn("cannot send a message to the queue of purges", "check", l.advice(err), "error", err)
		l.release(ctx, lastRetry, r)
		return
	}
	l.remove(ctx, r)
}

// settleTimeout bounds a call to the queue that settles messages. Such a call is made even if ctx has ended.
const settleTimeout = 5 * time.Second

// release gives messages back to the queue, to be received again after some time. If that fails, their visibility
// timeout gives them back.
func (l *Loop) release(ctx context.Context, after time.Duration, messages ...received) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	for chunk := range slices.Chunk(messages, l.queue.Limits().Batch) {
		batch := make([]queue.VisibilityChange, len(chunk))
		for i, r := range chunk {
			batch[i] = queue.VisibilityChange{Message: r.Message, Timeout: after}
		}
		l.settled(l.queue.SetVisibility(ctx, batch))
	}
}

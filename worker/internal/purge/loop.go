package purge

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"darkroom/worker/internal/queue"
	"darkroom/worker/photo"
	"darkroom/worker/wait"
)

const (
	// settle is how long a request waits before its purge. By then a CDN has finished reading a variant that was just
	// being deleted, so the purge finds that copy too.
	settle = 5 * time.Second
	// checkEvery is the time between two checks of a purge. CloudFront reports most of them as complete within 25 s:
	// https://aws.amazon.com/about-aws/whats-new/2026/04/cloudfront-invalidation-cache-tag/
	checkEvery = 10 * time.Second
	// checkLate is that time for a purge that was not complete after manyChecks questions.
	checkLate  = time.Minute
	manyChecks = 12
	// visibility is the visibility timeout of a message while the loop works on it: how long the messages of a worker that
	// was killed wait.
	visibility = 30 * time.Second
	// handleTimeout bounds the work on the collected messages. It is shorter than the visibility timeout minus the time
	// to collect.
	handleTimeout = 20 * time.Second
	// collectFor bounds the time in which requests are collected for one purge.
	collectFor = 5 * time.Second
	// firstRetry and lastRetry bound the time until a message is received again after a failure.
	firstRetry = 5 * time.Second
	lastRetry  = 5 * time.Minute
	// renewAfter is the age at which a message is sent again. A queue discards messages after 14 days at the latest.
	renewAfter = 3 * 24 * time.Hour
	// overdueAfter is the age of a request from which each failure is an error in the log, and counts as overdue.
	overdueAfter = 15 * time.Minute
	// strangeAfter is the time until a message that this release cannot read is received again.
	strangeAfter = 15 * time.Minute
)

// Queue is the part of a queue that a Loop uses.
type Queue interface {
	queue.Consumer
	Sender
}

// Config holds the settings of a [Loop].
type Config struct {
	PollWait time.Duration // how long a receive waits for a message
	Advice   func(error) string
	Log      *slog.Logger // default discards
	Metrics  *Metrics     // default unregistered
}

// Loop carries out the purges that a queue holds.
type Loop struct {
	cfg        Config
	queue      Queue
	cdn        Purger
	tombstones Tombstones
}

// NewLoop returns a Loop.
func NewLoop(cfg Config, q Queue, cdn Purger, tombstones Tombstones) *Loop {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	return &Loop{cfg: cfg, queue: q, cdn: cdn, tombstones: tombstones}
}

// Run works on the queue until ctx ends. It then returns unfinished messages to the queue, which takes a few seconds.
func (l *Loop) Run(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		if err := l.round(ctx); err != nil && ctx.Err() == nil {
			failures++
			l.cfg.Log.Warn("cannot receive purges", "check", l.advice(err), "error", err)
			_ = wait.For(ctx, backoff(failures)) // the loop notices an ended context
			continue
		}
		failures = 0
	}
}

// received is a message with its content.
type received struct {
	queue.Message
	message
	refs []photo.Ref
}

// round receives messages and works on them. The error is that of the first receive.
func (l *Loop) round(ctx context.Context) error {
	limits := l.queue.Limits()
	messages, err := l.queue.Receive(ctx, limits.Batch, l.cfg.PollWait, visibility)
	if err != nil {
		return err
	}
	var requests, begun []received
	until := time.Now().Add(collectFor)
	for {
		for _, m := range messages {
			switch r, due := l.read(ctx, m); {
			case !due:
			case r.Purge == "":
				requests = append(requests, r)
			default:
				begun = append(begun, r)
			}
		}
		// Requests of photos that were erased together arrive together, and one purge is enough for them.
		if len(messages) == 0 || len(requests) == 0 || len(requests)+limits.Batch > MaxTags || !time.Now().Before(until) {
			break
		}
		if messages, err = l.queue.Receive(ctx, limits.Batch, limits.MinWait, visibility); err != nil {
			break // the messages received so far are handled, and the next round reports the error
		}
	}
	ctx, cancel := context.WithTimeout(ctx, handleTimeout)
	defer cancel()
	if len(requests) > 0 {
		l.begin(ctx, requests)
	}
	for _, r := range begun {
		l.check(ctx, r)
	}
	return nil
}

// read returns the content of a message. It reports false for a message that stays in the queue, because it is too new
// or not for this release.
func (l *Loop) read(ctx context.Context, m queue.Message) (received, bool) {
	parsed, refs, err := parse(m.Body)
	r := received{m, parsed, refs}
	if err != nil {
		// A newer release may have sent it.
		l.cfg.Log.Error("a message in the queue of purges cannot be read and stays there", "message", m.ID, "error", err)
		l.release(ctx, strangeAfter, r)
		return r, false
	}
	wait := settle
	if r.Purge != "" {
		wait = checkEvery
	}
	// The clocks of this machine and of the queue may differ, so only the first receive waits.
	if left := wait - time.Since(m.Sent); m.ReceiveCount <= 1 && left > 0 {
		l.release(ctx, min(left, wait), r)
		return r, false
	}
	return r, true
}

// backoff returns the time until the next attempt, after this number of attempts that failed.
func backoff(failures int) time.Duration {
	d := firstRetry
	for range min(failures, 20) - 1 {
		d = min(2*d, lastRetry)
	}
	return d
}

// advice returns what to check first after an error.
func (l *Loop) advice(err error) string {
	if l.cfg.Advice == nil || errors.Is(err, ErrBusy) {
		return "nothing: it is retried"
	}
	return l.cfg.Advice(err)
}

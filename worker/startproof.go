package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"darkroom/worker/internal/awsfault"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/sqsqueue"
	"darkroom/worker/internal/store/s3store"
)

// Settings of the addresses of AWS.
const (
	endpointS3  = "AWS_ENDPOINT_URL_S3"
	endpointSQS = "AWS_ENDPOINT_URL_SQS"
)

// startProof proves that the settings of a worker work together, before it takes a message. Two pools may run it at
// once.
type startProof struct {
	queue             *sqsqueue.Queue // the queue that the uploads bucket notifies
	photos            *sqsqueue.Queue // the queue that photos are rendered from, or nil if it is the same one
	uploads, variants interface{ Check(context.Context) error }
	notifications     *s3store.Bucket // the uploads bucket
	namesDeadLetters  bool            // DEAD_LETTER_QUEUE_URL is set
	purging           *purging        // nil if there is no CDN
	log               *slog.Logger

	mu    sync.Mutex
	noted string // last log line about the notifications
}

// photosSetting is the setting of the queue of the photos.
const photosSetting = "PHOTOS_QUEUE_URL"

// settingCheck is one check of a proof, and the setting to check if it fails.
type settingCheck struct {
	setting, endpoint string
	check             func() error
	err               error
}

// run reports, in one line, what is wrong and which settings to check.
func (p *startProof) run(ctx context.Context) error {
	var arn string
	checks := []settingCheck{
		{setting: "QUEUE_URL", endpoint: endpointSQS, check: func() (err error) { arn, err = p.queue.Check(ctx); return err }},
		{setting: "DEAD_LETTER_QUEUE_URL", endpoint: endpointSQS, check: func() error { return p.queue.CheckDeadLetters(ctx) }},
		{setting: "UPLOADS_BUCKET", endpoint: endpointS3, check: func() error { return p.uploads.Check(ctx) }},
		{setting: "VARIANTS_BUCKET", endpoint: endpointS3, check: func() error { return p.variants.Check(ctx) }},
	}
	if p.photos != nil {
		checks = append(checks,
			settingCheck{setting: photosSetting, endpoint: endpointSQS, check: func() error { _, err := p.photos.Check(ctx); return err }},
			settingCheck{setting: photosSetting, endpoint: endpointSQS, check: func() error { return p.photos.CheckDeadLetters(ctx) }},
			settingCheck{setting: photosSetting, endpoint: endpointSQS, check: func() error { return p.photos.CheckSend(ctx) }})
	}
	checks = append(checks, p.purging.checks(ctx)...)
	var all sync.WaitGroup
	for i := range checks {
		all.Go(func() { checks[i].err = checks[i].check() })
	}
	all.Wait()
	if checks[0].err != nil && !p.namesDeadLetters {
		checks[1].err = nil // it is found by the attributes of the queue, which cannot be read
	}
	var wrong error
	said := map[string]bool{}
	for _, c := range checks {
		if c.err == nil {
			continue
		}
		// Wrong credentials fail every check. One line about them is enough.
		if what := advice(c.err, c.setting, c.endpoint); !said[what] {
			said[what] = true
			wrong = oneLine(wrong, fmt.Errorf("check %s: %w", what, c.err))
		}
	}
	if wrong != nil {
		return wrong
	}
	unseen, err := p.notifications.CheckNotifications(ctx, arn)
	if err != nil {
		return fmt.Errorf("check UPLOADS_BUCKET and QUEUE_URL: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if unseen != "" && unseen != p.noted {
		p.noted = unseen
		p.log.Info("cannot tell whether the uploads bucket notifies the queue", "why", unseen)
	}
	return nil
}

// advice returns what to check first after err.
func advice(err error, setting, endpoint string) string {
	switch {
	case errors.Is(err, queue.ErrNoDeadLetterQueue) && setting == photosSetting:
		return "the redrive policy of the photos queue"
	case errors.Is(err, queue.ErrNoDeadLetterQueue):
		return "the redrive policy of the queue, or set DEAD_LETTER_QUEUE_URL"
	}
	return awsfault.Advice(err, setting, endpoint)
}

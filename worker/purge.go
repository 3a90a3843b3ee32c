package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscloudfront "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"darkroom/worker/internal/purge"
	"darkroom/worker/internal/purge/cloudfront"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/sqsqueue"
	"darkroom/worker/settings"
)

// purgeFlags name the CDN of the variants, and the queue of the purges from it.
type purgeFlags struct {
	Queue        purgeQueueFlags `embed:""`
	Distribution string          `name:"cdn-distribution" env:"CDN_DISTRIBUTION" placeholder:"ID" group:"CDN" help:"CloudFront distribution of the variants. The workers purge erased photos from it, by their cache tags."`
}

// purgeQueueFlags name the queue of the purges.
type purgeQueueFlags struct {
	URL string `name:"purge-queue-url" env:"PURGE_QUEUE_URL" placeholder:"URL" group:"CDN" help:"SQS queue of the purges of erased photos. It needs no dead-letter queue. Default: none, for variants without a CDN."`
}

// Validate reports a URL that names no queue.
func (f purgeQueueFlags) Validate() error {
	_, err := queueName(purgeSetting, f.URL)
	return err
}

// Validate reports a distribution that cannot be one, and one setting without the other.
func (f purgeFlags) Validate() error {
	if err := f.Queue.Validate(); err != nil {
		return err
	}
	switch {
	case f.Distribution == "" && f.Queue.URL == "":
		return nil
	case f.Distribution == "":
		return errors.New("PURGE_QUEUE_URL also needs CDN_DISTRIBUTION: want the id of the variants' CloudFront distribution")
	case f.Queue.URL == "":
		return errors.New("CDN_DISTRIBUTION also needs PURGE_QUEUE_URL: want the URL of the SQS queue of the purges")
	}
	return settings.Named("CDN_DISTRIBUTION", cloudfront.ValidID(f.Distribution))
}

// checkDistinct reports that the queue of the purges is also one of the others.
func (f purgeQueueFlags) checkDistinct(others queueFlags) error {
	own := sqsqueue.AccountAndName(f.URL)
	for _, other := range []struct{ setting, url string }{{"QUEUE_URL", others.URL}, {photosSetting, others.PhotosURL}, {"DEAD_LETTER_QUEUE_URL", others.DeadLetterURL}} {
		if own != "" && own == sqsqueue.AccountAndName(other.url) {
			return fmt.Errorf("%s and PURGE_QUEUE_URL name the same queue, %s: want a queue for purges alone", other.setting, path.Base(own))
		}
	}
	return nil
}

const purgeSetting = "PURGE_QUEUE_URL"

// purging is the part of a worker that purges erased photos from a CDN.
type purging struct {
	queue    *sqsqueue.Queue
	cdn      *cloudfront.Distribution
	requests *purge.Requests
	loop     *purge.Loop
}

// wirePurges returns the part that purges, or nil if there is no CDN.
func (c *runCommand) wirePurges(cfg aws.Config, calls *queue.Metrics, metrics *purge.Metrics, tombstones purge.Tombstones, log *slog.Logger) *purging {
	if c.Purge.Distribution == "" {
		return nil
	}
	p := &purging{queue: sqsqueue.New(sqs.NewFromConfig(cfg), c.Purge.Queue.URL, ""),
		cdn: cloudfront.New(awscloudfront.NewFromConfig(cfg), c.Purge.Distribution)}
	measured := calls.Measure(queue.NamePurges, p.queue)
	p.requests = purge.NewRequests(measured, metrics)
	p.loop = purge.NewLoop(purge.Config{PollWait: c.PollWait, Log: log, Metrics: metrics, Advice: purgeAdvice}, measured, p.cdn, tombstones)
	return p
}

// purgeAdvice returns what to check first after an error of a purge.
func purgeAdvice(err error) string {
	return advice(err, "CDN_DISTRIBUTION, PURGE_QUEUE_URL and VARIANTS_BUCKET", "AWS_ENDPOINT_URL_CLOUDFRONT")
}

// checks are the checks of the settings of purges.
func (p *purging) checks(ctx context.Context) []settingCheck {
	if p == nil {
		return nil
	}
	return []settingCheck{
		{setting: purgeSetting, endpoint: endpointSQS, check: func() error { _, err := p.queue.Check(ctx); return err }},
		{setting: purgeSetting, endpoint: endpointSQS, check: func() error { return p.queue.CheckSend(ctx) }},
		{setting: "CDN_DISTRIBUTION", endpoint: "AWS_ENDPOINT_URL_CLOUDFRONT", check: func() error { return p.cdn.Check(ctx) }},
	}
}

// withoutDeadLetters is a queue that is known to have no dead-letter queue, so nobody looks for one.
type withoutDeadLetters struct{ queue.Inspector }

// DeadLetterDepth implements [queue.Inspector].
func (withoutDeadLetters) DeadLetterDepth(context.Context) (queue.Depth, error) {
	return queue.Depth{}, queue.ErrNoDeadLetterQueue
}

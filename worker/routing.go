package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/sqsqueue"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/route"
)

// routingSlots is how many events a worker routes at once. They are small and wait only for the queues.
const routingSlots = 100

// wireRouting makes the two pools of a worker that routes. One receives events from the queue that the bucket notifies
// and forwards them to the queue photos. The other renders what it receives from there.
func (c *runCommand) wireRouting(w *consumer, prove *startProof, calls *queue.Metrics, rendering pool.Config, photos *sqsqueue.Queue,
	reconciler *reconcile.Reconciler, registry prometheus.Registerer) (err error) {
	prove.photos = photos
	events, measured := calls.Measure(queue.NameEvents, prove.queue), calls.Measure(queue.NamePhotos, photos)
	either := anyBusy(rendering.Busy)
	routing := rendering
	routing.Slots, routing.Metrics, routing.Busy = routingSlots, pool.NewIntakeMetrics(registry), either()
	routing.Probe = func(ctx context.Context) error { return photos.CheckSend(ctx) }
	rendering.Lends, rendering.Settings, rendering.Busy = true, "PHOTOS_QUEUE_URL and UPLOADS_BUCKET", either()
	if w.photos, err = pool.New(rendering, measured, c.handler(c.Queue.PhotosURL, reconciler, w.messages)); err != nil {
		return err
	}
	router := route.New(route.Config{
		Bucket: c.Buckets.Uploads, Redelivered: reconcile.EventSweep, Recognized: pool.Recognize,
		Handle:      c.handler(c.Queue.URL, reconciler, w.messages),
		Unavailable: func(err error) bool { return errors.Is(err, pool.ErrUnavailable) },
		Registerer:  registry,
	}, measured, w.photos)
	w.events, err = pool.New(routing, events, func(ctx context.Context, m queue.Message) error {
		err := router.Handle(ctx, m)
		if errors.Is(err, route.ErrSend) {
			return kindError{err, pool.ErrUnavailable}
		}
		return err
	})
	return err
}

// anyBusy returns a function that makes a Busy for each pool. They call busy with true when the first pool becomes
// busy, and with false when no pool is busy any more.
func anyBusy(busy func(bool)) func() func(bool) {
	var mu sync.Mutex
	n := 0
	return func() func(bool) {
		return func(begun bool) {
			mu.Lock()
			defer mu.Unlock()
			if begun {
				if n++; n == 1 {
					busy(true)
				}
				return
			}
			if n--; n == 0 {
				busy(false)
			}
		}
	}
}

// run consumes the queues until ctx ends, then drains.
func (w *consumer) run(ctx context.Context) {
	var others sync.WaitGroup
	if w.events != nil {
		others.Go(func() { w.events.Run(ctx) })
	}
	if w.purging != nil {
		others.Go(func() { w.purging.loop.Run(ctx) })
	}
	w.photos.Run(ctx)
	others.Wait()
}

// Healthy reports whether both pools make progress.
func (w *consumer) Healthy() error { return w.report((*pool.Pool).Healthy) }

// Ready reports whether both pools receive messages.
func (w *consumer) Ready() error { return w.report((*pool.Pool).Ready) }

// report asks each pool for a report.
func (w *consumer) report(ask func(*pool.Pool) error) error {
	if w.events == nil {
		return ask(w.photos)
	}
	return joinReports(ask(w.events), ask(w.photos))
}

// joinReports returns the reports of the two pools in one line. It names the pools, unless both reports are the same.
func joinReports(events, photos error) error {
	switch {
	case events == nil:
		return photos
	case photos == nil:
		return fmt.Errorf("events: %w", events)
	case photos.Error() == events.Error():
		return photos
	}
	return oneLine(fmt.Errorf("events: %w", events), fmt.Errorf("photos: %w", photos))
}

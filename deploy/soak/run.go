package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/testkit/progress"
	"darkroom/worker/plural"
)

// soak is one run on one system.
type soak struct {
	target      *target
	mix         mix
	seed        uint64
	disturb     disturbances
	workers     workers                     // nil without disturbances
	sweep       func(context.Context) error // nil on a running system
	wait, quiet time.Duration
	memory      float64 // limit in bytes; 0: not checked
	otherSpecs  bool
	// erasedWithin is how long after a removal, and after the last disturbance, nothing of the photo may be readable.
	erasedWithin time.Duration
	progress     *progress.Line
}

// closeIdle closes the idle connections of this process: when S3 stops it waits for connections without a request.
func closeIdle() { http.DefaultClient.CloseIdleConnections() }

// run loads the system, waits until its queue is empty and checks everything.
func (s *soak) run(ctx context.Context) (*result, error) {
	t := s.target
	r := &result{seed: s.seed, memory: s.memory}
	var err error
	if r.processes.idle, err = most(ctx, t.metrics, goroutines); err != nil {
		return nil, err
	}
	p := newPlan(s.mix, s.disturb, s.seed, string(t.board), t.originals.name, t.variants.name)
	if err := s.load(ctx, p, r); err != nil {
		return nil, err
	}
	left, err := settled(ctx, t.metrics, r.processes.idle+leakMargin)
	if err != nil {
		err = fmt.Errorf("goroutines of the workers: %w", err)
	}
	r.processes.left = left
	// What could not be checked is a flaw. The table shows the rest.
	if r.unchecked = errors.Join(err, s.check(ctx, p, r), s.repair(ctx, r), s.checkErased(ctx, r)); ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return r, nil
}

// load carries out the plan, disturbs the workers and watches them until the queue is empty.
func (s *soak) load(ctx context.Context, p plan, r *result) (err error) {
	l := &load{plan: p, rate: s.mix.Rate, target: s.target}
	d := &disturber{metrics: s.target.metrics, workers: s.workers,
		handled: func(ctx context.Context) int {
			d, err := s.target.queue.depth(ctx)
			if err != nil {
				return 0 // disturb no worker now
			}
			return int(l.begun.Load()) - d.Total()
		},
		refuse: func(ctx context.Context, r faults.Refusal) error { return faults.Refuse(ctx, s.target.faultyS3, r) },
	}
	background, stopBackground := context.WithCancel(ctx)
	var watcher, disturbing sync.WaitGroup
	watcher.Go(func() { r.processes.watch(background, s.target.metrics) })
	disturbing.Go(func() { d.run(background, p) })
	defer func() {
		stopBackground()
		disturbing.Wait()
		watcher.Wait()
		var errs []error
		r.disturbed, errs = d.sofar()
		r.calm = time.Now()
		err = errors.Join(append(errs, err)...)
	}()
	stopProgress := s.progress.Follow(ctx, func() string {
		c, _ := d.sofar()
		return fmt.Sprintf("seed %d: %d of %s uploaded, %d finished, %d of %s", s.seed, l.begun.Load(), plural.Count(len(p.steps), "photo"), l.done.Load(), c.Kills, plural.Count(len(p.kills), "kill"))
	})
	begin := time.Now()
	r.uploads, err = l.run(ctx)
	stopProgress()
	if err != nil {
		return err
	}
	for range 2 { // the last disturbance may come after the drain, and its messages are then processed again
		if err := s.target.drain(ctx, s.wait, s.quiet, s.progress); errors.Is(err, errNotDrained) {
			r.undrained = err
			break
		} else if err != nil {
			return err
		}
		if r.took == 0 {
			r.took = time.Since(begin) - s.quiet
		}
		disturbing.Wait()
	}
	return nil
}

// check compares everything with what the plan implies. If a part cannot be checked, it goes on with the others.
func (s *soak) check(ctx context.Context, p plan, r *result) (err error) {
	t := s.target
	var taken []*upload // a failed upload is a fault of its own
	for _, u := range r.uploads {
		if u.err == nil {
			taken = append(taken, u)
		} else {
			r.failed = append(r.failed, u)
		}
	}
	c := s.checker()
	err = errors.Join(s.compare(ctx, c, taken), c.answers(ctx, t.api, taken))
	r.findings, r.manifests = c.findings, c.manifests
	letters, unread := t.dead.letters(ctx)
	r.letters = countLetters(p.poison, letters, func(l letter) bool { return t.whole || strings.Contains(l.body, string(t.board)) })
	s3, sqs, uncounted := t.injected(ctx)
	r.work = countWork(taken, s3, sqs, t.originals.name, t.variants.name, r.disturbed.interrupted)
	return errors.Join(err, unread, uncounted)
}

// checker returns a checker of the system.
func (s *soak) checker() *checker {
	c := &checker{originals: s.target.originals, variants: s.target.variants, boxes: samples.Boxes}
	if s.otherSpecs {
		c.boxes = nil
	}
	if !s.target.whole {
		c.prefix = string(s.target.board) + "/"
	}
	return c
}

// compare runs a checker on uploads that succeeded.
func (s *soak) compare(ctx context.Context, c *checker, uploads []*upload) error {
	var checked atomic.Int64
	c.step = func() { checked.Add(1) }
	stop := s.progress.Follow(ctx, func() string {
		return fmt.Sprintf("seed %d: checked %d of %s", s.seed, checked.Load(), plural.Count(len(uploads), "photo"))
	})
	defer stop()
	return c.run(ctx, uploads)
}

// repair runs the sweep if workers that were killed or frozen left variants behind, and checks again. It excuses only
// what the sweep has removed: all other findings of the first check stay.
func (s *soak) repair(ctx context.Context, r *result) error {
	if s.sweep == nil || r.undrained != nil || r.disturbed.Kills+r.disturbed.Freezes == 0 || !slices.ContainsFunc(r.findings, finding.leftover) {
		return nil
	}
	if err := s.sweep(ctx); err != nil {
		return err
	}
	if err := s.target.drain(ctx, s.wait, s.quiet, s.progress); err != nil {
		return err
	}
	again := s.checker()
	if err := s.compare(ctx, again, slices.DeleteFunc(slices.Clone(r.uploads), func(u *upload) bool { return u.err != nil })); err != nil {
		return err
	}
	r.findings, r.swept = afterSweep(r.findings, again.findings)
	return nil
}

// afterSweep returns the findings of two checks without the leftovers that only the first one found, and their number.
func afterSweep(before, after []finding) (left []finding, swept int) {
	left = slices.Clone(after)
	for _, f := range before {
		switch {
		case slices.Contains(after, f):
		case f.leftover():
			swept++
		default:
			left = append(left, f)
		}
	}
	return left, swept
}

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/local/samples"
	"darkroom/deploy/soak/internal/check"
	"darkroom/deploy/soak/internal/load"
	"darkroom/deploy/soak/internal/report"
	"darkroom/deploy/soak/internal/system"
	"darkroom/deploy/soak/internal/trouble"
	"darkroom/deploy/testkit/progress"
	"darkroom/worker/plural"
)

// soak is one run on one system.
type soak struct {
	target      *system.Target
	mix         load.Mix
	seed        uint64
	disturb     trouble.Settings
	workers     trouble.Workers             // nil on a running system
	sweep       func(context.Context) error // runs worker sweep; nil on a running system
	wait, quiet time.Duration
	memory      float64 // limit in bytes; 0: not checked
	otherSpecs  bool
	// erasedWithin is the time from a removal, or from the last disturbance if that is later, until nothing of the photo
	// may be readable.
	erasedWithin time.Duration
	progress     *progress.Line
}

// run loads the system, waits until its queue is empty and checks everything.
func (s *soak) run(ctx context.Context) (*report.Result, error) {
	t := s.target
	r := &report.Result{Seed: s.seed, Memory: s.memory}
	var err error
	if r.Processes.BeforeRun, err = system.HighestMetric(ctx, t.Metrics, system.Goroutines); err != nil {
		return nil, err
	}
	p := load.NewPlan(s.mix, s.disturb, s.seed, string(t.Board), t.Originals.Name, t.Variants.Name)
	if err := s.load(ctx, p, r); err != nil {
		return nil, err
	}
	left, err := system.WaitForGoroutines(ctx, t.Metrics, r.Processes.BeforeRun+system.LeakMargin)
	if err != nil {
		err = fmt.Errorf("goroutines of the workers: %w", err)
	}
	r.Processes.AfterRun = left
	// A check that fails is a flaw. The table shows what the others found.
	if r.Unchecked = errors.Join(err, s.check(ctx, p, r), s.repair(ctx, r), s.checkErased(ctx, r)); ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return r, nil
}

// load carries out the plan, disturbs the workers and watches them until the queue is empty.
func (s *soak) load(ctx context.Context, p load.Plan, r *report.Result) (err error) {
	l := &load.Loader{Plan: p, Rate: s.mix.Rate, Target: s.target}
	d := &trouble.Disturber{Metrics: s.target.Metrics, Workers: s.workers,
		Processed: func(ctx context.Context) int {
			d, err := s.target.Queue.Depth(ctx)
			if err != nil {
				return 0 // disturb no worker now
			}
			return int(l.Started.Load()) - d.Total()
		},
		Refuse: func(ctx context.Context, r faults.Refusal) error { return faults.Refuse(ctx, s.target.FaultyS3, r) },
	}
	background, stopBackground := context.WithCancel(ctx)
	var watcher, disturbing sync.WaitGroup
	watcher.Go(func() { r.Processes.Watch(background, s.target.Metrics) })
	disturbing.Go(func() { d.Run(background, p.Workers) })
	defer func() {
		stopBackground()
		disturbing.Wait()
		watcher.Wait()
		var errs []error
		r.Disturbed, errs = d.Counts()
		r.Calm = time.Now()
		err = errors.Join(append(errs, err)...)
	}()
	stopProgress := s.progress.Follow(ctx, func() string {
		c, _ := d.Counts()
		return fmt.Sprintf("seed %d: %d of %s uploaded, %d finished, %d of %s", s.seed, l.Started.Load(), plural.Count(len(p.Steps), "photo"), l.Finished.Load(), c.Kills, plural.Count(len(p.Workers.Kills), "kill"))
	})
	begin := time.Now()
	r.Uploads, err = l.Run(ctx)
	stopProgress()
	if err != nil {
		return err
	}
	for range 2 { // a disturbance after the first drain returns messages to the queue
		if err := s.target.Drain(ctx, s.wait, s.quiet, s.progress); errors.Is(err, system.ErrNotDrained) {
			r.Undrained = err
			break
		} else if err != nil {
			return err
		}
		if r.Took == 0 {
			r.Took = time.Since(begin) - s.quiet
		}
		disturbing.Wait()
	}
	return nil
}

// check compares everything with what the plan implies. If one check fails, it goes on with the others.
func (s *soak) check(ctx context.Context, p load.Plan, r *report.Result) (err error) {
	t := s.target
	var successful []*load.Upload // failed uploads are reported separately
	for _, u := range r.Uploads {
		if u.Err == nil {
			successful = append(successful, u)
		} else {
			r.Failed = append(r.Failed, u)
		}
	}
	c := s.checker()
	err = errors.Join(s.compare(ctx, c, successful), c.CheckAPI(ctx, t.API, successful))
	r.Findings, r.Manifests = c.Findings, c.Manifests
	letters, unread := t.DeadLetters.Messages(ctx)
	r.DeadLetters = check.CountDeadLetters(p.BadMessages, letters, func(l system.Letter) bool { return t.Exclusive || strings.Contains(l.Body, string(t.Board)) })
	injected, uncounted := t.InjectedFaults(ctx)
	r.Work = check.CountRepeatedWork(successful, injected, t.Originals.Name, t.Variants.Name, r.Disturbed.Interrupted)
	return errors.Join(err, unread, uncounted)
}

// checker returns a checker of the system.
func (s *soak) checker() *check.Checker {
	c := &check.Checker{Originals: s.target.Originals, Variants: s.target.Variants, Boxes: samples.Boxes}
	if s.otherSpecs {
		c.Boxes = nil
	}
	if !s.target.Exclusive {
		c.Prefix = string(s.target.Board) + "/"
	}
	return c
}

// compare runs a checker on uploads that succeeded.
func (s *soak) compare(ctx context.Context, c *check.Checker, uploads []*load.Upload) error {
	var checked atomic.Int64
	c.Step = func() { checked.Add(1) }
	stop := s.progress.Follow(ctx, func() string {
		return fmt.Sprintf("seed %d: checked %d of %s", s.seed, checked.Load(), plural.Count(len(uploads), "photo"))
	})
	defer stop()
	return c.Run(ctx, uploads)
}

// repair runs the sweep if workers that were killed or frozen left variants behind, and checks again. It excuses only
// what the sweep has removed: all other findings of the first check stay.
func (s *soak) repair(ctx context.Context, r *report.Result) error {
	if s.sweep == nil || r.Undrained != nil || r.Disturbed.Kills+r.Disturbed.Freezes == 0 || !slices.ContainsFunc(r.Findings, check.Finding.IsLeftover) {
		return nil
	}
	if err := s.sweep(ctx); err != nil {
		return err
	}
	if err := s.target.Drain(ctx, s.wait, s.quiet, s.progress); err != nil {
		return err
	}
	again := s.checker()
	if err := s.compare(ctx, again, slices.DeleteFunc(slices.Clone(r.Uploads), func(u *load.Upload) bool { return u.Err != nil })); err != nil {
		return err
	}
	r.Findings, r.Swept = check.ExcludeSwept(r.Findings, again.Findings)
	return nil
}

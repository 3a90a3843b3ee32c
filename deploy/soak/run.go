package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"darkroom/deploy/local/samples"
	"darkroom/deploy/testkit/progress"
	"darkroom/worker/plural"
)

// soak is one run on one system.
type soak struct {
	target      *target
	mix         mix
	seed        uint64
	kills       int
	kill        func(worker int)
	wait, quiet time.Duration
	memory      float64 // limit in bytes; 0: not checked
	otherSpecs  bool
	progress    *progress.Line
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
	p := newPlan(s.mix, s.kills, s.seed, string(t.board), t.originals.name)
	if err := s.load(ctx, p, r); err != nil {
		return nil, err
	}
	left, err := settled(ctx, t.metrics, r.processes.idle+leakMargin)
	if err != nil {
		err = fmt.Errorf("goroutines of the workers: %w", err)
	}
	r.processes.left = left
	// What could not be checked is a flaw. The table shows the rest.
	if r.unchecked = errors.Join(err, s.check(ctx, p, r)); ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return r, nil
}

// load carries out the plan, kills workers and watches them until the queue is empty.
func (s *soak) load(ctx context.Context, p plan, r *result) (err error) {
	l := &load{plan: p, rate: s.mix.Rate, target: s.target}
	k := &killer{workers: s.target.metrics, kill: s.kill, handled: func(ctx context.Context) int {
		d, err := s.target.queue.depth(ctx)
		if err != nil {
			return 0 // kill no worker now
		}
		return int(l.begun.Load()) - d.Total()
	}}
	background, stopBackground := context.WithCancel(ctx)
	var watcher, killed sync.WaitGroup
	watcher.Go(func() { r.processes.watch(background, s.target.metrics) })
	killed.Go(func() { k.run(background, p.kills) })
	defer func() {
		stopBackground()
		killed.Wait()
		watcher.Wait()
		r.kills, r.interrupted = k.count()
	}()
	stopProgress := s.progress.Follow(ctx, func() string {
		kills, _ := k.count()
		return fmt.Sprintf("seed %d: %d of %s uploaded, %d finished, %d of %s", s.seed, l.begun.Load(), plural.Count(len(p.steps), "photo"), l.done.Load(), kills, plural.Count(len(p.kills), "kill"))
	})
	begin := time.Now()
	r.uploads, err = l.run(ctx)
	stopProgress()
	if err != nil {
		return err
	}
	for range 2 { // the last kill may come after the drain, and its messages are then processed again
		if err := s.target.drain(ctx, s.wait, s.quiet, s.progress); errors.Is(err, errNotDrained) {
			r.undrained = err
			break
		} else if err != nil {
			return err
		}
		if r.took == 0 {
			r.took = time.Since(begin) - s.quiet
		}
		killed.Wait()
	}
	return nil
}

// check compares everything with what the plan implies. If a part cannot be checked, it goes on with the others.
func (s *soak) check(ctx context.Context, p plan, r *result) (err error) {
	t := s.target
	var checked atomic.Int64
	c := checker{originals: t.originals, variants: t.variants, boxes: samples.Boxes, step: func() { checked.Add(1) }}
	if s.otherSpecs {
		c.boxes = nil
	}
	if !t.whole {
		c.prefix = string(t.board) + "/"
	}
	var taken []*upload // a failed upload is a fault of its own
	for _, u := range r.uploads {
		if u.err == nil {
			taken = append(taken, u)
		} else {
			r.failed = append(r.failed, u)
		}
	}
	stop := s.progress.Follow(ctx, func() string {
		return fmt.Sprintf("seed %d: checked %d of %s", s.seed, checked.Load(), plural.Count(len(taken), "photo"))
	})
	defer stop()
	err = errors.Join(c.run(ctx, taken), c.answers(ctx, t.api, taken))
	r.findings, r.manifests = c.findings, c.manifests
	letters, unread := t.dead.letters(ctx)
	r.letters = countLetters(p.poison, letters, func(l letter) bool { return t.whole || strings.Contains(l.body, string(t.board)) })
	s3, sqs, uncounted := t.injected(ctx)
	r.work = countWork(taken, s3, sqs, t.originals.name, t.variants.name, r.interrupted)
	return errors.Join(err, unread, uncounted)
}

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
)

// soak is one run on one system.
type soak struct {
	target      *target
	mix         mix
	seed        uint64
	kills       int
	kill        func(worker int)
	wait, quiet time.Duration
	memory      float64 // bytes; 0: not looked at
	otherSpecs  bool
	progress    *progress.Line
}

// closeIdle ends the kept connections of this process, since S3 waits at its end for those on which no request has come.
func closeIdle() { http.DefaultClient.CloseIdleConnections() }

// run loads the system, waits until its queue is empty, and looks at everything.
func (s *soak) run(ctx context.Context) (*result, error) {
	t := s.target
	r := &result{seed: s.seed, memory: s.memory}
	var err error
	if r.processes.idle, err = most(ctx, t.metrics, goroutines); err != nil {
		return nil, err
	}
	p := newPlan(s.mix, s.kills, s.seed, string(t.board), t.originals.name)
	if err := s.trouble(ctx, p, r); err != nil {
		return nil, err
	}
	if r.processes.left, err = settled(ctx, t.metrics, r.processes.idle+leakMargin); err != nil {
		return nil, fmt.Errorf("goroutines of the workers: %w", err)
	}
	return r, s.look(ctx, p, r)
}

// trouble carries out the plan, kills workers and watches them until the queue is empty.
func (s *soak) trouble(ctx context.Context, p plan, r *result) (err error) {
	l := &load{plan: p, rate: s.mix.Rate, target: s.target}
	k := &killer{workers: s.target.metrics, kill: s.kill, handled: func(ctx context.Context) int {
		d, err := s.target.queue.depth(ctx)
		if err != nil {
			return 0 // nobody is killed for now
		}
		return int(l.begun.Load()) - d.total()
	}}
	helping, stopHelping := context.WithCancel(ctx)
	var watcher, killed sync.WaitGroup
	watcher.Go(func() { r.processes.watch(helping, s.target.metrics) })
	killed.Go(func() { k.run(helping, p.kills) })
	defer func() {
		stopHelping()
		killed.Wait()
		watcher.Wait()
		r.kills, r.interrupted = k.count()
	}()
	stopSaying := s.progress.Follow(ctx, func() string {
		kills, _ := k.count()
		return fmt.Sprintf("seed %d: %d of %d photos uploaded, all done with %d, %d of %d kills", s.seed, l.begun.Load(), len(p.steps), l.done.Load(), kills, len(p.kills))
	})
	begin := time.Now()
	r.uploads, err = l.run(ctx)
	stopSaying()
	if err != nil {
		return err
	}
	for range 2 { // the last kill may come when all has been handled, and what it interrupted is handled again
		if err := s.target.drained(ctx, s.wait, s.quiet, s.progress); errors.Is(err, errNotDrained) {
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

// look compares everything with what it must be.
func (s *soak) look(ctx context.Context, p plan, r *result) (err error) {
	t := s.target
	var looked atomic.Int64
	c := check{originals: t.originals, variants: t.variants, boxes: samples.Boxes, step: func() { looked.Add(1) }}
	if s.otherSpecs {
		c.boxes = nil
	}
	if !t.whole {
		c.prefix = string(t.board) + "/"
	}
	var taken []*upload // a photo that was not uploaded is a flaw by itself
	for _, u := range r.uploads {
		if u.err == nil {
			taken = append(taken, u)
		} else {
			r.failed = append(r.failed, u)
		}
	}
	stop := s.progress.Follow(ctx, func() string {
		return fmt.Sprintf("seed %d: looked at %d of %d photos", s.seed, looked.Load(), len(taken))
	})
	defer stop()
	if err := c.run(ctx, taken); err != nil {
		return err
	}
	if err := c.answers(ctx, t.api, taken); err != nil {
		return err
	}
	r.findings, r.manifests = c.findings, c.made
	letters, err := t.dead.letters(ctx)
	if err != nil {
		return err
	}
	r.letters = countLetters(p.poison, letters, func(l letter) bool { return t.whole || strings.Contains(l.body, string(t.board)) })
	s3, sqs, err := t.injected(ctx)
	if err != nil {
		return err
	}
	r.work = countWork(taken, s3, sqs, t.originals.name, t.variants.name, r.interrupted)
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// progress says now and then how far a run is: on a terminal in one line that is written anew, elsewhere in few lines.
type progress struct {
	w        io.Writer
	terminal bool
	last     time.Time
}

func (p *progress) say(format string, args ...any) {
	every := 10 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	if time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	if p.terminal {
		fmt.Fprintf(p.w, "\r\033[K"+format, args...)
	} else {
		fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// clear takes the line of a terminal away.
func (p *progress) clear() {
	p.last = time.Time{}
	if p.terminal {
		fmt.Fprint(p.w, "\r\033[K")
	}
}

// follow calls say every now and then until ctx ends or the function that it returns is called.
func (p *progress) follow(ctx context.Context, text func() string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for sleepUntil(ctx, time.Now().Add(200*time.Millisecond)) == nil {
			p.say("%s", text())
		}
	}()
	return func() { cancel(); <-done; p.clear() }
}

// errNotDrained reports messages that were left when the wait was over. What is wrong then is for the check to say.
var errNotDrained = errors.New("the queue was not drained in time")

// drained waits until the queue has had no message for as long as quiet.
func (t *target) drained(ctx context.Context, limit, quiet time.Duration, p *progress) error {
	defer p.clear()
	begin := time.Now()
	empty := begin
	for {
		d, err := t.queue.depth(ctx)
		switch {
		case err != nil:
			return err
		case d.total() > 0:
			empty = time.Now()
		case time.Since(empty) >= quiet:
			return nil
		}
		if time.Since(begin) > limit {
			return fmt.Errorf("%w: after %s it has %d messages and %d in flight", errNotDrained, limit, d.visible+d.delayed, d.inFlight)
		}
		p.say("draining: %d messages wait, %d are in flight; for %s of at most %s", d.visible+d.delayed, d.inFlight, time.Since(begin).Round(time.Second), limit)
		if err := sleepUntil(ctx, time.Now().Add(min(quiet/4, time.Second))); err != nil {
			return err
		}
	}
}

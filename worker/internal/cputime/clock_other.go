//go:build !linux

package cputime

import "time"

// clock measures elapsed time.
type clock struct{ since time.Time }

func startClock() *clock { return &clock{time.Now()} }

// elapsed returns the time since the start.
func (c *clock) elapsed() time.Duration { return time.Since(c.since) }

func (c *clock) release() {}

//go:build !unix

package cputime

import "time"

var started = time.Now()

// Process returns the time on the clock, because this system does not report the processor time of a process.
func Process() time.Duration { return time.Since(started) }

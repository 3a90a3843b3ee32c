package cputime

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// clock reads the processor time of a thread, from any thread of the process. If the kernel does not permit that, it
// measures elapsed time instead.
type clock struct {
	id    int32
	begun time.Duration // processor time of the thread
	since time.Time     // set only if the kernel has no such clock
}

// startClock locks the calling goroutine to its thread and starts that thread's clock.
func startClock() *clock {
	runtime.LockOSThread()
	// The kernel encodes a thread's clock in its thread number: CPUCLOCK_SCHED of CPUCLOCK_PERTHREAD_MASK in
	// include/linux/posix-timers_types.h.
	c := &clock{id: ^int32(unix.Gettid())<<3 | 6}
	var err error
	if c.begun, err = c.read(); err != nil {
		c.since = time.Now()
	}
	return c
}

// elapsed returns the processor time since the start.
func (c *clock) elapsed() time.Duration {
	if !c.since.IsZero() {
		return time.Since(c.since)
	}
	now, err := c.read()
	if err != nil {
		return 0
	}
	return now - c.begun
}

func (c *clock) read() (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(c.id, &t); err != nil {
		return 0, err
	}
	return time.Duration(t.Nano()), nil
}

// release unlocks the goroutine from its thread. The clock must not be read afterwards.
func (c *clock) release() { runtime.UnlockOSThread() }

// Package progress tells the operator of a long command how far it is: on a terminal a line that changes, elsewhere,
// such as in a job's log, a line of its own every ten seconds.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Every is the time between two lines where there is no terminal.
const Every = 10 * time.Second

// Line is the progress of one command. Its methods may be called by several goroutines, and of nil they do nothing.
type Line struct {
	mu   sync.Mutex // guards all below, and keeps lines whole
	w    io.Writer
	bar  *progressbar.ProgressBar // nil without a terminal
	last time.Time
}

// New returns the progress of something that takes total steps, or -1 if nobody knows, on w.
func New(w io.Writer, terminal bool, total int) *Line {
	l := &Line{w: w, last: time.Now()}
	if terminal {
		// Without an interval no goroutine of the bar's, which nobody could end, writes to w on its own.
		l.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return l
}

// Step reports n more steps and what there is to say.
func (l *Line) Step(n int, format string, args ...any) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bar != nil {
		l.bar.Describe(fmt.Sprintf(format, args...))
		_ = l.bar.Add(n) // a bar that cannot be drawn is no reason to stop
		return
	}
	if now := time.Now(); now.Sub(l.last) >= Every {
		l.last = now
		fmt.Fprintf(l.w, format+"\n", args...)
	}
}

// Close takes the line away.
func (l *Line) Close() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bar != nil {
		_ = l.bar.Clear()
	}
}

// Package progress shows the operator of a long command how far it has come. A terminal gets one line that changes.
// Other outputs, such as the log of a job, get a new line every ten seconds.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Interval is the time between two lines if the output is no terminal.
const Interval = 10 * time.Second

// Line is the progress of one command. It is safe for concurrent use. The methods of a nil Line do nothing.
type Line struct {
	mu   sync.Mutex // guards the fields below and keeps lines whole
	w    io.Writer
	bar  *progressbar.ProgressBar // nil if w is no terminal
	last time.Time
}

// New returns a Line that reports to w on work of total steps. A total of -1 means that the number is unknown.
func New(w io.Writer, terminal bool, total int) *Line {
	l := &Line{w: w, last: time.Now()}
	if terminal {
		// With an interval of 0, the bar starts no goroutine, which nothing could end.
		l.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(w),
			progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish())
	}
	return l
}

// Step reports n more steps, with a message.
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
	if now := time.Now(); now.Sub(l.last) >= Interval {
		l.last = now
		fmt.Fprintf(l.w, format+"\n", args...)
	}
}

// Close removes the line from a terminal.
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

// Package progress reports how far a long command is. On a terminal it redraws one line; elsewhere, such as in the log
// of a CI job, it prints a line every ten seconds.
package progress

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"darkroom/worker/wait"
)

// How often a line is written at most.
const (
	terminalInterval = 200 * time.Millisecond
	logInterval      = 10 * time.Second
)

// Line is the progress of one command. Several goroutines may use it at once.
type Line struct {
	w        io.Writer
	terminal bool

	mu   sync.Mutex // guards last, and keeps lines whole
	last time.Time
}

// New returns the progress line of a command whose messages go to w, usually standard error.
func New(w io.Writer) *Line {
	f, ok := w.(*os.File)
	return &Line{w: w, terminal: ok && term.IsTerminal(int(f.Fd()))}
}

// Update writes the text unless the last one was written a short time ago: 200 ms on a terminal, 10 s elsewhere.
func (l *Line) Update(format string, args ...any) {
	interval := logInterval
	if l.terminal {
		interval = terminalInterval
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.last) >= interval {
		l.write(format, args...)
	}
}

// Print writes the text now.
func (l *Line) Print(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(format, args...)
}

func (l *Line) write(format string, args ...any) {
	l.last = time.Now()
	if l.terminal {
		fmt.Fprintf(l.w, "\r\033[K"+format, args...)
	} else {
		fmt.Fprintf(l.w, format+"\n", args...)
	}
}

// Clear erases the line on a terminal. The next Update writes at once.
func (l *Line) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = time.Time{}
	if l.terminal {
		fmt.Fprint(l.w, "\r\033[K")
	}
}

// Follow calls Update with the result of text until ctx ends or stop is called. stop also clears the line.
func (l *Line) Follow(ctx context.Context, text func() string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for wait.For(ctx, terminalInterval) == nil {
			l.Update("%s", text())
		}
	}()
	return func() { cancel(); <-done; l.Clear() }
}

package stack

import (
	"fmt"
	"io"
	"log/slog"
	"sync"

	"darkroom/deploy/local/supervise"
)

// printer writes whole lines of several processes to one writer.
type printer struct {
	verbose bool

	mu sync.Mutex
	w  io.Writer
}

func (p *printer) printf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// logLines returns a function that prints a log line of the named process. Below warnings it prints only if verbose.
func (p *printer) logLines(name string) func(line string) {
	return func(line string) {
		if level, text := supervise.Message(line); p.verbose || level >= slog.LevelWarn {
			p.printf("[%s] %s", name, text)
		}
	}
}

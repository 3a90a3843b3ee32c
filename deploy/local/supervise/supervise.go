// Package supervise runs child processes: it starts them with an environment of its own making, knows when they are
// ready, keeps their last lines for the error message, and stops them.
//
// A child is in a process group of its own, so that the interrupt key of a terminal reaches only the parent, which
// then decides on the order. On Linux the kernel kills a child whose parent died; elsewhere a child outlives a parent
// that was killed with SIGKILL.
package supervise

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"darkroom/worker/process"
)

// Command says what to run.
type Command struct {
	Name string // for messages
	Path string
	Args []string // without the program's name
	Env  []string // the whole environment of the child
	// Healthy are URLs that answer 200 when the child is ready.
	Healthy []string
	// Line is called with each line that the child writes to either of its outputs, one call at a time. May be nil.
	Line func(line string)
}

// Process is a child process.
type Process struct {
	command Command
	cmd     *exec.Cmd
	output  *lines
	done    chan struct{}
	err     error // why it ended; read after done is closed
}

// Start starts the child. It does not wait until it is ready: see [Process.Ready].
func Start(c Command) (*Process, error) {
	p := &Process{command: c, cmd: exec.Command(c.Path, c.Args...), output: &lines{each: c.Line}, done: make(chan struct{})}
	p.cmd.Env = c.Env
	if c.Env == nil {
		p.cmd.Env = []string{} // nil would be the environment of this process
	}
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output // one writer for both: exec then calls it from one goroutine
	p.cmd.SysProcAttr = attributes()
	// A grandchild that keeps the pipe open must not keep Wait from returning.
	p.cmd.WaitDelay = 2 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	go func() {
		defer close(p.done)
		p.err = p.cmd.Wait()
		p.output.flush()
	}()
	return p, nil
}

// Name is the name of the command.
func (p *Process) Name() string { return p.command.Name }

// PID is the number of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the child has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the child ended, with its last lines. It is to be called after Done is closed, and is not nil even for
// a child that exits with 0: one that is told nothing is to go on.
func (p *Process) Err() error {
	end := "exit status 0"
	if p.err != nil {
		end = p.err.Error()
	}
	text := fmt.Sprintf("%s ended: %s", p.command.Name, end)
	if tail := p.output.tail(); len(tail) > 0 {
		text += "\nits last lines:\n  " + strings.Join(tail, "\n  ")
	}
	return errors.New(text)
}

// Ready waits until each of the command's URLs answers 200. It fails when the child ends before, or when ctx does.
func (p *Process) Ready(ctx context.Context) error {
	client := &http.Client{Timeout: 2 * time.Second}
	defer client.CloseIdleConnections()
	for _, url := range p.command.Healthy {
		for why := process.Healthy(ctx, client, url); why != nil; why = process.Healthy(ctx, client, url) {
			select {
			case <-p.done:
				return p.Err()
			case <-ctx.Done():
				return fmt.Errorf("%s is not ready: %w: %w", p.command.Name, context.Cause(ctx), why)
			case <-time.After(25 * time.Millisecond):
			}
		}
	}
	select {
	case <-p.done: // whoever answered, it was another program
		return p.Err()
	default:
		return nil
	}
}

// Stop asks the child to end with SIGTERM, and after grace kills its whole process group. It returns when the child
// has ended; the error says that it had to be killed, or that it ended otherwise than with exit status 0.
func (p *Process) Stop(grace time.Duration) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	p.cmd.Process.Signal(syscall.SIGTERM) // fails only when the child has just ended
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		var exit *exec.ExitError
		if errors.As(p.err, &exit) {
			return p.Err()
		}
		return nil
	case <-timer.C:
		p.Kill()
		return fmt.Errorf("%s did not end within %s and was killed", p.command.Name, grace)
	}
}

// Kill ends the child and what it has started, and waits for it.
func (p *Process) Kill() {
	syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.done
}

// lines splits what is written to it, passes each line on, and keeps the last ones for [Process.Err]: those that are
// warnings, errors and no log records at all, and a few of the others.
type lines struct {
	each func(string)

	mu            sync.Mutex
	part          []byte
	severe, other []string
}

const (
	keepSevere, keepOther = 20, 3
	maxLine               = 64 << 10 // bytes; a longer line comes in pieces
)

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range b {
		if c == '\n' || len(l.part) == maxLine {
			l.end()
		}
		if c != '\n' {
			l.part = append(l.part, c)
		}
	}
	return len(b), nil
}

func (l *lines) end() {
	line := strings.TrimRight(string(l.part), "\r")
	l.part = l.part[:0]
	if level, text := Message(line); level >= slog.LevelWarn {
		l.severe = append(l.severe, text)
		l.severe = l.severe[max(0, len(l.severe)-keepSevere):]
	} else {
		l.other = append(l.other, text)
		l.other = l.other[max(0, len(l.other)-keepOther):]
	}
	if l.each != nil {
		l.each(line)
	}
}

func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.part) > 0 {
		l.end()
	}
}

func (l *lines) tail() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.severe) == 0 {
		return slices.Clone(l.other)
	}
	return slices.Clone(l.severe)
}

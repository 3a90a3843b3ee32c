// Package supervise runs child processes: it starts them with a given environment, waits until they are ready, keeps
// their last log lines for error messages, and stops them.
//
// A child has its own process group, so Ctrl-C in a terminal reaches only the parent, which stops the children in
// order. On Linux the kernel kills a child whose parent died. On other systems a child survives a parent that was
// killed with SIGKILL.
package supervise

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"darkroom/worker/process"
)

// Command says what to run.
type Command struct {
	Name string // name in messages
	Path string
	Args []string // arguments without the program's name
	Env  []string // the whole environment
	// Healthy are the URLs that answer 200 when the child is ready.
	Healthy []string
	// Line is called with each line of the child's standard output and error, one call at a time. May be nil.
	Line func(line string)
}

// Process is a child process.
type Process struct {
	command Command
	cmd     *exec.Cmd
	output  *lines
	done    chan struct{}
	err     error // result of Wait; read it only after done is closed
}

// Start starts the child. It does not wait until the child is ready: see [Process.Ready].
func Start(c Command) (*Process, error) {
	p := &Process{command: c, cmd: exec.Command(c.Path, c.Args...), output: &lines{each: c.Line},
		done: make(chan struct{})}
	p.cmd.Env = c.Env
	if c.Env == nil {
		p.cmd.Env = []string{} // nil would be the environment of this process
	}
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output // with one writer for both, exec calls it from one goroutine
	p.cmd.SysProcAttr = attributes()
	// Wait must return even if a grandchild keeps the pipe open.
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

// Name returns the name of the command.
func (p *Process) Name() string { return p.command.Name }

// PID returns the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done returns a channel that is closed when the child has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err returns an error that says how the child ended, with its last log lines. Call it only after Done is closed. It is
// not nil even if the exit status is 0: a child should run until it is stopped.
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

// Ready waits until each of the command's Healthy URLs answers 200. It fails if the child or ctx ends first.
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
	case <-p.done: // another program answered
		return p.Err()
	default:
		return nil
	}
}

// Stop sends the child SIGTERM, and kills its whole process group after grace. It returns when the child has ended. The
// error says that the child was killed or that its exit status was not 0.
func (p *Process) Stop(grace time.Duration) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	p.cmd.Process.Signal(syscall.SIGTERM) // fails only if the child has just ended
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

// Suspend stops the child with SIGSTOP until [Process.Resume]. It fails if the child has ended.
func (p *Process) Suspend() error {
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return fmt.Errorf("suspend %s: %w", p.command.Name, err)
	}
	return nil
}

// Resume continues a suspended child. It does nothing if the child has ended.
func (p *Process) Resume() { p.cmd.Process.Signal(syscall.SIGCONT) }

// Kill kills the child and its process group, and waits until the child has ended.
func (p *Process) Kill() {
	syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.done
}

// Package shell runs the programs that hold the credentials: aws, docker and git. A dry shell prints their commands and
// runs none, so a person can read, and run, what a command of this program would do.
//
// Errors name the beginning of the command. Those of [Shell.Quietly] also have what the program said about the failure.
// What a command prints for another (see [Shell.Pipe]) is never shown, because it may be a password.
package shell

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Shell runs commands in a folder. Its methods may be called by several goroutines.
type Shell struct {
	Dir  string    // working directory, "" for this process's
	Dry  bool      // print commands instead of running them
	Show bool      // print also commands that only read
	Out  io.Writer // receives the commands, and the output of those that Run runs

	mu sync.Mutex // guards Out in Printf
}

// Printf prints a line about the work.
func (s *Shell) Printf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.Out, format, args...)
}

// killAfter is how long a command may take to end after an interrupt.
const killAfter = 10 * time.Second

func (s *Shell) command(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = killAfter
	cmd.Dir, cmd.Stderr = s.Dir, os.Stderr
	cmd.Env = append(os.Environ(), "AWS_PAGER=") // version 2 of the AWS CLI pages its output on a terminal
	return cmd
}

// Run prints and runs a command whose output goes to Out.
func (s *Shell) Run(ctx context.Context, args []string) error {
	if !s.Dry && !s.Show {
		s.Printf("%s\n", Quote(args))
	}
	return s.Stream(ctx, args)
}

// Stream runs a command whose output goes to Out, and prints the command only in a dry run or if Show is set.
func (s *Shell) Stream(ctx context.Context, args []string) error {
	if s.Dry || s.Show {
		s.Printf("%s\n", Quote(args))
	}
	if s.Dry {
		return nil
	}
	cmd := s.command(ctx, args)
	cmd.Stdout = s.Out
	return explain(args, cmd.Run())
}

// Quietly runs a command that may fail, and returns what it prints. What it says about a failure is in the error. A dry
// shell returns nothing.
func (s *Shell) Quietly(ctx context.Context, args []string) ([]byte, error) {
	if s.Dry || s.Show {
		s.Printf("%s\n", Quote(args))
	}
	if s.Dry {
		return nil, nil
	}
	var said bytes.Buffer
	cmd := s.command(ctx, args)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, explain(args, fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.Bytes())))
	}
	return out, nil
}

// Query runs a command that answers with JSON, and decodes the answer into out. An empty answer counts as {}. A dry
// shell leaves out as it is.
func (s *Shell) Query(ctx context.Context, out any, args []string) error {
	text, err := s.Quietly(ctx, args)
	if err != nil || s.Dry {
		return err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{}")
	}
	if err := json.Unmarshal(text, out); err != nil {
		return explain(args, err)
	}
	return nil
}

// Pipe passes the output of one command to another, without showing it.
func (s *Shell) Pipe(ctx context.Context, from, to []string) error {
	s.Printf("%s | %s\n", Quote(from), Quote(to))
	if s.Dry {
		return nil
	}
	secret, err := s.command(ctx, from).Output()
	if err != nil {
		return explain(from, err)
	}
	cmd := s.command(ctx, to)
	cmd.Stdin, cmd.Stdout = bytes.NewReader(secret), s.Out
	return explain(to, cmd.Run())
}

// explain adds the beginning of a command to its error. Its exit status becomes text, since it is not this program's.
func explain(args []string, err error) error {
	if err == nil {
		return nil
	}
	command := strings.Join(args[:min(len(args), 5)], " ")
	var status *exec.ExitError
	if errors.As(err, &status) {
		return fmt.Errorf("%s: %v", command, err)
	}
	return fmt.Errorf("%s: %w", command, err)
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./${}*-]+$`)

// Quote formats a command for a shell. Shell variables stand for values that only a real run knows.
func Quote(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		if quoted[i] = a; !plain.MatchString(a) || strings.Contains(a, "*") && !strings.Contains(a, "$") {
			quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

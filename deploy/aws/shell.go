package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// shell prints commands and runs them in a folder. A dry shell only prints them.
type shell struct {
	dir string
	dry bool
	out io.Writer
}

func (s *shell) printf(format string, args ...any) { fmt.Fprintf(s.out, format, args...) }

// killAfter is how long a command may take to end after an interrupt.
const killAfter = 10 * time.Second

func (s *shell) command(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = killAfter
	cmd.Dir, cmd.Stderr = s.dir, os.Stderr
	return cmd
}

// run runs a command whose output goes to this program's output.
func (s *shell) run(ctx context.Context, args []string) error {
	s.printf("%s\n", quote(args))
	if s.dry {
		return nil
	}
	cmd := s.command(ctx, args)
	cmd.Stdout = s.out
	return explain(args, cmd.Run())
}

// output runs a command and returns what it prints.
func (s *shell) output(ctx context.Context, args []string) ([]byte, error) {
	s.printf("%s\n", quote(args))
	if s.dry {
		return nil, nil
	}
	out, err := s.command(ctx, args).Output()
	return out, explain(args, err)
}

// quietly runs a command that may fail, and returns what it prints. What it says about a failure is in the error.
func (s *shell) quietly(ctx context.Context, args []string) ([]byte, error) {
	s.printf("%s\n", quote(args))
	if s.dry {
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

// pipe passes the output of one command to another, without showing it.
func (s *shell) pipe(ctx context.Context, from, to []string) error {
	s.printf("%s | %s\n", quote(from), quote(to))
	if s.dry {
		return nil
	}
	secret, err := s.command(ctx, from).Output()
	if err != nil {
		return explain(from, err)
	}
	cmd := s.command(ctx, to)
	cmd.Stdin, cmd.Stdout = bytes.NewReader(secret), s.out
	return explain(to, cmd.Run())
}

func explain(args []string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(args[:min(len(args), 5)], " "), err)
	}
	return nil
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./${}*-]+$`)

// quote formats a command for a shell. Shell variables stand for values that only a real run knows.
func quote(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		if quoted[i] = a; !plain.MatchString(a) || strings.Contains(a, "*") && !strings.Contains(a, "$") {
			quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

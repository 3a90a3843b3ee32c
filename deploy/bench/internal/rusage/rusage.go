// Package rusage measures the processor time and the peak memory of programs, each in a process of its own.
package rusage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Usage is the resource use of a process from its start to its end.
type Usage struct {
	CPU  time.Duration `json:"cpuNanoseconds"` // user and system time of all threads
	Peak int64         `json:"peakBytes"`      // highest resident set
}

// Command is a program to measure.
type Command struct {
	Args []string // path of the program and its arguments
	Env  []string // whole environment
}

// Account runs a program and writes its usage to w as JSON. The output of the program goes to standard error.
func Account(ctx context.Context, w io.Writer, args []string) error {
	if len(args) == 0 {
		return errors.New("--account needs a program")
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	u := Usage{CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.Peak = ResidentBytes(int64(r.Maxrss), runtime.GOOS)
	}
	return json.NewEncoder(w).Encode(u)
}

// ResidentBytes converts ru_maxrss to bytes: macOS reports bytes, others units of 1024 (getrusage(2) of each).
func ResidentBytes(maxrss int64, goos string) int64 {
	if goos == "darwin" || goos == "ios" {
		return maxrss
	}
	return maxrss << 10
}

// Measure runs the command and returns its usage. On Linux the peak memory of a process starts at that of its parent,
// which here would include the parent's pictures. So a small new process, this program with --account, starts the
// command.
func (c Command) Measure(ctx context.Context) (Usage, error) {
	self, err := os.Executable()
	if err != nil {
		return Usage{}, err
	}
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, self, append([]string{"--account", "--"}, c.Args...)...)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.Env, &out, &problems
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // an interrupt lets it end its child
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return Usage{}, ctx.Err()
		}
		return Usage{}, fmt.Errorf("%s: %w\n%s", c.Args[0], err, problems.Bytes())
	}
	var u Usage
	if err := json.Unmarshal(out.Bytes(), &u); err != nil {
		return Usage{}, fmt.Errorf("%s: decode its resource use: %w", c.Args[0], err)
	}
	return u, nil
}

// Environment returns the environment of a measured program: a few variables of this process, and those in set.
// Variables that would change how it runs, such as GOGC or NODE_OPTIONS, are left out.
func Environment(set ...string) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return append(env, set...)
}

// Output runs a program that is not measured and returns its standard output. An error includes its standard error.
func Output(ctx context.Context, dir string, env []string, args ...string) (string, error) {
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &out, &problems
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(problems.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"darkroom/worker/settings"
)

const asProgram = "PROCESS_TEST_AS_PROGRAM" // set in a child process, where this binary runs as a program with commands

type heeding struct{}

func (heeding) Run(ctx context.Context) error {
	fmt.Println("waiting")
	<-ctx.Done()
	fmt.Println(context.Cause(ctx))
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

type heedless struct{}

// strict is a command with a group of flags that checks them.
type strict struct {
	Flags strictFlags `embed:""`
}

type strictFlags struct {
	Most int `default:"3"`
}

func (f strictFlags) Validate() error { return settings.Named("--most", settings.Range(f.Most, 1, 3)) }

func (strict) Run() error { return errors.New("ran and failed") }

func (heedless) Run() error {
	fmt.Println("waiting")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func TestMain(m *testing.M) {
	how := os.Getenv(asProgram)
	if how == "" {
		os.Exit(m.Run())
	}
	if how == "nohup" {
		signal.Ignore(syscall.SIGHUP)
	} else {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // not ignored, although the tests may run under nohup
	}
	var cl struct {
		Heeding  heeding  `cmd:""`
		Heedless heedless `cmd:""`
		Strict   strict   `cmd:""`
	}
	Main(&cl, "program", "Waits to be interrupted.")
}

func TestInterruptible(t *testing.T) {
	for _, c := range []struct {
		how, command string
		signals      []syscall.Signal
		want         string
	}{
		{"terminal", "heeding", []syscall.Signal{syscall.SIGINT}, "interrupt"},
		{"terminal", "heeding", []syscall.Signal{syscall.SIGTERM}, "terminated"},
		{"terminal", "heeding", []syscall.Signal{syscall.SIGHUP}, "hangup"},
		{"nohup", "heeding", []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM}, "terminated"},
		{"terminal", "heedless", []syscall.Signal{syscall.SIGTERM}, ""}, // the signal ends it
	} {
		t.Run(fmt.Sprint(c.how, " ", c.command, " ", c.signals), func(t *testing.T) {
			// The timeout only keeps a child that does not end from blocking the tests.
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0], c.command)
			cmd.Env = []string{asProgram + "=" + c.how}
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			lines.Scan() // the child is waiting
			for _, s := range c.signals {
				if err := cmd.Process.Signal(s); err != nil {
					t.Error(err)
				}
			}
			var again <-chan time.Time
			if c.want != "" {
				if lines.Scan(); !strings.HasPrefix(lines.Text(), c.want) {
					t.Errorf("stopped by %q, want %q", lines.Text(), c.want)
				}
				again = time.Tick(10 * time.Millisecond) // the first may arrive before the program restores the default action
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			for {
				select {
				case err := <-ended:
					var exit *exec.ExitError
					if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
						t.Errorf("after the last signal: %v", err)
					}
					return
				case <-again:
					_ = cmd.Process.Signal(syscall.SIGTERM) // the process may have ended
				}
			}
		})
	}
}

// TestExitStatus runs the program with settings that cannot be used, and with one whose command fails.
func TestExitStatus(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		stderr string
	}{
		{[]string{"strict"}, 1, "ran and failed"},
		{[]string{"strict", "--most", "4"}, 2, "--most: 4 is not within 1 to 3"},
		{[]string{"strict", "--most", "many"}, 2, "--most"},
		{[]string{"strict", "--least", "1"}, 2, "--least"},
		{[]string{"none"}, 2, "none"},
		{[]string{"--help"}, 0, ""},
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], c.args...)
		cmd.Env = []string{asProgram + "=terminal"}
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		if status := cmd.ProcessState.ExitCode(); status != c.status || !strings.Contains(stderr.String(), c.stderr) {
			t.Errorf("%v: status %d, want %d, %q", c.args, status, c.status, stderr.String())
		}
	}
}

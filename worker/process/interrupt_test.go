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
)

const asProgram = "PROCESS_TEST_AS_PROGRAM" // set in a child: this binary is a program that does not end by itself

func TestMain(m *testing.M) {
	how := os.Getenv(asProgram)
	if how == "" {
		os.Exit(m.Run())
	}
	if how == "nohup" {
		signal.Ignore(syscall.SIGHUP)
	} else {
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // it is not ignored, although the tests may run under nohup
	}
	ctx, stop := Interruptible(context.Background())
	defer stop()
	fmt.Println("waiting")
	<-ctx.Done()
	fmt.Println(context.Cause(ctx))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func TestInterruptible(t *testing.T) {
	for _, c := range []struct {
		how     string
		signals []syscall.Signal
		want    string
	}{
		{"terminal", []syscall.Signal{syscall.SIGINT}, "interrupt"},
		{"terminal", []syscall.Signal{syscall.SIGTERM}, "terminated"},
		{"terminal", []syscall.Signal{syscall.SIGHUP}, "hangup"},
		{"nohup", []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM}, "terminated"},
	} {
		t.Run(fmt.Sprint(c.how, " ", c.signals), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // no measure of speed: a child that does not end must not hold up the rest
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0])
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
			lines.Scan() // it waits
			for _, s := range c.signals {
				if err := cmd.Process.Signal(s); err != nil {
					t.Error(err)
				}
			}
			if lines.Scan(); !strings.HasPrefix(lines.Text(), c.want) {
				t.Errorf("it was stopped by %q, want %q", lines.Text(), c.want)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			for again := time.NewTicker(10 * time.Millisecond); ; { // the first may come before the program has taken leave of signals
				_ = cmd.Process.Signal(syscall.SIGTERM) // it may be gone
				select {
				case err := <-ended:
					var exit *exec.ExitError
					if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
						t.Errorf("asked a second time: %v", err)
					}
					again.Stop()
					return
				case <-again.C:
				}
			}
		})
	}
}

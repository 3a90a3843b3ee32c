package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"darkroom/deploy/bench/internal/rusage"
	"darkroom/deploy/bench/internal/side"
)

func TestMeasureCommand(t *testing.T) {
	variants := t.TempDir()
	for _, s := range side.Sizes {
		writePhoto(t, variants, s.Name+".jpg")
	}
	large := make([]byte, 400<<20) // memory that would count for the peak of a process that this one starts directly
	for i := 0; i < len(large); i += 4096 {
		large[i] = 1
	}
	u, err := rusage.Command{Args: []string{os.Args[0], "stand-in", variants, t.TempDir(), "1", "2", "3"}, Env: rusage.Environment(exitAtOnce)}.Measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if u.CPU < 3*standInCPU {
		t.Errorf("CPU time %v, want at least %v", u.CPU, 3*standInCPU)
	}
	if u.Peak < 1<<20 || u.Peak > 200<<20 {
		t.Errorf("peak %d bytes, want that of a small process", u.Peak)
	}
	runtime.KeepAlive(large)
}

func TestMeasureFailure(t *testing.T) {
	_, err := rusage.Command{Args: []string{"/bin/sh", "-c", "echo broken photo >&2; exit 3"}, Env: rusage.Environment(exitAtOnce)}.Measure(t.Context())
	if err == nil || !strings.Contains(err.Error(), "broken photo") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("error %v, want the output of the program and its status", err)
	}
	if _, err := (rusage.Command{Args: []string{"/no/such/program"}, Env: rusage.Environment(exitAtOnce)}).Measure(t.Context()); err == nil {
		t.Error("a missing program: no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (rusage.Command{Args: []string{"/bin/sh", "-c", "exit 0"}, Env: rusage.Environment(exitAtOnce)}).Measure(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}

func TestAccountNothing(t *testing.T) {
	var out bytes.Buffer
	if err := rusage.Account(t.Context(), &out, nil); err == nil || out.Len() > 0 {
		t.Errorf("error %v, output %q", err, out.String())
	}
}

func TestResidentBytes(t *testing.T) {
	for goos, want := range map[string]int64{"linux": 2048, "darwin": 2} {
		if got := rusage.ResidentBytes(2, goos); got != want {
			t.Errorf("%s: %d, want %d", goos, got, want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("GOGC", "off")
	t.Setenv("NODE_OPTIONS", "--jitless")
	t.Setenv("HOME", "/home/x")
	got := strings.Join(rusage.Environment("RENDERS=1"), " ")
	if !strings.Contains(got, "HOME=/home/x") || !strings.HasSuffix(got, "RENDERS=1") || strings.Contains(got, "GOGC") || strings.Contains(got, "NODE_OPTIONS") {
		t.Errorf("environment %s", got)
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/side"
)

// asProgram is the environment variable that makes this test binary the program.
const asProgram = "BENCH_TEST_AS_PROGRAM"

// exitAtOnce keeps programs with the race detector from sleeping for a second before they exit.
const exitAtOnce = "GORACE=atexit_sleep_ms=0"

// TestMain makes the test binary also the program under test, and a stand-in for a side.
func TestMain(m *testing.M) {
	args := append(os.Args, "")
	switch {
	case args[1] == "--account", os.Getenv(asProgram) != "":
		main()
	case args[1] == "stand-in":
		if err := standIn(args[2], args[3], args[4:len(args)-1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		os.Exit(m.Run())
	}
}

// standInCPU is the least CPU time that the stand-in takes for a photo.
const standInCPU = 20 * time.Millisecond

// standIn acts as a side: it uses CPU time for each file and writes variants, copied from a folder.
func standIn(variants, out string, files []string) error {
	start := ownCPU()
	for i := range files {
		for ownCPU() < start+time.Duration(i+1)*standInCPU {
		}
		for _, s := range side.Sizes {
			to := side.VariantPath(out, i, s.Name, side.ToJPEG)
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			if err := photoset.CopyFile(to, filepath.Join(variants, s.Name+".jpg")); err != nil {
				return err
			}
		}
	}
	return nil
}

func ownCPU() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// program runs the program and returns its output and exit status.
func program(t *testing.T, env []string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append([]string{asProgram + "=1", exitAtOnce, "HOME=" + t.TempDir()}, env...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), problems.String(), cmd.ProcessState.ExitCode()
}

func TestHelp(t *testing.T) {
	out, _, status := program(t, nil, "--help")
	for _, want := range []string{"sharp", "--rounds", "Default: 5.", "--repeat", "--json", "--keep", "JPEG, PNG and HEIC photos", "vipsthumbnail"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) { // lines are wrapped
			t.Errorf("--help does not have %q:\n%s", want, out)
		}
	}
	if status != 0 || strings.Contains(out, "--account") {
		t.Errorf("status %d:\n%s", status, out)
	}
}

func TestWrongUse(t *testing.T) {
	photo := writePhoto(t, t.TempDir(), "a.jpg")
	tools := t.TempDir()
	writeScript(t, tools, "node", "exit 1")
	for name, c := range map[string]struct {
		path   string
		args   []string
		status int
		want   string
	}{
		"no rounds":    {tools, []string{"--rounds", "0", photo}, 2, "--rounds and --repeat must be at least 1"},
		"no repeats":   {tools, []string{"--repeat", "0", photo}, 2, "--rounds and --repeat must be at least 1"},
		"no such file": {tools, []string{"/no/such/file.jpg"}, 1, "no such file"},
		"no node":      {t.TempDir(), []string{photo}, 1, "sharp is left out: node is not in PATH"},
		"no npm":       {tools, []string{photo}, 1, "sharp is left out: npm is not in PATH"},
		"no format":    {tools, []string{"--formats", "jpeg,gif", photo}, 1, `--formats has "gif": want some of jpeg,webp,avif`},
		"no side":      {tools, []string{"--sides", "sharp", photo}, 1, `--sides has "sharp": want some of darkroom,sharp-usual`},
		"a score":      {tools, []string{"--score", "96", photo}, 2, "--score must be from 0 to 95"},
		"no libvips":   {tools, []string{writeHEIC(t)}, 1, "measuring HEIC: vipsthumbnail is not in PATH (Debian: libvips-tools)"},
	} {
		t.Run(name, func(t *testing.T) {
			out, problems, status := program(t, []string{"PATH=" + c.path}, c.args...)
			if status != c.status || out != "" || !strings.Contains(problems, c.want) {
				t.Errorf("status %d, want %d and %q:\n%s%s", status, c.status, c.want, out, problems)
			}
		})
	}
}

// TestBench runs the whole program with the real sharp and the real worker.
func TestBench(t *testing.T) {
	if os.Getenv("DARKROOM_BENCH") == "" {
		t.Skip("needs node and npm, and installs sharp: set DARKROOM_BENCH=1")
	}
	keep := t.TempDir()
	photo := writePhoto(t, t.TempDir(), "one.jpg")
	out, problems, status := program(t, os.Environ(), "--rounds", "1", "--repeat", "20", "--formats", "jpeg", "--json", "--keep", keep, photo)
	if status != 0 {
		t.Fatalf("status %d: %s", status, problems)
	}
	var r report
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&r); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	if len(r.Photos) != 1 || len(r.Means) != 1 || r.Photos[0].Name != "one.jpg" || r.Versions.Sharp["sharp"] == "" || !strings.HasPrefix(r.Versions.Worker, "worker ") {
		t.Fatalf("report: %s", out)
	}
	for i, name := range []string{"darkroom", "sharp-usual", "sharp-best", "sharp-mozjpeg"} {
		f := r.Photos[0].Sides[i]
		if f.Name != name || f.CPU.Median <= 0 || f.Peak < 5e6 || total(f.Bytes) < 1000 || f.PSNR[0] < 30 || f.Pixels[0] < 50 || f.Reference[0] < 30 || total(f.Equal) == 0 {
			t.Errorf("side %d: %+v", i, f)
		}
		for _, s := range side.Sizes {
			if _, err := os.Stat(filepath.Join(keep, "one.jpg", name, s.Name+".jpg")); err != nil {
				t.Error(err)
			}
		}
	}
}

// writePhoto draws a small photo and returns its path.
func writePhoto(t *testing.T, dir, name string) string {
	t.Helper()
	photos, err := photoset.Draw(dir, []photoset.Drawing{{Name: name, Width: 640, Height: 480, Kind: photoset.Baseline}})
	if err != nil {
		t.Fatal(err)
	}
	return photos[0].Path
}

// writeScript writes a shell script that replaces a program.
func writeScript(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCountWithoutTools(t *testing.T) {
	path := "PATH=" + t.TempDir()
	out, problems, status := program(t, []string{path}, "--count")
	if status != 0 || !strings.HasPrefix(out, "skipped: gcc is not in PATH") {
		t.Errorf("status %d: %s%s", status, out, problems)
	}
	out, problems, status = program(t, []string{path, "DARKROOM_CI=1"}, "--count")
	if status != 1 || !strings.Contains(problems, "gcc is not in PATH") {
		t.Errorf("in the gate: status %d: %s%s", status, out, problems)
	}
	if _, problems, status = program(t, nil, "--update"); status != 2 || !strings.Contains(problems, "--update needs --count") {
		t.Errorf("status %d: %s", status, problems)
	}
}

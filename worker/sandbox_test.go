package main

import (
	"debug/buildinfo"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/local/build"
)

// TestEveryBuildHasItsCodecsInTheSandbox: without the tag, the program refuses to start on a machine that has the C
// libraries of the codecs. So every command that builds it must have the tag.
func TestEveryBuildHasItsCodecsInTheSandbox(t *testing.T) {
	command := regexp.MustCompile(`go (build|run|install)\b[^|#]*(\./worker\b|darkroom/worker")`)
	for _, path := range []string{"../README.md", "README.md", "Dockerfile"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
			if command.MatchString(line) {
				found = true
				if !strings.Contains(line, "-tags nodynamic") {
					t.Errorf("%s: without -tags nodynamic: %s", path, line)
				}
			}
		}
		if !found && path != "../README.md" { // README.md may leave it to the page of this folder
			t.Errorf("%s: no command found that builds the worker", path)
		}
	}
}

// TestLocalBuildHasItsCodecsInTheSandbox builds the worker as the local system, the benchmark and the tests do.
func TestLocalBuildHasItsCodecsInTheSandbox(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := build.Programs(t.Context(), dir, build.Worker); err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(filepath.Join(dir, "worker"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(info.Settings, debug.BuildSetting{Key: "-tags", Value: "nodynamic"}) {
		t.Errorf("built with %v", info.Settings)
	}
}

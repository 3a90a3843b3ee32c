package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEveryBuildHasItsCodecsInTheSandbox: without the tag, the program refuses to start on a machine that has the
// libraries of the system, so nobody is told to build it that way.
func TestEveryBuildHasItsCodecsInTheSandbox(t *testing.T) {
	command := regexp.MustCompile(`go (build|run|install)\b[^|#]*(\./worker\b|darkroom/worker")`)
	for _, path := range []string{"../README.md", "Dockerfile", "../deploy/bench/sides.go"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		joined := strings.NewReplacer("\\\n", " ", `", "`, " ", `"go `, "go ").Replace(string(text))
		for line := range strings.Lines(joined) {
			if command.MatchString(line) {
				found = true
				if !strings.Contains(line, "-tags nodynamic") {
					t.Errorf("%s: without -tags nodynamic: %s", path, line)
				}
			}
		}
		if !found {
			t.Errorf("%s: no command found that builds the worker", path)
		}
	}
}

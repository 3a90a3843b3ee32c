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
	found := 0
	for _, path := range []string{"../README.md", "Dockerfile", "../deploy/local/e2e/system_test.go"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		joined := strings.NewReplacer("\\\n", " ", `", "`, " ", `"go `, "go ").Replace(string(text))
		for line := range strings.Lines(joined) {
			if command.MatchString(line) {
				found++
				if !strings.Contains(line, "-tags nodynamic") {
					t.Errorf("%s: without -tags nodynamic: %s", path, line)
				}
			}
		}
	}
	if found < 3 {
		t.Errorf("%d commands found", found)
	}
}

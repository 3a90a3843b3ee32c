package client

import (
	"os/exec"
	"strings"
	"testing"
)

// TestDependencies checks that a program that uses this package links no helpers of tests.
func TestDependencies(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list -deps: %v", err)
	}
	paths := strings.Fields(string(out))
	if len(paths) == 0 {
		t.Error("go list found no dependencies")
	}
	for _, path := range paths {
		if path == "testing" || strings.HasPrefix(path, "darkroom/deploy/testkit/") {
			t.Errorf("the client links %s", path)
		}
	}
}

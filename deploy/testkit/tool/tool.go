// Package tool finds programs that a test needs and that do not come with Go.
package tool

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Find returns the path of the first of the programs that is in PATH. If none is, it skips the test; with DARKROOM_CI=1
// the test fails instead.
func Find(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing := "needs " + strings.Join(names, " or ") + ", which is not in PATH"
	if os.Getenv("DARKROOM_CI") == "1" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

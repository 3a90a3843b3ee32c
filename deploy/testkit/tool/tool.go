// Package tool finds programs that a test needs and Go does not bring.
package tool

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Find returns the path of the first of the programs that is in PATH. Where there is none the test is skipped, but
// fails with DARKROOM_CI=1: there everything is tested.
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

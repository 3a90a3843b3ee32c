// Package programs has the programs built for tests that run them.
package programs

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"darkroom/deploy/local/stack"
)

// Build builds the programs for one test, which is skipped in short mode, and returns the folder with them.
func Build(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs the programs; not in short mode")
	}
	LookAtSources(t)
	dir := t.TempDir()
	if err := stack.Build(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// LookAtSources looks at every folder that the programs are built from, for tests that run them. The go command takes
// the result of a test from its cache unless the test's own binary has changed, which does not hold the programs, or what
// the test looked at.
func LookAtSources(t testing.TB) {
	t.Helper()
	root := "."
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if abs, err := filepath.Abs(root); err != nil || abs == filepath.Dir(abs) {
			t.Fatal("this is no folder of the source")
		}
		root = filepath.Join("..", root)
	}
	for _, name := range []string{"worker", "token-lambda", "deploy", "go.mod"} {
		if err := filepath.WalkDir(filepath.Join(root, name), func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
			t.Fatal(err)
		}
	}
}

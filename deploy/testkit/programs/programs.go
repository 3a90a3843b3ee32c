// Package programs builds Darkroom's programs for tests that run them. Every function skips the test in short mode.
package programs

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"darkroom/deploy/local/build"
)

// Build builds the programs for one test and returns their folder.
func Build(t testing.TB) string {
	t.Helper()
	skipShort(t)
	VisitSources(t)
	dir := t.TempDir()
	if err := build.Cached(t.Context(), dir, build.All()...); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Shared builds the programs once for all tests of a package and returns their folder. The package's TestMain calls
// [Main], which removes the folder.
func Shared(t testing.TB) string {
	t.Helper()
	skipShort(t)
	VisitSources(t)
	dir, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// sharedDir is the folder of [Shared], or "" while no test has asked for it.
var sharedDir string

var shared = sync.OnceValues(func() (_ string, err error) {
	if sharedDir, err = os.MkdirTemp("", "darkroom-programs-"); err != nil {
		return "", err
	}
	return sharedDir, build.Cached(context.Background(), sharedDir, build.All()...)
})

// Main runs the tests of a package that uses [Shared], removes the programs and exits.
func Main(m *testing.M) {
	code := m.Run()
	if sharedDir != "" {
		os.RemoveAll(sharedDir)
	}
	os.Exit(code)
}

func skipShort(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs the programs; not in short mode")
	}
}

// VisitSources walks the folders that the programs are built from. The go command caches the result of a test until
// the test binary changes, or a file that the test visited. The binary does not contain the programs, so the test
// visits their sources.
func VisitSources(t testing.TB) {
	t.Helper()
	root := moduleRoot(t)
	for _, name := range []string{"worker", "token-lambda", "deploy", "go.mod"} {
		if err := filepath.WalkDir(filepath.Join(root, name), func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
			t.Fatal(err)
		}
	}
}

func moduleRoot(t testing.TB) string {
	t.Helper()
	for root := "."; ; root = filepath.Join("..", root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return root
		}
		if abs, err := filepath.Abs(root); err != nil || abs == filepath.Dir(abs) {
			t.Fatal("the working directory is not inside Darkroom's source")
		}
	}
}

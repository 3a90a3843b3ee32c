package build

import (
	"context"
	"debug/buildinfo"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{Worker, Local} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := Check(dir, Worker, Local); err != nil {
		t.Error(err)
	}
	if err := Check(dir, All()...); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, TokenLambda)) {
		t.Errorf("error %v, want one that names the missing program", err)
	}
}

// TestCached checks that the program comes from the go command's cache, and that a failure names the program.
func TestCached(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program; not in short mode")
	}
	dir := t.TempDir()
	if err := Cached(t.Context(), dir, TokenLambda); err != nil {
		t.Fatal(err)
	}
	if err := Check(dir, TokenLambda); err != nil {
		t.Error(err)
	}
	info, err := buildinfo.ReadFile(filepath.Join(dir, TokenLambda))
	if err != nil {
		t.Fatal(err)
	}
	if info.Path != packages[TokenLambda] {
		t.Errorf("%s is the program %s", TokenLambda, info.Path)
	}
	again := exec.CommandContext(t.Context(), "go", "run", "-tags", "nodynamic", "-trimpath", "-exec", "echo", packages[TokenLambda])
	again.Env = append(os.Environ(), "CGO_ENABLED=0")
	cache, cacheErr := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output()
	path, err := again.Output()
	if err := errors.Join(err, cacheErr); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(path), strings.TrimSpace(string(cache))) {
		t.Errorf("the go command links %s each time, which makes the tests slow: it would run %s", TokenLambda, path)
	}
	if err := Cached(t.Context(), filepath.Join(dir, "none"), TokenLambda); err == nil || !strings.Contains(err.Error(), "build "+TokenLambda) {
		t.Errorf("no folder: error %v, want one that names the program", err)
	}
}

func TestProgramsFails(t *testing.T) {
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Programs(interrupted, t.TempDir(), Worker); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: error %v, want %v", err, context.Canceled)
	}
	t.Setenv("PATH", t.TempDir())
	err := Programs(t.Context(), t.TempDir(), Worker)
	if !errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "--bin") {
		t.Errorf("without the go command: error %v, want one that mentions --bin", err)
	}
}

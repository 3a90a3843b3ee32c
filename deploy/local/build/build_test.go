package build

import (
	"context"
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

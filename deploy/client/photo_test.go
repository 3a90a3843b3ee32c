package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFileThatChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jpg")
	write(t, path, "short")
	p, err := FromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, "longer than before")
	if _, err := newSystem().client(t).Upload(t.Context(), p); err == nil || !strings.Contains(err.Error(), "has changed") {
		t.Errorf("%v", err)
	}
}

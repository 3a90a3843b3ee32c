package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

func TestFind(t *testing.T) {
	dir := t.TempDir()
	const png = "\x89PNG\r\n\x1a\n"
	write(t, filepath.Join(dir, "a.jpg"), png)
	write(t, filepath.Join(dir, "deep", "er", "B.JPG"), "no picture")
	write(t, filepath.Join(dir, "notes.txt"), "hello")
	write(t, filepath.Join(dir, ".hidden.png"), png)
	write(t, filepath.Join(dir, ".git", "c.png"), png)
	write(t, filepath.Join(dir, "noname"), "GIF89a")
	write(t, filepath.Join(dir, "none", "x.txt"), "")
	write(t, filepath.Join(dir, "empty.gif"), "")

	got, err := Find([]string{dir, filepath.Join(dir, "notes.txt"), filepath.Join(dir, "noname")})
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{}
	for _, p := range got {
		rel, _ := filepath.Rel(dir, p.Name)
		types[rel] = p.ContentType
	}
	want := map[string]string{
		"a.jpg": "image/png", "deep/er/B.JPG": "image/jpeg", "notes.txt": "text/plain; charset=utf-8", "noname": "image/gif", "empty.gif": "image/gif",
	}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "missing.jpg")} {
		if _, err := Find([]string{bad}); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", bad, err)
		}
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

package photofiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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
	write(t, filepath.Join(dir, "deep", "er", "B.JPG"), "no image")
	write(t, filepath.Join(dir, "notes.txt"), "hello")
	write(t, filepath.Join(dir, "phone.heic"), "")
	write(t, filepath.Join(dir, ".hidden.png"), png)
	write(t, filepath.Join(dir, ".git", "c.png"), png)
	write(t, filepath.Join(dir, "noname"), "GIF89a")
	write(t, filepath.Join(dir, "none", "x.txt"), "")
	write(t, filepath.Join(dir, "empty.gif"), "")
	paths := []string{dir, filepath.Join(dir, "notes.txt"), filepath.Join(dir, "noname")}

	photos, err := Uploads(paths)
	if err != nil {
		t.Fatal(err)
	}
	var names, types []string
	for _, p := range photos {
		name, _ := filepath.Rel(dir, p.Name)
		names, types = append(names, name), append(types, p.ContentType)
	}
	if diff := cmp.Diff([]string{"a.jpg", "deep/er/B.JPG", "empty.gif", "phone.heic", "notes.txt", "noname"}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"image/png", "image/jpeg", "image/gif", "image/heic", "text/plain; charset=utf-8", "image/gif"}, types); diff != "" {
		t.Error(diff)
	}

	jpegs, err := Find([]string{dir}, Extension(".jpg", ".jpeg"))
	if diff := cmp.Diff([]string{filepath.Join(dir, "a.jpg"), filepath.Join(dir, "deep/er/B.JPG")}, jpegs); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for _, bad := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "missing.jpg")} {
		if _, err := Uploads([]string{bad}); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: error %v, want one that names it", bad, err)
		}
	}
}

func TestUnreadable(t *testing.T) {
	err := readable(&fs.PathError{Op: "open", Path: "/photos", Err: syscall.EACCES})
	if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), fmt.Sprintf("user %d may not read /photos: ", os.Getuid())) || !strings.Contains(err.Error(), "--user") {
		t.Errorf("got %v", err)
	}
	missing := &fs.PathError{Op: "open", Path: "/photos", Err: syscall.ENOENT}
	if err := readable(missing); err != error(missing) {
		t.Errorf("a missing folder: %v", err)
	}
}

package build

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPackIsReproducible(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, bytes.Repeat([]byte("code"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	first, err := pack(program, filepath.Join(dir, "a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(program, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	second, err := pack(program, filepath.Join(dir, "b.zip"))
	if err != nil || first != second {
		t.Errorf("digests %s and %s, %v", first, second, err)
	}
	r, err := zip.OpenReader(filepath.Join(dir, "a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if len(r.File) != 1 || r.File[0].Name != "bootstrap" || r.File[0].Mode() != 0o755 || r.File[0].UncompressedSize64 != 4000 {
		t.Errorf("the zip has %+v", r.File[0].FileHeader)
	}
}

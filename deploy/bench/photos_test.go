package main

import (
	"bytes"
	"errors"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gen2brain/jpegn"
)

func smallJPEG(t testing.TB, o *jpegn.EncodeOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpegn.Encode(&b, image.NewYCbCr(image.Rect(0, 0, 16, 16), image.YCbCrSubsampleRatio420), o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestKindOf(t *testing.T) {
	plain := smallJPEG(t, &jpegn.EncodeOptions{Exif: turned})
	arithmetic := bytes.Replace(plain, []byte{0xff, 0xc0}, []byte{0xff, 0xc9}, 1)
	for name, c := range map[string]struct {
		data []byte
		want kind
	}{
		"baseline":    {plain, baseline},
		"extended":    {bytes.Replace(plain, []byte{0xff, 0xc0}, []byte{0xff, 0xc1}, 1), baseline},
		"fill bytes":  {bytes.Replace(plain, []byte{0xff, 0xc0}, []byte{0xff, 0xff, 0xff, 0xc0}, 1), baseline},
		"progressive": {smallJPEG(t, &jpegn.EncodeOptions{Progressive: true}), progressive},
		"arithmetic":  {arithmetic, ""},
		"PNG":         {[]byte("\x89PNG\r\n\x1a\n"), ""},
		"no frame":    {plain[:30], ""},
		"garbage":     {[]byte{0xff, 0xd8, 1, 2, 3, 4, 5}, ""},
		"empty":       {nil, ""},
	} {
		got, err := kindOf(c.data)
		if got != c.want || (err != nil) != (c.want == "") || err != nil && !errors.Is(err, errNotJPEG) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
}

func FuzzKindOf(f *testing.F) {
	f.Add(smallJPEG(f, &jpegn.EncodeOptions{Exif: turned}))
	f.Add(smallJPEG(f, &jpegn.EncodeOptions{Progressive: true}))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := kindOf(data)
		if (err == nil) != slices.Contains(kinds, k) {
			t.Fatalf("kind %q, error %v", k, err)
		}
	})
}

func TestFindPhotos(t *testing.T) {
	dir := t.TempDir()
	file := smallJPEG(t, nil)
	for _, name := range []string{"a.jpg", "sub/A.JPG", "sub/b.jpeg", "notes.txt", "noext"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		data := file
		if name == "notes.txt" {
			data = []byte("no photo")
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	photos, err := findPhotos([]string{dir, filepath.Join(dir, "noext")})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range photos {
		names = append(names, p.name)
	}
	if got := strings.Join(names, " "); got != "a.jpg A.JPG-2 b.jpeg noext" {
		t.Errorf("photos %s", got)
	}
	for name, path := range map[string]string{"no photo": filepath.Join(dir, "notes.txt"), "no file": filepath.Join(dir, "none.jpg"), "empty folder": t.TempDir()} {
		if _, err := findPhotos([]string{path}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one that names %s", name, err, path)
		}
	}
}

func TestLink(t *testing.T) {
	src := filepath.Join(t.TempDir(), "x.jpg")
	if err := os.WriteFile(src, []byte("content"), 0o400); err != nil {
		t.Fatal(err)
	}
	files, err := link(src, filepath.Join(t.TempDir(), "in"), 3)
	if err != nil || len(files) != 3 {
		t.Fatalf("%q, %v", files, err)
	}
	for i, f := range files {
		if filepath.Base(f) != fileName(i) || readFile(t, f) != "content" {
			t.Errorf("file %d: %s", i, f)
		}
	}
}

func TestDrawPhotos(t *testing.T) {
	list := []drawing{{"a.jpg", 800, 600, baseline, nil}, {"b.jpg", 800, 600, progressive, turned}}
	photos, err := drawPhotos(t.TempDir(), list)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range photos {
		data := []byte(readFile(t, p.path))
		if k, err := kindOf(data); k != list[i].kind || err != nil {
			t.Errorf("%s is %q, %v", p.name, k, err)
		}
		// Photos of cameras have 1.5 to 3 bits a pixel: fewer would make decoding look cheap.
		if bits := float64(8*len(data)) / (800 * 600); bits < 1.5 || bits > 3 {
			t.Errorf("%s has %.2f bits a pixel", p.name, bits)
		}
		ref, err := newReference(p.path)
		if err != nil {
			t.Fatal(err)
		}
		if want := []image.Point{{800, 600}, {600, 800}}[i]; ref.size() != want {
			t.Errorf("%s is %v upright, want %v", p.name, ref.size(), want)
		}
	}
	again, err := drawPhotos(t.TempDir(), list)
	if err != nil || readFile(t, again[0].path) != readFile(t, photos[0].path) {
		t.Errorf("drawn again it is another picture (%v)", err)
	}
}

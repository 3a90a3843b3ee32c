package photoset

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gen2brain/jpegn"

	"github.com/disintegration/imaging"
)

func smallJPEG(t testing.TB, o *jpegn.EncodeOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpegn.Encode(&b, image.NewYCbCr(image.Rect(0, 0, 16, 16), image.YCbCrSubsampleRatio420), o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func smallPNG(t testing.TB, alpha bool) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	if alpha {
		m.Pix[3] = 128
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestKindOf(t *testing.T) {
	plain := smallJPEG(t, &jpegn.EncodeOptions{Exif: Turned})
	arithmetic := bytes.Replace(plain, []byte{0xff, 0xc0}, []byte{0xff, 0xc9}, 1)
	for name, c := range map[string]struct {
		data []byte
		want Kind
	}{
		"baseline":    {plain, Baseline},
		"extended":    {bytes.Replace(plain, []byte{0xff, 0xc0}, []byte{0xff, 0xc1}, 1), Baseline},
		"fill bytes":  {bytes.Replace(plain, []byte{0xff, 0xc0}, []byte{0xff, 0xff, 0xff, 0xc0}, 1), Baseline},
		"progressive": {smallJPEG(t, &jpegn.EncodeOptions{Progressive: true}), Progressive},
		"arithmetic":  {arithmetic, ""},
		"PNG":         {smallPNG(t, false), OpaquePNG},
		"PNG, alpha":  {smallPNG(t, true), AlphaPNG},
		"PNG, a key":  {bytes.Replace(smallPNG(t, false), []byte("IDAT"), []byte("tRNS"), 1), AlphaPNG},
		"end of PNG":  {smallPNG(t, false)[:33], ""},
		"short chunk": {append(smallPNG(t, false)[:33], 0, 1, 0, 0, 't', 'E', 'X', 't', 0, 0, 0, 0), ""},
		"no PNG":      {[]byte("\x89PNG\r\n\x1a\n"), ""},
		"no frame":    {plain[:30], ""},
		"garbage":     {[]byte{0xff, 0xd8, 1, 2, 3, 4, 5}, ""},
		"empty":       {nil, ""},
		"HEIC":        {box("ftyp", []byte("heic\x00\x00\x00\x00mif1heic")), HEIC},
		"10 bits":     {box("ftyp", []byte("mif1\x00\x00\x00\x00mif1heix")), HEIC},
		"AVIF":        {box("ftyp", []byte("avif\x00\x00\x00\x00avifmif1")), ""},
		"video":       {box("ftyp", []byte("isom\x00\x00\x02\x00isomhvc1")), ""},
		"no brands":   {box("ftyp"), ""},
	} {
		got, err := kindOf(c.data)
		if got != c.want || (err != nil) != (c.want == "") || err != nil && !errors.Is(err, errNotPhoto) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
}

func FuzzKindOf(f *testing.F) {
	f.Add(smallJPEG(f, &jpegn.EncodeOptions{Exif: Turned}))
	f.Add(smallJPEG(f, &jpegn.EncodeOptions{Progressive: true}))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xff, 0xff})
	f.Add(smallPNG(f, false))
	f.Add(smallPNG(f, true))
	f.Add(box("ftyp", []byte("heic\x00\x00\x00\x00mif1heic")))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := kindOf(data)
		if (err == nil) != slices.Contains(Kinds, k) {
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
	photos, err := Find([]string{dir, filepath.Join(dir, "noext")})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range photos {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "a.jpg A.JPG-2 b.jpeg noext" {
		t.Errorf("photos %s", got)
	}
	for name, path := range map[string]string{"no photo": filepath.Join(dir, "notes.txt"), "no file": filepath.Join(dir, "none.jpg"), "empty folder": t.TempDir()} {
		if _, err := Find([]string{path}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one that names %s", name, err, path)
		}
	}
}

// TestFindOpaquePNG checks that the pixels count, not what the headers allow.
func TestFindOpaquePNG(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want Kind
	}{"an alpha channel": {smallPNG(t, true), AlphaPNG}, "opaque palette": {palettePNG(t), OpaquePNG}} {
		path := filepath.Join(t.TempDir(), "x.png")
		if err := os.WriteFile(path, c.data, 0o644); err != nil {
			t.Fatal(err)
		}
		photos, err := Find([]string{filepath.Dir(path)})
		if err != nil || photos[0].Kind != c.want {
			t.Errorf("%s: %+v, %v, want %s", name, photos, err, c.want)
		}
	}
}

// palettePNG has a tRNS chunk, of a colour that no pixel has.
func palettePNG(t *testing.T) []byte {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.NRGBA{1, 2, 3, 255}, color.NRGBA{}})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	if k, err := kindOf(b.Bytes()); err != nil || k != AlphaPNG {
		t.Fatalf("by its headers it is %s, %v", k, err)
	}
	return b.Bytes()
}

func TestLink(t *testing.T) {
	src := filepath.Join(t.TempDir(), "x.jpg")
	if err := os.WriteFile(src, []byte("content"), 0o400); err != nil {
		t.Fatal(err)
	}
	files, err := Link(Original{Path: src, Kind: AlphaPNG}, filepath.Join(t.TempDir(), "in"), 3)
	if err != nil || len(files) != 3 {
		t.Fatalf("%q, %v", files, err)
	}
	for i, f := range files {
		if filepath.Base(f) != FileName(i, AlphaPNG) || contents(t, f) != "content" {
			t.Errorf("file %d: %s", i, f)
		}
	}
}

func TestDrawPhotos(t *testing.T) {
	list := []Drawing{{"a.jpg", 800, 600, Baseline, nil}, {"b.jpg", 800, 600, Progressive, Turned},
		{"c.png", 800, 600, OpaquePNG, nil}, {"d.png", 800, 600, AlphaPNG, nil}}
	photos, err := Draw(t.TempDir(), list)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range photos {
		data := []byte(contents(t, p.Path))
		if k, err := kindOf(data); k != list[i].Kind || err != nil {
			t.Errorf("%s is %q, %v", p.Name, k, err)
		}
		// Photos of cameras have 1.5 to 3 bits a pixel, PNGs of them 10 to 24: fewer would make decoding look cheap.
		least, most := 1.5, 3.0
		if p.Kind.extension() == ".png" {
			least, most = 10, 24
		}
		if bits := float64(8*len(data)) / (800 * 600); bits < least || bits > most {
			t.Errorf("%s has %.2f bits a pixel", p.Name, bits)
		}
		m, err := imaging.Open(p.Path, imaging.AutoOrientation(true))
		if err != nil {
			t.Fatal(err)
		}
		if want := []image.Point{{800, 600}, {600, 800}, {800, 600}, {800, 600}}[i]; m.Bounds().Size() != want {
			t.Errorf("%s is %v upright, want %v", p.Name, m.Bounds().Size(), want)
		}
	}
	again, err := Draw(t.TempDir(), list)
	if err != nil || contents(t, again[0].Path) != contents(t, photos[0].Path) {
		t.Errorf("drawn again it is another picture (%v)", err)
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

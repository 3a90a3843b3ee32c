package main

import (
	"bytes"
	"image"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/disintegration/imaging"
	"github.com/google/go-cmp/cmp"
)

// needs skips the test where a program is not installed.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
}

// writeHEIC writes a HEIC whose tiles cannot be decoded, and returns its path.
func writeHEIC(t *testing.T) string {
	t.Helper()
	file, err := gridFile([]heicTile{{box("hvcC", []byte("config")), []byte("first")}, {box("hvcC", []byte("config")), []byte("second")}}, image.Pt(600, 400))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.heic")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestGridFile(t *testing.T) {
	file := []byte(readFile(t, writeHEIC(t)))
	if k, err := kindOf(file); k != heic || err != nil {
		t.Errorf("kind %q, %v", k, err)
	}
	meta, err := findBox(file, "meta")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"idat":      "\x00\x00\x00\x01\x02\x58\x01\x90", // a row of two tiles, 600 by 400
		"iref":      "\x00\x00\x00\x00\x00\x00\x00\x10dimg\x00\x01\x00\x02\x00\x02\x00\x03",
		"iprp ipma": "\x00\x00\x00\x00\x00\x00\x00\x03\x00\x01\x01\x01\x00\x02\x02\x02\x83\x00\x03\x02\x02\x83",
	} {
		got, err := findBox(meta[4:], strings.Fields(path)...)
		if diff := cmp.Diff(want, string(got)); diff != "" || err != nil {
			t.Errorf("%s: %v %s", path, err, diff)
		}
	}
	// The locations end with those of the tiles: construction method 0, data reference 0, one extent.
	locations, err := findBox(meta[4:], "iloc")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"first", "second"} {
		entry := locations[len(locations)-16*(2-i):]
		offset, length := int(entry[10])<<8+int(entry[11]), int(entry[15])
		if got := string(file[offset:][:length]); got != want {
			t.Errorf("tile %d is %q, want %q", i, got, want)
		}
	}
	if _, err := gridFile([]heicTile{{config: []byte("a")}, {config: []byte("b")}}, image.Pt(600, 400)); err == nil {
		t.Error("tiles of different parameter sets: no error")
	}
}

func TestFindBox(t *testing.T) {
	file := append(box("free", []byte("x")), box("meta", box("iprp", []byte("content")))...)
	if got, err := findBox(file, "meta", "iprp"); string(got) != "content" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for name, data := range map[string][]byte{
		"no such box": file[:9], "empty": nil, "header too short": file[:13],
		"too long": append(box("free"), 0, 0, 0, 99, 'm', 'e', 't', 'a'), "too short": append(box("free"), 0, 0, 0, 7, 'm', 'e', 't', 'a'),
	} {
		if got, err := findBox(data, "meta"); err == nil {
			t.Errorf("%s: found %q", name, got)
		}
	}
}

func TestCutTile(t *testing.T) {
	m := scene(tileSize+10, 20)
	tile := cutTile(m, tileSize, 0)
	rgb := inRGB(m, false)
	for _, at := range []struct{ got, want image.Point }{
		{image.Pt(3, 7), image.Pt(tileSize+3, 7)}, // inside
		{image.Pt(tileSize-1, tileSize-1), image.Pt(tileSize+9, 19)},
		{image.Pt(100, 7), image.Pt(tileSize+9, 7)},
	} {
		if got, want := tile.At(at.got.X, at.got.Y), rgb.At(at.want.X, at.want.Y); got != want {
			t.Errorf("%v is %v, want %v like %v of the picture", at.got, got, want, at.want)
		}
	}
}

// TestDrawHEIC has another program read the drawn grid, whose tiles differ and go beyond its edges.
func TestDrawHEIC(t *testing.T) {
	needs(t, heicEncoder, vipsProgram)
	const width, height = 700, 400
	dir := t.TempDir()
	p, err := drawHEIC(t.Context(), dir, drawing{"a.heic", width, height, heic, nil})
	if err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 1 || p.path != left[0] || p.kind != heic {
		t.Errorf("%+v, files %q, %v", p, left, err)
	}
	info, err := os.Stat(p.path)
	if err != nil {
		t.Fatal(err)
	}
	// Those of phones have 0.5 to 2 bits a pixel. Fewer would make decoding look cheap.
	if bits := float64(8*info.Size()) / (width * height); bits < 0.5 || bits > 2 {
		t.Errorf("%.2f bits a pixel", bits)
	}
	if p.decoded, err = decodeHEIC(t.Context(), p, filepath.Join(dir, "decoded")); err != nil {
		t.Fatal(err)
	}
	m, err := imaging.Open(p.decoded)
	if err != nil {
		t.Fatal(err)
	}
	if m.Bounds().Size() != image.Pt(width, height) {
		t.Fatalf("size %v", m.Bounds().Size())
	}
	got, want := imaging.Clone(m), inRGB(scene(width, height), false)
	sum := 0.0
	for i := range want.Pix {
		d := float64(got.Pix[i]) - float64(want.Pix[i])
		sum += d * d
	}
	if rms := math.Sqrt(sum / float64(len(want.Pix))); rms > 14 {
		t.Errorf("differs from the scene by %.1f on average", rms)
	}
}

func TestDrawHEICWithoutEncoder(t *testing.T) {
	tools := t.TempDir()
	t.Setenv("PATH", tools)
	draw := func() (said string) {
		if photos := drawnHEIC(t.Context(), t.TempDir(), drawing{"a.heic", 40, 30, heic, nil}, func(s string) { said += s }); len(photos) > 0 {
			t.Errorf("drew %v", photos)
		}
		return said
	}
	if said := draw(); said != "HEIC is not measured: vipsthumbnail is not in PATH (Debian: libvips-tools)" {
		t.Errorf("said %q", said)
	}
	writeScript(t, tools, vipsProgram, "echo libvips 8.1")
	if said := draw(); said != "HEIC is not measured: heif-enc is not in PATH (Debian: libheif-examples)" {
		t.Errorf("said %q", said)
	}
	writeScript(t, tools, heicEncoder, "echo no HEVC here >&2; exit 5")
	if said := draw(); !strings.HasPrefix(said, "HEIC is not measured: draw a.heic: ") || !strings.Contains(said, "no HEVC here") {
		t.Errorf("said %q", said)
	}
}

func TestPhotosWithoutVips(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	c := commandLine{Paths: []string{writePhoto(t, t.TempDir(), "a.jpg"), writeHEIC(t)}}
	var said bytes.Buffer
	photos, err := c.photos(t.Context(), t.TempDir(), func(s string) { said.WriteString(s) })
	if err != nil || len(photos) != 1 || photos[0].name != "a.jpg" {
		t.Errorf("%v, %v", photos, err)
	}
	if want := "1 HEIC photo left out: vipsthumbnail is not in PATH (Debian: libvips-tools)"; said.String() != want {
		t.Errorf("said %q, want %q", said.String(), want)
	}
}

// TestUnreadableHEIC has a vipsthumbnail that reads only one of two photos.
func TestUnreadableHEIC(t *testing.T) {
	tools, dir := t.TempDir(), t.TempDir()
	t.Setenv("PATH", tools)
	writeScript(t, tools, vipsProgram, `case $1 in *new*) echo no such version >&2; exit 1;; esac`)
	jpeg := original{name: "a.jpg", path: "a.jpg", kind: baseline}
	old, recent := original{name: "old.heic", path: "old.heic", kind: heic}, original{name: "new.heic", path: "new.heic", kind: heic}
	var said string
	say := func(s string) { said += s }
	photos, err := decodeAll(t.Context(), []original{jpeg, recent, old}, dir, say)
	old.decoded = filepath.Join(dir, "old.heic.png")
	if err != nil || !slices.Equal(photos, []original{jpeg, old}) {
		t.Errorf("%+v, %v", photos, err)
	}
	if !strings.HasPrefix(said, "new.heic left out: ") || !strings.Contains(said, "no such version") {
		t.Errorf("said %q", said)
	}
	if _, err := decodeAll(t.Context(), []original{recent}, dir, say); err == nil {
		t.Error("nothing to measure: no error")
	}
}

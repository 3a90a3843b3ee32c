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

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/side"
)

// needProgram skips the test if a program is not installed.
func needProgram(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed", name)
		}
	}
}

// writeHEIC writes a HEIC, and returns its path.
func writeHEIC(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.heic")
	file, err := os.ReadFile("internal/counting/testdata/count.heic")
	if err == nil {
		err = os.WriteFile(path, file, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDrawHEIC has another program read the drawn grid, whose tiles differ and reach beyond its edges.
func TestDrawHEIC(t *testing.T) {
	needProgram(t, photoset.HEICEncoder, side.VIPSProgram)
	const width, height = 700, 400
	dir := t.TempDir()
	p, err := photoset.DrawHEIC(t.Context(), dir, photoset.Drawing{Name: "a.heic", Width: width, Height: height, Kind: photoset.HEIC})
	if err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 1 || p.Path != left[0] || p.Kind != photoset.HEIC {
		t.Errorf("%+v, files %q, %v", p, left, err)
	}
	info, err := os.Stat(p.Path)
	if err != nil {
		t.Fatal(err)
	}
	// HEICs of phones have 0.5 to 2 bits a pixel. Fewer would make decoding look cheap.
	if bits := float64(8*info.Size()) / (width * height); bits < 0.5 || bits > 2 {
		t.Errorf("%.2f bits a pixel", bits)
	}
	if p.Decoded, err = side.DecodeHEIC(t.Context(), p, filepath.Join(dir, "decoded")); err != nil {
		t.Fatal(err)
	}
	m, err := imaging.Open(p.Decoded)
	if err != nil {
		t.Fatal(err)
	}
	if m.Bounds().Size() != image.Pt(width, height) {
		t.Fatalf("size %v", m.Bounds().Size())
	}
	got, want := imaging.Clone(m), photoset.InRGB(photoset.Scene(width, height), false)
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
		if photos := drawHEIC(t.Context(), t.TempDir(), photoset.Drawing{Name: "a.heic", Width: 40, Height: 30, Kind: photoset.HEIC}, func(s string) { said += s }); len(photos) > 0 {
			t.Errorf("drew %v", photos)
		}
		return said
	}
	if said := draw(); said != "HEIC is not measured: vipsthumbnail is not in PATH (Debian: libvips-tools)" {
		t.Errorf("said %q", said)
	}
	writeScript(t, tools, side.VIPSProgram, "echo libvips 8.1")
	if said := draw(); said != "HEIC is not measured: heif-enc is not in PATH (Debian: libheif-examples)" {
		t.Errorf("said %q", said)
	}
	writeScript(t, tools, photoset.HEICEncoder, "echo no HEVC here >&2; exit 5")
	if said := draw(); !strings.HasPrefix(said, "HEIC is not measured: draw a.heic: ") || !strings.Contains(said, "no HEVC here") {
		t.Errorf("said %q", said)
	}
}

func TestPhotosWithoutVips(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	c := commandLine{Paths: []string{writePhoto(t, t.TempDir(), "a.jpg"), writeHEIC(t)}}
	var said bytes.Buffer
	photos, err := c.photos(t.Context(), t.TempDir(), func(s string) { said.WriteString(s) })
	if err != nil || len(photos) != 1 || photos[0].Name != "a.jpg" {
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
	writeScript(t, tools, side.VIPSProgram, `case $1 in *new*) echo no such version >&2; exit 1;; esac`)
	jpeg := photoset.Original{Name: "a.jpg", Path: "a.jpg", Kind: photoset.Baseline}
	old, recent := photoset.Original{Name: "old.heic", Path: "old.heic", Kind: photoset.HEIC}, photoset.Original{Name: "new.heic", Path: "new.heic", Kind: photoset.HEIC}
	var said string
	say := func(s string) { said += s }
	photos, err := decodeAll(t.Context(), []photoset.Original{jpeg, recent, old}, dir, say)
	old.Decoded = filepath.Join(dir, "old.heic.png")
	if err != nil || !slices.Equal(photos, []photoset.Original{jpeg, old}) {
		t.Errorf("%+v, %v", photos, err)
	}
	if !strings.HasPrefix(said, "new.heic left out: ") || !strings.Contains(said, "no such version") {
		t.Errorf("said %q", said)
	}
	if _, err := decodeAll(t.Context(), []photoset.Original{recent}, dir, say); err == nil {
		t.Error("nothing to measure: no error")
	}
}

package main

import (
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/disintegration/imaging"
	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/bench/internal/photoset"
	"darkroom/deploy/bench/internal/rusage"
	"darkroom/deploy/bench/internal/side"
)

// TestVipsSideSteps checks the steps with a fake vipsthumbnail that records its arguments: the photos are decoded once.
func TestVipsSideSteps(t *testing.T) {
	tools, dir := t.TempDir(), t.TempDir()
	log, out := filepath.Join(dir, "log"), filepath.Join(dir, "out")
	// The fake makes the files that the next steps look for.
	writeScript(t, tools, side.VIPSProgram, `echo "$@" >> `+log+`
for d in `+out+`/*; do touch "$d/large.v" "$d/medium.v"; done`)
	t.Setenv("PATH", tools+":"+os.Getenv("PATH"))
	c := side.VIPSSide().Command([]string{"/in/000.heic", "/in/001.heic"}, side.ToJPEG, out)
	if !slices.Contains(c.Env, "VIPS_CONCURRENCY=1") {
		t.Errorf("environment %q", c.Env)
	}
	if _, err := c.Measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := `/in/000.heic /in/001.heic --size 1600x1600> --export-profile srgb --output OUT/%s/large.v
OUT/000/large.v OUT/001/large.v --no-rotate --size 1600x1600> --output large.jpg[Q=80,strip]
OUT/000/large.v OUT/001/large.v --no-rotate --size 800x800> --output medium.v
OUT/000/medium.v OUT/001/medium.v --no-rotate --size 800x800> --output medium.jpg[Q=80,strip]
OUT/000/medium.v OUT/001/medium.v --no-rotate --size 320x320> --output small.jpg[Q=80,strip]
`
	if diff := cmp.Diff(want, strings.ReplaceAll(readFile(t, log), out, "OUT")); diff != "" {
		t.Error(diff)
	}
}

// TestVipsSide has the real vipsthumbnail make the variants of a photo with an EXIF orientation.
func TestVipsSide(t *testing.T) {
	needProgram(t, side.VIPSProgram)
	photos, err := photoset.Draw(t.TempDir(), []photoset.Drawing{{Name: "a.jpg", Width: 1680, Height: 1260, Kind: photoset.Baseline, EXIF: photoset.Turned}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := photoset.Link(photos[0], filepath.Join(t.TempDir(), "in"), 2)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	used, err := side.VIPSSide().Command(files, side.ToJPEG, out).Measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The shell itself takes less than that, so its children are counted.
	if used.Peak < 15<<20 {
		t.Errorf("peak memory of %d bytes", used.Peak)
	}
	for i := range files {
		for _, v := range side.Sizes {
			m, err := imaging.Open(side.VariantPath(out, i, v.Name, side.ToJPEG))
			if want := v.Fit(image.Pt(1260, 1680)); err != nil || m.Bounds().Size() != want {
				t.Errorf("file %d, %s: %v", i, v.Name, err)
			}
		}
	}
}

// TestVipsEncodes has the real vipsthumbnail encode a picture at each quality.
func TestVipsEncodes(t *testing.T) {
	needProgram(t, side.VIPSProgram)
	photos, err := photoset.Draw(t.TempDir(), []photoset.Drawing{{Name: "small.png", Width: 200, Height: 100, Kind: photoset.OpaquePNG}})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	c := side.VIPSSide().Encode([]string{photos[0].Path}, side.ToJPEG, out)
	if _, err := rusage.Output(t.Context(), "", c.Env, c.Args...); err != nil {
		t.Fatal(err)
	}
	before := 0
	for _, q := range side.ToJPEG.Grid {
		file := readFile(t, filepath.Join(out, "small", side.GridName(q)+".jpg"))
		if len(file) <= before {
			t.Errorf("quality %d takes %d bytes, the one below %d", q, len(file), before)
		}
		before = len(file)
	}
}

func TestFindVips(t *testing.T) {
	tools := t.TempDir()
	t.Setenv("PATH", tools)
	if _, _, err := side.FindVIPS(t.Context()); err != side.ErrNoVIPS {
		t.Errorf("not installed: error %v", err)
	}
	writeScript(t, tools, side.VIPSProgram, `test "$1" = --vips-version && echo libvips 8.1`)
	if sd, version, err := side.FindVIPS(t.Context()); sd.Name != side.VIPSProgram || version != "libvips 8.1" || err != nil {
		t.Errorf("%s, %q, %v", sd.Name, version, err)
	}
	writeScript(t, tools, side.VIPSProgram, "echo a library is missing >&2; exit 1")
	if _, _, err := side.FindVIPS(t.Context()); err == nil || !strings.Contains(err.Error(), "a library is missing") {
		t.Errorf("broken: error %v", err)
	}
}

package main

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/disintegration/imaging"
	"github.com/gen2brain/jpegn"
	"github.com/google/go-cmp/cmp"
)

func TestPSNR(t *testing.T) {
	for _, c := range []struct {
		a, b []uint8
		want float64
	}{
		{[]uint8{0, 0}, []uint8{255, 255}, 0},
		{[]uint8{10, 10, 10, 10}, []uint8{11, 9, 11, 9}, 48.1308},
		{[]uint8{10, 10, 10, 10}, []uint8{12, 10, 10, 10}, 48.1308}, // the same mean squared error
		{[]uint8{1, 2, 3}, []uint8{1, 2, 3}, identical},
	} {
		if got := psnr(c.a, c.b); math.Abs(got-c.want) > 1e-3 {
			t.Errorf("psnr(%v, %v) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestLuma(t *testing.T) {
	r := image.Rect(3, 5, 6, 7)
	c := color.NRGBA{200, 100, 50, 255}
	want := bytes.Repeat([]uint8{124}, 6) // 0.299 * 200 + 0.587 * 100 + 0.114 * 50
	nrgba, rgba, ycc := image.NewNRGBA(r), image.NewRGBA(r), image.NewYCbCr(r, image.YCbCrSubsampleRatio420)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			nrgba.Set(x, y, c)
			rgba.Set(x, y, c)
			ycc.Y[ycc.YOffset(x, y)] = 124
		}
	}
	for name, m := range map[string]image.Image{"NRGBA": nrgba, "RGBA": rgba, "YCbCr": ycc} {
		if diff := cmp.Diff(want, luma(m)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTransparentIsSeenOnWhite(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 3, 1))
	m.Pix = []uint8{0, 0, 0, 0, 0, 0, 0, 128, 40, 40, 40, 255}
	if diff := cmp.Diff([]uint8{255, 127, 40}, luma(m)); diff != "" {
		t.Error(diff)
	}
}

func TestJudgePNG(t *testing.T) {
	photos, err := drawPhotos(t.TempDir(), []drawing{{"a.png", 640, 480, alphaPNG, nil}})
	if err != nil {
		t.Fatal(err)
	}
	ref, err := newReference(photos[0])
	if err != nil {
		t.Fatal(err)
	}
	full, err := imaging.Open(photos[0].path)
	if err != nil {
		t.Fatal(err)
	}
	small := imaging.Resize(full, 320, 240, imaging.Lanczos)
	cut := imaging.Clone(small)
	for i := 3; i < len(cut.Pix); i += 4 { // transparent pixels become black
		cut.Pix[i] = 255
	}
	path := filepath.Join(t.TempDir(), "small.png")
	for _, c := range []struct {
		m    image.Image
		good bool
	}{{small, true}, {cut, false}} {
		if err := imaging.Save(c.m, path); err != nil {
			t.Fatal(err)
		}
		q, err := ref.judge(path, size{"small", 320, 320})
		if (err == nil && q.psnr > 50) != c.good {
			t.Errorf("%+v, %v, want valid: %v", q, err, c.good)
		}
	}
}

// Imaging turns pictures with its own EXIF parser.
func TestReferenceIsUpright(t *testing.T) {
	for orientation := range 10 {
		exif := bytes.Clone(turned)
		exif[bytes.LastIndexByte(exif, 6)] = uint8(orientation)
		var b bytes.Buffer
		if err := jpegn.Encode(&b, scene(64, 48), &jpegn.EncodeOptions{Quality: 95, Exif: exif}); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "x.jpg")
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		ref, err := newReference(original{path: path})
		if err != nil {
			t.Fatal(err)
		}
		want, err := imaging.Decode(&b, imaging.AutoOrientation(true))
		if err != nil {
			t.Fatal(err)
		}
		if ref.size() != want.Bounds().Size() {
			t.Fatalf("orientation %d: size %v, want %v", orientation, ref.size(), want.Bounds().Size())
		}
		// Colours outside RGB change a little; a wrongly turned picture has less than 20 dB.
		if got := psnr(ref.luma(ref.size()), luma(want)); got < 35 {
			t.Errorf("orientation %d: PSNR %.1f dB against what imaging has", orientation, got)
		}
	}
}

func TestJudge(t *testing.T) {
	dir := t.TempDir()
	photo := writePhoto(t, dir, "photo.jpg")
	ref, err := newReference(original{path: photo})
	if err != nil {
		t.Fatal(err)
	}
	full, err := imaging.Open(photo)
	if err != nil {
		t.Fatal(err)
	}
	box := size{"small", 320, 320}
	for name, c := range map[string]struct {
		variant image.Image
		want    string // of the error
	}{
		"good":          {imaging.Resize(full, 320, 240, imaging.Lanczos), ""},
		"rounded":       {imaging.Resize(full, 320, 241, imaging.Lanczos), ""},
		"too large":     {imaging.Resize(full, 400, 300, imaging.Lanczos), "want about (320,240)"},
		"squashed":      {imaging.Resize(full, 320, 320, imaging.Lanczos), "want about (320,240)"},
		"upside down":   {imaging.Rotate180(imaging.Resize(full, 320, 240, imaging.Lanczos)), "does not show the photo"},
		"another photo": {imaging.New(320, 240, color.White), "does not show the photo"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".jpg")
			var b bytes.Buffer
			if err := jpeg.Encode(&b, c.variant, &jpeg.Options{Quality: quality}); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := ref.judge(path, box)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("%+v, %v, want an error with %q and the path", got, err, c.want)
				}
				return
			}
			if err != nil || got.bytes != int64(b.Len()) || got.psnr < 28 || got.psnr > 60 {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	if _, err := ref.judge(filepath.Join(dir, "none.jpg"), box); err == nil {
		t.Error("a missing variant: no error")
	}
}

func TestSizeOf(t *testing.T) {
	s := size{"x", 1600, 1600}
	for photo, want := range map[image.Point]image.Point{
		{4000, 3000}: {1600, 1200}, {3000, 4000}: {1200, 1600}, {640, 480}: {640, 480}, {100000, 3}: {1600, 1},
	} {
		if got := s.fit(photo); got != want {
			t.Errorf("of %v: %v, want %v", photo, got, want)
		}
	}
}

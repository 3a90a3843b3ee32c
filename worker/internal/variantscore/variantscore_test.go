package main

import (
	"bytes"
	"encoding/json"
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
)

// picture draws waves of several lengths. Every turn or mirroring changes the picture.
func picture(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			fx, fy := float64(x), float64(y)
			v := 120 + 60*math.Sin(fx/9) + 40*math.Cos(fy/5+fx/31) + 30*fy/float64(height)
			m.SetNRGBA(x, y, color.NRGBA{R: uint8(min(v, 255)), G: uint8(v / 2), B: uint8(255 - min(v, 255)), A: 255})
		}
	}
	return m
}

// ask runs the command on a request.
func ask(t *testing.T, r request) (answer, error) {
	t.Helper()
	in, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), bytes.NewReader(in), &out); err != nil {
		return answer{}, err
	}
	var a answer
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a, nil
}

// save writes a picture in the format of the extension and returns its path.
func save(t *testing.T, m image.Image, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := imaging.Save(m, path, imaging.JPEGQuality(70)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun(t *testing.T) {
	full := picture(400, 300)
	photo := save(t, full, "photo.png")
	small := imaging.Resize(full, 200, 150, imaging.Lanczos)
	pixels, coded := save(t, small, "pixels.png"), save(t, small, "coded.jpg")
	a, err := ask(t, request{photo, []file{{coded, true, pixels}, {pixels, true, pixels}, {photo, true, ""}}})
	if err != nil {
		t.Fatal(err)
	}
	if a.Width != 400 || a.Height != 300 || len(a.Files) != 3 {
		t.Fatalf("%+v", a)
	}
	info, err := os.Stat(coded)
	if err != nil {
		t.Fatal(err)
	}
	lossy, exact, same := a.Files[0], a.Files[1], a.Files[2]
	if lossy.Bytes != info.Size() || lossy.Width != 200 || lossy.Height != 150 || lossy.Pixels < 30 || lossy.Pixels > 95 || lossy.Reference > exact.Reference {
		t.Errorf("JPEG: %+v", lossy)
	}
	if exact.Pixels < 99.9 || exact.Reference < 80 {
		t.Errorf("pixels: %+v", exact)
	}
	if same.Reference < 99.9 || same.PSNR != identical || same.Pixels != 0 {
		t.Errorf("the photo itself: %+v", same)
	}
}

func TestRunFails(t *testing.T) {
	full := picture(400, 300)
	photo := save(t, full, "photo.png")
	small := imaging.Resize(full, 200, 150, imaging.Lanczos)
	for name, c := range map[string]struct {
		r    request
		want string
	}{
		"upside down":      {request{photo, []file{{save(t, imaging.Rotate180(small), "x.png"), true, ""}}}, "does not show"},
		"another picture":  {request{photo, []file{{save(t, imaging.New(200, 150, color.White), "x.png"), true, ""}}}, "does not show"},
		"no photo":         {request{"none.png", []file{{photo, true, ""}}}, "none.png"},
		"no variant":       {request{photo, []file{{"none.jpg", true, ""}}}, "none.jpg"},
		"pixels of a size": {request{photo, []file{{save(t, small, "x.png"), false, photo}}}, "(200,150) pixels, but " + photo},
	} {
		if _, err := ask(t, c.r); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if err := run(t.Context(), strings.NewReader("{"), &bytes.Buffer{}); err == nil {
		t.Error("half a request: no error")
	}
}

// TestUpright compares with package imaging, which turns pictures with an EXIF parser of its own.
func TestUpright(t *testing.T) {
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	for orientation := range 10 {
		turned := bytes.Clone(exif)
		turned[bytes.LastIndexByte(turned, 6)] = uint8(orientation)
		var b bytes.Buffer
		if err := jpegn.Encode(&b, picture(64, 48), &jpegn.EncodeOptions{Quality: 95, Exif: turned}); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "x.jpg")
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := decodePhoto(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := imaging.Decode(&b, imaging.AutoOrientation(true))
		if err != nil {
			t.Fatal(err)
		}
		if got.Bounds().Size() != want.Bounds().Size() {
			t.Fatalf("orientation %d: size %v, want %v", orientation, got.Bounds().Size(), want.Bounds().Size())
		}
		if db := psnr(luma(imaging.Clone(got)), luma(imaging.Clone(want))); db < 35 {
			t.Errorf("orientation %d: PSNR %.1f dB against the picture of imaging", orientation, db)
		}
	}
}

// TestLightAddsUp checks that rows of black and white become half of the light, which is 188 in sRGB and not 128.
func TestLightAddsUp(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range m.Pix {
		m.Pix[i] = 255
		if i%4 != 3 && i/4/64%2 == 0 {
			m.Pix[i] = 0
		}
	}
	small, err := newLight(m).resize(t.Context(), image.Pt(8, 8))
	if err != nil {
		t.Fatal(err)
	}
	if p := small.nrgba().NRGBAAt(4, 4); p.R < 187 || p.R > 189 || p.A != 255 {
		t.Errorf("%v, want 188", p)
	}
}

// TestTransparentColoursDoNotShow checks that the colour of a transparent pixel is not part of the reduction.
func TestTransparentColoursDoNotShow(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			m.SetNRGBA(x, y, color.NRGBA{R: 200, A: uint8(255 * (y % 2))})
			if y%2 == 0 {
				m.SetNRGBA(x, y, color.NRGBA{G: 255})
			}
		}
	}
	small, err := newLight(m).resize(t.Context(), image.Pt(8, 8))
	if err != nil {
		t.Fatal(err)
	}
	if p := small.nrgba().NRGBAAt(4, 4); p.R != 200 || p.G != 0 || p.A < 127 || p.A > 129 {
		t.Errorf("%v", p)
	}
}

func TestDecodePhoto(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(40, 30), nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut.jpg")
	if err := os.WriteFile(path, b.Bytes()[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := decodePhoto(path); err == nil {
		t.Error("half a JPEG: no error")
	}
}

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

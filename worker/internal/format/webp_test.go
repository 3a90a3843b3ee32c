package format

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gen2brain/webp"

	"darkroom/deploy/testkit/tool"
	"darkroom/worker/internal/raster"
)

// colourful returns a picture with noise in all colours, and with a gradient of alpha unless it is opaque.
func colourful(width, height int, opaque bool) *image.NRGBA {
	r := rand.New(rand.NewPCG(uint64(width), uint64(height)))
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = byte(r.IntN(4)*60 + i/7%60)
		if i%4 == 3 {
			m.Pix[i] = byte(i/4%width*255/width + 1)
			if opaque {
				m.Pix[i] = 255
			}
		}
	}
	return m
}

// TestWebPIsThatOfLibwebp checks that every pixel of a lossy WebP is that of dwebp, which interpolates colours.
func TestWebPIsThatOfLibwebp(t *testing.T) {
	dwebp := tool.Find(t, "dwebp")
	for _, s := range []raster.Size{{Width: 1, Height: 1}, {Width: 2, Height: 7}, {Width: 33, Height: 2}, {Width: 64, Height: 48}, {Width: 75, Height: 51}} {
		for _, opaque := range []bool{true, false} {
			var file bytes.Buffer
			if err := webp.Encode(&file, colourful(s.Width, s.Height, opaque), webp.Options{Quality: 95, Method: 0}); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "out.png")
			cmd := exec.CommandContext(t.Context(), dwebp, "-nodither", "-o", path, "--", "-")
			cmd.Stdin = bytes.NewReader(file.Bytes())
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("dwebp: %v: %s", err, out)
			}
			want := pngFile(t, path)
			h, err := Inspect(file.Bytes(), Limits{Pixels: 1 << 20})
			if err != nil || h.Planar != opaque {
				t.Fatalf("%v: planar %v, %v", s, h.Planar, err)
			}
			p, err := Decode(t.Context(), file.Bytes(), h, Target{Size: s})
			if err != nil {
				t.Fatal(err)
			}
			got := must(p.NRGBA(t.Context()))
			for y := range s.Height {
				for x := range s.Width {
					a, b := got.NRGBAAt(x, y), color.NRGBAModel.Convert(want.At(x, y)).(color.NRGBA)
					if a != b {
						t.Fatalf("%v, opaque %v: %d, %d is %v, want %v", s, opaque, x, y, a, b)
					}
				}
			}
			if opaque {
				wantSamePlanes(t, file.Bytes(), h, got)
			}
		}
	}
}

// wantSamePlanes decodes a WebP to planes, and checks that their luma is that of the pixels, except at the ends of the
// range.
func wantSamePlanes(t *testing.T, file []byte, h Header, rgb *image.NRGBA) {
	t.Helper()
	p, err := Decode(t.Context(), file, h, Target{Size: h.Stored(), Planar: true})
	if err != nil || !p.IsPlanar() || p.Size() != h.Stored() {
		t.Fatalf("planes: %v, %v", p.Size(), err)
	}
	m, compared := must(p.NRGBA(t.Context())), 0
	inside := func(c color.NRGBA) bool { return min(c.R, c.G, c.B) > 0 && max(c.R, c.G, c.B) < 255 }
	for y := range h.Height {
		for x := range h.Width {
			a, b := m.NRGBAAt(x, y), rgb.NRGBAAt(x, y)
			if !inside(a) || !inside(b) {
				continue
			}
			compared++
			if d := int(raster.Luma(a.R, a.G, a.B)) - int(raster.Luma(b.R, b.G, b.B)); d < -2 || d > 2 {
				t.Fatalf("luma at %d, %d differs by %d", x, y, d)
			}
		}
	}
	if compared < h.Width*h.Height/4 {
		t.Errorf("%d of %d pixels were compared", compared, h.Width*h.Height)
	}
}

func pngFile(t *testing.T, path string) image.Image {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestStudioRange(t *testing.T) {
	for _, c := range []struct {
		y, u, v byte
		want    color.NRGBA
	}{
		{16, 128, 128, color.NRGBA{0, 0, 0, 255}}, {235, 128, 128, color.NRGBA{255, 255, 255, 255}},
		{0, 128, 128, color.NRGBA{0, 0, 0, 255}}, {255, 128, 128, color.NRGBA{255, 255, 255, 255}},
		{81, 90, 240, color.NRGBA{255, 0, 0, 255}}, {145, 54, 34, color.NRGBA{0, 255, 0, 255}}, {41, 240, 110, color.NRGBA{0, 0, 255, 255}},
	} {
		m := image.NewYCbCr(image.Rect(0, 0, 1, 1), image.YCbCrSubsampleRatio420)
		m.Y[0], m.Cb[0], m.Cr[0] = c.y, c.u, c.v
		if got := must(must(studioRGBA(t.Context(), m, nil, 0)).NRGBA(t.Context())).NRGBAAt(0, 0); !isClose(got, c.want) {
			t.Errorf("%d %d %d: %v, want %v", c.y, c.u, c.v, got, c.want)
		}
	}
}

func isClose(a, b color.NRGBA) bool {
	for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B), int(a.A) - int(b.A)} {
		if d < -2 || d > 2 {
			return false
		}
	}
	return true
}

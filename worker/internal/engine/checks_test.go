package engine

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"image/png"
	"math"
	"testing"

	"github.com/disintegration/imaging"

	"darkroom/worker/internal/format"
	"darkroom/worker/photo"
)

func engine(t testing.TB, c Config) *Engine {
	t.Helper()
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// oneSpec returns a Config for one variant.
func oneSpec(w, h int, fit Fit) Config {
	return Config{Specs: []Spec{{Name: "v", Width: w, Height: h, Fit: fit, Quality: 95}}}
}

// inGamma returns c with variants that are resampled as they are stored.
func inGamma(c Config) Config {
	for i := range c.Specs {
		c.Specs[i].Light = GammaLight
	}
	return c
}

func render(t testing.TB, e *Engine, data []byte) []Image {
	t.Helper()
	h, err := e.Inspect(data)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Render(t.Context(), data, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Images
}

// tryRender inspects and renders.
func tryRender(e *Engine, data []byte) error {
	h, err := e.Inspect(data)
	if err == nil {
		_, err = e.Render(context.Background(), data, h, nil)
	}
	return err
}

func wantReason(t testing.TB, err error, want photo.Reason) {
	t.Helper()
	var r *Rejection
	if !errors.As(err, &r) || r.Reason() != want {
		t.Errorf("got %v, want %s", err, want)
	} else {
		wantSentence(t, r)
	}
}

// wantSentence checks that an uploader who gets the Rejection reads one of the known sentences.
func wantSentence(t testing.TB, r *Rejection) {
	t.Helper()
	var m photo.Manifest
	m.Reject(r.Refusal, photo.Recipe{})
	if m.Detail == "" || m.Detail != m.Explanation() || m.Detail == photo.RefusalFor(m.Reason).Detail() {
		t.Errorf("%s: the uploader reads %q", m.Reason, m.Detail)
	}
}

func openImage(t testing.TB, i Image) *image.NRGBA {
	t.Helper()
	var m image.Image
	var err error
	switch i.Format {
	case photo.PNG:
		m, err = png.Decode(bytes.NewReader(i.Data))
	case photo.WebP:
		m = decodeWhole(t, i.Data)
	default:
		m, err = stdjpeg.Decode(bytes.NewReader(i.Data))
	}
	if err != nil {
		t.Fatal(err)
	}
	if m.Bounds() != image.Rect(0, 0, i.Width, i.Height) {
		t.Fatalf("the file has %v pixels, the Image says %dx%d", m.Bounds(), i.Width, i.Height)
	}
	return toNRGBA(m)
}

// decodeWhole decodes a file at its own size.
func decodeWhole(t testing.TB, file []byte) *image.NRGBA {
	t.Helper()
	h, err := format.Inspect(file, format.Limits{Pixels: 1 << 28})
	if err != nil {
		t.Fatal(err)
	}
	m, err := format.Decode(t.Context(), file, h, format.Target{Size: h.Stored()})
	if err != nil {
		t.Fatal(err)
	}
	return must(m.NRGBA(t.Context()))
}

// psnr compares the colours of two pictures of one size, in decibels.
func psnr(t testing.TB, a, b *image.NRGBA) float64 {
	t.Helper()
	if a.Rect != b.Rect {
		t.Fatalf("%v against %v", a.Rect, b.Rect)
	}
	var sum float64
	for y := range a.Rect.Dy() {
		for x := range a.Rect.Dx() {
			p, q := a.NRGBAAt(x, y), b.NRGBAAt(x, y)
			for _, d := range []int{int(p.R) - int(q.R), int(p.G) - int(q.G), int(p.B) - int(q.B)} {
				sum += float64(d * d)
			}
		}
	}
	return 10 * math.Log10(255*255*3*float64(a.Rect.Dx()*a.Rect.Dy())/(sum+1e-9))
}

// shrink resamples with package imaging, the oracle of the filter. It also weights colours by their alpha.
func shrink(src *image.NRGBA, to size) *image.NRGBA {
	return imaging.Resize(src, to.Width, to.Height, imaging.Lanczos)
}

func isClose(a, b color.NRGBA, tolerance int) bool {
	for _, d := range []int{int(a.R) - int(b.R), int(a.G) - int(b.G), int(a.B) - int(b.B), int(a.A) - int(b.A)} {
		if d < -tolerance || d > tolerance {
			return false
		}
	}
	return true
}

// wantUpright checks the corners of a scene.
func wantUpright(t testing.TB, m *image.NRGBA) {
	t.Helper()
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for _, c := range []struct {
		x, y int
		want color.NRGBA
	}{
		{w / 8, h / 8, color.NRGBA{255, 0, 0, 255}}, {w * 7 / 8, h / 8, color.NRGBA{0, 255, 0, 255}},
		{w * 7 / 8, h * 7 / 8, color.NRGBA{0, 0, 255, 255}}, {w / 8, h * 7 / 8, color.NRGBA{255, 255, 255, 255}},
	} {
		if got := m.NRGBAAt(c.x, c.y); !isClose(got, c.want, 12) {
			t.Errorf("at %d,%d: %v, want %v", c.x, c.y, got, c.want)
		}
	}
}

package engine

import (
	"errors"
	"fmt"
	"image"
	"testing"
)

// oddity is a file that breaks a rule of its format but must be rendered.
type oddity struct {
	file     []byte
	want     *image.NRGBA // the picture, upright
	least    float64      // least PSNR against want as PNG, in decibels; see exact
	animated bool
	damaged  bool // the picture has blemishes, but is never rejected
	alone    bool // the oracles show another picture: they do not turn, convert or animate
}

// exact is the PSNR of two equal pictures.
const exact = 150

// minJPEGPSNR is the least PSNR, in decibels, of a JPEG variant, or of one that is shrunk.
const minJPEGPSNR = 27

// oddEngines returns engines for each path by which pictures are read: with every pixel kept, in planes, and shrunk
// while decoding. Only the first keeps transparent pixels. The others put white behind them.
func oddEngines(t testing.TB, accept bool) map[string]*Engine {
	newEngine := func(side int, s Spec) *Engine {
		s.Name, s.Width, s.Height, s.Fit, s.Quality = "v", side, side, Inside, 95
		// The expected picture is also shrunk in gamma.
		return engine(t, inGamma(Config{Damaged: accept, Specs: []Spec{s}}))
	}
	jpeg := Spec{Formats: []Output{JPEG}, Chroma: Chroma444}
	return map[string]*Engine{"png": newEngine(MaxSide, Spec{Formats: []Output{PNG}}), "jpeg": newEngine(MaxSide, jpeg), "small": newEngine(30, jpeg)}
}

// check returns what is wrong with the renderings of the file, with and without damage accepted.
func (o oddity) check(t testing.TB) error {
	var faults []error
	for _, accept := range []bool{false, true} {
		for name, e := range oddEngines(t, accept) {
			if err := o.checkOne(t, e, name); err != nil {
				faults = append(faults, fmt.Errorf("as %s, damage accepted: %v: %w", name, accept, err))
			}
		}
	}
	return errors.Join(faults...)
}

func (o oddity) checkOne(t testing.TB, e *Engine, how string) error {
	h, err := e.Inspect(o.file)
	if err != nil {
		return err
	}
	r, err := e.Render(t.Context(), o.file, h, nil)
	if err != nil {
		return err
	}
	if h.Info().Animated != o.animated {
		return fmt.Errorf("animated is %v", h.Info().Animated)
	}
	if (r.Damage != nil) != o.damaged {
		return fmt.Errorf("damage is %v, want one: %v", r.Damage, o.damaged)
	}
	got, want, least := openImage(t, r.Images[0]), o.want, o.least
	if how != "png" {
		want, least = blendOver(want, 255), min(least, minJPEGPSNR)
	}
	if info := h.Info(); info.Width != want.Rect.Dx() || info.Height != want.Rect.Dy() {
		return fmt.Errorf("%d x %d pixels, want %v", info.Width, info.Height, want.Rect.Size())
	}
	if got.Rect != want.Rect {
		want = shrink(want, sizeOf(got))
	}
	if db := likeness(t, got, want); db < least {
		return fmt.Errorf("like the right picture with %.1f dB, want %.1f", db, least)
	}
	return nil
}

// checkOddities checks each file.
func checkOddities(t *testing.T, files map[string]oddity) {
	t.Helper()
	for name, o := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := o.check(t); err != nil {
				t.Error(err)
			}
		})
	}
}

// likeness compares two pictures over black and over white, so their alpha counts too.
func likeness(t testing.TB, a, b *image.NRGBA) float64 {
	t.Helper()
	return min(psnr(t, blendOver(a, 0), blendOver(b, 0)), psnr(t, blendOver(a, 255), blendOver(b, 255)))
}

// blendOver returns a picture in front of a shade of grey.
func blendOver(m *image.NRGBA, shade int) *image.NRGBA {
	flat := image.NewNRGBA(m.Rect)
	for i := 0; i < len(m.Pix); i += 4 {
		alpha := int(m.Pix[i+3])
		for c := range 3 {
			flat.Pix[i+c] = uint8((int(m.Pix[i+c])*alpha + shade*(255-alpha) + 127) / 255)
		}
		flat.Pix[i+3] = 255
	}
	return flat
}

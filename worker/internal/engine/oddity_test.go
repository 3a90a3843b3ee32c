package engine

import (
	"errors"
	"fmt"
	"image"
	"testing"
)

// oddity is a file that breaks a rule of its format and must be rendered all the same.
type oddity struct {
	file     []byte
	want     *image.NRGBA // the picture, upright
	least    float64      // how like want the picture is as PNG, as a PSNR in decibels; see exact
	animated bool
	damaged  bool // the picture is blemished, and still nothing rejects it
	alone    bool // the usual command-line decoder shows another picture: none of them turns, converts or animates
}

// exact is the PSNR of two pictures without a difference.
const exact = 150

// likeJPEG is how like the original a variant in JPEG is at least, or one that is shrunk.
const likeJPEG = 27

// oddEngines are engines that read a picture in each way in which the engine reads pictures: with every pixel kept, in
// planes, and shrunk while it is decoded. Only the first keeps transparent pixels. The others have white behind them.
func oddEngines(t testing.TB, accept bool) map[string]*Engine {
	of := func(side int, s Spec) *Engine {
		s.Name, s.Width, s.Height, s.Fit, s.Quality = "v", side, side, Inside, 95
		return engine(t, inGamma(Config{Damaged: accept, Specs: []Spec{s}})) // the right picture is shrunk in gamma too
	}
	jpeg := Spec{Formats: []Output{JPEG}, Chroma: Chroma444}
	return map[string]*Engine{"png": of(MaxSide, Spec{Formats: []Output{PNG}}), "jpeg": of(MaxSide, jpeg), "small": of(30, jpeg)}
}

// check returns what is wrong with the renderings of the file, under either policy for damaged files.
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
	got, want, least := open(t, r.Images[0]), o.want, o.least
	if how != "png" {
		want, least = over(want, 255), min(least, likeJPEG)
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

// likeness compares two pictures over black and over white, so that their alpha counts too.
func likeness(t testing.TB, a, b *image.NRGBA) float64 {
	t.Helper()
	return min(psnr(t, over(a, 0), over(b, 0)), psnr(t, over(a, 255), over(b, 255)))
}

// over returns a picture in front of a shade of grey.
func over(m *image.NRGBA, shade int) *image.NRGBA {
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

package engine

import (
	"bytes"
	"image"
	"image/color"
	"testing"

	"github.com/gen2brain/jpegn"
)

func TestSharpen(t *testing.T) {
	step := func(clear bool) *image.NRGBA {
		m := image.NewNRGBA(image.Rect(0, 0, 40, 40))
		for i := 0; i < len(m.Pix); i += 4 {
			copy(m.Pix[i:], []byte{100, 100, 100, 255})
			if x := i / 4 % 40; x >= 20 {
				copy(m.Pix[i:], []byte{150, 150, 150, 255})
			} else if clear && x >= 10 {
				copy(m.Pix[i:], []byte{0, 0, 0, 0})
			}
		}
		return m
	}
	for name, file := range map[string][]byte{"planes": toJPEG(t, step(false), &jpegn.EncodeOptions{Quality: 100}), "rgb": toPNG(t, step(false))} {
		// A quarter of the step, times percent.
		for percent, want := range map[int][2]byte{0: {100, 150}, 50: {94, 156}, 200: {75, 175}} {
			e := engine(t, configWith(func(s *Spec) { s.Sharpen, s.Formats = percent, []Output{PNG} }))
			m := openImage(t, render(t, e, file)[0])
			for x, v := range map[int]byte{19: want[0], 20: want[1], 5: 100, 30: 150} {
				if got := m.NRGBAAt(x, 20); !isClose(got, color.NRGBA{v, v, v, 255}, 2) {
					t.Errorf("%s, %d %%: at %d %v, want %d", name, percent, x, got, v)
				}
			}
		}
	}
	e := engine(t, configWith(func(s *Spec) { s.Sharpen = 200 }))
	m := openImage(t, render(t, e, toPNG(t, step(true)))[0])
	if got := m.NRGBAAt(9, 20); got != (color.NRGBA{100, 100, 100, 255}) {
		t.Errorf("next to a transparent part: %v, want it unchanged", got)
	}
}

func TestUpscale(t *testing.T) {
	for _, original := range []struct {
		file    []byte
		formats []Output
	}{{toJPEG(t, plain(40, 30), &jpegn.EncodeOptions{Quality: 95}), nil}, {toPNG(t, plain(40, 30)), nil}, {toPNG(t, plain(40, 30)), []Output{PNG}}} {
		file := original.file
		for _, c := range []struct {
			w, h int
			fit  Fit
			up   bool
			want size
		}{
			{100, 100, Inside, true, dim(100, 75)}, {100, 100, Inside, false, dim(40, 30)}, {24, 24, Inside, true, dim(24, 18)},
			{0, 60, Inside, true, dim(80, 60)}, {24, 0, Inside, false, dim(24, 18)},
			{100, 100, Fill, true, dim(100, 100)}, {100, 100, Fill, false, dim(30, 30)}, {35, 60, Fill, true, dim(35, 60)},
		} {
			cfg := oneSpec(c.w, c.h, c.fit)
			cfg.Specs[0].Upscale, cfg.Specs[0].Formats = c.up, original.formats
			// Must be made from the picture, not from the enlarged variant.
			cfg.Specs = append(cfg.Specs, boxSpec("small", 20, 20, Inside, 95))
			made := render(t, engine(t, cfg), file)
			m := openImage(t, made[0])
			if sizeOf(m) != c.want {
				t.Errorf("%dx%d %s, upscale %v: %v, want %v", c.w, c.h, c.fit, c.up, sizeOf(m), c.want)
			}
			if c.fit == Inside {
				wantUpright(t, m)
			}
			cfg.Specs[0].Upscale = false
			if beside := render(t, engine(t, cfg), file)[1]; !bytes.Equal(made[1].Data, beside.Data) {
				t.Errorf("%dx%d %s: an enlarged variant changes the small one", c.w, c.h, c.fit)
			}
		}
	}
	if got := (Spec{Width: MaxSide, Height: MaxSide, Fit: Fill, Upscale: true}).place(dim(65535, 1)); got.whole != dim(65535, 1) || got.partSize() != dim(1, 1) {
		t.Errorf("a thin picture is enlarged by more than what is kept of it: %+v", got)
	}
}

// TestAnchors crops nine fields of one colour each. The colour shows which part was kept.
func TestAnchors(t *testing.T) {
	fields := image.NewNRGBA(image.Rect(0, 0, 360, 360))
	for y := range 360 {
		for x := range 360 {
			fields.SetNRGBA(x, y, color.NRGBA{uint8(40 + 80*(x/120)), uint8(40 + 80*(y/120)), 100, 255})
		}
	}
	at := map[Anchor]image.Point{TopLeft: {0, 0}, Top: {1, 0}, TopRight: {2, 0}, Left: {0, 1}, "": {1, 1}, Centre: {1, 1}, Right: {2, 1},
		BottomLeft: {0, 2}, Bottom: {1, 2}, BottomRight: {2, 2}}
	for name, file := range map[string][]byte{"planes": toJPEG(t, fields, &jpegn.EncodeOptions{Quality: 95}), "rgb": toPNG(t, fields)} {
		for a, want := range at {
			for _, b := range []size{dim(90, 30), dim(30, 90)} { // one axis is cropped at a time
				e := engine(t, configWith(func(s *Spec) {
					s.Width, s.Height, s.Fit, s.Anchor, s.Formats = b.Width, b.Height, Fill, a, []Output{PNG}
				}))
				got := openImage(t, render(t, e, file)[0]).NRGBAAt(b.Width/2, b.Height/2)
				p := image.Pt(1, want.Y)
				if b.Height > b.Width {
					p = image.Pt(want.X, 1)
				}
				if c := (color.NRGBA{uint8(40 + 80*p.X), uint8(40 + 80*p.Y), 100, 255}); !isClose(got, c, 8) {
					t.Errorf("%s, %q of %v: %v, want the field %v", name, a, b, got, p)
				}
			}
		}
	}
}

func TestSmart(t *testing.T) {
	for _, s := range []size{dim(400, 200), dim(200, 400)} {
		for _, at := range []int{20, 200, 330} {
			m := image.NewNRGBA(image.Rect(0, 0, s.Width, s.Height))
			for y := range s.Height {
				for x := range s.Width {
					along := x
					if s.Height > s.Width {
						along = y
					}
					v := byte(90 + along/20) // a slow gradient
					if along >= at && along < at+50 {
						v = byte(60 + (x/8+y/8)%2*120)
					}
					m.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
				}
			}
			for name, file := range map[string][]byte{"planes": toJPEG(t, m, &jpegn.EncodeOptions{Quality: 95}), "rgb": toPNG(t, m)} {
				e := engine(t, configWith(func(s *Spec) { s.Width, s.Height, s.Fit, s.Anchor, s.Formats = 100, 100, Fill, Smart, []Output{PNG} }))
				made := openImage(t, render(t, e, file)[0])
				busy := 0
				for i := range made.Pix {
					if i%4 == 0 && (made.Pix[i] < 85 || made.Pix[i] > 150) {
						busy++
					}
				}
				if want := 100 * 25 * 8 / 10; busy < want { // the stripe, at half the size
					t.Errorf("%s of %v, detail at %d: %d pixels of it, want %d", name, s, at, busy, want)
				}
			}
		}
	}
	flat := make([]int, 100)
	if got := densestWindow(flat, 400, 200); got != 100 {
		t.Errorf("without any detail: at %d, want the centre", got)
	}
}

package engine

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"testing"

	"darkroom/worker/photo"
)

func TestPNGKinds(t *testing.T) {
	m := scene(60, 40)
	grey, grey16 := image.NewGray(m.Rect), image.NewGray16(m.Rect)
	deep, clear16 := image.NewRGBA64(m.Rect), image.NewNRGBA64(m.Rect)
	few := image.NewPaletted(m.Rect, color.Palette{color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255},
		color.NRGBA{0, 0, 255, 255}, color.NRGBA{255, 255, 255, 255}, color.NRGBA{90, 90, 90, 255}})
	for y := range 40 {
		for x := range 60 {
			c := m.NRGBAAt(x, y)
			grey.Set(x, y, c)
			grey16.Set(x, y, c)
			deep.SetRGBA64(x, y, color.RGBA64{uint16(c.R)<<8 | 7, uint16(c.G)<<8 | 7, uint16(c.B)<<8 | 7, 0xffff})
			clear16.SetNRGBA64(x, y, color.NRGBA64{uint16(c.R)<<8 | 7, uint16(c.G)<<8 | 7, uint16(c.B)<<8 | 7, 0x8000})
			few.Set(x, y, c)
		}
	}
	half := image.NewNRGBA(m.Rect)
	copy(half.Pix, m.Pix)
	for i := 3; i < len(half.Pix); i += 4 {
		half.Pix[i] = 0x80
	}
	for name, c := range map[string]struct {
		picture, want image.Image
		format        photo.Format
	}{
		"RGB": {m, m, photo.JPEG}, "grey": {grey, grey, photo.JPEG}, "grey of 16 bits": {grey16, grey, photo.JPEG},
		"RGB of 16 bits": {deep, m, photo.JPEG}, "RGBA of 16 bits": {clear16, half, photo.PNG},
		"palette": {few, few, photo.JPEG}, "RGBA": {half, half, photo.PNG},
	} {
		got := render(t, engine(t, oneSpec(60, 60, Inside)), toPNG(t, c.picture))[0]
		if got.Format != c.format {
			t.Errorf("%s: became %s", name, got.Format)
		}
		want := toNRGBA(c.want)
		if dB := psnr(t, openImage(t, got), want); dB < 22 || c.format == photo.PNG && dB < 90 {
			t.Errorf("%s: %.1f dB", name, dB)
		}
		if at := openImage(t, got).NRGBAAt(30, 20); at.A != want.NRGBAAt(30, 20).A {
			t.Errorf("%s: alpha %d", name, at.A)
		}
	}
}

func TestPNGInterlacedAndKeyed(t *testing.T) {
	m := scene(19, 13)
	var raw []byte
	for _, pass := range [][4]int{{8, 8, 0, 0}, {8, 8, 4, 0}, {4, 8, 0, 4}, {4, 4, 2, 0}, {2, 4, 0, 2}, {2, 2, 1, 0}, {1, 2, 0, 1}} {
		for y := pass[3]; y < 13; y += pass[1] {
			raw = append(raw, 0)
			for x := pass[2]; x < 19; x += pass[0] {
				c := m.NRGBAAt(x, y)
				raw = append(raw, c.R, c.G, c.B)
			}
		}
	}
	e := engine(t, oneSpec(19, 19, Inside))
	// The red of the corner becomes transparent, so the result is PNG and exact.
	got := render(t, e, encodePNG(19, 13, 8, 2, 1, chunk("tRNS", []byte{0, 255, 0, 0, 0, 0}), raw))[0]
	if got.Format != photo.PNG {
		t.Fatalf("became %s", got.Format)
	}
	out := openImage(t, got)
	for y := range 13 {
		for x := range 19 {
			want := m.NRGBAAt(x, y)
			if want == (color.NRGBA{255, 0, 0, 255}) {
				want.A = 0
			}
			if c := out.NRGBAAt(x, y); c.A != want.A || c.A != 0 && c != want {
				t.Fatalf("at %d,%d: %v, want %v", x, y, c, want)
			}
		}
	}
}

func TestTransparentPixelsLendNoColour(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 200, 200)) // transparent black
	for y := range 200 {
		for x := range 200 {
			if (x/10+y/10)%2 == 0 {
				m.SetNRGBA(x, y, color.NRGBA{255, 255, 255, 255})
			}
		}
	}
	for _, i := range render(t, engine(t, Config{Specs: []Spec{boxSpec("a", 90, 90, Inside, 80), boxSpec("b", 33, 33, Inside, 80), boxSpec("c", 20, 20, Fill, 80)}}), toPNG(t, m)) {
		if i.Format != photo.PNG {
			t.Fatalf("%s is %s", i.Name, i.Format)
		}
		out := openImage(t, i)
		for p := 0; p < len(out.Pix); p += 4 {
			if c := out.Pix[p : p+4]; c[3] > 2 && (c[0] < 250 || c[1] < 250 || c[2] < 250) {
				t.Fatalf("%s: a dark fringe: %v", i.Name, c)
			}
		}
	}
}

// TestAlphaIsDecidedOnce checks that all variants of a picture have the same format, even one without the transparent
// part.
func TestAlphaIsDecidedOnce(t *testing.T) {
	m := scene(300, 100)
	m.SetNRGBA(0, 50, color.NRGBA{})
	for _, i := range render(t, engine(t, Config{Specs: []Spec{boxSpec("a", 300, 300, Inside, 80), boxSpec("b", 20, 20, Fill, 80)}}), toPNG(t, m)) {
		if i.Format != photo.PNG {
			t.Errorf("%s became %s", i.Name, i.Format)
		}
	}
}

func gifFrame(r image.Rectangle, index uint8, p color.Palette) *image.Paletted {
	m := image.NewPaletted(r, p)
	for i := range m.Pix {
		m.Pix[i] = index
	}
	return m
}

func TestGIF(t *testing.T) {
	palette := color.Palette{color.RGBA{200, 0, 0, 255}, color.RGBA{0, 0, 200, 255}, color.RGBA{}}
	screen := image.Config{Width: 40, Height: 30, ColorModel: palette}
	whole := image.Rect(0, 0, 40, 30)
	e := engine(t, oneSpec(40, 40, Inside))

	two := toGIF(t, &gif.GIF{Image: []*image.Paletted{gifFrame(whole, 0, palette), gifFrame(whole, 1, palette)}, Delay: []int{1, 1}, Config: screen})
	still := render(t, e, two)[0]
	if h, err := e.Inspect(two); err != nil || !h.Animated || !h.Info().Animated {
		t.Errorf("two frames: animated is %v, %v", h.Animated, err)
	}
	if h, err := e.Inspect(toGIF(t, &gif.GIF{Image: []*image.Paletted{gifFrame(whole, 0, palette)}, Delay: []int{0}, Config: screen})); err != nil || h.Animated {
		t.Errorf("one frame: animated is %v, %v", h.Animated, err)
	}
	if at := openImage(t, still).NRGBAAt(20, 15); still.Format != photo.JPEG || !isClose(at, color.NRGBA{200, 0, 0, 255}, 4) {
		t.Errorf("the first frame of two: %s, %v", still.Format, at)
	}

	part := render(t, e, toGIF(t, &gif.GIF{Image: []*image.Paletted{gifFrame(image.Rect(10, 5, 20, 15), 1, palette)}, Delay: []int{0}, Config: screen}))[0]
	if part.Format != photo.PNG || part.Width != 40 || part.Height != 30 {
		t.Fatalf("a frame smaller than the screen: %s, %dx%d", part.Format, part.Width, part.Height)
	}
	out := openImage(t, part)
	for at, want := range map[image.Point]color.NRGBA{
		{9, 5}: {}, {10, 4}: {}, {20, 14}: {}, {10, 5}: {0, 0, 200, 255}, {19, 14}: {0, 0, 200, 255},
	} {
		if got := out.NRGBAAt(at.X, at.Y); got != want {
			t.Errorf("at %v: %v, want %v", at, got, want)
		}
	}

	clear := render(t, e, toGIF(t, &gif.GIF{Image: []*image.Paletted{gifFrame(whole, 2, palette)}, Delay: []int{0}, Config: screen}))[0]
	if clear.Format != photo.PNG || openImage(t, clear).NRGBAAt(3, 3).A != 0 {
		t.Errorf("a transparent frame became %s", clear.Format)
	}
}

func TestWebPLossless(t *testing.T) {
	m := scene(33, 21)
	e := engine(t, oneSpec(33, 33, Inside))
	if got := render(t, e, riff("VP8L", vp8l(m)))[0]; got.Format != photo.JPEG || psnr(t, openImage(t, got), m) < 22 {
		t.Errorf("opaque: %s, %.1f dB", got.Format, psnr(t, openImage(t, got), m))
	}
	m.SetNRGBA(5, 5, color.NRGBA{10, 20, 30, 77})
	if got := render(t, e, riff("VP8X", vp8x(1<<4, 33, 21), "VP8L", vp8l(m)))[0]; got.Format != photo.PNG || !bytes.Equal(openImage(t, got).Pix, m.Pix) {
		t.Errorf("with alpha: %s, or other pixels", got.Format)
	}
}

func TestWebPLossy(t *testing.T) {
	e := engine(t, oneSpec(32, 32, Inside))
	// Without any data, the decoder predicts a luma of 129 to 130 from the borders. In the studio range that is 132.
	// Read as full range it would stay 130.
	got := openImage(t, render(t, e, riff("VP8 ", vp8(32, 32)))[0]).NRGBAAt(16, 16)
	if !isClose(got, color.NRGBA{132, 132, 132, 255}, 1) {
		t.Errorf("grey is %v, want 132", got)
	}
	alpha := make([]byte, 1+32*32) // not compressed, not filtered
	alpha[1] = 200
	seen := render(t, e, riff("VP8X", vp8x(1<<4, 32, 32), "ALPH", string(alpha), "VP8 ", vp8(32, 32)))[0]
	if seen.Format != photo.PNG || openImage(t, seen).NRGBAAt(0, 0).A != 200 || openImage(t, seen).NRGBAAt(1, 0).A != 0 {
		t.Errorf("alpha: %s, %v", seen.Format, openImage(t, seen).NRGBAAt(0, 0))
	}
}

func flat(w, h int, c color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(m.Pix); i += 4 {
		copy(m.Pix[i:], []byte{c.R, c.G, c.B, c.A})
	}
	return m
}

// animatedWebP returns a WebP of frames. anmf returns the payload of a frame at an even position.
func animatedWebP(w, h int, frames ...string) []byte {
	parts := []string{"VP8X", vp8x(1<<1, w, h), "ANIM", "123456"}
	for _, f := range frames {
		parts = append(parts, "ANMF", f)
	}
	return riff(parts...)
}

func anmf(x, y, w, h int, parts ...string) string {
	head := put24(put24(put24(put24(nil, x/2), y/2), w-1), h-1)
	return string(append(head, 0, 0, 0, 0)) + string(riff(parts...)[12:])
}

func TestAnimatedWebP(t *testing.T) {
	red, blue := vp8l(flat(20, 16, color.NRGBA{200, 0, 0, 255})), vp8l(flat(20, 16, color.NRGBA{0, 0, 200, 255}))
	e := engine(t, oneSpec(40, 40, Inside))
	for name, c := range map[string]struct {
		file     []byte
		inside   color.NRGBA
		outside  color.NRGBA
		animated bool
	}{
		"the first frame":     {animatedWebP(20, 16, anmf(0, 0, 20, 16, "VP8L", red), anmf(0, 0, 20, 16, "VP8L", blue)), color.NRGBA{200, 0, 0, 255}, color.NRGBA{200, 0, 0, 255}, true},
		"a part of the whole": {animatedWebP(40, 32, anmf(10, 8, 20, 16, "VP8L", blue)), color.NRGBA{0, 0, 200, 255}, color.NRGBA{}, true},
		"lossy with alpha": {animatedWebP(16, 16, anmf(0, 0, 16, 16, "ALPH", string(make([]byte, 257)), "VP8 ", vp8(16, 16))),
			color.NRGBA{0, 0, 0, 0}, color.NRGBA{0, 0, 0, 0}, true},
		"lossy":   {animatedWebP(16, 16, anmf(0, 0, 16, 16, "VP8 ", vp8(16, 16))), color.NRGBA{127, 127, 127, 255}, color.NRGBA{127, 127, 127, 255}, true},
		"a still": {riff("VP8X", vp8x(0, 20, 16), "VP8L", red), color.NRGBA{200, 0, 0, 255}, color.NRGBA{200, 0, 0, 255}, false},
	} {
		h, err := e.Inspect(c.file)
		if err != nil || h.Animated != c.animated || h.Info().Animated != c.animated {
			t.Errorf("%s: animated is %v, %v", name, h.Animated, err)
			continue
		}
		m := openImage(t, render(t, e, c.file)[0])
		s := sizeOf(m)
		if s != h.Stored() {
			t.Errorf("%s: %v, want the canvas of %v", name, s, h.Stored())
		}
		inside, outside := m.NRGBAAt(s.Width/2, s.Height/2), m.NRGBAAt(1, 1)
		if !isClose(inside, c.inside, 6) && c.inside.A > 0 || inside.A != c.inside.A || !isClose(outside, c.outside, 6) && c.outside.A > 0 || outside.A != c.outside.A {
			t.Errorf("%s: %v inside and %v outside, want %v and %v", name, inside, outside, c.inside, c.outside)
		}
	}
}

func TestWebPRefused(t *testing.T) {
	e := engine(t, Config{})
	lossy, lossless := vp8(16, 16), vp8l(scene(16, 16))
	for name, c := range map[string]struct {
		file []byte
		want photo.Reason
	}{
		"no frame":            {riff("VP8X", vp8x(1<<1, 16, 16), "ANIM", "123456"), photo.ReasonCorrupt},
		"no frame, a still":   {riff("VP8X", vp8x(1<<1, 16, 16), "ANIM", "123456", "VP8L", lossless), photo.ReasonCorrupt},
		"empty frame":         {animatedWebP(16, 16, anmf(0, 0, 16, 16)), photo.ReasonCorrupt},
		"frame cut":           {animatedWebP(16, 16, "1234567"), photo.ReasonCorrupt},
		"frame outside":       {animatedWebP(16, 16, anmf(2, 0, 16, 16, "VP8L", lossless)), photo.ReasonCorrupt},
		"frame in a frame":    {animatedWebP(16, 16, anmf(0, 0, 16, 16, "ANMF", anmf(0, 0, 16, 16, "VP8L", lossless))), photo.ReasonCorrupt},
		"frame of noise":      {animatedWebP(16, 16, anmf(0, 0, 16, 16, "VP8L", lossless[:5]+"\x00\x13\x99noise")), photo.ReasonCorrupt},
		"frame over the cap":  {animatedWebP(1<<24, 1<<24, anmf(0, 0, 16, 16, "VP8L", lossless)), photo.ReasonTooManyPixels},
		"no picture":          {riff("EXIF", "nothing"), photo.ReasonCorrupt},
		"another canvas":      {riff("VP8X", vp8x(0, 17, 16), "VP8 ", lossy), photo.ReasonCorrupt},
		"another canvas VP8L": {riff("VP8X", vp8x(0, 16, 17), "VP8L", lossless), photo.ReasonCorrupt},
		"chunk outside":       {append(riff("VP8L", lossless)[:16], 0xff, 0xff, 0xff, 0x7f), photo.ReasonTruncated},
		"shorter than RIFF":   {riff("VP8L", lossless)[:100], photo.ReasonTruncated},
		"noise":               {riff("VP8L", lossless[:5]+"\x00\x13\x99noise"), photo.ReasonCorrupt},
	} {
		err := tryRender(e, c.file)
		t.Run(name, func(t *testing.T) { wantReason(t, err, c.want) })
	}
}

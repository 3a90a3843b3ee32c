package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"math"
	"testing"

	"darkroom/worker/internal/format"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"

	"golang.org/x/image/webp"
)

// solids returns an opaque picture in every kind of file except JPEG and lossy WebP.
func solids(t testing.TB, m *image.NRGBA) map[string][]byte {
	t.Helper()
	grey, grey16, deep := image.NewGray(m.Rect), image.NewGray16(m.Rect), image.NewRGBA64(m.Rect)
	few := image.NewPaletted(m.Rect, palette.WebSafe)
	for _, dst := range []draw.Image{grey, grey16, deep, few} {
		draw.Draw(dst, m.Rect, m, m.Rect.Min, draw.Src)
	}
	rgba, greyAlpha := []byte{}, []byte{}
	for i, v := range m.Pix {
		if i%(4*m.Rect.Dx()) == 0 {
			rgba, greyAlpha = append(rgba, 0), append(greyAlpha, 0)
		}
		rgba = append(rgba, v)
		if i%4 == 3 {
			greyAlpha = append(greyAlpha, grey.Pix[i/4], 255)
		}
	}
	w, h := uint32(m.Rect.Dx()), uint32(m.Rect.Dy())
	return map[string][]byte{
		"PNG": toPNG(t, m), "grey PNG": toPNG(t, grey), "grey PNG of 16 bits": toPNG(t, grey16), "PNG of 16 bits": toPNG(t, deep),
		"palette PNG": toPNG(t, few), "RGBA PNG": encodePNG(w, h, 8, 6, 0, nil, rgba), "grey PNG with alpha": encodePNG(w, h, 8, 4, 0, nil, greyAlpha),
		"GIF": toGIF(t, &gif.GIF{Image: []*image.Paletted{few}, Delay: []int{0}}), "WebP": riff("VP8L", vp8l(m)),
	}
}

// TestPlainPNGs checks that Inspect calls opaque pictures of 8 bits planar, and rejects files whose critical chunks are
// wrong.
func TestPlainPNGs(t *testing.T) {
	m := scene(20, 16)
	grey := image.NewGray(m.Rect)
	rgb, text := toPNG(t, m), chunk("tEXt", []byte("a\x00b"))
	at := bytes.Index(rgb, []byte("IDAT")) - 4
	n := int(binary.BigEndian.Uint32(rgb[at:]))
	head, pixels, end := rgb[:at], rgb[at+8:at+8+n], rgb[at+12+n:]
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	half, other := chunk("IDAT", pixels[:n/2]), chunk("IDAT", pixels[n/2:])
	zeros := make([]byte, 21*61)
	const corrupt = photo.ReasonCorrupt
	for name, c := range map[string]struct {
		file   []byte
		plain  bool
		reason photo.Reason
	}{
		"RGB":                    {rgb, true, ""},
		"grey":                   {toPNG(t, grey), true, ""},
		"two IDAT":               {join(head, half, other, end), true, ""},
		"text before":            {join(head, text, half, other, end), true, ""},
		"text after":             {join(head, half, other, text, end), true, ""},
		"text between":           {join(head, half, text, other, end), true, corrupt},
		"suggested palette":      {join(head, chunk("PLTE", make([]byte, 30)), half, other, end), true, ""},
		"a second header":        {join(head, head[8:33], half, other, end), false, corrupt},
		"unknown critical chunk": {join(head, chunk("ABCD", nil), half, other, end), false, corrupt},
		"no pixels":              {join(head, end), false, photo.ReasonTruncated},
		"IEND with more":         {join(head, half, other, chunk("IEND", []byte{1})), true, ""},
		"no IEND":                {join(head, half, other), true, ""},
		"keyed":                  {encodePNG(20, 16, 8, 2, 0, chunk("tRNS", make([]byte, 6)), zeros[:61*16]), false, ""},
		"interlaced":             {encodePNG(20, 16, 8, 0, 1, nil, zeros[:350]), false, ""},
		"of 16 bits":             {encodePNG(20, 16, 16, 0, 0, nil, zeros[:41*16]), false, ""},
		"of one bit":             {encodePNG(20, 16, 1, 0, 0, nil, zeros[:4*16]), false, ""},
		"a palette":              {encodePNG(20, 16, 8, 3, 0, chunk("PLTE", make([]byte, 30)), zeros[:21*16]), false, ""},
		"with alpha":             {encodePNG(20, 16, 8, 4, 0, nil, zeros[:41*16]), false, ""},
		"of another method":      {bytes.Replace(rgb, rgb[16:33], chunk("IHDR", append(bytes.Clone(rgb[16:26]), 1, 0, 0))[8:], 1), false, corrupt},
		"checksum of the pixels": {join(head, chunk("IDAT", append(bytes.Clone(pixels[:n-1]), pixels[n-1]^1)), end), true, ""},
		"checksum of the chunk":  {join(rgb[:at+8+n], make([]byte, 4), end), true, corrupt},
	} {
		e := engine(t, oneSpec(9, 9, Inside))
		h, err := e.Inspect(c.file)
		if (err == nil) != (c.plain || c.reason == "") || err == nil && (h.Planar != c.plain || h.plan.decode.Planar != c.plain) {
			t.Errorf("%s: planar is %v, %v", name, h.Planar, err)
		}
		if err := tryRender(e, c.file); c.reason != "" {
			wantReason(t, err, c.reason)
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSolidPicturesInPlanes checks that an opaque picture gives the same variants in planes as in RGB.
func TestSolidPicturesInPlanes(t *testing.T) {
	comparesPixels(t)
	e := engine(t, inGamma(Config{Specs: []Spec{boxSpec("large", 300, 300, Inside, 95), boxSpec("medium", 150, 150, Inside, 95), boxSpec("small", 60, 60, Inside, 95),
		boxSpec("fill", 101, 101, Fill, 95), boxSpec("wide", 90, 30, Fill, 95)}}))
	for _, s := range []size{dim(800, 600), dim(401, 299)} { // colours at half and at full resolution
		for kind, file := range solids(t, scene(s.Width, s.Height)) {
			h, err := e.Inspect(file)
			if err != nil {
				t.Fatal(err)
			}
			decoded := must(format.Decode(t.Context(), file, h.Header, h.plan.decode))
			levels, opaque, err := e.pyramids(t.Context(), decoded.Picture, h, nil)
			if err != nil {
				t.Fatal(err)
			}
			whole := levels[raster.Gamma].levels[0]
			if _, onePlane := whole.Image().(*image.Gray); !whole.IsPlanar() || !opaque || h.Grey() != onePlane {
				t.Fatalf("%s of %v: planar %v, one plane %v, opaque %v, grey %v", kind, s, whole.IsPlanar(), onePlane, opaque, h.Grey())
			}
			want := renderRGB(t, e, file, h)
			for i, got := range render(t, e, file) {
				if dB := psnr(t, openImage(t, got), openImage(t, want[i])); dB < 38 {
					t.Errorf("%s of %v, %s: %.1f dB", kind, s, got.Name, dB)
				}
			}
		}
	}
}

// TestLosslessVariantsAreExact checks that PNG and lossless WebP keep every pixel of a picture that is not resized,
// even if there are JPEG variants too.
func TestLosslessVariantsAreExact(t *testing.T) {
	m := landscape(90, 70)
	for i := 0; i < len(m.Pix); i += 4 {
		m.Pix[i] ^= byte(i * i >> 7) // colours that planes cannot distinguish
	}
	small := boxSpec("small", 40, 40, Inside, 80)
	same := boxSpec("same", 90, 90, Inside, 80)
	same.Formats, same.Lossless = []Output{PNG, WebP, JPEG}, true
	e := engine(t, Config{Specs: []Spec{small, same}})
	for kind, file := range solids(t, m) {
		var want image.Image
		var err error
		if kind == "WebP" { // the encoder's package decodes it to planes, which rounds
			want, err = webp.Decode(bytes.NewReader(file))
		} else {
			want, _, err = image.Decode(bytes.NewReader(file))
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range render(t, e, file) {
			if got.Format != photo.JPEG && !bytes.Equal(openImage(t, got).Pix, toNRGBA(want).Pix) {
				t.Errorf("%s: other pixels as %s", kind, got.Format)
			}
			if got.Format != photo.PNG {
				continue
			}
			h, err := e.Inspect(got.Data)
			source, _ := e.Inspect(file)
			if components := map[bool]int{true: 1, false: 3}[source.Grey()]; err != nil || h.Components != components {
				t.Errorf("%s: a PNG of %d components, want %d, %v", kind, h.Components, components, err)
			}
		}
	}
}

// TestLosslessVariantsAreLikeTheReference checks that the filter is as good in RGB as in planes, with and without
// transparent pixels, in every orientation.
func TestLosslessVariantsAreLikeTheReference(t *testing.T) {
	comparesPixels(t)
	clear := landscape(301, 225)
	for y := range 225 {
		for x := range 301 {
			clear.Pix[clear.PixOffset(x, y)+3] = clamped(140 + 130*smooth(float64(x)/40, float64(y)/40, 3))
		}
	}
	c := boxesConfig(290, 150, 149, 64, 20)
	for i := range c.Specs {
		c.Specs[i].Formats = []Output{PNG}
	}
	for _, m := range []*image.NRGBA{landscape(301, 225), clear} {
		whole := premultiplied(m)
		for o := 1; o <= 8; o++ {
			file := insert(toPNG(t, m), 33, chunk("eXIf", exifBlock(binary.BigEndian, uint16(o))))
			for _, got := range render(t, engine(t, c), file) {
				for i, p := range premultiplied(openImage(t, got)) {
					if dB := p.decibels(reference(whole[i], got, o, false)); dB < minPSNR {
						t.Errorf("%s, orientation %d, opaque %v, component %d: %.1f dB, want %d", got.Name, o, opaque(m), i, dB, minPSNR)
					}
				}
			}
		}
	}
}

// TestShapesWithoutLoss checks that in RGB too, nothing shifts, rings further than the reference or leaves a pattern.
// Each shape is drawn in colours and, on black, in alpha.
func TestShapesWithoutLoss(t *testing.T) {
	comparesPixels(t)
	drawing := func(alpha bool, f func(x, y float64) float64) *image.NRGBA {
		m := drawShape(317, 235, f)
		for i := 0; alpha && i < len(m.Pix); i += 4 {
			m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = 255, 255, 255, m.Pix[i]
		}
		return m
	}
	renderSamples := func(m *image.NRGBA, side int) []samples {
		c := oneBox(side)
		c.Specs[0].Formats = []Output{PNG}
		return premultiplied(openImage(t, render(t, engine(t, c), toPNG(t, m))[0]))
	}
	for _, alpha := range []bool{false, true} {
		for _, side := range []int{301, 150, 75, 37} {
			pixel := 317 / float64(side)
			plate := drawing(alpha, func(x, y float64) float64 {
				return 128 + 90*math.Cos((math.Pow(x-90, 2)+math.Pow(y-75, 2))/500/pixel)
			})
			edge := drawing(alpha, func(x, y float64) float64 { return 60 + 130*step(x-y/3-95) })
			for i, p := range renderSamples(plate, side) {
				if i == 3 && !alpha {
					continue // flat
				}
				if x, y := p.shift(premultiplied(plate)[i].resize(p.w, p.h)); math.Abs(x) > 0.05 || math.Abs(y) > 0.05 {
					t.Errorf("alpha %v, at %d, component %d: shifted by %.3f, %.3f", alpha, side, i, x, y)
				}
			}
			for i, p := range renderSamples(edge, side) {
				want := premultiplied(edge)[i].resize(p.w, p.h)
				for at, v := range p.v {
					if math.Abs(v-min(max(want.v[at], 0), 255)) > 2 {
						t.Errorf("alpha %v, at %d, component %d: %.1f next to an edge, want %.1f", alpha, side, i, v, want.v[at])
						break
					}
				}
			}
		}
		for i, p := range renderSamples(drawing(alpha, func(x, y float64) float64 { return 255 * math.Mod(x+y, 2) }), 75) {
			for _, v := range p.v {
				if math.Abs(v-127.5) > 4.5 && (alpha || i < 3) {
					t.Errorf("alpha %v, component %d: a checker leaves %.0f", alpha, i, v)
					break
				}
			}
		}
	}
}

// TestGreyProfileOfTransparentPNG checks that the variant has no profile for grey, which its RGB pixels cannot carry.
func TestGreyProfileOfTransparentPNG(t *testing.T) {
	raw := bytes.Repeat(append([]byte{0}, bytes.Repeat([]byte{90, 128}, 40)...), 30)
	e := engine(t, oneSpec(40, 40, Inside))
	for name, c := range map[string]struct {
		profile []byte
		want    uint8
	}{"converted": {greyGamma(1.8), encoded(math.Pow(90.0/255, 1.8))}, "of a kind that is not": {emptyICC("GRAY", 300), 90}} {
		got := render(t, e, encodePNG(40, 30, 8, 4, 0, pngICC(c.profile), raw))[0]
		h, err := e.Inspect(got.Data)
		if at := openImage(t, got).NRGBAAt(9, 9); err != nil || h.Profile.Size() != 0 || !isClose(at, color.NRGBA{c.want, c.want, c.want, 128}, 2) {
			t.Errorf("%s: %v with a profile of %d bytes, want %d, %v", name, at, h.Profile.Size(), c.want, err)
		}
	}
}

// TestMemoryOfNoise renders noise, which does not compress, and pictures with so few rows that the filter holds them
// all.
func TestMemoryOfNoise(t *testing.T) {
	countsAllocations(t)
	all := map[string][]byte{}
	for _, s := range []size{dim(600, 420), dim(4000, 60)} {
		m, clear := image.NewNRGBA(image.Rect(0, 0, s.Width, s.Height)), image.NewNRGBA(image.Rect(0, 0, s.Width, s.Height))
		for i := range m.Pix {
			m.Pix[i], clear.Pix[i] = byte(128+lattice(i, 0, 1)*127), byte(128+lattice(i, 0, 2)*127)
			if i%4 == 3 {
				m.Pix[i] = 255
			}
		}
		kinds := solids(t, m)
		for _, kind := range []string{"PNG", "grey PNG", "PNG of 16 bits", "RGBA PNG"} {
			all[fmt.Sprint(kind, " of ", s)] = kinds[kind]
		}
		all[fmt.Sprint("clear PNG of ", s)] = toPNG(t, clear)
	}
	for _, formats := range [][]Output{nil, {PNG}, {JPEG, PNG}} {
		for _, side := range []int{1600, 500} {
			c := configWith(func(s *Spec) { s.Width, s.Height, s.Formats = side, side, formats })
			c.Specs = append(c.Specs, boxSpec("small", 320, 320, Inside, 80))
			e := engine(t, c)
			for kind, file := range all {
				h, err := e.Inspect(file)
				if err != nil {
					t.Fatal(err)
				}
				used := allocated(t, func() { render(t, e, file) })
				if estimate := e.Memory(h); estimate < used*9/10 {
					t.Errorf("%s as %v at %d: estimate %d KB, allocated %d KB", kind, formats, side, estimate>>10, used>>10)
				}
			}
		}
	}
}

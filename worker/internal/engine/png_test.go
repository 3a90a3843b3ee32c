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

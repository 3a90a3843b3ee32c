package engine

import (
	"bytes"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	stdjpeg "image/jpeg"
	"slices"
	"strings"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/photo"
)

// glass returns a scene whose left half is half transparent.
func glass(w, h int) *image.NRGBA {
	m := scene(w, h)
	for y := range h {
		for x := range w / 2 {
			m.Pix[y*m.Stride+4*x+3] = 128
		}
	}
	return m
}

// plain returns a picture with the corners of a scene and nothing else.
func plain(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [2][2]color.NRGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}}, {{255, 255, 255, 255}, {0, 0, 255, 255}}}[y*2/h][x*2/w]
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func configWith(change func(*Spec)) Config {
	s := Spec{Name: "v", Width: 60, Height: 60, Fit: Inside, Quality: 95}
	change(&s)
	return Config{Specs: []Spec{s}}
}

func TestFormats(t *testing.T) {
	solid, clear := scene(120, 90), glass(120, 90)
	fewColours := image.NewPaletted(solid.Rect, palette.WebSafe)
	draw.Draw(fewColours, fewColours.Rect, solid, image.Point{}, draw.Src)
	originals := map[string][]byte{
		"jpeg": toJPEG(t, solid, &jpegn.EncodeOptions{Quality: 95}), "png": toPNG(t, solid), "clear png": toPNG(t, clear),
		"gif": toGIF(t, &gif.GIF{Image: []*image.Paletted{fewColours}, Delay: []int{0}}), "webp": riff("VP8L", vp8l(clear)),
	}
	for _, c := range []struct {
		outputs string
		want    map[string]string
	}{
		{"", map[string]string{"jpeg": "jpeg", "png": "jpeg", "clear png": "png", "gif": "jpeg", "webp": "png"}},
		{"auto", map[string]string{"jpeg": "jpeg", "png": "jpeg", "clear png": "png"}},
		{"original", map[string]string{"jpeg": "jpeg", "png": "png", "clear png": "png", "gif": "jpeg", "webp": "webp"}},
		{"webp jpeg", map[string]string{"jpeg": "webp jpeg", "png": "webp jpeg", "clear png": "webp jpeg", "gif": "webp jpeg"}},
		{"auto original png", map[string]string{"jpeg": "jpeg png", "png": "jpeg png", "clear png": "png", "webp": "png webp"}},
	} {
		e := engine(t, configWith(func(s *Spec) {
			for _, o := range strings.Fields(c.outputs) {
				s.Formats = append(s.Formats, Output(o))
			}
		}))
		for name, want := range c.want {
			file := originals[name]
			var got []string
			for _, i := range render(t, e, file) {
				got = append(got, string(i.Format))
				if format := detectFormat(t, i.Data); format != i.Format || i.Name != "v" {
					t.Errorf("%s as %q: variant %s says it is %s, and is %s", name, c.outputs, i.Name, i.Format, format)
				}
				m := openImage(t, i)
				if s := sizeOf(m); s != dim(60, 45) {
					t.Errorf("%s as %s: %v", name, i.Format, s)
				}
				if through := strings.Contains("clear png webp", name) && name != "png" && i.Format != photo.JPEG; through == opaque(m) {
					t.Errorf("%s as %s: opaque is %v", name, i.Format, !through)
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s as %q: %q, want %q", name, c.outputs, got, want)
			}
		}
	}
}

// TestFormatsAgree checks that the picture looks the same in every format.
func TestFormatsAgree(t *testing.T) {
	for name, file := range map[string][]byte{
		"jpeg": toJPEG(t, plain(240, 180), &jpegn.EncodeOptions{Quality: 95}), "png": toPNG(t, plain(240, 180)),
		"grey": toJPEG(t, plain(240, 180), &jpegn.EncodeOptions{Quality: 95, Subsampling: jpegn.SubsampleGray}),
	} {
		made := render(t, engine(t, configWith(func(s *Spec) { s.Formats = []Output{PNG, WebP, JPEG} })), file)
		exact := render(t, engine(t, configWith(func(s *Spec) { s.Formats, s.Lossless = []Output{WebP}, true })), file)
		want := openImage(t, made[0])
		if got := openImage(t, exact[0]); !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: WebP without loss has other pixels than PNG", name)
		}
		for _, i := range made[1:] {
			// The limit is for edges of colours, which have one sample for four pixels.
			if dB := psnr(t, openImage(t, i), want); dB < 26 {
				t.Errorf("%s as %s: %.1f dB", name, i.Format, dB)
			}
		}
	}
}

func TestBackground(t *testing.T) {
	file := toPNG(t, glass(120, 90))
	colourAt := func(m *image.NRGBA) color.NRGBA { return m.NRGBAAt(7, 5) } // red, half transparent
	for background, want := range map[string]color.NRGBA{"": {255, 127, 127, 255}, "#0000FF": {128, 0, 127, 255}, "#000000": {128, 0, 0, 255}} {
		e := engine(t, configWith(func(s *Spec) { s.Background, s.Formats = background, []Output{JPEG} }))
		if got := colourAt(openImage(t, render(t, e, file)[0])); !isClose(got, want, 12) {
			t.Errorf("JPEG on %q: %v, want %v", background, got, want)
		}
	}
	made := render(t, engine(t, configWith(func(s *Spec) { s.Background, s.Formats = "#0000ff", []Output{Auto, PNG, WebP} })), file)
	for _, i := range made {
		if m := openImage(t, i); !opaque(m) || !isClose(colourAt(m), color.NRGBA{128, 0, 127, 255}, 12) {
			t.Errorf("%s: %v", i.Format, colourAt(m))
		}
	}
	if made[0].Format != photo.JPEG {
		t.Errorf("on a background, auto is %s", made[0].Format)
	}
	if m := openImage(t, render(t, engine(t, oneSpec(60, 60, Inside)), file)[0]); colourAt(m).A != 128 {
		t.Errorf("without a background: %v", colourAt(m))
	}
}

// TestGreyOnColour checks that a grey picture is written as grey, unless its background has a colour.
func TestGreyOnColour(t *testing.T) {
	// 16 bits with alpha, because Go's encoder does not write grey PNGs with alpha.
	m := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	raw := make([]byte, 0, 40*81)
	for range m.Rect.Dy() {
		raw = append(append(raw, 0), bytes.Repeat([]byte{200, 0}, 40)...)
	}
	file := encodePNG(40, 40, 8, 4, 0, nil, raw)
	e := engine(t, configWith(func(s *Spec) { s.Background, s.Formats = "#ff0000", []Output{JPEG} }))
	if got := openImage(t, render(t, e, file)[0]).NRGBAAt(20, 20); !isClose(got, color.NRGBA{255, 0, 0, 255}, 8) {
		t.Errorf("%v, want red", got)
	}
}

func TestJPEGOptions(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := 0; i < len(m.Pix); i += 4 {
		copy(m.Pix[i:], []byte{255, 0, 0, 255})
		if i/4%2 == 1 {
			copy(m.Pix[i:], []byte{0, 0, 255, 255})
		}
	}
	originals := map[string][]byte{"png": toPNG(t, m), "deep png": solids(t, m)["PNG of 16 bits"], "jpeg": toJPEG(t, m, &jpegn.EncodeOptions{Quality: 98, Subsampling: jpegn.Subsample444})}
	for name, file := range originals {
		for _, progressive := range []bool{false, true} {
			dB := map[Chroma]float64{}
			for _, chroma := range []Chroma{Chroma420, Chroma444} {
				e := engine(t, configWith(func(s *Spec) { s.Width, s.Height, s.Progressive, s.Chroma = 64, 64, &progressive, chroma }))
				made := render(t, e, file)[0]
				h, err := e.Inspect(made.Data)
				if err != nil || h.Progressive != progressive || hasFullColour(t, made.Data) != (chroma == Chroma444) {
					t.Errorf("%s, %s, progressive %v: %+v, %v", name, chroma, progressive, h, err)
				}
				dB[chroma] = psnr(t, openImage(t, made), m)
			}
			if dB[Chroma444] < dB[Chroma420]+10 {
				t.Errorf("%s: stripes of one pixel keep their colours no better in 4:4:4: %v", name, dB)
			}
		}
	}
}

// TestProgressiveBySize checks that, unless the Spec says, a JPEG is progressive if its longer side is at least
// ProgressiveSide.
func TestProgressiveBySize(t *testing.T) {
	for _, c := range []struct {
		width, height int
		said          *bool
		want          bool
	}{
		{319, 240, nil, false}, {240, 319, nil, false}, {320, 240, nil, true}, {240, 320, nil, true}, {1600, 100, nil, true},
		{319, 240, new(true), true}, {320, 240, new(false), false},
	} {
		file := toJPEG(t, scene(c.width, c.height), &jpegn.EncodeOptions{Quality: 90})
		e := engine(t, Config{Specs: []Spec{{Name: "v", Width: 2000, Height: 2000, Fit: Inside, Quality: 80, Progressive: c.said}}})
		h, err := e.Inspect(render(t, e, file)[0].Data)
		if err != nil || h.Progressive != c.want {
			t.Errorf("%d x %d, %v: progressive %v, want %v, %v", c.width, c.height, c.said, h.Progressive, c.want, err)
		}
	}
}

// TestFullColourBesideOthers checks that a variant in full colour does not change the others, and is not made from a
// picture with fewer colour samples.
func TestFullColourBesideOthers(t *testing.T) {
	file := toJPEG(t, scene(640, 480), &jpegn.EncodeOptions{Quality: 95, Subsampling: jpegn.Subsample444})
	specs := []Spec{boxSpec("large", 320, 320, Inside, 95), boxSpec("full", 160, 160, Inside, 95), boxSpec("small", 80, 80, Inside, 95)}
	plain := render(t, engine(t, Config{Specs: specs}), file)
	alone := slices.Clone(specs[1:2])
	alone[0].Chroma, specs[1].Chroma = Chroma444, Chroma444
	mixed := render(t, engine(t, Config{Specs: specs}), file)
	for i := range plain {
		if dB := psnr(t, openImage(t, mixed[i]), openImage(t, plain[i])); dB < 36 {
			t.Errorf("%s: %.1f dB", plain[i].Name, dB)
		}
	}
	if dB := psnr(t, openImage(t, mixed[1]), openImage(t, render(t, engine(t, Config{Specs: alone}), file)[0])); dB < 40 {
		t.Errorf("in full colour with other variants: %.1f dB", dB)
	}
}

// TestMemoryOfOutputs checks that Memory is an upper bound for every format and option.
func TestMemoryOfOutputs(t *testing.T) {
	countsAllocations(t)
	for name, change := range map[string]func(*Spec){
		"png": func(s *Spec) { s.Formats = []Output{PNG} }, "webp": func(s *Spec) { s.Formats = []Output{WebP} },
		"webp lossless": func(s *Spec) { s.Formats, s.Lossless = []Output{WebP}, true },
		"4:4:4":         func(s *Spec) { s.Chroma = Chroma444 }, "progressive": func(s *Spec) { s.Progressive = new(true) },
		"sharpened": func(s *Spec) { s.Sharpen = 100 }, "enlarged": func(s *Spec) { s.Upscale = true },
		"jpeg on white": func(s *Spec) { s.Formats = []Output{JPEG} },
	} {
		specs := []Spec{boxSpec("large", 250, 250, Inside, 80), boxSpec("thumb", 64, 64, Fill, 80)}
		for i := range specs {
			change(&specs[i])
		}
		for kind, file := range map[string][]byte{"jpeg": toJPEG(t, scene(240, 180), &jpegn.EncodeOptions{Quality: 95}),
			"png": toPNG(t, scene(240, 180)), "png with alpha": toPNG(t, glass(240, 180))} {
			e := engine(t, Config{Specs: specs})
			h, err := e.Inspect(file)
			if err != nil {
				t.Fatal(err)
			}
			render(t, e, file) // fills the caches that are kept for the next picture, which do not count
			used := allocated(t, func() { render(t, e, file) })
			t.Logf("%-14s of %s: estimate %6d KB, allocated %6d KB", name, kind, e.Memory(h)>>10, used>>10)
			if estimate := e.Memory(h); estimate < used*9/10 {
				t.Errorf("%s of %s: estimate %d KB, allocated %d KB", name, kind, estimate>>10, used>>10)
			}
		}
	}
}

// hasFullColour reports whether a JPEG is in 4:4:4.
func hasFullColour(t *testing.T, file []byte) bool {
	t.Helper()
	m, err := stdjpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return m.(*image.YCbCr).SubsampleRatio == image.YCbCrSubsampleRatio444
}

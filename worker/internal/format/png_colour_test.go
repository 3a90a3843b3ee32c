package format

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image/color"
	"math"
	"testing"

	"darkroom/deploy/testkit/browser"
	"darkroom/worker/internal/raster"
)

// numberChunk returns a chunk of 32-bit numbers.
func numberChunk(kind string, values ...uint32) []byte {
	var p []byte
	for _, v := range values {
		p = binary.BigEndian.AppendUint32(p, v)
	}
	return pngChunk(kind, p...)
}

// linearProfile returns a profile with the primaries of sRGB and linear samples.
func linearProfile(space string) []byte {
	tags := []struct {
		name string
		data []byte
	}{{"rXYZ", xyzTag(0.43607, 0.22249, 0.01392)}, {"gXYZ", xyzTag(0.38515, 0.71687, 0.09708)}, {"bXYZ", xyzTag(0.14307, 0.06061, 0.7141)},
		{"rTRC", curveTag}, {"gTRC", curveTag}, {"bTRC", curveTag}}
	if space == "GRAY" {
		tags = tags[3:4]
		tags[0].name = "kTRC"
	}
	p := make([]byte, 128)
	p[8] = 4
	copy(p[12:], "mntr"+space+"XYZ ")
	copy(p[36:], "acsp")
	copy(p[68:], xyzTag(0.9642, 1, 0.8249)[8:])
	p = binary.BigEndian.AppendUint32(p, uint32(len(tags)))
	at := len(p) + 12*len(tags)
	var body []byte
	for _, tag := range tags {
		p = binary.BigEndian.AppendUint32(append(p, tag.name...), uint32(at+len(body)))
		p = binary.BigEndian.AppendUint32(p, uint32(len(tag.data)))
		body = append(body, tag.data...)
	}
	p = append(p, body...)
	binary.BigEndian.PutUint32(p, uint32(len(p)))
	return p
}

// curveTag is an identity curve.
var curveTag = []byte("curv\x00\x00\x00\x00\x00\x00\x00\x00")

func xyzTag(values ...float64) []byte {
	b := []byte("XYZ \x00\x00\x00\x00")
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(int32(math.Round(v*65536))))
	}
	return b
}

// profileChunk returns an iCCP chunk.
func profileChunk(t testing.TB, profile []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(profile); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return pngChunk("iCCP", append([]byte("linear\x00\x00"), b.Bytes()...)...)
}

// Colour chunks for tests.
var (
	gammaOne   = numberChunk("gAMA", 100000)
	gamma22    = numberChunk("gAMA", 45455)
	gamma18    = numberChunk("gAMA", 55556)
	chromaSRGB = numberChunk("cHRM", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
	chromaP3   = numberChunk("cHRM", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
	sRGBChunk  = pngChunk("sRGB", 0)
	codesP3    = pngChunk("cICP", 12, 13, 0, 1)
	codesSRGB  = pngChunk("cICP", 1, 13, 0, 1)
)

// colourCases returns files that say what their colours are.
func colourCases(t testing.TB) map[string][][]byte {
	t.Helper()
	icc, plte := profileChunk(t, linearProfile("RGB ")), pngChunk("PLTE", 1, 2, 3)
	wrong := func(c []byte) []byte { c = bytes.Clone(c); c[len(c)-1] ^= 1; return c }
	return map[string][][]byte{
		"nothing":                            nil,
		"gAMA of light":                      {gammaOne},
		"gAMA of 1/1.8":                      {gamma18},
		"gAMA that means sRGB":               {gamma22},
		"gAMA of 0.45":                       {numberChunk("gAMA", 45000)},
		"least gAMA that means sRGB":         {numberChunk("gAMA", 43182)},
		"gAMA below it":                      {numberChunk("gAMA", 43181)},
		"most gAMA that means sRGB":          {numberChunk("gAMA", 47727)},
		"gAMA above it":                      {numberChunk("gAMA", 47728)},
		"gAMA of 0.45 with cHRM":             {numberChunk("gAMA", 45000), chromaSRGB},
		"the same with cHRM":                 {gamma22, chromaSRGB},
		"the same with cHRM of P3":           {gamma22, chromaP3},
		"gAMA of light, cHRM":                {gammaOne, chromaSRGB},
		"cHRM before gAMA":                   {chromaP3, gammaOne},
		"cHRM alone":                         {chromaP3},
		"gAMA of 0":                          {numberChunk("gAMA", 0), chromaP3},
		"cHRM of zeros":                      {gammaOne, numberChunk("cHRM", make([]uint32, 8)...)},
		"gAMA with a wrong checksum":         {wrong(gammaOne), chromaSRGB},
		"gAMA twice":                         {gammaOne, gamma18},
		"sRGB, gAMA":                         {sRGBChunk, gammaOne, chromaP3},
		"gAMA, sRGB":                         {gammaOne, sRGBChunk},
		"sRGB of an unknown intent":          {gammaOne, pngChunk("sRGB", 7)},
		"iCCP":                               {icc},
		"iCCP, sRGB":                         {sRGBChunk, icc},
		"iCCP, gAMA":                         {gamma18, icc},
		"iCCP with a wrong checksum":         {wrong(icc)},
		"iCCP that cannot be read, gAMA":     {pngChunk("iCCP", 'a', 0, 0, 1, 2), gammaOne},
		"cICP":                               {codesP3},
		"cICP, iCCP":                         {icc, codesP3},
		"cICP of sRGB, iCCP":                 {codesSRGB, icc},
		"cICP of sRGB, gAMA":                 {gammaOne, codesSRGB},
		"cICP, sRGB":                         {sRGBChunk, codesP3},
		"cICP of light":                      {pngChunk("cICP", 1, 8, 0, 1)},
		"cICP of the narrow range":           {pngChunk("cICP", 12, 13, 0, 0)},
		"cICP with a wrong checksum":         {wrong(codesP3)},
		"cICP of another length":             {pngChunk("cICP", 12, 13, 0, 1, 0)},
		"cICP that says nothing, gAMA":       {pngChunk("cICP", 2, 2, 0, 1), gammaOne},
		"cICP of reserved code points, gAMA": {pngChunk("cICP", 0, 0, 0, 1), gammaOne},
		"cICP behind a palette":              {plte, codesP3},
		"gAMA behind a palette":              {plte, gammaOne},
		"iCCP behind a palette":              {plte, icc},
	}
}

// TestColoursAreThoseOfChromium compares colours with what Chromium shows.
func TestColoursAreThoseOfChromium(t *testing.T) {
	page := browser.Start(t).Open(t, "about:blank", browser.View{Width: 300, Height: 200})
	for name, chunks := range colourCases(t) {
		for _, c := range []struct {
			colourType int
			rows       [][]byte
		}{{2, stripes(24, 20)}, {0, stripes(8, 20)}} {
			if c.colourType == 0 && (bytes.Contains(bytes.Join(chunks, nil), []byte("iCCP")) || bytes.Contains(bytes.Join(chunks, nil), []byte("PLTE"))) {
				continue // the profile is for colours
			}
			file := encodePNGRows(t, 24, 8, c.colourType, c.rows, chunks...)
			want := page.Pixels("image/png", file)
			got, _ := mustDecodeSRGB(t, name, file)
			if want == nil || want.Rect != got.Rect {
				t.Fatalf("%s: Chromium shows nothing", name)
			}
			for i := range got.Pix {
				if d := int(got.Pix[i]) - int(want.Pix[i]); d < -1 || d > 1 {
					x, y := i/4%24, i/4/24
					t.Errorf("%s, colour type %d: %d, %d is %v, Chromium shows %v", name, c.colourType, x, y, got.NRGBAAt(x, y), want.NRGBAAt(x, y))
					break
				}
			}
		}
	}
}

// TestWhichColoursDecide checks that the first of cICP, iCCP, sRGB and gAMA decides, also for grey and with alpha.
func TestWhichColoursDecide(t *testing.T) {
	light := func(v byte) byte { return byte(math.Round(255 * encodedSRGB(float64(v)/255))) }
	for name, wants := range map[string]bool{ // whether samples are linear
		"nothing": false, "gAMA of 0.45": false, "gAMA of light": true, "sRGB, gAMA": false, "iCCP": true, "iCCP, sRGB": true, "iCCP with a wrong checksum": false,
		"iCCP that cannot be read, gAMA": true, "cICP of sRGB, iCCP": false, "cICP of sRGB, gAMA": false, "cICP of light": true,
		"cICP that says nothing, gAMA": true, "gAMA with a wrong checksum": false, "gAMA of light, cHRM": true,
	} {
		chunks := colourCases(t)[name]
		want := byte(77)
		if wants {
			want = light(77)
		}
		for _, c := range []struct {
			depth, colourType int
			pixel             []byte
			alpha             byte
		}{{8, 2, []byte{77, 77, 77}, 255}, {8, 6, []byte{77, 77, 77, 9}, 9}, {16, 2, []byte{77, 77, 77, 77, 77, 77}, 255}, {16, 6, []byte{77, 77, 77, 77, 77, 77, 9, 200}, 9},
			{8, 0, []byte{77}, 255}, {8, 4, []byte{77, 9}, 9}, {16, 0, []byte{77, 77}, 255}, {16, 4, []byte{77, 77, 9, 200}, 9}} {
			with := chunks
			if c.colourType == 0 || c.colourType == 4 { // a profile for grey
				with = nil
				for _, chunk := range chunks {
					if string(chunk[4:8]) == "iCCP" && len(chunk) > 100 && name != "iCCP with a wrong checksum" {
						chunk = profileChunk(t, linearProfile("GRAY"))
					}
					with = append(with, chunk)
				}
			}
			m, h := mustDecodeSRGB(t, name, encodePNGRows(t, 1, c.depth, c.colourType, [][]byte{c.pixel}, with...))
			if got := m.NRGBAAt(0, 0); !isWithin(got, color.NRGBA{want, want, want, c.alpha}, 1) || got.R != got.G || got.G != got.B {
				t.Errorf("%s, colour type %d of %d bits: %v, want %d", name, c.colourType, c.depth, got, want)
			}
			if _, carry := h.Conversion(); carry != nil {
				t.Errorf("%s: a profile is carried", name)
			}
		}
	}
}

func encodedSRGB(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// TestNoBands checks that linear samples of 16 bits are converted before they are cut to 8. The darkest 1/256 of them
// are one value in 8 linear bits, and 14 in sRGB.
func TestNoBands(t *testing.T) {
	for _, all := range [][][]byte{{profileChunk(t, linearProfile("RGB "))}, {gammaOne}, {pngChunk("cICP", 1, 8, 0, 1)}, {gammaOne, chromaSRGB}} {
		for _, samples := range []int{1, 3, 4} {
			chunks := all
			var row []byte
			for v := range 256 {
				for s := range samples {
					if s == 3 {
						row = append(row, 255, 255)
						continue
					}
					row = append(row, byte(v>>8), byte(v))
				}
			}
			if samples == 1 && string(chunks[0][4:8]) == "iCCP" {
				chunks = [][]byte{profileChunk(t, linearProfile("GRAY"))}
			}
			m, h := mustDecodeSRGB(t, "light", encodePNGRows(t, 256, 16, map[int]int{1: 0, 3: 2, 4: 6}[samples], [][]byte{row}, chunks...))
			if h.Planar {
				t.Fatal("planes of 8 bits")
			}
			for v := range 256 {
				want := 255 * encodedSRGB(float64(v)/65535)
				if got := m.NRGBAAt(v, 0); math.Abs(float64(got.R)-want) > 0.6 || got.R != got.G || got.G != got.B {
					t.Fatalf("%d samples: %d is %v, want %.2f", samples, v, got, want)
				}
			}
		}
	}
}

// TestDeepPixelsWithoutColours keeps the high bytes, as browsers do.
func TestDeepPixelsWithoutColours(t *testing.T) {
	m, h := mustDecodeSRGB(t, "deep", encodePNGRows(t, 2, 16, 2, [][]byte{{0, 255, 0x7f, 0xff, 0x80, 0, 255, 0, 1, 127, 2, 128}}))
	if got := [2]color.NRGBA{m.NRGBAAt(0, 0), m.NRGBAAt(1, 0)}; got != [2]color.NRGBA{{0, 0x7f, 0x80, 255}, {255, 1, 2, 255}} {
		t.Errorf("%v", got)
	}
	if s, bytes := DecodeMemory(h, Target{}); s != (raster.Size{Width: 2, Height: 1}) || bytes <= 0 {
		t.Errorf("%v, %d bytes", s, bytes)
	}
}

package engine

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/disintegration/imaging"
)

// oddFolder holds odd files that users of other systems have reported. It is not part of the repository.
const oddFolder = "../../../../shared/odd-files"

// oddFiles returns the files of oddFolder by name. They show the picture of p-base.png, or a smaller one of their own.
func oddFiles(t testing.TB) map[string]oddity {
	t.Helper()
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(oddFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	decoded := func(name string, without ...string) *image.NRGBA {
		m, err := png.Decode(bytes.NewReader(withoutChunks(read(name), without...)))
		if err != nil {
			t.Fatal(err)
		}
		return toNRGBA(m)
	}
	control := func(name string) *image.NRGBA {
		return openImage(t, render(t, oddEngines(t, false)["png"], read(name))[0])
	}

	card, jpeg, webp, gif := decoded("p-base.png"), control("j-base.jpg"), control("w-lossy.webp"), control("g-base.gif")
	glassy := decoded("p-trns-on-rgba.png", "tRNS")
	files := map[string]oddity{
		"p-base.png": {want: card, least: exact}, "j-base.jpg": {want: card, least: 28}, "w-lossy.webp": {want: card, least: 25},
		"g-base.gif": {want: gif, least: exact}, "h-base.heic": {want: card, least: 28}, "a-base.avif": {want: card, least: 28},

		"j-grey-adobe0.jpg":        {want: toGrey(card), least: 30},
		"j-sos-params.jpg":         {want: jpeg, least: exact},
		"j-cmyk-noadobe.jpg":       {want: card, least: 28},
		"j-exif6-long.jpg":         {want: orient(jpeg, 6), least: exact, alone: true},
		"j-missing-eoi.jpg":        {want: jpeg, least: exact},
		"j-restart-wrong.jpg":      {want: jpeg, least: 30, damaged: true},
		"j-ff00-before-marker.jpg": {want: jpeg, least: exact, damaged: true},
		"j-sample-3x1.jpg":         {want: card, least: 25},
		"j-icc-padded.jpg":         {want: mapped(jpeg, prophoto), least: 35, alone: true},
		"p-icc-padded.png":         {want: mapped(card, prophoto), least: 38, alone: true},
		"w-icc-padded.webp":        {want: mapped(webp, prophoto), least: 35, alone: true},

		"g-frame-outside.gif":  {want: placeOn(60, 60, 50, 50, checks(10, 10, gifColours)), least: exact},
		"g-screen0.gif":        {want: gif, least: exact},
		"g-short-1px.gif":      {want: clearLast(gif), least: exact},
		"g-extra-subblock.gif": {want: gif, least: exact},

		"g-oob-index.gif": {want: bars(40, 30, 5, gifColours), least: exact},
		// A GIF without a colour table has the two colours that section 19 of its specification recommends as the
		// first.
		"g-nopalette.gif": {want: checks(40, 30, []color.NRGBA{black, {255, 255, 255, 255}, black, black}), least: exact},

		"p-badcrc-iccp.png":         {want: card, least: exact},
		"p-iend-crc-bad.png":        {want: card, least: exact},
		"p-noiend.png":              {want: card, least: exact},
		"p-extra-idat.png":          {want: card, least: exact},
		"p-extra-pixels.png":        {want: card, least: exact},
		"p-trns-on-rgba.png":        {want: glassy, least: exact},
		"p-plte-on-grey.png":        {want: decoded("p-plte-on-grey.png", "PLTE"), least: exact},
		"p-trns-before-plte.png":    {want: decoded("p-trns-before-plte.png", "tRNS"), least: exact},
		"p-grey1-trns.png":          {want: decoded("p-grey1-trns.png"), least: exact},
		"p-icc-linear.png":          {want: mapped(card, fromLinear), least: 45, alone: true},
		"p-cicp-p3.png":             {want: mapped(card, p3ToSRGB), least: 45, alone: true},
		"p-apng-hidden-default.png": {want: flat(40, 30, color.NRGBA{0, 200, 0, 255}), least: exact, animated: true, alone: true},

		"w-exif6-prefix.webp":          {want: orient(webp, 6), least: exact, alone: true},
		"w-vp8x-alphaflag-noalph.webp": {want: webp, least: exact},
		// Browsers and libvips go by the flag.
		"w-vp8x-noflag-alph.webp": {want: card, least: 25, alone: true},

		"h-grey.heic":  {want: toGrey(card), least: 28},
		"h-10.heic":    {want: card, least: 25},
		"h-444.heic":   {want: card, least: 28},
		"h-64.heic":    {want: imaging.Resize(card, 64, 48, imaging.Lanczos), least: 20},
		"h-alpha.heic": {want: glassy, least: 25},
	}
	for name, o := range files {
		o.file = read(name)
		files[name] = o
	}
	return files
}

// TestOddFiles renders every odd file by every engine and compares it with the right picture.
func TestOddFiles(t *testing.T) {
	comparesPixels(t)
	if _, err := os.Stat(oddFolder); err != nil {
		t.Skip("the folder of odd files does not exist")
	}
	files := oddFiles(t)
	listed, err := filepath.Glob(filepath.Join(oddFolder, "*-*.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range listed {
		if name := filepath.Base(path); files[name].want == nil {
			t.Errorf("%s: the test does not say what is right", name)
		}
	}
	checkOddities(t, files)
}

// gifColours are the first colours of the small GIFs.
var gifColours = []color.NRGBA{{255, 0, 0, 255}, {0, 200, 0, 255}, {0, 0, 255, 255}, {250, 250, 250, 255}}

var black = color.NRGBA{A: 255}

// bars returns a picture of bars in the given colours. Any further bars are black.
func bars(w, h, width int, colours []color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := black
			if i := x / width; i < len(colours) {
				c = colours[i]
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// checks returns a picture of diagonal stripes of squares.
func checks(w, h int, colours []color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, colours[(x/5+y/5)%len(colours)])
		}
	}
	return m
}

// placeOn returns a picture at a position of a transparent canvas.
func placeOn(w, h, x, y int, m *image.NRGBA) *image.NRGBA {
	return imaging.Paste(image.NewNRGBA(image.Rect(0, 0, w, h)), m, image.Pt(x, y))
}

// clearLast returns the picture with its last pixel transparent.
func clearLast(m *image.NRGBA) *image.NRGBA {
	m = imaging.Clone(m)
	m.SetNRGBA(m.Rect.Dx()-1, m.Rect.Dy()-1, color.NRGBA{})
	return m
}

func mapped(m *image.NRGBA, convert func(color.NRGBA) color.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			out.SetNRGBA(x, y, convert(m.NRGBAAt(x, y)))
		}
	}
	return out
}

// toGrey returns the luma of a picture (ITU-R BT.601).
func toGrey(m *image.NRGBA) *image.NRGBA {
	return mapped(m, func(c color.NRGBA) color.NRGBA {
		y := uint8(math.Round(0.299*float64(c.R) + 0.587*float64(c.G) + 0.114*float64(c.B)))
		return color.NRGBA{y, y, y, c.A}
	})
}

// prophoto converts a colour of ROMM RGB (ISO 22028-2, also called ProPhoto) to sRGB through XYZ under D50.
func prophoto(c color.NRGBA) color.NRGBA {
	lin := func(v uint8) float64 {
		if f := float64(v) / 255; f >= 1.0/32 {
			return math.Pow(f, 1.8)
		} else {
			return f / 16
		}
	}
	r, g, b := lin(c.R), lin(c.G), lin(c.B)
	x := 0.7976749*r + 0.1351917*g + 0.0313534*b
	y := 0.2880402*r + 0.7118741*g + 0.0000857*b
	z := 0.8252100 * b
	return color.NRGBA{
		encoded(3.1338561*x - 1.6168667*y - 0.4906146*z),
		encoded(-0.9787684*x + 1.9161415*y + 0.0334540*z),
		encoded(0.0719453*x - 0.2289914*y + 1.4052427*z), c.A}
}

// fromLinear converts a colour whose samples are linear light to sRGB.
func fromLinear(c color.NRGBA) color.NRGBA {
	return color.NRGBA{encoded(float64(c.R) / 255), encoded(float64(c.G) / 255), encoded(float64(c.B) / 255), c.A}
}

// withoutChunks returns a PNG without the chunks of these kinds.
func withoutChunks(png []byte, kinds ...string) []byte {
	out := bytes.Clone(png[:len(pngSignature)])
	for rest := png[len(pngSignature):]; len(rest) >= 12; {
		n := 12 + int(binary.BigEndian.Uint32(rest))
		if !slices.Contains(kinds, string(rest[4:8])) {
			out = append(out, rest[:n]...)
		}
		rest = rest[n:]
	}
	return out
}

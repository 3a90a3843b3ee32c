package gifscan

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestPictureOfImageGIF compares pictures with image/gif: for every code size, with long and with short strings, and
// with a table of codes that fills up.
func TestPictureOfImageGIF(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for colours := 2; colours <= 256; colours *= 2 {
		palette := make(color.Palette, colours)
		for i := range palette {
			palette[i] = color.RGBA{byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), 0xff}
		}
		palette[1] = color.RGBA{}
		for run := 1; run <= 1000; run *= 10 {
			m := image.NewPaletted(image.Rect(0, 0, 133, 171), palette)
			for i := 0; i < len(m.Pix); {
				v := byte(r.IntN(colours))
				for n := 1 + r.IntN(run); n > 0 && i < len(m.Pix); n-- {
					m.Pix[i] = v
					i++
				}
			}
			var b bytes.Buffer
			if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{m}, Delay: []int{0}}); err != nil {
				t.Fatal(err)
			}
			got, n := drawFile(t, b.Bytes())
			if n != len(m.Pix) {
				t.Fatalf("%d colours, runs of %d: %d of %d pixels", colours, run, n, len(m.Pix))
			}
			for i, v := range m.Pix {
				if want := color.NRGBAModel.Convert(palette[v]); got.NRGBAAt(i%133, i/133) != want {
					t.Fatalf("%d colours, runs of %d: pixel %d is %v, want %v", colours, run, i, got.NRGBAAt(i%133, i/133), want)
				}
			}
		}
	}
}

// TestInterlaced compares the order of rows with image/gif, for every height.
func TestInterlaced(t *testing.T) {
	for h := 1; h <= 40; h++ {
		pix := make([]byte, 3*h)
		for i := range pix {
			pix[i] = byte(i / 3)
		}
		table := make([]byte, 3*64)
		for i := range table {
			table[i] = byte(i)
		}
		data := file(3, h, table, frame(0, 0, 3, h, isInterlaced, nil, compressedData(t, 6, pix)))
		want, err := gif.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := drawFile(t, data)
		for y := range h {
			if a, b := got.At(1, y), color.NRGBAModel.Convert(want.At(1, y)); a != b {
				t.Fatalf("height %d: row %d is %v, want %v", h, y, a, b)
			}
		}
	}
}

// TestInterlacedShort checks that missing rows repeat the row above.
func TestInterlacedShort(t *testing.T) {
	const there = 3 // the first pass of a picture of 20 rows
	pix := make([]byte, 8*there)
	for i := range pix {
		pix[i] = byte(i / 8)
	}
	got, n := drawFile(t, file(8, 20, fourColours, frame(0, 0, 8, 20, isInterlaced, nil, compressedData(t, 2, pix))))
	if n != 8*there {
		t.Fatalf("%d pixels", n)
	}
	for y := range 20 {
		c := fourColours[3*(y/8):]
		if p := got.NRGBAAt(7, y); p != (color.NRGBA{c[0], c[1], c[2], 255}) {
			t.Errorf("row %d is %v", y, p)
		}
	}
}

func TestAnimated(t *testing.T) {
	one := plain(compressedData(t, 2, diagonals()))
	none := frame(0, 0, 0, 0, 0, nil, compressedData(t, 2, nil))
	for name, c := range map[string]struct {
		blocks [][]byte
		want   bool
	}{
		"one": {[][]byte{one}, false}, "two": {[][]byte{one, one}, true}, "none and one": {[][]byte{none, one}, true},
		"a comment between": {[][]byte{one, {extensionStart, 0xfe, 1, 'a', 0}, one}, true},
		"behind the end":    {[][]byte{one, {';'}, one}, false}, "a cut descriptor": {[][]byte{one, {imageSeparator, 0, 0}}, false},
	} {
		f, err := Open(file(width, height, fourColours, c.blocks...))
		if err != nil || f.Animated != c.want {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
}

func TestErrors(t *testing.T) {
	whole := compressedData(t, 2, diagonals())
	ordinary := file(width, height, fourColours, plain(whole))
	gifWith := func(blocks ...[]byte) []byte { return file(width, height, fourColours, blocks...) }
	for name, c := range map[string]struct {
		data []byte
		want error
		says string
	}{
		"no frame":                 {gifWith(), ErrCorrupt, "type 0x3b"},
		"frame after the trailer":  {gifWith([]byte{';'}, plain(whole)), ErrCorrupt, "type 0x3b"},
		"rubbish before the frame": {gifWith([]byte{0xff}, plain(whole)), ErrCorrupt, "type 0xff"},
		"empty frame":              {gifWith(frame(0, 0, 0, 0, 0, nil, whole)), ErrCorrupt, "type 0x3b"},
		"header":                   {ordinary[:12], ErrTruncated, "12 bytes"},
		"colour table":             {ordinary[:20], ErrTruncated, "12 bytes, but only 7 remain"},
		"local table":              {gifWith(frame(0, 0, 1, 1, hasColourTable|7, nil, whole)), ErrTruncated, "768 bytes"},
		"descriptor":               {ordinary[:30], ErrTruncated, "descriptor of 5"},
		"code size":                {ordinary[:35], ErrTruncated, "no data"},
		"data":                     {ordinary[:40], ErrTruncated, "within the picture"},
		"no sub-block":             {gifWith(plain([]byte{2, 0})), ErrCorrupt, "within the picture"},
		"end code at once":         {gifWith(plain(codedData(2, 4, 5))), ErrCorrupt, "end code after 0 of 30"},
		"code without a meaning":   {gifWith(plain(codedData(2, 4, 1, 7))), ErrCorrupt, "code 7 where codes below 7"},
		"first code of a string":   {gifWith(plain(codedData(2, 4, 6))), ErrCorrupt, "code 6 where codes below 6"},
		"string after clear code":  {gifWith(plain(codedData(2, 4, 1, 2, 3, 6, 4, 6))), ErrCorrupt, "after 5 of 30"},
		"code size 12":             {gifWith(plain([]byte{12, 1, 0, 0})), ErrCorrupt, "code size 12"},
		"code size 255":            {gifWith(plain([]byte{255, 1, 0, 0})), ErrCorrupt, "code size 255"},
	} {
		f, err := Open(c.data)
		if err == nil {
			_, err = f.Draw(t.Context(), image.NewNRGBA(image.Rect(0, 0, f.Width, f.Height)))
		}
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v with %q", name, err, c.want, c.says)
		}
	}
}

// TestCutAnywhere checks that a file that ends before its last pixel is truncated, and that the pixels before the end
// are right.
func TestCutAnywhere(t *testing.T) {
	data := file(width, height, fourColours, control(0, -1), plain(compressedData(t, 2, diagonals())))
	want, _ := drawFile(t, data)
	for end := headerBytes; end < len(data)-len("\x00;")-1; end++ { // the last byte only holds the end code
		f, err := Open(data[:end])
		if err != nil {
			if !errors.Is(err, ErrTruncated) {
				t.Fatalf("%d bytes: %v", end, err)
			}
			continue
		}
		got := image.NewNRGBA(want.Rect)
		n, err := f.Draw(t.Context(), got)
		if !errors.Is(err, ErrTruncated) || n == width*height {
			t.Fatalf("%d bytes: %d pixels, %v", end, n, err)
		}
		if !bytes.Equal(got.Pix[:4*n], want.Pix[:4*n]) || bytes.ContainsFunc(got.Pix[4*n:], func(r rune) bool { return r != 0 }) {
			t.Fatalf("%d bytes: other pixels", end)
		}
	}
}

// FuzzDraw decodes arbitrary bytes. Nothing may panic, every missing pixel must be transparent, and a picture that
// image/gif accepts must be equal.
func FuzzDraw(f *testing.F) {
	for _, odd := range oddFiles(f) {
		f.Add(odd.data)
	}
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x21\xff" + credentialsExtension + "\x03abc\x00\x21\xff" + xmpExtension + "\x01x\x00,"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Open(data)
		if err != nil || file.Width*file.Height > 1<<16 {
			return
		}
		m := image.NewNRGBA(image.Rect(0, 0, file.Width, file.Height))
		n, err := file.Draw(t.Context(), m)
		if whole := file.Frame.Dx() * file.Frame.Dy(); n > whole || (n == whole) != (err == nil) {
			t.Fatalf("%d of %d pixels: %v", n, whole, err)
		}
		want, fault := gif.Decode(bytes.NewReader(data))
		if fault != nil || err != nil || want.Bounds() != file.Frame {
			return
		}
		// image/gif extends the table to a transparent index beyond it, and lets an extension only add transparency.
		if p := want.(*image.Paletted).Palette; 3*len(p) != len(file.first.colours) || file.first.transparent < 0 && slices.Contains(p, color.Color(color.RGBA{})) {
			return
		}
		for y := file.Frame.Min.Y; y < file.Frame.Max.Y; y++ {
			for x := file.Frame.Min.X; x < file.Frame.Max.X; x++ {
				if a, b := m.NRGBAAt(x, y), color.NRGBAModel.Convert(want.At(x, y)); a != b {
					t.Fatalf("%d, %d is %v, want %v", x, y, a, b)
				}
			}
		}
	})
}

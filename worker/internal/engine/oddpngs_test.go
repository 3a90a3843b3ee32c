package engine

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"
)

// oddPNGs returns a PNG of each odd kind.
func oddPNGs(t testing.TB) map[string]oddity {
	m := scene(40, 30)
	plain := toPNG(t, m)
	const afterHeader = 33
	pixels := bytes.Index(plain, []byte("IDAT")) - 4
	end := len(plain) - 12
	oddityOf := func(file []byte) oddity { return oddity{file: file, want: m, least: exact} }
	broken := func(chunk []byte) []byte { // its checksum is wrong
		chunk[len(chunk)-1] ^= 0x55
		return chunk
	}
	profile := append(displayP3(), "padding"...)
	clear := halfClear(m)
	// In 8 bits of linear light, shadows this dark have five levels.
	dark := mapped(m, func(c color.NRGBA) color.NRGBA { return color.NRGBA{c.R / 6, c.G / 6, c.B / 6, 255} })
	clearPNG := toPNG(t, clear)
	raw := rgbRows(m)
	moreRows := encodePNG(40, 30, 8, 2, 0, nil, append(bytes.Clone(raw), raw[:5*(1+3*40)]...))
	palette := slices.Concat([]byte{200, 0, 0}, []byte{0, 200, 0}, []byte{0, 0, 200}, []byte{250, 250, 250})
	indexes, four := quarters()
	paletted := func(extra []byte) []byte { return encodePNG(40, 30, 8, 3, 0, extra, indexes) }
	bits, chess := chessBits()

	return map[string]oddity{
		"ordinary":                           oddityOf(plain),
		"wrong checksum of text":             oddityOf(insert(plain, afterHeader, broken(chunk("tEXt", []byte("Title\x00a"))))),
		"wrong checksum of a profile":        oddityOf(insert(plain, afterHeader, broken(pngICC(displayP3())))),
		"wrong checksum of gAMA":             oddityOf(insert(plain, afterHeader, broken(chunk("gAMA", []byte{0, 1, 0x86, 0xa0})))),
		"wrong checksum of the end":          oddityOf(append(bytes.Clone(plain[:end]), broken(chunk("IEND", nil))...)),
		"no end":                             oddityOf(plain[:end]),
		"end of the end":                     oddityOf(plain[:len(plain)-3]),
		"rubbish after the end":              oddityOf(append(bytes.Clone(plain), "rubbish"...)),
		"another IDAT":                       oddityOf(insert(plain, end, chunk("IDAT", []byte("more")))),
		"an empty IDAT":                      oddityOf(insert(insert(plain, end, chunk("IDAT", nil)), pixels, chunk("IDAT", nil))),
		"more rows":                          oddityOf(moreRows),
		"transparency before the palette":    {file: paletted(slices.Concat(chunk("tRNS", []byte{0, 128}), chunk("PLTE", palette))), want: four, least: exact},
		"transparency of RGBA":               {file: insert(clearPNG, afterHeader, chunk("tRNS", make([]byte, 6))), want: clear, least: exact},
		"a palette of grey":                  {file: encodePNG(40, 30, 8, 0, 0, chunk("PLTE", []byte{255, 0, 0}), greyRows(m)), want: greyLevels(m), least: exact},
		"longer transparency than a palette": {file: paletted(slices.Concat(chunk("PLTE", palette), chunk("tRNS", bytes.Repeat([]byte{255}, 7)))), want: four, least: exact},
		"high bits of the transparent grey":  {file: encodePNG(40, 30, 1, 0, 0, chunk("tRNS", []byte{0xff, 0xff}), bits), want: chess, least: exact, alone: true},
		"coding-independent code points":     {file: insert(plain, afterHeader, chunk("cICP", []byte{12, 13, 0, 1})), want: mapped(m, p3ToSRGB), least: 45, alone: true},
		"code points before a profile":       {file: insert(plain, afterHeader, slices.Concat(chunk("cICP", []byte{1, 13, 0, 1}), pngICC(displayP3()))), want: m, least: 45},
		"16 bits, linear":                    {file: insert(deepPNG(t, dark), afterHeader, pngICC(linearProfile())), want: dark, least: 48, alone: true},
		"profile longer than its size":       {file: insert(plain, afterHeader, pngICC(profile)), want: mapped(m, p3ToSRGB), least: 45, alone: true},
		"animation without the default":      {file: hiddenDefault(t, plain, m), want: placeOn(40, 30, 8, 6, flat(20, 16, color.NRGBA{10, 200, 30, 255})), least: exact, animated: true, alone: true},
	}
}

// halfClear returns a picture with a band of half transparent pixels, and a band of wholly transparent ones.
func halfClear(m *image.NRGBA) *image.NRGBA {
	out := *m
	out.Pix = bytes.Clone(m.Pix)
	for y := range 10 {
		for x := range m.Rect.Dx() {
			p := out.Pix[y*m.Stride+4*x:][:4]
			if p[3] = 128; y < 5 {
				clear(p)
			}
		}
	}
	return &out
}

// rgbRows returns the rows of an RGB PNG, with their filter bytes.
func rgbRows(m *image.NRGBA) (raw []byte) {
	for y := range m.Rect.Dy() {
		raw = append(raw, 0)
		for x := range m.Rect.Dx() {
			raw = append(raw, m.Pix[y*m.Stride+4*x:][:3]...)
		}
	}
	return raw
}

// greyRows returns the rows of a grey PNG of a picture's green. greyLevels returns that grey picture.
func greyRows(m *image.NRGBA) (raw []byte) {
	for y := range m.Rect.Dy() {
		raw = append(raw, 0)
		for x := range m.Rect.Dx() {
			raw = append(raw, m.NRGBAAt(x, y).G)
		}
	}
	return raw
}

func greyLevels(m *image.NRGBA) *image.NRGBA {
	return mapped(m, func(c color.NRGBA) color.NRGBA { return color.NRGBA{c.G, c.G, c.G, 255} })
}

// quarters returns the rows of indexes of a picture of 40 x 30 pixels with a colour in each of its quarters, and the
// picture.
func quarters() (raw []byte, m *image.NRGBA) {
	colours := [4]color.NRGBA{{200, 0, 0, 255}, {0, 200, 0, 255}, {0, 0, 200, 255}, {250, 250, 250, 255}}
	m = image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for y := range 30 {
		raw = append(raw, 0)
		for x := range 40 {
			i := y/15*2 + x/20
			raw = append(raw, byte(i))
			m.SetNRGBA(x, y, colours[i])
		}
	}
	return raw, m
}

// chessBits returns the rows of a picture of 40 x 30 one-bit pixels, and the picture with white transparent.
func chessBits() (raw []byte, m *image.NRGBA) {
	m = image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for y := range 30 {
		row := make([]byte, 1+5)
		for x := range 40 {
			if (x/8+y/8)%2 == 1 {
				row[1+x/8] |= 0x80 >> (x % 8)
				m.SetNRGBA(x, y, color.NRGBA{255, 255, 255, 0})
			} else {
				m.SetNRGBA(x, y, color.NRGBA{A: 255})
			}
		}
		raw = append(raw, row...)
	}
	return raw, m
}

// linearProfile returns a profile with the primaries of sRGB and samples in linear light.
func linearProfile() []byte {
	curve := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x00")
	return buildProfile("RGB ", map[string][]byte{
		"rXYZ": xyzTag(0.4361, 0.2225, 0.0139), "gXYZ": xyzTag(0.3851, 0.7169, 0.0971), "bXYZ": xyzTag(0.1431, 0.0606, 0.7141),
		"rTRC": curve, "gTRC": curve, "bTRC": curve, "wtpt": xyzTag(0.9642, 1, 0.8249),
	}, "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC", "wtpt")
}

// deepPNG returns a 16-bit PNG whose samples are the linear light of a picture.
func deepPNG(t testing.TB, m *image.NRGBA) []byte {
	t.Helper()
	deep := image.NewNRGBA64(m.Rect)
	light := func(v uint8) uint16 { return uint16(65535*linear(v) + 0.5) }
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			c := m.NRGBAAt(x, y)
			deep.SetNRGBA64(x, y, color.NRGBA64{light(c.R), light(c.G), light(c.B), 0xffff})
		}
	}
	return toPNG(t, deep)
}

// hiddenDefault returns an animated PNG whose IDAT is not a frame. The first frame, of 20 x 16 pixels, is green.
func hiddenDefault(t testing.TB, plain []byte, m *image.NRGBA) []byte {
	t.Helper()
	control := func(sequence uint32, w, h, x, y uint32) []byte {
		var b []byte
		for _, v := range []uint32{sequence, w, h, x, y} {
			b = binary.BigEndian.AppendUint32(b, v)
		}
		return chunk("fcTL", append(b, 0, 1, 0, 10, 0, 0)) // 1/10 s, no disposal, no blending
	}
	data := func(sequence uint32, m *image.NRGBA) []byte {
		file := encodePNG(uint32(m.Rect.Dx()), uint32(m.Rect.Dy()), 8, 2, 0, nil, rgbRows(m))
		at := bytes.Index(file, []byte("IDAT"))
		n := int(binary.BigEndian.Uint32(file[at-4:]))
		return chunk("fdAT", append(binary.BigEndian.AppendUint32(nil, sequence), file[at+4:at+4+n]...))
	}
	frames := slices.Concat(control(0, 20, 16, 8, 6), data(1, flat(20, 16, color.NRGBA{10, 200, 30, 255})), control(2, 40, 30, 0, 0), data(3, m))
	file := insert(plain, len(plain)-12, frames)
	file = insert(file, 33, chunk("acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0}))
	if _, err := png.Decode(bytes.NewReader(file)); err != nil {
		t.Fatalf("the animation is no PNG: %v", err)
	}
	return file
}

func TestOddPNGs(t *testing.T) {
	comparesPixels(t)
	checkOddities(t, oddPNGs(t))
}

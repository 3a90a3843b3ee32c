package pngscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// oddFiles returns files with a fault that the picture does not depend on. Each shows the picture.
func oddFiles(t testing.TB, p picture) map[string][]byte {
	t.Helper()
	rows := p.filterRows()
	packed := deflate(t, 6, rows)
	tail := packed[len(packed)-4:]
	join := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	file := func(before []byte, data []byte, after []byte) []byte {
		return join(p.head(), before, chunkOf("IDAT", data...), after)
	}
	wrong := func(c []byte) []byte { c = bytes.Clone(c); c[len(c)-1] ^= 1; return c }
	end, text, plte := chunkOf("IEND"), chunkOf("tEXt", 'a', 0, 'b'), chunkOf("PLTE", 1, 2, 3)
	whole := file(nil, packed, end)
	small := bytes.Clone(packed) // for a window of 256 bytes, though matches reach further
	small[0] = 0x08
	small[1] = byte(31 - 0x0800%31)
	return map[string][]byte{
		"checksum of an ancillary chunk":  file(wrong(text), packed, end),
		"checksum of IEND":                file(nil, packed, wrong(end)),
		"IEND with data":                  file(nil, packed, chunkOf("IEND", 1, 2)),
		"no IEND":                         file(nil, packed, nil),
		"zeros instead of IEND":           file(nil, packed, make([]byte, 99)),
		"rubbish instead of IEND":         file(nil, packed, bytes.Repeat([]byte{0xff, 'x'}, 99)),
		"rubbish after IEND":              file(nil, packed, join(end, []byte("rubbish"))),
		"a second file":                   join(whole, whole),
		"a critical chunk after":          file(nil, packed, join(chunkOf("ABCD", 1), end)),
		"cut in the checksum of IDAT":     whole[:len(whole)-len(end)-2],
		"cut before the checksum":         whole[:len(whole)-len(end)-4],
		"cut in the checksum of pixels":   whole[:len(whole)-len(end)-6],
		"cut before that":                 whole[:len(whole)-len(end)-8],
		"length of IDAT too large":        bytes.Replace(whole, chunkOf("IDAT", packed...)[:4], []byte{0x7f, 0xff, 0xff, 0xff}, 1),
		"data after the checksum":         file(nil, append(bytes.Clone(packed), "rubbish"...), end),
		"IDAT after the end of the data":  file(nil, packed, join(chunkOf("IDAT", 1, 2, 3), end)),
		"with a wrong checksum":           file(nil, packed, join(wrong(chunkOf("IDAT", 1, 2, 3)), end)),
		"after another chunk":             file(nil, packed, join(text, chunkOf("IDAT", 1, 2, 3), end)),
		"too many rows":                   file(nil, deflate(t, 6, append(bytes.Clone(rows), rows[:len(rows)/2]...)), end),
		"an extra byte":                   file(nil, deflate(t, 6, append(bytes.Clone(rows), 0)), end),
		"a wrong filter after the rows":   file(nil, deflate(t, 6, append(bytes.Clone(rows), bytes.Repeat([]byte{9}, 500)...)), end),
		"no checksum of the pixels":       file(nil, packed[:len(packed)-4], end),
		"part of it":                      file(nil, packed[:len(packed)-1], end),
		"empty IDAT":                      join(p.head(), chunkOf("IDAT"), chunkOf("IDAT", packed[:9]...), chunkOf("IDAT"), chunkOf("IDAT", packed[9:]...), chunkOf("IDAT"), end),
		"the checksum in its own IDAT":    file(nil, packed[:len(packed)-4], join(wrong(chunkOf("IDAT", tail...)), end)),
		"a small window":                  file(nil, small, end),
		"palette of grey or RGB":          file(plte, packed, end),
		"palette of another length":       file(chunkOf("PLTE", 1, 2), packed, end),
		"empty palette":                   file(chunkOf("PLTE"), packed, end),
		"palette after the pixels":        file(nil, packed, join(plte, end)),
		"tRNS of another length":          file(chunkOf("tRNS", 0), packed, end),
		"tRNS with a wrong checksum":      file(wrong(chunkOf("tRNS", make([]byte, 2*colourTypes[byte(p.colour)].samples)...)), packed, end),
		"tRNS after the pixels":           file(nil, packed, join(chunkOf("tRNS", make([]byte, 2*colourTypes[byte(p.colour)].samples)...), end)),
		"unknown ancillary chunk":         file(chunkOf("zzZz", 1), packed, end),
		"control characters in a type":    file(chunkOf("a\x01\x02b", 1), packed, end),
		"eXIf twice":                      file(join(chunkOf("eXIf", 1), chunkOf("eXIf", 2)), packed, end),
		"acTL without frames":             file(chunkOf("acTL", 0, 0, 0, 2, 0, 0, 0, 0), packed, end),
		"gAMA, cHRM, sRGB, iCCP and cICP": file(join(chunkOf("gAMA"), chunkOf("cHRM", 1), chunkOf("sRGB", 9), chunkOf("iCCP"), chunkOf("cICP", 1)), packed, end),
	}
}

// TestOddFiles checks that no part of the picture is lost, whether damage is accepted or not.
func TestOddFiles(t *testing.T) {
	for _, p := range []picture{scene(40, 30, rgb, 8, 1), scene(41, 30, grey, 8, 2), scene(37, 30, rgbAlpha, 16, 3), scene(600, 60, rgb, 8, 4)} {
		want := mustDecode(t, "whole", encode(t, p))
		for name, data := range oddFiles(t, p) {
			for _, accept := range []bool{false, true} {
				got, rows, of, err := decode(data, accept)
				if err != nil || rows != of || !bytes.Equal(got.Pix, want.Pix) {
					t.Errorf("%s, accept %v: %d of %d rows, or another picture: %v", name, accept, rows, of, err)
				}
			}
		}
	}
}

// TestTransparencyThatMeansNothing checks that a tRNS chunk is ignored if pixels have alpha.
func TestTransparencyThatMeansNothing(t *testing.T) {
	for _, p := range []picture{scene(20, 10, rgbAlpha, 8, 1), scene(20, 10, greyAlpha, 8, 1)} {
		want := mustDecode(t, "without", encode(t, p))
		for n := 1; n <= 6; n++ {
			p.trns = make([]byte, n)
			if got := mustDecode(t, "with", encode(t, p)); !bytes.Equal(got.Pix, want.Pix) {
				t.Errorf("colour type %d: %d bytes of tRNS change the picture", p.colour, n)
			}
		}
	}
}

// TestKeyIsCutToTheDepth checks that the bits of a transparent colour beyond the depth are ignored.
func TestKeyIsCutToTheDepth(t *testing.T) {
	for name, p := range kinds(9, 7) {
		if p.trns == nil || p.colour == indexed || p.depth == 16 {
			continue
		}
		want := mustDecode(t, name, encode(t, p))
		var high []byte
		for i := 0; i < len(p.trns); i += 2 {
			high = binary.BigEndian.AppendUint16(high, binary.BigEndian.Uint16(p.trns[i:])|0xffff<<p.depth)
		}
		p.trns = high
		if got := mustDecode(t, name, encode(t, p)); !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: another picture", name)
		}
	}
}

// TestPalettes checks that an index beyond the palette is opaque black, and that colours beyond the indexes of the
// depth and transparency before the palette are ignored.
func TestPalettes(t *testing.T) {
	p := scene(16, 4, indexed, 2, 1)
	for _, row := range p.values {
		for x := range row {
			row[x] = x % 4
		}
	}
	plte := func(n int) []byte {
		return chunkOf("PLTE", []byte{10, 0, 0, 0, 20, 0, 0, 0, 30, 40, 0, 40, 9, 9, 9, 8, 8, 8}[:3*n]...)
	}
	packed := chunkOf("IDAT", deflate(t, 6, p.filterRows())...)
	c := [][4]byte{{10, 0, 0, 255}, {0, 20, 0, 255}, {0, 0, 30, 255}, {40, 0, 40, 255}}
	black, clear := [4]byte{0, 0, 0, 255}, func(c [4]byte, a byte) [4]byte { c[3] = a; return c }
	for name, test := range map[string]struct {
		chunks [][]byte
		want   [4][4]byte
	}{
		"exact":               {[][]byte{plte(4)}, [4][4]byte{c[0], c[1], c[2], c[3]}},
		"too long":            {[][]byte{plte(6)}, [4][4]byte{c[0], c[1], c[2], c[3]}},
		"too short":           {[][]byte{plte(2)}, [4][4]byte{c[0], c[1], black, black}},
		"transparent":         {[][]byte{plte(4), chunkOf("tRNS", 1, 2)}, [4][4]byte{clear(c[0], 1), clear(c[1], 2), c[2], c[3]}},
		"tRNS before PLTE":    {[][]byte{chunkOf("tRNS", 1, 2), plte(4)}, [4][4]byte{c[0], c[1], c[2], c[3]}},
		"tRNS before, after":  {[][]byte{chunkOf("tRNS", 1, 2), plte(4), chunkOf("tRNS", 7)}, [4][4]byte{clear(c[0], 7), c[1], c[2], c[3]}},
		"tRNS too long":       {[][]byte{plte(2), chunkOf("tRNS", 1, 2, 3)}, [4][4]byte{clear(c[0], 1), clear(c[1], 2), clear(black, 3), black}},
		"tRNS far too long":   {[][]byte{plte(4), chunkOf("tRNS", make([]byte, 257)...)}, [4][4]byte{c[0], c[1], c[2], c[3]}},
		"tRNS twice":          {[][]byte{plte(4), chunkOf("tRNS", 1), chunkOf("tRNS", 5, 6)}, [4][4]byte{clear(c[0], 1), c[1], c[2], c[3]}},
		"empty tRNS, another": {[][]byte{plte(4), chunkOf("tRNS"), chunkOf("tRNS", 5)}, [4][4]byte{clear(c[0], 5), c[1], c[2], c[3]}},
	} {
		m := mustDecode(t, name, slices.Concat(p.head(), bytes.Join(test.chunks, nil), packed))
		for x, want := range test.want {
			if got := [4]byte(m.Pix[4*x:]); got != want {
				t.Errorf("%s: index %d is %v, want %v", name, x, got, want)
			}
		}
	}
}

// TestChecksumOfThePixels checks that a wrong checksum is reported with the whole picture, which browsers show.
func TestChecksumOfThePixels(t *testing.T) {
	p := scene(40, 30, rgb, 8, 2)
	packed := deflate(t, 6, p.filterRows())
	packed[len(packed)-2] ^= 1
	m, rows, of, err := decode(p.wrap(packed), false)
	if !errors.Is(err, ErrCorrupt) || rows != of || !bytes.Equal(m.Pix, mustDecode(t, "whole", encode(t, p)).Pix) {
		t.Errorf("%d of %d rows, %v", rows, of, err)
	}
}

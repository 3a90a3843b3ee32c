package pngscan

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"

	"darkroom/deploy/testkit/race"
)

// TestTruncated cuts files at every position. No row may be lost that compress/zlib inflates from the same data,
// although it holds some bytes back at the end. A file is whole once it has all rows.
func TestTruncated(t *testing.T) {
	for _, p := range []picture{scene(40, 30, rgbAlpha, 8, 1), scene(31, 29, rgb, 16, 2), scene(50, 20, grey, 1, 3), scene(300, 40, grey, 8, 4)} {
		for _, level := range []int{0, 1, 6, -2} {
			p.piece, p.level = 500, level
			data := encode(t, p)
			whole := mustDecode(t, "whole", data)
			line := 1 + len(p.lines()[0][0])
			first := bytes.Index(data, []byte("IDAT")) - 4
			step := race.Every(7) * (1 + len(data)/400)
			for n := len(Signature); n < len(data); n++ {
				if n < len(data)-40 && n%step != 0 {
					continue
				}
				var packed []byte // the available part of the payloads
				for at := first; at+8 < n && string(data[at+4:at+8]) == "IDAT"; {
					size := int(binary.BigEndian.Uint32(data[at:]))
					packed = append(packed, data[at+8:min(at+8+size, n)]...)
					at += 12 + size
				}
				want := inflatedBytes(packed) / line
				what := fmt.Sprintf("colour type %d, level %d, %d of %d bytes", p.colour, level, n, len(data))
				m, rows, _, err := decode(data[:n], true)
				if rows < min(want, p.height) || (err == nil) != (rows == p.height) {
					t.Fatalf("%s: %d rows, want %d (%v)", what, rows, want, err)
				}
				if _, _, _, err := decode(data[:n], false); (err == nil) != (rows == p.height) || err != nil && !errors.Is(err, ErrTruncated) {
					t.Fatalf("%s, with %d rows: %v", what, rows, err)
				}
				if m != nil && !bytes.Equal(m.Pix[:rows*m.Stride], whole.Pix[:rows*m.Stride]) {
					t.Fatalf("%s: other pixels", what)
				}
			}
		}
	}
}

// inflatedBytes returns how many bytes compress/zlib inflates of the beginning of a stream.
func inflatedBytes(packed []byte) int {
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return 0
	}
	n, _ := io.Copy(io.Discard, z) // the error says that the stream ends
	return int(n)
}

// TestMissingRows checks that missing pixels are black in a picture without transparency, and transparent in others.
func TestMissingRows(t *testing.T) {
	for name, p := range kinds(19, 40) {
		if p.interlaced {
			continue
		}
		rows := p.filterRows()
		half := len(rows) / 40 * 20
		data := p.wrap(deflate(t, 6, rows[:half]))
		if _, _, _, err := decode(data, false); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v, want ErrCorrupt", name, err)
		}
		m, n, _, err := decode(data, true)
		if !errors.Is(err, ErrCorrupt) || n != 20 {
			t.Fatalf("%s: %d rows, %v", name, n, err)
		}
		want := [4]byte{}
		if colourTypes[byte(p.colour)].samples%2 == 1 && p.colour != indexed && p.trns == nil {
			want[3] = 0xff
		}
		whole := mustDecode(t, name, encode(t, p))
		for y := range 40 {
			for x := range 19 {
				at := m.PixOffset(x, y)
				if y < 20 {
					want = [4]byte(whole.Pix[at:])
				} else if y == 20 && x == 0 {
					want = [4]byte(m.Pix[len(m.Pix)-4:])
				}
				if got := [4]byte(m.Pix[at:]); got != want {
					t.Fatalf("%s: %d, %d is %v, want %v", name, x, y, got, want)
				}
			}
		}
		if last := [4]byte(m.Pix[len(m.Pix)-4:]); last != [4]byte{3: last[3]} || (last[3] == 0) == (colourTypes[byte(p.colour)].samples%2 == 1 && p.colour != indexed && p.trns == nil) {
			t.Errorf("%s: a missing pixel is %v", name, last)
		}
	}
}

// TestMissingPasses checks that in an interlaced picture that ends early, each pixel repeats the nearest decoded pixel
// above and to the left.
func TestMissingPasses(t *testing.T) {
	p := scene(23, 21, rgb, 8, 5)
	p.interlaced = true
	data := encode(t, p)
	whole := mustDecode(t, "whole", data)
	size := 0
	// Distances of decoded pixels after each pass.
	steps := [][2]int{{8, 8}, {4, 8}, {4, 4}, {2, 4}, {2, 2}, {1, 2}, {1, 1}}
	rows := p.filterRows()
	for i, pass := range p.lines() {
		for _, line := range pass {
			size += 1 + len(line)
		}
		m, _, _, err := decode(p.wrap(deflate(t, 6, rows[:size])), true)
		if (err == nil) != (i == 6) {
			t.Fatalf("after pass %d: %v", i+1, err)
		}
		for y := range p.height {
			for x := range p.width {
				at := whole.PixOffset(x/steps[i][0]*steps[i][0], y/steps[i][1]*steps[i][1])
				if got, want := [4]byte(m.Pix[m.PixOffset(x, y):]), [4]byte(whole.Pix[at:]); got != want {
					t.Fatalf("after pass %d: %d, %d is %v, want %v", i+1, x, y, got, want)
				}
			}
		}
	}
}

// TestCorrupt decodes files with wrong critical chunks or data. If damage is accepted, they have this many of 30 rows.
func TestCorrupt(t *testing.T) {
	p := scene(40, 30, rgb, 8, 2)
	p.piece = 1 << 20
	rows := p.filterRows()
	packed := deflate(t, 6, rows)
	file := p.wrap(packed)
	idat := bytes.Index(file, []byte("IDAT")) - 4
	changed := func(from []byte, at int) []byte {
		b := bytes.Clone(from)
		b[(at+len(b))%len(b)] ^= 0x55
		return b
	}
	mended := func(at int, v byte) []byte {
		b := bytes.Clone(file)
		b[at] = v
		return repairChecksums(b)
	}
	insert := func(chunks ...[]byte) []byte { return slices.Concat(file[:33], bytes.Join(chunks, nil), file[33:]) }
	split := func(between []byte) []byte {
		return slices.Concat(file[:idat], chunkOf("IDAT", packed[:700]...), between, chunkOf("IDAT", packed[700:]...), chunkOf("IEND"))
	}
	zlibOf := func(blocks ...byte) []byte { return p.wrap(append([]byte{0x78, 0x9c}, blocks...)) }
	few := p
	few.colour, few.depth, few.palette = indexed, 8, nil
	none := chunkOf("IDAT", packed...)
	for name, c := range map[string]struct {
		data []byte
		rows int
	}{
		"checksum of IDAT":            {changed(file, len(file)-13), 30},
		"checksum of IHDR":            {changed(file, 31), 30},
		"checksum of PLTE":            {insert(changed(chunkOf("PLTE", 1, 2, 3), -1)), 30},
		"a second IHDR":               {insert(file[8:33]), 30},
		"unknown critical chunk":      {insert(chunkOf("ABCD")), 30},
		"another chunk between":       {split(chunkOf("tEXt")), 30},
		"zlib header":                 {p.wrap(changed(packed, 1)), 30},
		"unknown filter":              {p.wrap(deflate(t, 6, changed(rows, 121*9))), 9},
		"half a row":                  {p.wrap(deflate(t, 6, rows[:len(rows)-50])), 29},
		"unknown block":               {zlibOf(append([]byte{7}, packed...)...), 0},
		"stored length":               {zlibOf(append([]byte{1, 9, 9, 9, 9}, packed...)...), 0},
		"distance before the picture": {zlibOf(append([]byte{0x4b, 0x04, 0x42}, packed...)...), 0},
		"too many codes":              {zlibOf(append([]byte{0xfd, 0xff, 0xff}, packed...)...), 0},
		"no palette":                  {slices.Concat(few.head(), none), 0},
		"palette without a colour":    {slices.Concat(few.head(), chunkOf("PLTE", 1, 2), none), 0},
		"colour type 5":               {mended(25, 5), 0},
		"depth 3":                     {mended(24, 3), 0},
		"depth 48":                    {mended(24, 48), 0},
		"compression 1":               {mended(26, 1), 0},
		"filters 1":                   {mended(27, 1), 0},
		"interlaced 2":                {mended(28, 2), 0},
		"no width":                    {mended(19, 0), 0},
		"width of 2^31":               {mended(16, 0x80), 0},
		"another first chunk":         {slices.Concat(file[:8], chunkOf("CgBI", 1), file[8:]), 0},
		"header of 14 bytes":          {slices.Concat(file[:8], chunkOf("IHDR", append(bytes.Clone(file[16:29]), 0)...), file[33:]), 0},
		"too many chunks":             {insert(bytes.Repeat(chunkOf("teXt"), MaxChunks)), 0},
		"nothing":                     {nil, 0},
		"no PNG":                      {[]byte("GIF89a"), 0},
		"too many pixels to count":    {mended(16, 0x7f), 0},
	} {
		_, n, of, err := decode(c.data, false)
		if !errors.Is(err, ErrCorrupt) && !(errors.Is(err, ErrTruncated) && len(c.data) < len(Signature)) && !errors.Is(err, ErrTruncated) || err == nil {
			t.Errorf("%s: %d of %d rows, %v, want an error", name, n, of, err)
		}
		f, err := Open(c.data, true)
		if err != nil {
			if c.rows > 0 {
				t.Errorf("%s, damage accepted: %v", name, err)
			}
			continue
		}
		m, n, err := f.Image(t.Context(), nil)
		if n != c.rows || errors.Join(err, f.Damage) == nil {
			t.Errorf("%s, damage accepted: %d rows, want %d (%v, %v)", name, n, c.rows, err, f.Damage)
		}
		if whole := mustDecode(t, "whole", file); !bytes.Equal(m.Pix[:n*m.Stride], whole.Pix[:n*m.Stride]) {
			t.Errorf("%s, damage accepted: other pixels", name)
		}
	}
}

// TestSmallFileOfManyPixels checks that a header that announces more than its data can hold is refused before anything
// is allocated for it.
func TestSmallFileOfManyPixels(t *testing.T) {
	p := picture{width: 16000, height: 16000, colour: rgbAlpha, depth: 8, piece: 1000}
	data := p.wrap(deflate(t, 9, make([]byte, 100_000)))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, _, err := decode(data, false)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrTruncated) {
		t.Errorf("%v, want ErrTruncated", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<10 {
		t.Errorf("%d bytes allocated", n)
	}
}

package pngscan

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image/png"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// picture is what a file is made of.
type picture struct {
	width, height, colour int
	rows                  [][]byte // unfiltered
	palette, alphas       []byte   // of indexes
	filter                func(y int) byte
	level                 int // of zlib
	piece                 int // bytes of an IDAT chunk
}

// scene draws shapes, a slope and noise, in so many bytes a pixel: 1 is grey.
func scene(width, height, samples int, seed uint64) picture {
	r := rand.New(rand.NewPCG(seed, 1))
	p := picture{width: width, height: height, colour: map[int]int{1: grey, 2: greyAlpha, 3: rgb, 4: rgbAlpha}[samples],
		filter: func(y int) byte { return byte((uint64(y) + seed) % 5) }, level: zlib.DefaultCompression, piece: 8192}
	for y := range height {
		row := make([]byte, 0, width*samples)
		for x := range width {
			for s := range samples {
				v := x*(s+1)/4 + y/3 + r.IntN(6)
				if (x/13+y/11)%4 == 3 {
					v = 50 * s
				}
				row = append(row, byte(v))
			}
		}
		p.rows = append(p.rows, row)
	}
	return p
}

func appendChunk(file []byte, kind string, payload []byte) []byte {
	file = binary.BigEndian.AppendUint32(file, uint32(len(payload)))
	file = append(append(file, kind...), payload...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file[len(file)-len(payload)-4:]))
}

// filtered applies the filters by their definition (9.2).
func (p picture) filtered() []byte {
	var out []byte
	samples := samples[byte(p.colour)]
	above := make([]byte, p.width*samples)
	for y, row := range p.rows {
		f := p.filter(y)
		out = append(out, f)
		for i, v := range row {
			var left, corner int
			if i >= samples {
				left, corner = int(row[i-samples]), int(above[i-samples])
			}
			up := int(above[i])
			nearest := left
			gap := func(v int) int { d := left + up - corner - v; return max(d, -d) }
			if gap(up) < gap(nearest) {
				nearest = up
			}
			if gap(corner) < gap(nearest) {
				nearest = corner
			}
			out = append(out, v-byte([]int{0, left, up, (left + up) / 2, nearest}[f]))
		}
		above = row
	}
	return out
}

func deflate(t testing.TB, level int, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// wrap makes a file of deflated rows.
func (p picture) wrap(deflated []byte) []byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(p.width))
	head = append(binary.BigEndian.AppendUint32(head, uint32(p.height)), 8, byte(p.colour), 0, 0, 0)
	file := appendChunk([]byte(signature), "IHDR", head)
	file = appendChunk(file, "tEXt", []byte("Comment\x00drawn"))
	if p.palette != nil {
		file = appendChunk(file, "PLTE", p.palette)
	}
	if p.alphas != nil {
		file = appendChunk(file, "tRNS", p.alphas)
	}
	for piece := range slices.Chunk(deflated, p.piece) {
		file = appendChunk(file, "IDAT", piece)
	}
	return appendChunk(file, "IEND", nil)
}

func encode(t testing.TB, p picture) []byte {
	t.Helper()
	return p.wrap(deflate(t, p.level, p.filtered()))
}

// check decodes with this package and with image/png.
func check(t *testing.T, what string, data []byte) {
	t.Helper()
	want, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: image/png: %v", what, err)
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: another picture than that of image/png (%T, %T)", what, got, want)
	}
}

func TestDecode(t *testing.T) {
	levels := []int{zlib.NoCompression, zlib.BestSpeed, zlib.DefaultCompression, zlib.BestCompression, zlib.HuffmanOnly}
	for samples := 1; samples <= 4; samples++ {
		for i, s := range [][2]int{{1, 1}, {1, 9}, {9, 1}, {2, 3}, {33, 17}, {301, 203}} {
			for filter := range byte(6) {
				p := scene(s[0], s[1], samples, uint64(i))
				if filter < 5 {
					p.filter = func(int) byte { return filter }
				}
				p.level, p.piece = levels[(i+int(filter))%len(levels)], []int{1, 7, 300, 1 << 20}[i%4]
				check(t, fmt.Sprintf("%d samples, %v, filter %d", samples, s, filter), encode(t, p))
			}
		}
	}
	for _, level := range levels { // more than the windows, in and out
		p := scene(400, 300, 3, 9)
		p.level = level
		check(t, fmt.Sprintf("large, level %d", level), encode(t, p))
	}
	flat := scene(600, 400, 4, 3) // long matches, of every distance that is short
	for y, row := range flat.rows {
		for x := range row {
			row[x] = byte(x % (1 + y/10))
		}
	}
	flat.filter = func(int) byte { return filterNone }
	check(t, "flat", encode(t, flat))
}

func TestDecodePalette(t *testing.T) {
	p := scene(60, 40, 1, 4)
	p.colour = indexed
	for _, row := range p.rows {
		for x := range row {
			row[x] %= 20
		}
	}
	for _, c := range []struct{ colours, alphas int }{{20, 0}, {20, 1}, {20, 20}, {256, 256}, {12, 3}, {1, 0}} { // 12: some indexes are beyond it
		p.palette, p.alphas = nil, nil
		for i := range c.colours {
			p.palette = append(p.palette, byte(i), byte(3*i), byte(7*i))
		}
		for i := range c.alphas {
			p.alphas = append(p.alphas, byte(250-i))
		}
		check(t, fmt.Sprintf("%+v", c), encode(t, p))
	}
}

func TestRowsComeInOrder(t *testing.T) {
	p := scene(50, 31, 3, 5)
	f, err := Open(encode(t, p))
	if err != nil || f.Width != 50 || f.Height != 31 || f.Samples != 3 || f.Palette != nil {
		t.Fatalf("%+v, %v", f, err)
	}
	var rows [][]byte
	err = f.Rows(func(y int, row []byte) {
		if y != len(rows) {
			t.Errorf("row %d after %d", y, len(rows))
		}
		rows = append(rows, bytes.Clone(row))
	})
	if err != nil || !slices.EqualFunc(rows, p.rows, bytes.Equal) {
		t.Errorf("other rows (%v)", err)
	}
}

func TestOthersAreUnsupported(t *testing.T) {
	p := scene(8, 8, 3, 6)
	file := encode(t, p)
	header := func(at int, v byte) []byte {
		b := bytes.Clone(file)
		b[16+at] = v
		binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
		return b
	}
	keyed := p
	keyed.alphas = make([]byte, 6)
	two := append(appendChunk(bytes.Clone(file[:len(file)-12]), "tEXt", nil), file[len(file)-12:]...)
	p.piece = 60
	between := encode(t, p)
	after := bytes.Index(between, []byte("IDAT")) + 4 + 60 + 4
	between = append(appendChunk(bytes.Clone(between[:after]), "tEXt", nil), between[after:]...)
	for name, data := range map[string][]byte{
		"no PNG":            []byte("GIF89a"),
		"nothing":           nil,
		"16 bits":           header(8, 16),
		"4 bits":            header(8, 4),
		"interlaced":        header(12, 1),
		"unknown colours":   header(9, 5),
		"unknown method":    header(10, 1),
		"no pixels":         header(3, 0),
		"too many pixels":   header(0, 0x40),
		"a key":             encode(t, keyed),
		"no header":         append([]byte(signature), file[33:]...),
		"chunk in the data": between,
		"data after":        p.wrap(append(deflate(t, 6, p.filtered()), 0)),
	} {
		if _, err := Decode(data); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v, want ErrUnsupported", name, err)
		}
	}
	check(t, "chunk after the data", two)
}

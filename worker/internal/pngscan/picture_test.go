package pngscan

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"darkroom/worker/internal/raster"
)

// picture describes a file to write.
type picture struct {
	width, height, depth, colour int
	interlaced                   bool
	values                       [][]int // samples by row
	palette, trns                []byte
	filter                       func(y int) byte
	level                        int // level of zlib
	piece                        int // bytes of an IDAT chunk
}

// scene draws shapes, a slope and noise.
func scene(width, height, colour, depth int, seed uint64) picture {
	r := rand.New(rand.NewPCG(seed, 1))
	p := picture{width: width, height: height, depth: depth, colour: colour,
		filter: func(y int) byte { return byte((uint64(y) + seed) % 5) }, level: zlib.DefaultCompression, piece: 8192}
	samples := colourTypes[byte(colour)].samples
	for y := range height {
		row := make([]int, 0, width*samples)
		for x := range width {
			for s := range samples {
				v := x*(s+1)*64 + y*80 + r.IntN(1500)
				if (x/13+y/11)%4 == 3 {
					v = 12000 * s
				}
				row = append(row, v&0xffff>>(16-depth))
			}
		}
		p.values = append(p.values, row)
	}
	if colour == indexed {
		for i := range 1 << depth {
			p.palette = append(p.palette, byte(i), byte(3*i), byte(7*i))
		}
	}
	return p
}

func appendChunk(file []byte, kind string, payload []byte) []byte {
	file = binary.BigEndian.AppendUint32(file, uint32(len(payload)))
	file = append(append(file, kind...), payload...)
	return binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(file[len(file)-len(payload)-4:]))
}

// chunkOf returns a chunk alone.
func chunkOf(kind string, payload ...byte) []byte { return appendChunk(nil, kind, payload) }

// lines returns the unfiltered rows of all passes, by the definition of passes (8.2).
func (p picture) lines() [][][]byte {
	samples := colourTypes[byte(p.colour)].samples
	passes := [][4]int{{0, 0, 1, 1}}
	if p.interlaced {
		passes = [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
	}
	var all [][][]byte
	for _, pass := range passes {
		var lines [][]byte
		for y := pass[1]; y < p.height && pass[0] < p.width; y += pass[3] {
			var line []byte
			used := 8
			for x := pass[0]; x < p.width; x += pass[2] {
				for _, v := range p.values[y][x*samples:][:samples] {
					switch {
					case p.depth == 16:
						line = binary.BigEndian.AppendUint16(line, uint16(v))
					case used == 8:
						line, used = append(line, byte(v<<(8-p.depth))), p.depth
					default:
						used += p.depth
						line[len(line)-1] |= byte(v << (8 - used))
					}
				}
			}
			lines = append(lines, line)
		}
		all = append(all, lines)
	}
	return all
}

// filterRows applies the filters by their definition (9.2).
func (p picture) filterRows() []byte {
	var out []byte
	pixel := max(1, colourTypes[byte(p.colour)].samples*p.depth/8)
	for _, lines := range p.lines() {
		var above []byte
		for y, row := range lines {
			if y == 0 {
				above = make([]byte, len(row))
			}
			f := p.filter(y)
			out = append(out, f)
			for i, v := range row {
				var left, corner int
				if i >= pixel {
					left, corner = int(row[i-pixel]), int(above[i-pixel])
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

// head returns the signature and the header.
func (p picture) head() []byte {
	head := binary.BigEndian.AppendUint32(nil, uint32(p.width))
	head = append(binary.BigEndian.AppendUint32(head, uint32(p.height)), byte(p.depth), byte(p.colour), 0, 0, 0)
	if p.interlaced {
		head[12] = 1
	}
	return appendChunk([]byte(Signature), "IHDR", head)
}

// wrap returns a file of deflated rows.
func (p picture) wrap(deflated []byte) []byte {
	file := appendChunk(p.head(), "tEXt", []byte("Comment\x00drawn"))
	if p.palette != nil {
		file = appendChunk(file, "PLTE", p.palette)
	}
	if p.trns != nil {
		file = appendChunk(file, "tRNS", p.trns)
	}
	for piece := range slices.Chunk(deflated, p.piece) {
		file = appendChunk(file, "IDAT", piece)
	}
	return appendChunk(file, "IEND", nil)
}

func encode(t testing.TB, p picture) []byte {
	t.Helper()
	return p.wrap(deflate(t, p.level, p.filterRows()))
}

// decode decodes a file.
func decode(data []byte, accept bool) (m *image.NRGBA, rows, of int, err error) {
	f, err := Open(data, accept)
	if err != nil {
		return nil, 0, 0, err
	}
	m, rows, err = f.Image(context.Background(), nil)
	return m, rows, f.RowCount(), err
}

// mustDecode decodes a file that is not damaged.
func mustDecode(t testing.TB, what string, data []byte) *image.NRGBA {
	t.Helper()
	m, rows, of, err := decode(data, false)
	if err != nil || rows != of {
		t.Fatalf("%s: %d of %d rows, %v", what, rows, of, err)
	}
	return m
}

// flat returns a decoded picture as RGB with straight alpha.
func flat(m image.Image) *image.NRGBA {
	rgba, err := raster.FromImage(m).NRGBA(context.Background())
	if err != nil {
		panic(err)
	}
	return rgba
}

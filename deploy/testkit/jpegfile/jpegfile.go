// Package jpegfile writes JPEGs of unusual kinds for tests: any sampling, any number of components, 8 or 12 bits,
// sequential or progressive by any script of scans. Section numbers are those of ITU-T T.81.
package jpegfile

import "math"

// Component is a component of a File.
type Component struct {
	ID     byte
	H, V   int       // sampling, 1 to 4
	Blocks [][64]int // quantized coefficients in zigzag order, row by row in whole MCUs
}

// File is a picture to write.
type File struct {
	Width, Height int // pixels
	Depth         int // bits of a sample, 8 or 12
	Progressive   bool
	Interval      int // MCUs between restart markers, or 0
	Quants        [64]int
	Components    []Component
	Segments      []byte // come after SOI
}

// Scan says which components a scan holds, which of their coefficients, and which bits of these. A sequential scan
// holds coefficients 0 to 63 with all their bits.
type Scan struct {
	Of          []int
	First, Last int
	High, Low   int
}

// Sequential is a scan of whole components.
func Sequential(components ...int) Scan { return Scan{Of: components, Last: 63} }

// Draw returns a picture of components that have the given samplings, as pairs of digits: 0x21 is two by one. at
// returns the value of component c at a position, in pixels, from 0 to 1. Components are numbered from 1, and all
// quantization steps are fine.
func Draw(width, height, depth int, samplings []byte, at func(c int, x, y float64) float64) *File {
	f := &File{Width: width, Height: height, Depth: depth}
	for k := range f.Quants {
		f.Quants[k] = 2 << (depth - 8)
	}
	for i, s := range samplings {
		f.Components = append(f.Components, Component{ID: byte(i + 1), H: int(s >> 4), V: int(s & 15)})
	}
	most, mcusX, mcusY := f.mcus()
	full := float64(int(1)<<depth - 1)
	for i := range f.Components {
		c := &f.Components[i]
		stepX, stepY := float64(most[0])/float64(c.H), float64(most[1])/float64(c.V)
		columns := mcusX * c.H
		c.Blocks = make([][64]int, columns*mcusY*c.V)
		for b := range c.Blocks {
			var samples [64]float64
			for p := range samples {
				x, y := b%columns*8+p%8, b/columns*8+p/8
				px := min((float64(x)+0.5)*stepX-0.5, float64(width-1))
				py := min((float64(y)+0.5)*stepY-0.5, float64(height-1))
				samples[p] = math.Round(full*at(i, px, py)) - full/2 - 0.5
			}
			c.Blocks[b] = transform(&samples, &f.Quants)
		}
	}
	return f
}

// mcus returns the largest sampling and the number of MCUs.
func (f *File) mcus() (most [2]int, x, y int) {
	for _, c := range f.Components {
		most = [2]int{max(most[0], c.H), max(most[1], c.V)}
	}
	return most, (f.Width + 8*most[0] - 1) / (8 * most[0]), (f.Height + 8*most[1] - 1) / (8 * most[1])
}

// zigzag is the order of coefficients (figure 5), row by row.
var zigzag = func() (z [64]int) {
	x, y := 0, 0
	for k := range z {
		z[k] = 8*y + x
		switch {
		case (x+y)%2 == 0 && x == 7:
			y++
		case (x+y)%2 == 0 && y == 0:
			x++
		case (x+y)%2 == 0:
			x, y = x+1, y-1
		case y == 7:
			x++
		case x == 0:
			y++
		default:
			x, y = x-1, y+1
		}
	}
	return z
}()

// transform is the forward DCT and quantization (A.3.3, A.3.4).
func transform(samples *[64]float64, quants *[64]int) (block [64]int) {
	var rows [64]float64
	basis := func(u, x int) float64 {
		if u == 0 {
			return math.Sqrt2 / 4
		}
		return math.Cos(float64((2*x+1)*u)*math.Pi/16) / 2
	}
	for y := range 8 {
		for u := range 8 {
			for x := range 8 {
				rows[8*y+u] += samples[8*y+x] * basis(u, x)
			}
		}
	}
	for k, at := range zigzag {
		u, v, sum := at%8, at/8, 0.0
		for y := range 8 {
			sum += rows[8*y+u] * basis(v, y)
		}
		block[k] = int(math.Round(sum / float64(quants[k])))
	}
	return block
}

// Markers of table B.1.
const (
	sof0 = 0xc0
	sof1 = 0xc1
	sof2 = 0xc2
	dht  = 0xc4
	rst0 = 0xd0
	soi  = 0xd8
	eoi  = 0xd9
	sos  = 0xda
	dqt  = 0xdb
	dri  = 0xdd
)

// Segment returns a segment with its marker.
func Segment(marker byte, payload ...byte) []byte {
	return append([]byte{0xff, marker, byte((len(payload) + 2) >> 8), byte(len(payload) + 2)}, payload...)
}

// Adobe returns the segment that says by which transform the colours were coded.
func Adobe(transform byte) []byte {
	return Segment(0xee, append([]byte("Adobe\x00\x64\x00\x00\x00\x00"), transform)...)
}

// JFIF returns the segment that JFIF files begin with.
func JFIF() []byte { return Segment(0xe0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")...) }

// Encode returns the file, with its components in the given scans. The Huffman tables are repeated before every third
// scan.
func (f *File) Encode(scans ...Scan) []byte {
	out := append([]byte{0xff, soi}, f.Segments...)
	quants := []byte{0x10}
	if f.Depth == 8 {
		quants[0] = 0
	}
	for _, q := range f.Quants {
		if f.Depth > 8 {
			quants = append(quants, byte(q>>8))
		}
		quants = append(quants, byte(q))
	}
	out = append(out, Segment(dqt, quants...)...)
	marker := byte(sof0)
	switch {
	case f.Progressive:
		marker = sof2
	case f.Depth > 8:
		marker = sof1
	}
	frame := []byte{byte(f.Depth), byte(f.Height >> 8), byte(f.Height), byte(f.Width >> 8), byte(f.Width),
		byte(len(f.Components))}
	for _, c := range f.Components {
		frame = append(frame, c.ID, byte(c.H<<4|c.V), 0)
	}
	out = append(out, Segment(marker, frame...)...)
	if f.Interval > 0 {
		out = append(out, Segment(dri, byte(f.Interval>>8), byte(f.Interval))...)
	}
	for i, s := range scans {
		if i%3 == 0 {
			out = append(out, dcTable()...)
			out = append(out, acTable()...)
		}
		head := []byte{byte(len(s.Of))}
		for _, c := range s.Of {
			head = append(head, f.Components[c].ID, 0)
		}
		out = append(out, Segment(sos, append(head, byte(s.First), byte(s.Last), byte(s.High<<4|s.Low))...)...)
		out = append(out, f.scan(s)...)
	}
	return append(out, 0xff, eoi)
}

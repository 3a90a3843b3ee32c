package jpegscan

import (
	"encoding/binary"
	"fmt"
)

// Limits of a frame.
const (
	maxPixels = 1 << 28
	// Pixels per byte of the file: more than one-bit codes for blocks of 4 by 4 components can give.
	maxPixelsPerByte = 1024
	maxComponents    = 4
)

// Colour says what the components of a picture are.
type Colour int

const (
	Grey  Colour = iota
	YCbCr        // BT.601 in full range (JFIF 1.02)
	RGB
	CMYK // amounts of ink; writers differ in whether they invert them
	YCCK // YCbCr of inks, and black
)

// Sampling is the number of samples that a component has in each direction relative to the others (A.1.1).
type Sampling struct{ H, V int }

// Header holds what the headers of a file say.
type Header struct {
	Width, Height int // pixels
	Depth         int // bits of a sample in the file, 8 or 12
	Progressive   bool
	Colour        Colour
	Components    []Sampling // one, three or four, depending on the colour
	Scans         int        // scans that Decode reads
}

// MaxSampling returns the largest sampling of a component in each direction.
func MaxSampling(components []Sampling) Sampling {
	most := Sampling{1, 1}
	for _, s := range components {
		most = Sampling{max(most.H, s.H), max(most.V, s.V)}
	}
	return most
}

// frame describes the picture, as its frame header does.
type frame struct {
	width, height int // pixels
	depth         int // bits of a sample
	progressive   bool
	components    [maxComponents]component
	count         int // components
	most          Sampling
	mcusX, mcusY  int
}

// component is one of the picture's planes.
type component struct {
	id            byte
	h, v          int // blocks in an MCU (B.2.2)
	quant         int // index of its quantization table
	latched       bool
	quants        [64]int32 // its quantization table, in zigzag order, as it was when the component's first scan began
	columns, rows int       // blocks that the picture covers, which a scan of a single component contains (A.2.2)
	stride        int       // bytes of a row of the plane
	plane         []byte
	precision     [64]int8 // lowest bit of each coefficient that a scan has brought so far, or -1 for none

	line // coefficients: only a progressive picture keeps them
}

// readFrame reads a frame header (B.2.2).
func (d *decoder) readFrame(marker byte, p []byte, fileSize int) error {
	if d.count != 0 {
		return corrupt("two frames")
	}
	if len(p) < 6 || len(p) < 6+3*int(p[5]) {
		return corrupt("frame header of %d bytes", len(p))
	}
	d.progressive, d.depth = marker == markerSOF2, int(p[0])
	d.height = int(binary.BigEndian.Uint16(p[1:]))
	d.width = int(binary.BigEndian.Uint16(p[3:]))
	count := int(p[5])
	switch {
	case d.depth != 8 && d.depth != 12:
		return fmt.Errorf("%w: %d bits a sample", ErrUnsupported, d.depth)
	case d.width == 0 || count == 0:
		return corrupt("%d x %d pixels of %d components", d.width, d.height, count)
	case d.height == 0:
		return ErrNoHeight
	case count != 1 && count != 3 && count != 4:
		return fmt.Errorf("%w: %d", ErrComponents, count)
	}
	pixels := int64(d.width) * int64(d.height)
	switch {
	case pixels > maxPixels:
		return fmt.Errorf("%w: %d x %d pixels", ErrUnsupported, d.width, d.height)
	case pixels > int64(fileSize)*maxPixelsPerByte:
		return corrupt("%d x %d pixels in a file of %d bytes", d.width, d.height, fileSize)
	}
	d.count, d.most = count, Sampling{1, 1}
	for i := range count {
		c, f := &d.components[i], p[6+3*i:]
		c.id, c.h, c.v, c.quant = f[0], int(f[1]>>4), int(f[1]&15), int(f[2])
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 {
			return corrupt("component sampled %d x %d", c.h, c.v)
		}
		if count == 1 {
			c.h, c.v = 1, 1 // a lone component has no interleaving, whatever it says (A.2.2)
		}
		d.most = Sampling{max(d.most.H, c.h), max(d.most.V, c.v)}
		for k := range c.precision {
			c.precision[k] = -1
		}
	}
	d.mcusX = (d.width + 8*d.most.H - 1) / (8 * d.most.H)
	d.mcusY = (d.height + 8*d.most.V - 1) / (8 * d.most.V)
	for i := range d.components[:d.count] {
		c := &d.components[i]
		c.columns = (d.width*c.h + 8*d.most.H - 1) / (8 * d.most.H)
		c.rows = (d.height*c.v + 8*d.most.V - 1) / (8 * d.most.V)
	}
	return nil
}

// colour returns what the components are, by the rules of libjpeg (default_decompress_parms). JFIF files are grey or
// YCbCr. Elsewhere the Adobe segment decides, and then the names of the components.
func (d *decoder) colour() Colour {
	switch {
	case d.count == 1:
		return Grey
	case d.count == 4 && d.adobe > 0:
		return YCCK
	case d.count == 4:
		return CMYK
	case d.jfif:
		return YCbCr
	case d.adobe >= 0:
		if d.adobe == 0 {
			return RGB
		}
		return YCbCr
	case d.components[0].id == 'R' && d.components[1].id == 'G' && d.components[2].id == 'B':
		return RGB
	}
	return YCbCr
}

// latch stores the quantization table of a component as the file currently defines it.
func (d *decoder) latch(c *component) bool {
	if c.latched {
		return true
	}
	if c.quant > 3 || !d.haveQuants[c.quant] {
		return false
	}
	for k, q := range d.quants[c.quant] {
		c.quants[k] = int32(q)
	}
	c.latched = true
	return true
}

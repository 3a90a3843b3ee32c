package jpegscan

import (
	"context"
	"fmt"
	"sync"
)

// ScanBytes is the most memory that a scan takes, for its window and its tables.
const ScanBytes = 40 << 10

// A progressive picture (annex G) comes in scans, each of which adds some coefficients or some of their bits. A decoder
// that reads one scan after the other must keep the coefficients of the whole picture until the last scan. This one
// reads all scans side by side: it reads from each the part for one row of MCUs, and then makes the pixels of that row.
// So it keeps one row, which stays in the processor's cache, and the position in each scan.

// line holds the blocks of one component in a row of MCUs.
type line struct {
	perRow int // blocks of a row, with those that fill its last MCU
	room   int // coefficients kept for each block
	// coefs holds the blocks row by row. The coefficients that the transform needs are at the places of decoder.place,
	// dequantized except the first. The others share one more place, whose value is not used.
	coefs []int32
	masks []uint64 // one per block: bit k is set if coefficient k of the zigzag is not 0, for k from 1 to 63
}

// scan is one scan of a picture.
type scan struct {
	stream
	parts       []part
	first, last int  // band of coefficients in zigzag order (spectral selection)
	refines     bool // adds a bit to coefficients of earlier scans
	shift       uint // position of the last bit (successive approximation)
	interval    int  // MCUs between restart markers, or 0

	health
	waiting int // MCUs of the restart interval to come
	expect  restarts
	run     int       // blocks to come that have no more coefficients in the band
	steps   [64]int32 // dequantized value of the bit at shift
}

var scans = sync.Pool{New: func() any { return new(scan) }}

func (s *scan) release() {
	s.src = nil
	clear(s.parts)
	s.parts = s.parts[:0]
	scans.Put(s)
}

// readProgressive decodes a progressive picture's data into the planes.
func (d *decoder) readProgressive(ctx context.Context) error {
	d.layOutLines()
	for _, s := range d.scans {
		mcus := d.mcusX * d.mcusY
		if len(s.parts) == 1 {
			mcus = s.parts[0].c.columns * s.parts[0].c.rows
		}
		s.begin(d, mcus)
		quants := &s.parts[0].c.quants
		for k := range s.steps {
			s.steps[k] = dequantize(1<<s.shift, int(quants[k]), d.limit)
		}
	}
	for y := range d.mcusY {
		for i, s := range d.scans {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := d.readRow(s, y); err != nil {
				return fmt.Errorf("%w: scan %d, row %d of %d", err, i, y, d.mcusY)
			}
		}
		d.drawRow(y)
	}
	for i, s := range d.scans {
		row := d.mcusX
		if len(s.parts) == 1 {
			row = s.parts[0].c.columns
		}
		if err := s.close(d, row); err != nil {
			return fmt.Errorf("%w: scan %d", err, i)
		}
	}
	return nil
}

// layOutLines makes the components' lines, whose coefficients are all 0.
func (d *decoder) layOutLines() {
	for i := range d.components[:d.count] {
		c := &d.components[i]
		c.perRow = d.mcusX * c.h
		c.room = 64
		if d.size < 8 {
			c.room = d.size*d.size + 1
		}
		blocks := c.perRow * c.v
		c.coefs = make([]int32, blocks*c.room)
		c.masks = make([]uint64, blocks)
	}
}

// readRow decodes the part of a scan that is for a row of MCUs.
func (d *decoder) readRow(s *scan, y int) error {
	if len(s.parts) > 1 {
		return s.readBlocks(d, 0, d.mcusX)
	}
	c := s.parts[0].c // its blocks come row by row, not in MCUs
	for v := range c.v {
		if y*c.v+v < c.rows {
			if err := s.readBlocks(d, v*c.perRow, c.columns); err != nil {
				return err
			}
		}
	}
	return nil
}

// readBlocks decodes count blocks of a component's line, or count MCUs, starting with block at.
func (s *scan) readBlocks(d *decoder, at, count int) error {
	for count > 0 {
		n, err := s.ready(d, count)
		if err != nil {
			return err
		}
		switch {
		case s.starved:
			s.missing += n
		case !s.readBand(d, at, n):
			if err := s.failed(d, n); err != nil {
				return err
			}
		}
		at += n
		count -= n
	}
	return nil
}

// readBand decodes a scan's part of count blocks or MCUs. It returns false if the interval does not have them, or if
// they make no sense.
func (s *scan) readBand(d *decoder, at, count int) bool {
	switch {
	case s.first > 0 && s.refines:
		return s.refineAC(d, at, count)
	case s.first > 0:
		return s.readAC(d, at, count)
	case len(s.parts) > 1:
		return s.readMCUFirsts(at, count)
	default:
		return s.readFirsts(&s.parts[0], at, count)
	}
}

// drawRow makes the pixels of a row of MCUs and clears the lines for the next.
func (d *decoder) drawRow(y int) {
	var used uint64 // the coefficients that the transform needs
	for k := 1; k < 64; k++ {
		if int(d.place[k]) < d.size*d.size {
			used |= 1 << k
		}
	}
	for i := range d.components[:d.count] {
		c := &d.components[i]
		for v := range min(c.v, c.rows-y*c.v) {
			row := y*c.v + v
			for x := range c.columns {
				at := v*c.perRow + x
				block := c.coefs[at*c.room:][:c.room]
				block[0] = dequantize(int(block[0]), int(c.quants[0]), d.limit)
				d.draw(block, c.masks[at]&used == 0, c.plane[d.size*(row*c.stride+x):], c.stride)
			}
		}
		clear(c.coefs)
		clear(c.masks)
	}
}

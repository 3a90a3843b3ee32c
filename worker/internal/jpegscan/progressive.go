package jpegscan

import (
	"fmt"

	"sync"
)

// MaxScans is the highest number of scans of a progressive picture. Encoders make about ten, and even a separate scan for
// each bit of each colour makes no more than forty. The limit exists because a scan of a few bytes can leave all blocks
// unchanged, and yet the decoder must visit each of them: without the limit, a file of a few megabytes would keep a
// processor busy for hours.
const MaxScans = 100

// ScanBytes is the most memory that a scan of a progressive picture takes, for its window and its tables.
const ScanBytes = 40 << 10

// A progressive picture (annex G) comes in scans, each of which adds some coefficients or some of their bits. A decoder
// that reads one scan after the other must keep the coefficients of the whole picture until the last scan. This one reads
// all scans side by side: from each the part for one row of MCUs, before it makes the pixels of that row. So it keeps one
// row, which stays in the processor's cache, and the position in each scan.

// line holds the blocks of one component in a row of MCUs.
type line struct {
	columns, rows int // blocks that the picture covers, which a scan of a single component contains (A.2.2)
	perRow        int // blocks of a row, with those that fill its last MCU
	room          int // coefficients kept for each block
	// coefs holds the blocks row by row. The coefficients that the transform needs are at the places of decoder.place,
	// dequantized except the first. The others share one more place, whose value is not used.
	coefs []int32
	masks []uint64 // one per block: bit k is set if coefficient k of the zigzag is not 0, for k from 1 to 63

}

// scan is one scan of a progressive picture.
type scan struct {
	stream
	parts       []part
	first, last int  // of the zigzag, the band of coefficients (spectral selection)
	refines     bool // adds a bit to coefficients that are there
	shift       uint // of the bit that it ends with (successive approximation)
	interval    int  // MCUs between restart markers, or 0
	table       *huffman

	waiting int // MCUs of the restart interval to come
	expect  restarts
	run     int       // blocks to come that have no more coefficients in the band
	steps   [64]int32 // what the bit at shift is worth when it is dequantized
}

// part is a component of a scan.
type part struct {
	c    *component
	dc   *huffman
	last int // the first coefficient of the block before, without its lower bits
}

var scans = sync.Pool{New: func() any { return new(scan) }}

func (s *scan) release() {
	s.src, s.table = nil, nil
	clear(s.parts)
	s.parts = s.parts[:0]
	scans.Put(s)
}

// readProgressiveScanHeader reads a scan header (B.2.3, G.1.1.1) of a progressive picture.
func (d *decoder) readProgressiveScanHeader(p []byte) error {
	if d.count == 0 || len(p) < 1 || p[0] < 1 || int(p[0]) > d.count || len(p) != 4+2*int(p[0]) {
		return unsupported("scan header")
	}
	if len(d.scans) == MaxScans {
		return fmt.Errorf("%w: more than %d scans", ErrCorrupt, MaxScans)
	}
	n := int(p[0])
	first, last, high, shift := int(p[1+2*n]), int(p[2+2*n]), p[3+2*n]>>4, p[3+2*n]&15
	if last > 63 || first > last || first == 0 && last > 0 || first > 0 && n > 1 || shift > 13 || high > 0 && high != shift+1 {
		return unsupported("scan of these coefficients")
	}
	s := scans.Get().(*scan)
	d.scans = append(d.scans, s)
	s.first, s.last, s.refines, s.shift, s.interval = first, last, high > 0, uint(shift), d.interval
	s.waiting, s.expect, s.run = s.interval, 0, 0
	next := 0 // component of the frame
	for i := range n {
		id, dc, ac := p[1+2*i], p[2+2*i]>>4, p[2+2*i]&15
		for next < d.count && d.components[next].id != id {
			next++
		}
		if next == d.count || dc > 3 || ac > 3 {
			return unsupported("scan header")
		}
		c := &d.components[next]
		next++
		s.parts = append(s.parts, part{c: c})
		if !d.haveQuants[c.quant] {
			return unsupported("missing tables")
		}
		missing := false
		switch {
		case first > 0:
			s.table = d.table(1, ac)
			missing = s.table == nil
		case !s.refines:
			s.parts[i].dc = d.table(0, dc)
			missing = s.parts[i].dc == nil
		}
		if missing {
			return unsupported("missing tables")
		}
	}
	return nil
}

// checkWhole looks for a component of a progressive picture that no scan begins. That coefficients of a higher
// frequency or bits of less weight are not there makes no picture incomplete.
func (d *decoder) checkWhole() error {
	begun := 0
	for i := range d.components[:d.count] {
		for _, s := range d.scans {
			if s.first == 0 && !s.refines && s.has(&d.components[i]) {
				begun++
				break
			}
		}
	}
	if begun < d.count {
		return fmt.Errorf("%w: %d of %d components", ErrTruncated, begun, d.count)
	}
	return nil
}

func (s *scan) has(c *component) bool {
	for i := range s.parts {
		if s.parts[i].c == c {
			return true
		}
	}
	return false
}

// readScans decodes a progressive picture's data into the planes.
func (d *decoder) readScans() error {
	d.layOutLines()
	for _, s := range d.scans {
		s.start()
		quants := &s.parts[0].c.quants
		for k := range s.steps {
			s.steps[k] = dequantize(1<<s.shift, int(quants[k]))
		}
	}
	for y := range d.mcusY {
		for i, s := range d.scans {
			if err := d.readRow(s, y); err != nil {
				return fmt.Errorf("%w: scan %d, row %d of %d", err, i, y, d.mcusY)
			}
		}
		d.drawRow(y)
	}
	for i, s := range d.scans {
		if err := s.close(); err != nil {
			return fmt.Errorf("%w: end of scan %d", err, i)
		}
	}
	return nil
}

// layOutLines makes the components' lines, whose coefficients are all 0.
func (d *decoder) layOutLines() {
	lead := &d.components[0]
	for i := range d.components[:d.count] {
		c := &d.components[i]
		c.columns = (d.width*c.h + 8*lead.h - 1) / (8 * lead.h)
		c.rows = (d.height*c.v + 8*lead.v - 1) / (8 * lead.v)
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
	c := s.parts[0].c // whose blocks come row by row, not in MCUs
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
		n := count
		if s.interval > 0 {
			if s.waiting == 0 {
				if err := s.restart(); err != nil {
					return err
				}
			}
			n = min(n, s.waiting)
			s.waiting -= n
		}
		ok := false
		switch {
		case s.first > 0 && s.refines:
			ok = s.refineBand(d, at, n)
		case s.first > 0:
			ok = s.readBand(d, at, n)
		case len(s.parts) > 1:
			ok = s.readMCUs(at, n)
		default:
			ok = s.readFirsts(&s.parts[0], at, n)
		}
		if !ok {
			return s.fault()
		}
		at += n
		count -= n
	}
	return nil
}

// restart passes over a restart marker. Before it is nothing but the rest of a byte.
func (s *scan) restart() error {
	if s.run > 0 {
		return fmt.Errorf("%w: a run of blocks beyond its interval", ErrCorrupt)
	}
	if !s.ended || s.bitsLeft() >= 8 {
		return fmt.Errorf("%w: data beyond a restart interval", ErrCorrupt)
	}
	if !s.expect.next(s.marker) {
		return fmt.Errorf("%w: marker %#x instead of restart %d", missing(s.marker), s.marker, s.expect)
	}
	s.waiting = s.interval
	for i := range s.parts {
		s.parts[i].last = 0
	}
	s.start()
	return nil
}

// close checks that a scan has ended where its blocks did.
func (s *scan) close() error {
	if s.run > 0 {
		return fmt.Errorf("%w: a run of blocks beyond the picture", ErrCorrupt)
	}
	marker := s.finish()
	if s.interval > 0 && s.waiting == 0 && s.expect.next(marker) { // some cameras end the last interval as any other
		s.start()
		marker = s.finish()
	}
	if marker >= markerRST0 && marker <= markerRST7 {
		return fmt.Errorf("%w: marker %#x", ErrCorrupt, marker)
	}
	return nil
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
				block[0] = dequantize(int(block[0]), int(c.quants[0]))
				draw(block, c.masks[at]&used == 0, c.plane[d.size*(row*c.stride+x):], c.stride, d.size)
			}
		}
		clear(c.coefs)
		clear(c.masks)
	}
}

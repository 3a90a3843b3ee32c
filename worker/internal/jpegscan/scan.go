package jpegscan

import (
	"context"
	"fmt"
)

// grey is the sample of a block without data, whose coefficients are 0.
const grey = 128

// unit is one block of an MCU.
type unit struct {
	p      *part
	offset int // position of the block's first pixel in the plane, for the first MCU of a row
	step   int // step from an MCU to the next
	next   int // step from a row of MCUs to the next
}

// units returns the blocks of an MCU of a sequential scan in order, and how many MCUs the scan has (A.2.2, A.2.3).
func (d *decoder) units(s *scan) (units []unit, columns, rows int) {
	if len(s.parts) == 1 {
		p := &s.parts[0]
		return []unit{{p: p, step: d.size, next: d.size * p.c.stride}}, p.c.columns, p.c.rows
	}
	units = make([]unit, 0, mcuUnits)
	for i := range s.parts {
		p := &s.parts[i]
		c := p.c
		for y := range c.v {
			for x := range c.h {
				units = append(units, unit{
					p:      p,
					offset: d.size * (y*c.stride + x),
					step:   d.size * c.h,
					next:   d.size * c.v * c.stride,
				})
			}
		}
	}
	return units, d.mcusX, d.mcusY
}

// readSequential decodes a scan of a sequential picture into the planes.
func (d *decoder) readSequential(ctx context.Context, s *scan) error {
	units, columns, rows := d.units(s)
	s.begin(d, columns*rows)
	for y := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		for x := 0; x < columns; {
			n, err := s.ready(d, columns-x)
			if err != nil {
				return fmt.Errorf("%w: MCU %d of %d", err, y*columns+x, s.total)
			}
			if !s.starved {
				read := s.readMCUs(d, units, x, y, n)
				x, n = x+read, n-read
				if n == 0 {
					continue
				}
				if err := s.failed(d, n-1); err != nil {
					return fmt.Errorf("%w: MCU %d of %d", err, y*columns+x, s.total)
				}
				if len(units) <= mcuUnits {
					x, n = x+1, n-1 // the MCU is drawn as far as its data went
				}
			} else {
				s.missing += n
			}
			d.blank(units, x, y, n)
			x += n
		}
	}
	return s.close(d, columns)
}

// readMCUs decodes count MCUs from column x of row y. It returns how many of them the interval holds and are valid. The
// next one may be drawn in part.
//
// An MCU with more blocks than the standard allows may not fit into what the window holds beyond the end of an
// interval, so it is read with extra checks. Libjpeg rejects such files, other decoders do not.
func (s *scan) readMCUs(d *decoder, units []unit, x, y, count int) int {
	large := len(units) > mcuUnits
	for n := range count {
		for i := range units {
			u := &units[i]
			if !s.readBlock(d, u.p, u.p.c.plane[u.offset+(x+n)*u.step+y*u.next:]) {
				return n
			}
			if large && s.pos > s.limit && !s.advance() {
				return n
			}
		}
		if s.pos > s.limit && !s.advance() {
			return n
		}
	}
	return count
}

// blank draws MCUs without data.
func (d *decoder) blank(units []unit, x, y, count int) {
	for i := range units {
		u := &units[i]
		for n := range count {
			transformDC(0, u.p.c.plane[u.offset+(x+n)*u.step+y*u.next:], u.p.c.stride, d.size)
		}
	}
}

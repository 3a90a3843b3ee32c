package vp8l

import (
	"context"
	"errors"
	"fmt"
)

// stage inverts a transform (3.5), row by row. The row that invert returns is not the one that it gets, and is valid
// until the second next call.
type stage interface {
	invert(row []uint32, y int) []uint32
}

// Kinds of transforms (3.5).
const (
	predictorTransform = iota
	colourTransform
	greenTransform
	indexTransform
)

// readTransforms reads the transforms of a picture, and returns the width of the coded picture (3.8.2).
func (d *decoder) readTransforms(ctx context.Context, width, height int) (coded int, err error) {
	var seen [4]bool
	for d.bits.flag() {
		kind := d.bits.read(2)
		if seen[kind] {
			return 0, d.bits.fault(errors.New("transform that occurs twice"))
		}
		seen[kind] = true
		var s stage
		switch kind {
		case predictorTransform, colourTransform:
			s, err = d.readTiles(ctx, kind, width, height)
		case greenTransform:
			s = &greens{make([]uint32, width)}
		case indexTransform:
			var i *indexes
			if i, err = d.readPalette(ctx, width); err == nil {
				s, width = i, tiles(width, i.bundle)
			}
		}
		if err != nil {
			return 0, fmt.Errorf("transform %d: %w", kind, err)
		}
		d.stages = append(d.stages, s)
	}
	return width, nil
}

// tiles returns how many tiles of 1<<bits pixels cover a side.
func tiles(side int, bits uint) int { return (side + 1<<bits - 1) >> bits }

// readTiles reads a transform that differs by tile (3.5.1, 3.5.2).
func (d *decoder) readTiles(ctx context.Context, kind, width, height int) (stage, error) {
	t := tiling{bits: uint(2 + d.bits.read(3))}
	t.across = tiles(width, t.bits)
	var err error
	if t.values, err = d.subPicture(ctx, t.across, tiles(height, t.bits)); err != nil {
		return nil, err
	}
	if kind == colourTransform {
		return &colours{t, make([]uint32, width)}, nil
	}
	p := &predictor{tiling: t}
	for i := range p.rows {
		p.rows[i] = make([]uint32, width+1)
	}
	return p, nil
}

// tiling holds the values of a transform for each tile.
type tiling struct {
	bits   uint // a tile has 1<<bits pixels a side
	across int  // tiles in a row
	values []uint32
}

// row returns the values of the tiles in a row of pixels.
func (t *tiling) row(y int) []uint32 { return t.values[y>>t.bits*t.across:][:t.across] }

// readPalette reads the colours of a palette. Each is coded as the difference from the previous one (3.5.4).
func (d *decoder) readPalette(ctx context.Context, width int) (*indexes, error) {
	count := 1 + d.bits.read(8)
	i := &indexes{row: make([]uint32, width)}
	switch {
	case count <= 2:
		i.bundle = 3
	case count <= 4:
		i.bundle = 2
	case count <= 16:
		i.bundle = 1
	}
	differences, err := d.subPicture(ctx, count, 1)
	if err != nil {
		return nil, err
	}
	var c uint32
	for n, v := range differences {
		c = sum(c, v)
		i.palette[n] = c
	}
	return i, nil
}

package vp8l

import (
	"context"
	"fmt"
	"slices"
)

// group holds the prefix codes of a part of the picture (3.7.2).
type group struct {
	green, red, blue, alpha, distance codeTable

	rest   uint32 // values of the channels whose codes have one symbol
	opaque bool   // alpha has one symbol, which need not be 255
	plain  bool   // red and blue have one symbol too: a literal is rest and green
}

// tablesLimit is the most bytes that the groups of a picture may take. libwebp's encoder writes at most 2600 groups,
// whose tables take less.
const tablesLimit = 32 << 20

// groupBytes is the size of a group without its tables, and entryBytes that of an entry of a table.
const groupBytes, entryBytes = 144, 2

// readGroups reads the prefix codes of a picture with this many colours in its cache (3.7.2.2). Only the main picture
// can have several groups.
func (d *decoder) readGroups(ctx context.Context, p *pixels, main bool, cached int) error {
	numbers := []int{0} // index in p.groups of each group, or -1
	if main && d.bits.flag() {
		p.tileBits = uint(2 + d.bits.read(3))
		p.across = tiles(p.width, p.tileBits)
		var err error
		if p.tiles, err = d.subPicture(ctx, p.across, tiles(p.height, p.tileBits)); err != nil {
			return fmt.Errorf("groups of tiles: %w", err)
		}
		numbers = numberGroups(p.tiles)
	}
	p.groups = make([]group, 1+slices.Max(numbers))
	left := tablesLimit - groupBytes*len(p.groups)
	for i, n := range numbers {
		if err := ctx.Err(); err != nil {
			return err
		}
		var to *group
		if n >= 0 {
			to = &p.groups[n]
		}
		size, err := d.readGroup(to, cached)
		if err != nil {
			return fmt.Errorf("prefix codes of group %d of %d: %w", i, len(numbers), d.bits.fault(err))
		}
		if left -= size; left < 0 {
			return fmt.Errorf("prefix codes of group %d of %d: tables take more than %d bytes", i, len(numbers), tablesLimit)
		}
	}
	return nil
}

// numberGroups renumbers the groups of tiles from 0 on, because a picture may skip most of them. It returns the new
// number of each group in the picture, or -1 if no tile uses the group.
func numberGroups(tiles []uint32) (numbers []int) {
	index := func(v uint32) int { return int(v >> 8 & 0xffff) }
	for _, v := range tiles {
		for len(numbers) <= index(v) {
			numbers = append(numbers, -1)
		}
	}
	used := 0
	for i, v := range tiles {
		n := &numbers[index(v)]
		if *n < 0 {
			*n = used
			used++
		}
		tiles[i] = uint32(*n)
	}
	return numbers
}

// readGroup reads the five codes of a group, and returns how many bytes their tables take. If to is nil because no tile
// uses the group, it only checks the codes.
func (d *decoder) readGroup(to *group, cached int) (size int, err error) {
	var g group
	for _, c := range []struct {
		table *codeTable
		n     int
	}{{&g.green, literals + lengths + cached}, {&g.red, literals}, {&g.blue, literals}, {&g.alpha, literals}, {&g.distance, distances}} {
		if err := d.codes.read(&d.bits, c.n); err != nil {
			return 0, err
		}
		table, err := d.codes.build(d.codes.lengths[:c.n])
		if err != nil {
			return 0, err
		}
		if to != nil {
			*c.table = append(codeTable(nil), table...)
			size += entryBytes * cap(*c.table)
		}
	}
	if err := d.bits.overrun(); err != nil || to == nil {
		return 0, err
	}
	if g.opaque = g.alpha.hasOneSymbol(); g.opaque {
		g.rest = g.alpha.onlySymbol() << 24
	}
	if g.plain = g.opaque && g.red.hasOneSymbol() && g.blue.hasOneSymbol(); g.plain {
		g.rest |= g.red.onlySymbol()<<16 | g.blue.onlySymbol()
	}
	*to = g
	return size, nil
}

// hasOneSymbol reports whether the code has one symbol.
func (t codeTable) hasOneSymbol() bool { return t[0]&15 == 0 }

// onlySymbol returns the only symbol of a code.
func (t codeTable) onlySymbol() uint32 { return uint32(t[0] >> lengthBits) }

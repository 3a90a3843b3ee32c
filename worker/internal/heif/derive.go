package heif

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"slices"
)

// readItem reads the layer that an item shows, after its transformative properties (ISO/IEC 23008-12, 6.3). above lists
// the items that contain it.
func (f *file) readItem(id uint32, above []uint32) (layer, error) {
	l, err := f.readWithAlpha(id, above)
	if err != nil {
		return l, err
	}
	for _, prop := range f.items[id].properties {
		if l.layout, err = l.layout.transform(prop); err != nil {
			return l, err
		}
	}
	return l, nil
}

// readWithAlpha reads an item and its alpha, before its transformative properties. Alpha gets the layout of the item.
// It ignores alpha's own transformative properties, which repeat those of the item.
func (f *file) readWithAlpha(id uint32, above []uint32) (layer, error) {
	l, err := f.readWithoutAlpha(id, above)
	if err != nil {
		return l, err
	}
	alpha, ok := f.alphaOf(id)
	if !ok {
		return l, nil
	}
	a, err := f.readWithoutAlpha(alpha, append(above, id))
	if err != nil {
		return l, fmt.Errorf("alpha item %d: %w", alpha, err)
	}
	return l.withAlpha(a, f.refers("prem", id, alpha))
}

// readWithoutAlpha reads an item without its own alpha, but with that of its parts.
func (f *file) readWithoutAlpha(id uint32, above []uint32) (layer, error) {
	it := f.items[id]
	if it == nil {
		return layer{}, corrupt("no such item")
	}
	if slices.Contains(above, id) {
		return layer{}, corrupt("it is derived from itself")
	}
	f.images++
	if err := cmp.Or(checkLimit(Images, f.images, maxImages), checkLimit(Levels, len(above)+1, maxDepth)); err != nil {
		return layer{}, err
	}
	above = append(slices.Clip(above), id)
	switch it.kind {
	case "grid":
		return f.grid(id, it, above)
	case "iovl":
		return f.overlay(id, it, above)
	case "iden":
		return f.identity(id, it, above)
	}
	p, err := f.readCodedItem(it)
	return layer{layout: identityLayout(p.width, p.height), colour: p}, err
}

// inputs returns the items from which an item is derived.
func (f *file) inputs(id uint32) []uint32 {
	for _, ref := range f.references {
		if ref.kind == "dimg" && ref.from == id {
			return ref.to
		}
	}
	return nil
}

// input reads one of the items from which an item is derived.
func (f *file) input(id uint32, above []uint32) (layer, error) {
	l, err := f.readItem(id, above)
	if err != nil {
		return l, fmt.Errorf("item %d: %w", id, err)
	}
	return l, nil
}

// identity reads a derived item that shows another one, usually turned or cropped (ISO/IEC 23008-12, 6.6.2.1).
func (f *file) identity(id uint32, it *item, above []uint32) (layer, error) {
	p, _, _, err := f.describe(it)
	if err != nil {
		return layer{}, err
	}
	ids := f.inputs(id)
	if len(ids) != 1 {
		return layer{}, corrupt("identity of %d images", len(ids))
	}
	l, err := f.input(ids[0], above)
	l.colour.declareColours(&p)
	return l, err
}

// declareColours sets the colours of the picture to those that a derived item declares. If it declares none, the
// colours of its parts remain.
func (p *picture) declareColours(derived *picture) {
	p.icc = cmpBytes(derived.icc, p.icc)
	p.nclx = cmp.Or(derived.nclx, p.nclx)
	p.depth = max(p.depth, derived.depth)
}

func cmpBytes(a, b []byte) []byte {
	if a != nil {
		return a
	}
	return b
}

// maxDerivation is how many bytes of a derived item's data are read: enough for the positions of as many images as
// allowed.
const maxDerivation = 32 + 8*maxReferences

// derivation returns a picture with a derived item's properties, and a reader of the item's data.
func (f *file) derivation(it *item) (picture, reader, error) {
	p, _, _, err := f.describe(it)
	if err != nil {
		return picture{}, reader{}, err
	}
	parts, err := f.extentsOf(it)
	return p, reader{data: beginning(parts, maxDerivation)}, err
}

// grid reads a derived item that joins tiles (ISO/IEC 23008-12, 6.6.2.3).
func (f *file) grid(id uint32, it *item, above []uint32) (layer, error) {
	p, r, err := f.derivation(it)
	if err != nil {
		return layer{}, err
	}
	version, flags := r.u8(), r.u8()
	rows, columns := r.u8()+1, r.u8()+1
	size := 2 + 2*(flags&1)
	w, h := uint32(r.uint(size)), uint32(r.uint(size))
	if r.short || version != 0 || w == 0 || h == 0 {
		return layer{}, corrupt("grid")
	}
	if err := checkSize(w, h); err != nil {
		return layer{}, err
	}
	if p.width != 0 && (p.width != int(w) || p.height != int(h)) {
		return layer{}, corrupt("grid of %d x %d in a picture of %d x %d", w, h, p.width, p.height)
	}
	p.width, p.height = int(w), int(h)
	if err := checkLimit(Tiles, rows*columns, maxTiles); err != nil {
		return layer{}, err
	}
	ids := f.inputs(id)
	if len(ids) != rows*columns {
		return layer{}, corrupt("grid of %d tiles has %d", rows*columns, len(ids))
	}
	cells := make([]layer, len(ids))
	var cell image.Point
	for i, id := range ids {
		l, err := f.input(id, above)
		if err != nil {
			return layer{}, fmt.Errorf("tile %d: %w", i, err)
		}
		if i == 0 {
			cell = image.Pt(l.layout.width, l.layout.height)
		}
		if l.layout.width != cell.X || l.layout.height != cell.Y {
			return layer{}, unsupported("tiles that differ in format")
		}
		l.layout = l.layout.followedBy(placeAt(i%columns*cell.X, i/columns*cell.Y, image.Pt(p.width, p.height)))
		cells[i] = l
	}
	// Every tile must be needed, and together they must cover the picture.
	if cell.X*columns < p.width || cell.Y*rows < p.height || cell.X*(columns-1) >= p.width || cell.Y*(rows-1) >= p.height {
		return layer{}, corrupt("%d x %d tiles of %d x %d in a picture of %d x %d", columns, rows, cell.X, cell.Y, p.width, p.height)
	}
	return joinLayers(p, cells), nil
}

// overlay reads a derived item that draws images over each other (ISO/IEC 23008-12, 6.6.2.2).
func (f *file) overlay(id uint32, it *item, above []uint32) (layer, error) {
	p, r, err := f.derivation(it)
	if err != nil {
		return layer{}, err
	}
	version, flags := r.u8(), r.u8()
	fill := color.NRGBA64{R: uint16(r.u16()), G: uint16(r.u16()), B: uint16(r.u16()), A: uint16(r.u16())}
	size := 2 + 2*(flags&1)
	w, h := uint32(r.uint(size)), uint32(r.uint(size))
	if r.short || version != 0 || w == 0 || h == 0 {
		return layer{}, corrupt("overlay")
	}
	if err := checkSize(w, h); err != nil {
		return layer{}, err
	}
	p.width, p.height = int(w), int(h)
	f.pixels += int64(w) * int64(h)
	if err := checkLimit(CodedPixels, f.pixels, maxCodedPixels); err != nil {
		return layer{}, err
	}
	ids := f.inputs(id)
	if len(ids) == 0 {
		return layer{}, corrupt("overlay of no images")
	}
	o := overlay{fill: fill}
	for _, id := range ids {
		l, err := f.input(id, above)
		if err != nil {
			return layer{}, err
		}
		x, y := r.signed(size), r.signed(size)
		if r.short {
			return layer{}, corrupt("overlay of %d images has too few positions", len(ids))
		}
		p.inheritColours(&l.colour)
		l.layout = l.layout.followedBy(placeAt(x, y, image.Pt(p.width, p.height)))
		o.layers = append(o.layers, l)
	}
	return layer{layout: identityLayout(p.width, p.height), colour: p, overlay: &o}, nil
}

// signed reads a number of 2 or 4 bytes.
func (r *reader) signed(size int) int {
	shift := 64 - 8*size
	return int(int64(r.uint(size)<<shift) >> shift)
}

// inheritColours sets the colours of the picture to those that a part declares, unless colours are already declared.
// The parts should agree.
func (p *picture) inheritColours(part *picture) {
	p.codec = cmp.Or(p.codec, part.codec)
	p.icc = cmpBytes(p.icc, part.icc)
	if p.nclx == nil && part.nclx != nil {
		p.nclx = part.nclx
	}
	if p.nclx == nil && len(part.tiles) > 0 {
		c := part.tiles[0].coded
		p.nclx = &nclx{c.primaries, c.transfer, c.matrix, c.full}
	}
	p.depth = max(p.depth, part.depth)
}

// joinLayers returns layers that lie side by side and cover a picture as one layer. If all of them have tiles, and all
// or none have alpha, the result has tiles too. Otherwise the layers stay as they are.
func joinLayers(p picture, cells []layer) layer {
	first := &cells[0]
	simple := true
	for i := range cells {
		c := &cells[i]
		if p.nclx != nil && len(c.colour.tiles) > 0 {
			c.colour.nclx = p.nclx
		}
		simple = simple && c.overlay == nil && (c.alpha == nil) == (first.alpha == nil) && c.premultiplied == first.premultiplied &&
			c.colour.alike(&first.colour) && (c.alpha == nil || c.alpha.alike(first.alpha) && !c.scaledAlpha())
	}
	whole := layer{layout: identityLayout(p.width, p.height)}
	if !simple {
		for _, c := range cells {
			p.inheritColours(&c.colour)
		}
		whole.colour, whole.overlay = p, &overlay{layers: cells, covered: true}
		return whole
	}
	p.codec, p.depth = first.colour.codec, max(p.depth, first.colour.depth)
	p.nclx, p.icc = cmp.Or(p.nclx, first.colour.nclx), cmpBytes(p.icc, first.colour.icc)
	for _, c := range cells {
		p.tiles = append(p.tiles, c.colour.placeTiles(c.layout)...)
	}
	whole.colour, whole.premultiplied = p, first.premultiplied
	if first.alpha != nil {
		a := picture{codec: first.alpha.codec, width: p.width, height: p.height, depth: first.alpha.depth, nclx: first.alpha.nclx}
		for _, c := range cells {
			a.tiles = append(a.tiles, c.alpha.placeTiles(c.layout)...)
		}
		whole.alpha = &a
	}
	return whole
}

// placeTiles returns the tiles of a picture as tiles of another. The layout gives the position of the picture there.
func (p *picture) placeTiles(l layout) []tile {
	tiles := slices.Clone(p.tiles)
	for i := range tiles {
		tiles[i].layout = tiles[i].layout.followedBy(l)
	}
	return tiles
}

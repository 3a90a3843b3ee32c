package heif

import (
	"cmp"
	"fmt"
	"slices"
)

// picture reads an item that is coded or a grid.
func (f file) picture(id uint32) (picture, error) {
	it := f.items[id]
	if it == nil {
		return picture{}, corrupt("there is none")
	}
	if it.kind == "grid" {
		return f.grid(id, it)
	}
	return f.single(it)
}

// harmless are the essential properties, beside those that describe, that do not change what the pixels are.
var harmless = []string{"ispe", "pixi", "colr", "hvcC", "av1C", "irot", "imir", "clap", "auxC", "pasp", "rloc", "clli",
	"mdcv", "cclv", "amve"}

// describe reads the descriptive properties that single pictures and grids have both.
func (f file) describe(it *item) (p picture, config []byte, err error) {
	p.properties = it.properties
	for _, prop := range it.properties {
		r := reader{data: prop.body}
		switch prop.kind {
		case "ispe": // ISO/IEC 23008-12, 6.5.3
			r.full()
			w, h := r.u32(), r.u32()
			if r.short || w == 0 || h == 0 {
				return p, nil, corrupt("property %q", prop.kind)
			}
			if w > maxSide || h > maxSide || int64(w)*int64(h) > MaxPixels {
				return p, nil, &SizeError{int(w), int(h)}
			}
			p.width, p.height = int(w), int(h)
		case "pixi": // 6.5.6
			r.full()
			for range r.u8() {
				p.depth = max(p.depth, r.u8())
			}
		case "colr":
			switch r.fourCC() {
			case "prof", "rICC":
				p.icc = r.data
			case "nclx":
				c := nclx{primaries: r.u16(), transfer: r.u16(), matrix: r.u16()}
				c.full = r.u8()&0x80 != 0
				if r.short {
					return p, nil, corrupt("property %q", prop.kind)
				}
				p.nclx = &c
			}
		case "hvcC", "av1C":
			config = prop.body
		default:
			if prop.essential && !slices.Contains(harmless, prop.kind) {
				return p, nil, unsupported("essential property %q", prop.kind)
			}
		}
	}
	if p.width == 0 {
		return p, nil, corrupt("no size")
	}
	return p, config, nil
}

// single reads a coded item.
func (f file) single(it *item) (picture, error) {
	p, config, err := f.describe(it)
	if err != nil {
		return p, err
	}
	t := tile{config: config}
	depth := 8
	switch it.kind {
	case "hvc1":
		p.codec = HEVC
		if t.coded, err = readHVCC(config); err != nil {
			return p, err
		}
		if t.coded.width != p.width || t.coded.height != p.height {
			return p, corrupt("HEVC sequence of %d x %d in a picture of %d x %d", t.coded.width, t.coded.height, p.width, p.height)
		}
		depth = t.coded.depth
		if p.width < MinWidth {
			return p, unsupported("a picture in HEVC %d pixels wide", p.width)
		}
	case "av01":
		p.codec = AV1
		if len(config) < 4 {
			return p, corrupt("property %q", "av1C")
		}
		t.coded.chroma = 3 - int(config[2]>>3&1) - int(config[2]>>2&1) // by subsampling_x and _y
		if config[2]&0x40 != 0 {
			depth = 10
			if config[2]&0x20 != 0 {
				depth = 12
			}
		}
	default:
		return p, unsupported("item of type %q", it.kind)
	}
	p.depth = max(p.depth, depth)
	if t.extents, err = f.extentsOf(it); err != nil {
		return p, err
	}
	p.tileWidth, p.tileHeight, p.columns, p.tiles = p.width, p.height, 1, []tile{t}
	return p, nil
}

// grid reads a derived item that joins tiles (ISO/IEC 23008-12, 6.6.2.3).
func (f file) grid(id uint32, it *item) (picture, error) {
	p, _, err := f.describe(it)
	if err != nil {
		return p, err
	}
	parts, err := f.extentsOf(it)
	if err != nil {
		return p, err
	}
	r := reader{data: slices.Concat(parts...)}
	version, flags := r.u8(), r.u8()
	rows, columns := r.u8()+1, r.u8()+1
	size := 2 + 2*(flags&1)
	w, h := r.uint(size), r.uint(size)
	if r.short || version != 0 {
		return p, corrupt("grid")
	}
	if w != uint64(p.width) || h != uint64(p.height) {
		return p, corrupt("grid of %d x %d in a picture of %d x %d", w, h, p.width, p.height)
	}
	if rows*columns > maxTiles {
		return p, unsupported("%d tiles", rows*columns)
	}
	var ids []uint32
	for _, ref := range f.references {
		if ref.kind == "dimg" && ref.from == id {
			ids = ref.to
			break
		}
	}
	if len(ids) != rows*columns {
		return p, corrupt("grid of %d tiles has %d", rows*columns, len(ids))
	}
	for i, id := range ids {
		it := f.items[id]
		if it == nil {
			return p, corrupt("tile %d is not there", id)
		}
		t, err := f.single(it)
		if err != nil {
			return p, fmt.Errorf("tile %d: %w", id, err)
		}
		if i == 0 {
			p.codec, p.tileWidth, p.tileHeight, p.columns = t.codec, t.width, t.height, columns
			p.depth = max(p.depth, t.depth)
			p.nclx, p.icc = cmp.Or(p.nclx, t.nclx), cmpBytes(p.icc, t.icc)
		}
		if t.codec != p.codec || t.width != p.tileWidth || t.height != p.tileHeight || t.tiles[0].coded != firstCoded(p, t) {
			return p, unsupported("tiles that are not alike")
		}
		p.tiles = append(p.tiles, t.tiles[0])
	}
	// Every tile must be needed, and all of them must cover the picture.
	if p.tileWidth*columns < p.width || p.tileHeight*rows < p.height ||
		p.tileWidth*(columns-1) >= p.width || p.tileHeight*(rows-1) >= p.height {
		return p, corrupt("%d x %d tiles of %d x %d in a picture of %d x %d", columns, rows, p.tileWidth, p.tileHeight, p.width, p.height)
	}
	return p, nil
}

func firstCoded(p, t picture) coded {
	if len(p.tiles) == 0 {
		return t.tiles[0].coded
	}
	return p.tiles[0].coded
}

func cmpBytes(a, b []byte) []byte {
	if a != nil {
		return a
	}
	return b
}

// extentsOf returns the data of an item, in its parts. Together they are no more than the file.
func (f file) extentsOf(it *item) ([][]byte, error) {
	from := f.data
	switch {
	case it.foreign:
		return nil, unsupported("data in another file")
	case it.method == 1:
		from = f.idat
	case it.method != 0:
		return nil, unsupported("data made of other items")
	}
	if len(it.extents) == 0 {
		return nil, corrupt("no data")
	}
	var parts [][]byte
	left := uint64(len(from))
	for _, e := range it.extents {
		if e.offset > uint64(len(from)) || e.length > uint64(len(from))-e.offset {
			if it.method == 1 {
				return nil, corrupt("data beyond their box")
			}
			return nil, fmt.Errorf("%w: %d bytes at %d, the file has %d", ErrTruncated, e.length, e.offset, len(from))
		}
		if e.length == 0 { // to the end (ISO/IEC 14496-12, 8.11.3.3)
			e.length = uint64(len(from)) - e.offset
		}
		if e.length > left {
			return nil, corrupt("more data than the file has")
		}
		left -= e.length
		parts = append(parts, from[e.offset:e.offset+e.length])
	}
	return parts, nil
}

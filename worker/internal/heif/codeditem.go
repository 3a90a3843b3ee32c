package heif

import "cmp"

// readCodedItem reads a coded item. An item that is used several times, such as a repeated tile of a grid, is read only
// once.
func (f *file) readCodedItem(it *item) (p picture, err error) {
	s := f.codedItems[it]
	if s == nil {
		if p, err = f.describeCodedItem(it); err != nil {
			return p, err
		}
		s = &codedItem{picture: p, pixels: p.decodedPixels()}
		f.codedItems[it] = s
	}
	p = s.picture
	s.uses++
	f.pixels += s.pixels
	f.bytes += p.tiles[0].bytes()
	return p, cmp.Or(checkLimit(CodedUses, s.uses, maxUses), checkLimit(CodedPixels, f.pixels, maxCodedPixels),
		checkLimit(CodedBytes, f.bytes, maxShared+2*int64(len(f.data))))
}

// codedItem is a coded item after it was read.
type codedItem struct {
	picture picture
	pixels  int64 // pixels to decode for the item
	uses    int
}

// decodedPixels returns how many pixels decoding a coded item takes. For AV1 it counts the pixels of all layers.
func (p *picture) decodedPixels() int64 {
	if n := int64(p.width) * int64(p.height); !p.sandboxed() {
		return n
	}
	return p.tiles[0].layeredPixels()
}

func (f *file) describeCodedItem(it *item) (picture, error) {
	p, config, l, err := f.describe(it)
	if err != nil {
		return p, err
	}
	t := tile{config: config, layers: l}
	switch it.kind {
	case "hvc1", "hev1":
		p.codec = HEVC
		if t.extents, err = f.extentsOf(it); err != nil {
			return p, err
		}
		if t.coded, err = readHVCC(config, t.front()); err != nil {
			return p, err
		}
		// If the two disagree, the bit stream is right: some writers give the size before cropping.
		p.width, p.height = t.coded.width, t.coded.height
	case "av01":
		p.codec = AV1
		if t.extents, err = f.extentsOf(it); err != nil {
			return p, err
		}
		if t.coded, err = readAV1C(config, t.front()); err != nil {
			return p, err
		}
		if p.width == 0 {
			p.width, p.height = t.coded.width, t.coded.height
		}
		t.coded.width, t.coded.height = p.width, p.height
	default:
		return p, unsupported("item of type %q", it.kind)
	}
	if err := checkSize(uint32(p.width), uint32(p.height)); err != nil {
		return p, err
	}
	if p.width < 1 {
		return p, corrupt("no size")
	}
	p.depth = max(p.depth, t.coded.depth)
	t.layout = identityLayout(p.width, p.height)
	p.tiles = []tile{t}
	return p, nil
}

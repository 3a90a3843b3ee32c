package heif

import "cmp"

// single reads a coded item. One that is used again and again, as the same tile of a grid, is read once.
func (f *file) single(it *item) (p picture, err error) {
	s := f.singles[it]
	if s == nil {
		if p, err = f.readSingle(it); err != nil {
			return p, err
		}
		s = &single{picture: p}
		f.singles[it] = s
	}
	p = s.picture
	return p, cmp.Or(f.count(CodedUses, &s.uses, 1, maxUses),
		f.count(CodedPixels, &f.pixels, int64(p.width)*int64(p.height), maxCodedPixels),
		f.count(CodedBytes, &f.bytes, p.tiles[0].bytes(), maxShared+2*int64(len(f.data))))
}

// single is a coded item that has been read, with how often it is used.
type single struct {
	picture picture
	uses    int64
}

// count adds n to a sum. It returns a WorkError if that becomes more than the limit.
func (f *file) count(part Part, sum *int64, n, limit int64) error {
	if *sum += n; *sum > limit {
		return &WorkError{part, *sum, limit}
	}
	return nil
}

func (f *file) readSingle(it *item) (picture, error) {
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
		// Where the two disagree the bit stream is right: some writers give the size before its cropping.
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
	t.layout = stored(p.width, p.height)
	p.tiles = []tile{t}
	return p, nil
}

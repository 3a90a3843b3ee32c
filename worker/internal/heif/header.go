package heif

import (
	"encoding/binary"
	"fmt"
	"slices"
)

func reader32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// picture is a coded picture, or the tiles of one.
type picture struct {
	codec         Codec
	width, height int // pixels, of all tiles together, less what sticks out
	tileWidth     int
	tileHeight    int
	columns       int
	tiles         []tile // rows of them
	depth         int
	nclx          *nclx
	icc           []byte
	properties    []property // of the item that stands for all
}

// tile is a coded picture with its configuration.
type tile struct {
	extents [][]byte
	config  []byte
	coded   coded
}

// nclx are on-screen colours (ISO/IEC 14496-12, 12.1.5).
type nclx struct {
	primaries, transfer, matrix int
	full                        bool
}

// file is a file whose boxes have been read.
type file struct {
	*meta
	data []byte
}

// ReadHeader reads the boxes of a file (ISO/IEC 14496-12 and 23008-12). It decodes nothing. A picture of which data are
// missing is ErrTruncated already here.
func ReadHeader(data []byte) (Header, error) {
	if Brand(data) == 0 {
		return Header{}, unsupported("no HEIF brand")
	}
	f := file{data: data}
	var count int
	animated := false
	list := boxes{rest: data, file: true, count: &count}
	var cut error // of the last box: what it lacks may not be needed
	for cut == nil {
		kind, body, err := list.next()
		if err != nil && (kind != "mdat" || f.meta == nil) {
			return Header{}, err
		}
		cut = err
		if kind == "" {
			break
		}
		switch {
		case kind == "moov":
			animated = true
		case kind == "meta" && f.meta == nil:
			if f.meta, err = readMeta(body, &count); err != nil {
				return Header{}, err
			}
		}
	}
	if f.meta == nil && animated {
		return Header{}, unsupported("no picture beside a video")
	}
	if f.meta == nil {
		return Header{}, fmt.Errorf("%w: no box %q", ErrTruncated, "meta")
	}
	return f.header(animated)
}

func (f file) header(animated bool) (Header, error) {
	p, err := f.picture(f.primary)
	if err != nil {
		return Header{}, fmt.Errorf("item %d: %w", f.primary, err)
	}
	h := Header{
		Codec: p.codec, StoredWidth: p.width, StoredHeight: p.height, Depth: p.depth, Animated: animated,
		Tiles: len(p.tiles), ICC: p.icc, colour: p, layout: stored(p.width, p.height),
	}
	h.Colour = Colour{Primaries: unspecified, Transfer: unspecified}
	if p.nclx != nil {
		h.Colour = Colour{p.nclx.primaries, p.nclx.transfer}
	} else if p.codec == HEVC {
		h.Colour.Primaries = p.tiles[0].coded.primaries
	}
	for _, prop := range p.properties {
		if h.layout, err = h.layout.transform(prop); err != nil {
			return Header{}, err
		}
	}
	h.Width, h.Height, h.Orientation = h.layout.width, h.layout.height, h.layout.orientation()
	for _, ref := range f.references {
		if ref.kind != "auxl" || !slices.Contains(ref.to, f.primary) || !f.isAlpha(ref.from) {
			continue
		}
		a, err := f.picture(ref.from)
		if err != nil {
			return Header{}, fmt.Errorf("alpha item %d: %w", ref.from, err)
		}
		if a.width != p.width || a.height != p.height {
			return Header{}, unsupported("alpha of %d x %d in a picture of %d x %d", a.width, a.height, p.width, p.height)
		}
		h.Alpha, h.alpha = true, &a
		h.premultiplied = f.refers("prem", f.primary, ref.from)
		break
	}
	return h, nil
}

// isAlpha reports whether an item is an alpha plane (ISO/IEC 23008-12, 6.5.8; ISO/IEC 23000-22, 7.3.5.2).
func (f file) isAlpha(id uint32) bool {
	it := f.items[id]
	if it == nil {
		return false
	}
	for _, p := range it.properties {
		if p.kind == "auxC" && len(p.body) > 4 {
			urn, _, _ := bytesCut(p.body[4:])
			return urn == "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" || urn == "urn:mpeg:hevc:2015:auxid:1"
		}
	}
	return false
}

// bytesCut splits bytes at the end of a string that a zero ends.
func bytesCut(b []byte) (s string, rest []byte, ok bool) {
	if i := slices.Index(b, 0); i >= 0 {
		return string(b[:i]), b[i+1:], true
	}
	return string(b), nil, false
}

func (f file) refers(kind string, from, to uint32) bool {
	return slices.ContainsFunc(f.references, func(r reference) bool {
		return r.kind == kind && r.from == from && slices.Contains(r.to, to)
	})
}

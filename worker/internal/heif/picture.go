package heif

import (
	"fmt"
	"image"
	"image/color"
	"slices"

	"darkroom/worker/internal/h273"
)

// layer is what an item shows: a picture, or a canvas with other layers on it. Either may have alpha.
type layer struct {
	// layout maps the pixels of colour and alpha to those of the result.
	layout layout
	// colour has no tiles if there is an overlay. It then has the size of the canvas.
	colour picture
	// overlay is nil for a picture.
	overlay *overlay
	// alpha is the plane of alpha of the picture or the canvas, or nil.
	alpha         *picture
	premultiplied bool // the colours are multiplied by alpha
}

// overlay is a canvas with layers on it (ISO/IEC 23008-12, 6.6.2.2).
type overlay struct {
	fill    color.NRGBA64
	layers  []layer // lowest first; their layouts map to the canvas
	covered bool    // the layers lie side by side and cover the whole canvas
}

// picture is a coded picture, or several side by side: the tiles of a grid.
type picture struct {
	codec         Codec
	width, height int // pixels
	depth         int // bits of a sample
	nclx          *nclx
	icc           []byte
	tiles         []tile
	properties    []property // properties of the item that stands for all tiles
}

// tile is a coded picture with its configuration.
type tile struct {
	extents [][]byte
	config  []byte
	coded   coded
	layers  layers // AV1 only
	layout  layout // maps its pixels to those of the picture
}

// coded describes a coded picture, as its configuration or bit stream does.
type coded struct {
	width, height int  // pixels of the decoded picture
	chroma        int  // chroma_format_idc: 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4
	depth         int  // bits of a luma sample
	chromaDepth   int  // HEVC only: bits of a chroma sample
	full          bool // full range, for luma and chroma
	primaries     int  // ITU-T H.273, 8.1; 2 is unspecified
	transfer      int  // ITU-T H.273, 8.2
	matrix        int  // coefficients (ITU-T H.273, 8.3)
	lengthSize    int  // HEVC only: bytes of the length in front of a NAL unit

	grain  bool  // AV1 only: frames may have film grain, which the codec adds to a copy
	memory int64 // HEVC only: bytes that package hevc takes
}

// nclx holds on-screen colours (ISO/IEC 14496-12, 12.1.5).
type nclx struct {
	primaries, transfer, matrix int
	full                        bool
}

// alike reports whether the tiles of both pictures can belong to one picture.
func (p *picture) alike(q *picture) bool {
	return p.codec == q.codec && p.tiles[0].coded == q.tiles[0].coded && p.matrix() == q.matrix()
}

// matrix returns the primaries, the matrix coefficients and the range of the picture's samples. A colour property takes
// precedence over the bit stream (ISO/IEC 23008-12, 6.5.5).
func (p *picture) matrix() nclx {
	if p.nclx != nil {
		return *p.nclx
	}
	c := p.tiles[0].coded
	return nclx{c.primaries, c.transfer, c.matrix, c.full}
}

// colours returns the colours of the picture, for use if it has no profile.
func (p *picture) colours() Colour {
	switch {
	case p.nclx != nil:
		return Colour{p.nclx.primaries, p.nclx.transfer}
	case len(p.tiles) > 0:
		return Colour{p.tiles[0].coded.primaries, p.tiles[0].coded.transfer}
	}
	return Colour{unspecified, unspecified}
}

// checkMatrix refuses matrix coefficients whose luma and chroma are not weighted sums of red, green and blue.
func (l *layer) checkMatrix() error {
	for _, p := range l.pictures() {
		if m := p.matrix().matrix; p != l.alpha && (m == h273.SMPTE2085 || m == h273.ICtCp) {
			return unsupported("matrix coefficients %d", m)
		}
	}
	return nil
}

// harmless lists essential properties that are ignored because they do not change the pixels.
var harmless = []string{"irot", "imir", "clap", "auxC", "pasp", "rloc", "clli", "mdcv", "cclv", "amve", "udes", "altt",
	"crtt", "mdft", "reve", "ndwt"}

// describe reads the descriptive properties that both coded and derived pictures have. If no property gives the size,
// width and height are 0.
func (f *file) describe(it *item) (p picture, config []byte, l layers, err error) {
	p.properties, l = it.properties, layers{selected: allLayers}
	for _, prop := range it.properties {
		r := reader{data: prop.body}
		switch prop.kind {
		case "ispe": // ISO/IEC 23008-12, 6.5.3
			r.fullBox()
			w, h := r.u32(), r.u32()
			if r.short || w == 0 || h == 0 {
				return p, nil, l, corrupt("property %q", prop.kind)
			}
			if err := checkSize(w, h); err != nil {
				return p, nil, l, err
			}
			p.width, p.height = int(w), int(h)
		case "pixi": // 6.5.6
			r.fullBox()
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
					return p, nil, l, corrupt("property %q", prop.kind)
				}
				p.nclx = &c
			}
		case "hvcC", "av1C":
			config = prop.body
		case "a1op", "lsel", "a1lx":
			err = l.read(prop)
		default:
			if prop.essential && !slices.Contains(harmless, prop.kind) {
				err = unsupported("essential property %q", prop.kind)
			}
		}
		if err != nil {
			return p, nil, l, err
		}
	}
	return p, config, l, nil
}

func checkSize(width, height uint32) error {
	if width > maxSide || height > maxSide || int64(width)*int64(height) > MaxPixels {
		return &SizeError{int(width), int(height)}
	}
	return nil
}

// data returns the coded data.
func (t tile) data() []byte {
	if len(t.extents) == 1 {
		return t.extents[0]
	}
	return slices.Concat(t.extents...)
}

// front returns the beginning of the coded data, where the headers of a bit stream are.
func (t tile) front() []byte { return beginning(t.extents, 4<<10) }

// beginning returns the first bytes of data in parts, up to a limit.
func beginning(parts [][]byte, limit int) (front []byte) {
	for _, p := range parts {
		p = p[:min(len(p), limit-len(front))]
		if front == nil {
			front = slices.Clip(p)
		} else {
			front = append(front, p...)
		}
	}
	return front
}

// extentsOf returns the data of an item in parts. Together they are no longer than the file.
func (f *file) extentsOf(it *item) ([][]byte, error) {
	from := f.data
	switch {
	case f.isExternal(it):
		return nil, unsupported("picture data in another file")
	case it.method == 1:
		from = f.idat
	case it.method != 0:
		return nil, unsupported("picture data constructed from other items")
	}
	if len(it.extents) == 0 {
		return nil, corrupt("no data")
	}
	var parts [][]byte
	left := uint64(len(from))
	for _, e := range it.extents {
		if f.part && it.method == 0 {
			e.offset = min(e.offset, uint64(len(from)))
			e.length = min(e.length, uint64(len(from))-e.offset)
			if e.length == 0 { // length 0 would mean the rest of the file
				parts = append(parts, nil)
				continue
			}
		}
		if e.offset > uint64(len(from)) || e.length > uint64(len(from))-e.offset {
			if it.method == 1 {
				return nil, corrupt("picture data beyond the end of their box")
			}
			return nil, fmt.Errorf("%w: %d bytes at %d, the file has %d", ErrTruncated, e.length, e.offset, len(from))
		}
		if e.length == 0 { // length 0 means up to the end (ISO/IEC 14496-12, 8.11.3.3)
			e.length = uint64(len(from)) - e.offset
		}
		if e.length > left {
			return nil, corrupt("picture data larger than the file")
		}
		left -= e.length
		parts = append(parts, from[e.offset:e.offset+e.length])
	}
	return parts, nil
}

// placeAt returns the layout of a picture that begins at x, y of a canvas.
func placeAt(x, y int, canvas image.Point) layout { return cropLayout(-x, -y, canvas.X, canvas.Y) }

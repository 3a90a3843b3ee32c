package heif

import "slices"

// Types of alpha planes (ISO/IEC 23008-12, 6.5.8; ISO/IEC 23000-22, 7.3.5.2).
var alphaTypes = []string{"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", "urn:mpeg:hevc:2015:auxid:1", "urn:mpeg:avc:2015:auxid:1"}

// alphaOf returns the item that is the alpha plane of another.
func (f *file) alphaOf(id uint32) (alpha uint32, ok bool) {
	for _, ref := range f.references {
		if ref.kind == "auxl" && slices.Contains(ref.to, id) && f.isAlpha(ref.from) {
			return ref.from, true
		}
	}
	return 0, false
}

func (f *file) isAlpha(id uint32) bool { return f.isAuxiliary(id, alphaTypes) }

// isAuxiliary reports whether an item is an auxiliary picture of one of these types.
func (f *file) isAuxiliary(id uint32, types []string) bool {
	it := f.items[id]
	if it == nil {
		return false
	}
	for _, p := range it.properties {
		if p.kind == "auxC" && len(p.body) > 4 {
			urn, _, _ := cutAtZero(p.body[4:])
			return slices.Contains(types, urn)
		}
	}
	return false
}

// cutAtZero splits bytes at the end of a string that a zero ends.
func cutAtZero(b []byte) (s string, rest []byte, ok bool) {
	if i := slices.Index(b, 0); i >= 0 {
		return string(b[:i]), b[i+1:], true
	}
	return string(b), nil, false
}

func (f *file) refers(kind string, from, to uint32) bool {
	return slices.ContainsFunc(f.references, func(r reference) bool {
		return r.kind == kind && r.from == from && slices.Contains(r.to, to)
	})
}

// withAlpha returns a layer with a plane of alpha, which replaces any alpha that the layer had. The plane may have
// another size than the layer: see scaledAlpha.
func (l layer) withAlpha(alpha layer, premultiplied bool) (layer, error) {
	if alpha.overlay != nil {
		return l, unsupported("alpha of several images over each other")
	}
	alpha.flatten()
	switch {
	case l.overlay == nil:
		l.flatten()
	case l.layout != identityLayout(l.colour.width, l.colour.height):
		// The alpha covers the canvas after it was turned or cropped.
		whole := layer{layout: identityLayout(l.layout.width, l.layout.height), colour: l.colour, overlay: &overlay{layers: []layer{l}, covered: true}}
		whole.colour.width, whole.colour.height = l.layout.width, l.layout.height
		l = whole
	}
	l.alpha, l.premultiplied = &alpha.colour, premultiplied
	return l, nil
}

// flatten moves the layout of a picture into those of its tiles. Its alpha stays as it is.
func (l *layer) flatten() {
	if l.layout == identityLayout(l.colour.width, l.colour.height) {
		return
	}
	l.colour.tiles = l.colour.placeTiles(l.layout)
	l.colour.width, l.colour.height = l.layout.width, l.layout.height
	l.layout = identityLayout(l.colour.width, l.colour.height)
}

package gainmap

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// Found is the gain map of a file. It shares memory with the file.
type Found struct {
	Metadata
	JPEG  []byte // second picture, up to the end that the file states
	Curve *Curve // curve for its samples, or nil
}

// Find returns the gain map of a JPEG. The error wraps ErrNone if there is none, and says what is wrong with one that
// cannot be used.
//
// An index may name pictures that are not gain maps, or that a program has removed without updating the index. A place
// without a gain map counts as damage only if the first picture says that it has one.
func Find(file []byte) (Found, error) {
	first := readBlocks(file)
	places, promised, fault := first.places(int64(len(file)))
	for _, s := range places {
		if s.start < 4 || s.end > int64(len(file)) || s.end-s.start < 4 || file[s.start] != 0xff || file[s.start+1] != markerSOI {
			fault = fmt.Errorf("%w: no JPEG of %d bytes at offset %d of %d", ErrDamaged, s.end-s.start, s.start, len(file))
			continue
		}
		second := file[s.start:s.end:s.end]
		about := readBlocks(second)
		switch m, err := about.metadata(); {
		case err == nil:
			return Found{Metadata: m, JPEG: second}, nil
		case errors.Is(err, ErrNone) && about.apple():
			m, curve, err := Apple(first.exif)
			if err != nil {
				return Found{}, err
			}
			return Found{m, second, curve}, nil
		case !errors.Is(err, ErrNone):
			return Found{}, err
		}
	}
	if fault != nil && promised {
		return Found{}, fault
	}
	return Found{}, ErrNone
}

// maxPlaces is the most places that are searched for a gain map.
const maxPlaces = 16

// places returns where in a file of this size the gain map may lie, according to the blocks of the first picture: the
// places of the MPF index, and then those of the directory. The items of a directory follow the first picture without
// gaps, up to the end of the file. promised reports whether the first picture says that it has a gain map. fault says
// what is wrong with the directory.
//
// Find parses the metadata at each place, so the places of a small file are limited. Only the first index and the first
// XMP packet are read, and each place counts once.
func (b blocks) places(end int64) (places []span, promised bool, fault error) {
	add := func(s span) {
		if len(places) < maxPlaces && !slices.Contains(places, s) {
			places = append(places, s)
		}
	}
	for _, p := range parseMPF(b.mpf) {
		add(span{b.mpfAt + p.start, b.mpfAt + p.end})
	}
	promised = len(b.iso) > 0
	var items []item
	if len(b.xmp) > 0 {
		p := readXMP(b.xmp[0])
		items, promised = p.items, promised || p.values["Version"] != nil
	}
	for i := len(items) - 1; i > 0; i-- {
		if items[i].length < 0 || items[i].padding < 0 || items[i].length > end || items[i].padding > end {
			return places, promised, fmt.Errorf("%w: item of %d bytes", ErrDamaged, items[i].length)
		}
		end -= items[i].padding
		if items[i].semantic == "GainMap" {
			promised = true
			add(span{end - items[i].length, end})
		}
		end -= items[i].length
	}
	return places, promised, nil
}

// metadata reads the metadata in the blocks of a second picture: ISO 21496-1 if it can be read, or else XMP.
func (b blocks) metadata() (Metadata, error) {
	fault := ErrNone
	for _, block := range b.iso {
		if len(block) <= len(isoVersion) {
			continue
		}
		m, err := ParseISO(block)
		if err == nil {
			return m, nil
		}
		fault = err
	}
	var text []byte
	if len(b.xmp) > 0 {
		text = b.xmp[0]
	}
	m, err := ParseXMP(text)
	if err != nil && !errors.Is(err, ErrNone) {
		fault = err
	}
	if err != nil {
		return Metadata{}, fault
	}
	return m, nil
}

// apple reports whether the blocks are those of a gain map that an iPhone wrote.
func (b blocks) apple() bool {
	return slices.ContainsFunc(b.xmp, func(text []byte) bool { return bytes.Contains(text, []byte(AppleType)) })
}

// FindMemory is the most bytes that Find allocates: those of reading an XMP packet of the first picture, and one of the
// second.
const FindMemory = 2 * maxXMP * xmpCost

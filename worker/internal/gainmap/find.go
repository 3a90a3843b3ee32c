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
	JPEG  []byte // second picture, up to the end that the file gives for it
	Curve *Curve // what its samples need, or nil
}

// Find returns the gain map of a JPEG. The error wraps ErrNone if there is none, and says what is wrong with one that cannot
// be used.
//
// An index may name pictures that are no gain map, or that a program has removed without a change to the index. A place where
// there is nothing counts as damage only if the first picture says that it has a gain map.
func Find(file []byte) (Found, error) {
	places, promised, fault := places(file)
	for _, s := range places {
		if s.start < 4 || s.end > int64(len(file)) || s.end-s.start < 4 || file[s.start] != 0xff || file[s.start+1] != markerSOI {
			fault = fmt.Errorf("%w: no JPEG of %d bytes at %d of %d", ErrDamaged, s.end-s.start, s.start, len(file))
			continue
		}
		second := file[s.start:s.end:s.end]
		switch m, err := readMetadata(second); {
		case err == nil:
			return Found{Metadata: m, JPEG: second}, nil
		case errors.Is(err, ErrNone) && isApple(second):
			m, curve, err := Apple(exifOf(file))
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

// places returns where the gain map may lie: first where the MPF index says, and then where the directory does. The items of
// a directory follow the first picture without gaps, up to the end of the file. promised reports whether the first picture says
// that it has a gain map, and fault what is wrong with the directory.
//
// Find parses the metadata at each place, so a small file must not name many places. Only its first index and its first XMP
// packet are read, and each place counts once.
func places(file []byte) (places []span, promised bool, fault error) {
	var items []item
	indexed, described := false, false
	add := func(s span) {
		if len(places) < maxPlaces && !slices.Contains(places, s) {
			places = append(places, s)
		}
	}
	for s := range segments(file) {
		if b, ok := s.has(markerAPP2, mpfPrefix); ok && !indexed {
			indexed = true
			for _, p := range parseMPF(b) {
				header := int64(s.end - len(b))
				add(span{header + p.start, header + p.end})
			}
		}
		if b, ok := s.has(markerAPP1, xmpPrefix); ok && !described {
			described = true
			p := readXMP(b)
			items = p.items
			promised = promised || p.values["Version"] != nil
		}
		if _, ok := s.has(markerAPP2, isoPrefix); ok {
			promised = true
		}
	}
	end := int64(len(file))
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

// readMetadata reads the metadata of a second picture: ISO 21496-1 if it can be read, or else XMP.
func readMetadata(second []byte) (Metadata, error) {
	fault := ErrNone
	var text []byte
	for s := range segments(second) {
		if b, ok := s.has(markerAPP2, isoPrefix); ok && len(b) > len(isoVersion) {
			m, err := ParseISO(b)
			if err == nil {
				return m, nil
			}
			fault = err
		}
		if b, ok := s.has(markerAPP1, xmpPrefix); ok && text == nil {
			text = b
		}
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

// isApple reports whether a second picture is a gain map as iPhones write it.
func isApple(second []byte) bool {
	for s := range segments(second) {
		if b, ok := s.has(markerAPP1, xmpPrefix); ok && bytes.Contains(b, []byte(AppleType)) {
			return true
		}
	}
	return false
}

// exifOf returns the EXIF block of a JPEG from its TIFF header on, or nil.
func exifOf(file []byte) []byte {
	for s := range segments(file) {
		if b, ok := s.has(markerAPP1, "Exif\x00\x00"); ok {
			return b
		}
	}
	return nil
}

// FindMemory is the most bytes that Find allocates: those of reading an XMP packet of the first picture, and one of the
// second.
const FindMemory = 2 * maxXMP * xmpCost

package heif

import (
	"bytes"
	"maps"
	"slices"
)

// GainMap is the gain map of a picture, as the file describes it. It shares memory with the file.
type GainMap struct {
	Header // describes the gain map as if it were the picture

	// ToneMap is the data of the derived item that applies the gain map: a version and ISO 21496-1 metadata (ISO/IEC
	// 23008-12 Amd 1). It is nil if the file has only Apple's auxiliary picture, whose metadata are in the maker note of
	// the EXIF block.
	ToneMap []byte
	// Turned reports whether the gain map has its own orientation, which is in Header. Otherwise the picture's
	// orientation applies.
	Turned bool
}

// appleTypes are the types of the auxiliary picture that iPhones write.
var appleTypes = []string{"urn:com:apple:photo:2020:aux:hdrgainmap"}

// maxToneMap is how many bytes of a tone map are read. Metadata of three channels take 142.
const maxToneMap = 1 << 10

// ReadGainMap returns the gain map of the primary picture, or nil if there is none. The error says why the gain map
// cannot be used, or why the file cannot be read.
func ReadGainMap(data []byte) (*GainMap, error) {
	f, err := readFile(data, false)
	if err != nil {
		return nil, err
	}
	id, toneMap := f.gainMap()
	if id == 0 {
		return nil, nil
	}
	g := &GainMap{}
	if toneMap != nil {
		parts, err := f.extentsOf(toneMap)
		if err != nil {
			return nil, err
		}
		g.ToneMap = bytes.Clone(beginning(parts, maxToneMap))
	}
	if g.Header, err = f.header(id); err != nil {
		return nil, err
	}
	g.Turned = slices.ContainsFunc(f.items[id].properties, func(p property) bool { return p.kind == "irot" || p.kind == "imir" })
	return g, nil
}

// gainMap returns the number of the gain map's item, or 0 if there is no gain map, and the derived item that applies
// it, or nil for Apple's. A tone map takes precedence. If there are several items, the one with the lowest number
// counts.
func (f *file) gainMap() (id uint32, toneMap *item) {
	ids := slices.Sorted(maps.Keys(f.items))
	for _, n := range ids {
		if inputs := f.inputs(n); f.items[n].kind == "tmap" && len(inputs) == 2 && inputs[0] == f.primary {
			return inputs[1], f.items[n]
		}
	}
	for _, n := range ids {
		if f.refers("auxl", n, f.primary) && f.isAuxiliary(n, appleTypes) {
			return n, nil
		}
	}
	return 0, nil
}

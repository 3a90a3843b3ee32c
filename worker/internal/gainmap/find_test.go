package gainmap

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// TestFewPlaces checks that Find searches only a few places, however many indexes, entries and packets a file has.
func TestFewPlaces(t *testing.T) {
	be := binary.BigEndian
	index := func(offset func(i int) int) []byte {
		b := appendMPF(nil, 0, 0, 0)
		b = b[:len(b)-2*entryBytes]
		be.PutUint32(b[len(b)-12:], 100*entryBytes) // size of the entries
		for i := range 100 {
			b = be.AppendUint32(be.AppendUint32(be.AppendUint32(be.AppendUint32(b, 0), 30), uint32(offset(i))), 0)
		}
		return appendSegment(nil, markerAPP2, b)
	}
	item := `<Container:Item Item:Semantic="GainMap" Item:Length="9"/>`
	directory := xmpSegment(`<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:Container="` + nsContainer + `" xmlns:Item="` + nsItem + `">` +
		strings.Repeat(item, 100) + `</x:xmpmeta>`)
	nothing := xmpSegment(`<x:xmpmeta xmlns:x="adobe:ns:meta/"/>`)
	for name, tc := range map[string]struct {
		segments []byte
		most     int
	}{
		"indexes":              {bytes.Repeat(index(func(i int) int { return 10 + i }), 50), maxPlaces},
		"the same place":       {index(func(int) int { return 10 }), 1},
		"items of a directory": {directory, maxPlaces},
		"both":                 {append(index(func(i int) int { return 10 + i }), directory...), maxPlaces},
		"the second packet":    {append(nothing, directory...), 0},
	} {
		file := second(tc.segments)
		found, _, _ := readBlocks(file).places(int64(len(file)))
		if len(found) > tc.most || len(found) == 0 && tc.most > 0 {
			t.Errorf("%s: %d places, want at most %d", name, len(found), tc.most)
		}
	}
}

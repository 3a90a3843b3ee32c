package gainmap

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// Markers of a JPEG (ITU-T T.81, table B.1).
const (
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerTEM  = 0x01
	markerAPP0 = 0xe0
	markerAPP1 = 0xe1
	markerAPP2 = 0xe2
)

const xmpPrefix = "http://ns.adobe.com/xap/1.0/\x00" // XMP Specification, part 3, 1.1.3

// segment is a JPEG segment before the first scan.
type segment struct {
	marker     byte
	start, end int // positions in the file; the marker is included
	payload    []byte
}

// payloadAfter returns the payload after a prefix. It reports false unless the segment has this marker and prefix.
func (s segment) payloadAfter(marker byte, prefix string) (rest []byte, ok bool) {
	if s.marker != marker || !bytes.HasPrefix(s.payload, []byte(prefix)) {
		return nil, false
	}
	return s.payload[len(prefix):], true
}

// segments returns the segments of a JPEG up to its first scan, as far as they can be read.
func segments(file []byte) iter.Seq[segment] {
	return func(yield func(segment) bool) {
		if !bytes.HasPrefix(file, []byte{0xff, markerSOI}) {
			return
		}
		for pos := 2; pos+4 <= len(file) && file[pos] == 0xff; {
			marker := file[pos+1]
			switch marker {
			case 0xff: // a fill byte
				pos++
				continue
			case markerTEM:
				pos += 2
				continue
			case markerSOS, markerEOI:
				return
			}
			length := int(binary.BigEndian.Uint16(file[pos+2:]))
			end := pos + 2 + length
			if length < 2 || end > len(file) || !yield(segment{marker, pos, end, file[pos+4 : end]}) {
				return
			}
			pos = end
		}
	}
}

// blocks holds the contents of the JPEG segments that describe a gain map, without their prefixes.
type blocks struct {
	exif  []byte   // the first, from its TIFF header on
	mpf   []byte   // the first index
	mpfAt int64    // its position in the file
	iso   [][]byte // all, in order
	xmp   [][]byte // all packets, in their order
}

// readBlocks reads the segments of a JPEG in one pass. The blocks share its memory.
func readBlocks(file []byte) (b blocks) {
	for s := range segments(file) {
		if block, ok := s.payloadAfter(markerAPP2, mpfPrefix); ok && b.mpf == nil {
			b.mpf, b.mpfAt = block, int64(s.end-len(block))
		}
		if block, ok := s.payloadAfter(markerAPP2, isoPrefix); ok {
			b.iso = append(b.iso, block)
		}
		if block, ok := s.payloadAfter(markerAPP1, xmpPrefix); ok {
			b.xmp = append(b.xmp, block)
		}
		if block, ok := s.payloadAfter(markerAPP1, "Exif\x00\x00"); ok && b.exif == nil {
			b.exif = block
		}
	}
	return b
}

// appendSegment appends a segment.
func appendSegment(file []byte, marker byte, contents ...[]byte) []byte {
	size := 2
	for _, c := range contents {
		size += len(c)
	}
	file = binary.BigEndian.AppendUint16(append(file, 0xff, marker), uint16(size))
	for _, c := range contents {
		file = append(file, c...)
	}
	return file
}

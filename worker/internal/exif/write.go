package exif

import (
	"encoding/binary"
	"maps"
	"slices"
)

// Encode returns an EXIF block of one directory with these texts, by tag and in UTF-8. It returns nil if there are
// none. The block begins with the TIFF header.
func Encode(texts map[uint16]string) []byte {
	if len(texts) == 0 {
		return nil
	}
	const headerSize = 8
	be := binary.BigEndian
	block := append([]byte("MM\x00*"), 0, 0, 0, headerSize)
	block = be.AppendUint16(block, uint16(len(texts)))
	var values []byte // longer than four bytes, after the directory
	after := headerSize + 2 + len(texts)*entrySize + 4
	for _, tag := range slices.Sorted(maps.Keys(texts)) { // entries are sorted by tag (TIFF 6.0, section 2)
		value := append([]byte(texts[tag]), 0)
		block = be.AppendUint16(be.AppendUint16(block, tag), typeASCII)
		block = be.AppendUint32(block, uint32(len(value)))
		if len(value) <= 4 {
			block = append(block, append(value, 0, 0, 0)[:4]...)
			continue
		}
		block = be.AppendUint32(block, uint32(after+len(values)))
		if values = append(values, value...); len(values)%2 != 0 { // values begin at even offsets
			values = append(values, 0)
		}
	}
	block = append(block, 0, 0, 0, 0) // no further directory
	return append(block, values...)
}

// Package exif reads the first directory of an EXIF block, which describes the main picture of a file. It follows no
// pointers to other directories, which hold positions, maker notes and thumbnails.
//
// Section numbers are those of CIPA DC-008 (EXIF 2.32), unless a comment names TIFF 6.0.
package exif

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// MaxBytes is the size of the largest EXIF block that is read. In a JPEG a block has at most 64 KiB, the size of a
// segment. PNG and WebP have room for more, but cameras do not need it.
const MaxBytes = 1 << 20

// Prefix comes before the TIFF header in a JPEG (4.7.2), followed by one more byte that is not always 0. Some programs
// write it in other containers too, where it does not belong.
const Prefix = "Exif\x00"

// Tags of the first directory.
const (
	ImageDescription = 0x010e
	Orientation      = 0x0112
	Artist           = 0x013b
	Copyright        = 0x8298
)

// Types of values. EXIF 3.0 added the last one.
const (
	typeByte  = 1
	typeASCII = 2
	typeUTF8  = 129
)

const entrySize = 12

// Entry is an entry of a directory.
type Entry struct {
	Tag   uint16
	Count uint32 // values

	kind  uint16
	value []byte // the four bytes of the value, or of its offset
	tiff  []byte
	order binary.ByteOrder
}

// Entries returns the entries of the first directory of a block, which begins with the TIFF header (4.6.4) or with the
// prefix of a JPEG. If the block is damaged or larger than MaxBytes, Entries returns the entries that can be read, or
// none.
func Entries(block []byte) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		tiff := block
		if bytes.HasPrefix(block, []byte(Prefix)) {
			tiff = block[min(len(Prefix)+1, len(block)):]
		}
		if len(tiff) < 8 || len(tiff) > MaxBytes {
			return
		}
		var order binary.ByteOrder
		switch string(tiff[:4]) {
		case "II*\x00":
			order = binary.LittleEndian
		case "MM\x00*":
			order = binary.BigEndian
		default:
			return
		}
		start := int64(order.Uint32(tiff[4:]))
		if start+2 > int64(len(tiff)) {
			return
		}
		n := int(order.Uint16(tiff[start:]))
		for dir := tiff[start+2:]; n > 0 && len(dir) >= entrySize; n, dir = n-1, dir[entrySize:] {
			e := Entry{Tag: order.Uint16(dir), kind: order.Uint16(dir[2:]), Count: order.Uint32(dir[4:]),
				value: dir[8:entrySize], tiff: tiff, order: order}
			if !yield(e) {
				return
			}
		}
	}
}

// Integer returns the value of an entry that holds one integer. The value is left-justified in its four bytes (TIFF
// 6.0, section 2). Integer returns 0 for other types.
func (e Entry) Integer() int64 {
	switch e.kind {
	case typeByte:
		return int64(e.value[0])
	case 3: // SHORT
		return int64(e.order.Uint16(e.value))
	case 4, 13: // LONG, IFD
		return int64(e.order.Uint32(e.value))
	case 6: // SBYTE
		return int64(int8(e.value[0]))
	case 8: // SSHORT
		return int64(int16(e.order.Uint16(e.value)))
	case 9: // SLONG
		return int64(int32(e.order.Uint32(e.value)))
	}
	return 0
}

// Text returns the bytes of a text entry, with the zero bytes that end it and may separate its parts. It returns nil
// for other types, and for text that extends beyond the block. The bytes share memory with the block.
func (e Entry) Text() []byte {
	if e.kind != typeASCII && e.kind != typeUTF8 && e.kind != typeByte {
		return nil
	}
	if e.Count <= 4 {
		return e.value[:e.Count]
	}
	start, end := int64(e.order.Uint32(e.value)), int64(e.order.Uint32(e.value))+int64(e.Count)
	if end > int64(len(e.tiff)) {
		return nil
	}
	return e.tiff[start:end]
}

package format

import (
	"bytes"
	"encoding/binary"
)

// maxEXIF is the size in bytes of the largest EXIF block that is read. In a JPEG it has at most 64 KiB, the size of a
// segment. PNG and WebP have room for more, which cameras have no use for.
const maxEXIF = 1 << 20

// exifPrefix comes before the TIFF header in a JPEG (CIPA DC-008, 4.7.2). Some programs write it in other containers too,
// where it does not belong. Its last byte is not always 0.
const exifPrefix = "Exif\x00"

// orientation returns what the Orientation tag of an EXIF block says, or 1, upright, if the block has no valid tag: a broken
// tag is no reason to refuse a photo.
func orientation(block []byte) int { return max(1, orientationTag(block)) }

// orientationTag reads the Orientation tag of an EXIF block, which begins with the TIFF header (CIPA DC-008, 4.6.4) or, in
// any container, with the prefix of a JPEG. The tag should be a SHORT, but programs write other types of integers, and
// all are read. orientationTag returns 0 for a block that has no valid tag or more than maxEXIF bytes. It reads the first
// directory alone and nothing outside the block.
func orientationTag(block []byte) int {
	const (
		tagOrientation = 0x0112
		entrySize      = 12
	)
	tiff := block
	if bytes.HasPrefix(block, []byte(exifPrefix)) {
		tiff = block[min(len(exifPrefix)+1, len(block)):]
	}
	if len(tiff) < 8 || len(tiff) > maxEXIF {
		return 0
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	start := int64(order.Uint32(tiff[4:]))
	if start+2 > int64(len(tiff)) {
		return 0
	}
	entries := int(order.Uint16(tiff[start:]))
	for dir := tiff[start+2:]; entries > 0 && len(dir) >= entrySize; entries, dir = entries-1, dir[entrySize:] {
		if order.Uint16(dir) != tagOrientation {
			continue
		}
		value := integer(order, order.Uint16(dir[2:]), dir[8:entrySize])
		if order.Uint32(dir[4:]) != 1 || value < 1 || value > 8 {
			return 0
		}
		return int(value)
	}
	return 0
}

// integer returns the value of an entry of a TIFF directory that holds one integer. The value is left-justified in its
// four bytes (TIFF 6.0, section 2). It returns 0 for other types.
func integer(order binary.ByteOrder, kind uint16, value []byte) int64 {
	switch kind {
	case 1: // BYTE
		return int64(value[0])
	case 3: // SHORT
		return int64(order.Uint16(value))
	case 4, 13: // LONG, IFD
		return int64(order.Uint32(value))
	case 6: // SBYTE
		return int64(int8(value[0]))
	case 8: // SSHORT
		return int64(int16(order.Uint16(value)))
	case 9: // SLONG
		return int64(int32(order.Uint32(value)))
	}
	return 0
}

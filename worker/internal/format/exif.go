package format

import "encoding/binary"

// maxEXIF is the size in bytes of the largest EXIF block that is read. In a JPEG it has at most 64 KiB, the size of a
// segment. PNG and WebP have room for more, which cameras have no use for.
const maxEXIF = 1 << 20

// orientation reads the Orientation tag of an EXIF block, which begins with the TIFF header (CIPA DC-008, 4.6.4).
// It returns 1, upright, for a block that it cannot read or that has more than maxEXIF bytes: a broken tag is no reason
// to refuse a photo. It reads the first directory alone and nothing outside the block.
func orientation(tiff []byte) int {
	const (
		tagOrientation = 0x0112
		typeShort      = 3
		entrySize      = 12
	)
	if len(tiff) < 8 || len(tiff) > maxEXIF {
		return 1
	}
	var order binary.ByteOrder
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	start := int64(order.Uint32(tiff[4:]))
	if start+2 > int64(len(tiff)) {
		return 1
	}
	entries := int(order.Uint16(tiff[start:]))
	for dir := tiff[start+2:]; entries > 0 && len(dir) >= entrySize; entries, dir = entries-1, dir[entrySize:] {
		if order.Uint16(dir) != tagOrientation {
			continue
		}
		value := int(order.Uint16(dir[8:]))
		if order.Uint16(dir[2:]) != typeShort || order.Uint32(dir[4:]) != 1 || value < 1 || value > 8 {
			return 1
		}
		return value
	}
	return 1
}

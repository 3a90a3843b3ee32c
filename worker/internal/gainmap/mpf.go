package gainmap

import "encoding/binary"

// Section numbers are those of CIPA DC-007.
const (
	mpfPrefix = "MPF\x00" // 5.2.1

	tagVersion = 0xb000 // 5.2.3
	tagNumber  = 0xb001
	tagEntries = 0xb002

	entryBytes = 16
	maxEntries = 16 // further entries are ignored

	primaryType = 0x030000 // baseline MP primary image (5.2.3.3)
)

// span is a part of a file.
type span struct{ start, end int64 }

// parseMPF returns the positions of the pictures after the first, relative to the TIFF header, with which b begins.
// From a damaged index it returns the positions that can be read.
func parseMPF(b []byte) (spans []span) {
	if len(b) < 8 {
		return nil
	}
	var order binary.ByteOrder = binary.BigEndian
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
	default:
		return nil
	}
	start := int64(order.Uint32(b[4:]))
	if start+2 > int64(len(b)) {
		return nil
	}
	n := int(order.Uint16(b[start:]))
	for dir := b[start+2:]; n > 0 && len(dir) >= 12; n, dir = n-1, dir[12:] {
		if order.Uint16(dir) != tagEntries {
			continue
		}
		size, offset := int64(order.Uint32(dir[4:])), int64(order.Uint32(dir[8:]))
		for i := int64(1); i < min(size/entryBytes, maxEntries) && offset+(i+1)*entryBytes <= int64(len(b)); i++ {
			e := b[offset+i*entryBytes:]
			from := int64(order.Uint32(e[8:]))
			spans = append(spans, span{from, from + int64(order.Uint32(e[4:]))})
		}
		return spans
	}
	return nil
}

// mpfBytes is the number of bytes that appendMPF appends.
const mpfBytes = 4 + 8 + 2 + 3*12 + 4 + 2*entryBytes

// appendMPF appends an index of two pictures, with its prefix. The position of the second is an offset from the TIFF
// header.
func appendMPF(b []byte, firstSize, secondSize, secondOffset int) []byte {
	be := binary.BigEndian
	b = append(b, mpfPrefix+"MM\x00*\x00\x00\x00\x08"...)
	b = be.AppendUint16(b, 3) // entries of the directory
	b = append(be.AppendUint32(be.AppendUint16(be.AppendUint16(b, tagVersion), 7), 4), "0100"...)
	b = be.AppendUint32(be.AppendUint32(be.AppendUint16(be.AppendUint16(b, tagNumber), 4), 1), 2)
	b = be.AppendUint32(be.AppendUint32(be.AppendUint16(be.AppendUint16(b, tagEntries), 7), 2*entryBytes), 8+2+3*12+4)
	b = be.AppendUint32(b, 0) // no further directory
	for _, word := range []int{primaryType, firstSize, 0, 0, 0, secondSize, secondOffset, 0} {
		b = be.AppendUint32(b, uint32(word))
	}
	return b
}

package heif

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
)

// TestAssociations checks that properties may be spread over several boxes of any version and flags. If an item has
// several entries, the first counts.
func TestAssociations(t *testing.T) {
	t.Parallel()
	q := itemFrom(t, seed(t, "quadrants.heic"), false)
	entryOf := func(version, flags byte, id int, indices ...int) []byte {
		b := []byte{version, 0, 0, flags, 0, 0, 0, 1}
		if version > 0 {
			b = binary.BigEndian.AppendUint32(b, uint32(id))
		} else {
			b = binary.BigEndian.AppendUint16(b, uint16(id))
		}
		b = append(b, byte(len(indices)))
		for _, i := range indices {
			if flags > 0 {
				b = append(b, 0x80)
			}
			b = append(b, byte(i))
		}
		return box("ipma", b)
	}
	grid := gridOver(320, 96, 2, 2)
	whole := buildFile(heicBrands, grid, q)
	one := whole[bytes.Index(whole, []byte("ipma"))-4:]
	one = one[:binary.BigEndian.Uint32(one)]
	for _, boxes := range [][]byte{
		slices.Concat(entryOf(0, 0, 1, 1), entryOf(1, 1, 2, 2, 3)),
		slices.Concat(entryOf(0, 0, 2, 2, 3), entryOf(0, 0, 1, 1)),
		slices.Concat(entryOf(1, 0, 1, 1), entryOf(0, 1, 2, 2, 3), entryOf(0, 0, 1, 3)),
	} {
		iprp := bytes.Index(whole, []byte("iprp")) - 4
		size := int(binary.BigEndian.Uint32(whole[iprp:]))
		ipco := whole[iprp+8 : iprp+size-len(one)]
		data := replaceBox(t, whole, iprp, size, box("iprp", ipco, boxes))
		if h, err := ReadHeader(data); err != nil || h.Tiles != 2 || h.Width != 320 {
			t.Errorf("%x: %d tiles, %d wide, %v", boxes, h.Tiles, h.Width, err)
		}
	}
}

// replaceBox replaces a box in the meta box by another. Offsets into the file change with its size.
func replaceBox(t testing.TB, file []byte, at, size int, with []byte) []byte {
	t.Helper()
	grown := len(with) - size
	data := slices.Concat(file[:at], with, file[at+size:])
	meta := bytes.Index(data, []byte("meta")) - 4
	binary.BigEndian.PutUint32(data[meta:], uint32(int(binary.BigEndian.Uint32(data[meta:]))+grown))
	iloc := bytes.Index(data, []byte("iloc")) + 4
	for n, entry := int(binary.BigEndian.Uint16(data[iloc+6:])), data[iloc+8:]; n > 0; n, entry = n-1, entry[16:] {
		if entry[3] == 0 { // the data are in the file
			binary.BigEndian.PutUint32(entry[8:], uint32(int(binary.BigEndian.Uint32(entry[8:]))+grown))
		}
	}
	return data
}

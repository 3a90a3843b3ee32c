package format

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// exifBlock is a TIFF block whose first directory has only an orientation.
func exifBlock(order binary.AppendByteOrder, value uint16) []byte {
	b := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II")
	}
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, value)
	return append(b, 0, 0, 0, 0, 0, 0)
}

func TestOrientation(t *testing.T) {
	good := exifBlock(binary.LittleEndian, 6)
	if got := orientation(good); got != 6 {
		t.Fatalf("the valid block: %d", got)
	}
	spoil := func(offset int, b ...byte) []byte {
		s := bytes.Clone(good)
		copy(s[offset:], b)
		return s
	}
	for name, tiff := range map[string][]byte{
		"empty":             {},
		"no byte order":     spoil(0, 'X'),
		"no 42":             spoil(2, 41),
		"directory outside": spoil(4, 0xff, 0xff, 0xff, 0xff),
		"directory at end":  spoil(4, byte(len(good)-1)),
		"value 0":           exifBlock(binary.LittleEndian, 0),
		"value 9":           exifBlock(binary.LittleEndian, 9),
		"a rational":        spoil(12, 5),
		"text":              spoil(12, 2),
		"two values":        spoil(14, 2),
		"no entries":        spoil(8, 0),
		"cut in the entry":  good[:20],
	} {
		if got := orientation(tiff); got != 1 {
			t.Errorf("%s: %d, want 1", name, got)
		}
	}
	// The directory claims more entries than there are: those that are there count.
	if got := orientation(spoil(8, 0xff, 0xff)); got != 6 {
		t.Errorf("too large a count: %d, want 6", got)
	}
}

// TestOrientationTypes reads the tag as every type of integer, in both byte orders, with and without the prefix of a
// JPEG.
func TestOrientationTypes(t *testing.T) {
	for name, c := range map[string]struct {
		kind uint16
		size int // bytes
	}{"BYTE": {1, 1}, "SHORT": {3, 2}, "LONG": {4, 4}, "SBYTE": {6, 1}, "SSHORT": {8, 2}, "SLONG": {9, 4}} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			for want := range 9 {
				b := exifBlock(order, 0)[:18]
				copy(b[12:], order.AppendUint16(nil, c.kind))
				switch c.size {
				case 1:
					b = append(b, byte(want), 0, 0, 0)
				case 2:
					b = append(order.AppendUint16(b, uint16(want)), 0, 0)
				case 4:
					b = order.AppendUint32(b, uint32(want))
				}
				b = append(b, 0, 0, 0, 0)
				for _, prefix := range []string{"", "Exif\x00\x00", "Exif\x00\xff"} {
					if got := orientationTag(append([]byte(prefix), b...)); got != want {
						t.Errorf("%s, %v, prefix %q: %d, want %d", name, order, prefix, got, want)
					}
				}
			}
		}
	}
	for name, tail := range map[string][]byte{"-1 as SSHORT": {8, 0, 1, 0, 0, 0, 0xff, 0xff, 0, 0}, "65537 as LONG": {4, 0, 1, 0, 0, 0, 1, 0, 1, 0}} {
		if got := orientationTag(append(exifBlock(binary.LittleEndian, 0)[:12], tail...)); got != 0 {
			t.Errorf("%s: %d, want 0", name, got)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	for o := range uint16(10) {
		f.Add(exifBlock(binary.LittleEndian, o))
		f.Add(exifBlock(binary.BigEndian, o))
	}
	f.Fuzz(func(t *testing.T, tiff []byte) {
		if o := orientation(tiff); o < 1 || o > 8 {
			t.Fatalf("orientation %d", o)
		}
	})
}

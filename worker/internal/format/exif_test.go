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
		t.Fatalf("the good block: %d", got)
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
		"wrong type":        spoil(12, 4),
		"two values":        spoil(14, 2),
		"no entries":        spoil(8, 0),
		"cut in the entry":  good[:20],
	} {
		if got := orientation(tiff); got != 1 {
			t.Errorf("%s: %d, want 1", name, got)
		}
	}
	// More entries than there are: those that are there count.
	if got := orientation(spoil(8, 0xff, 0xff)); got != 6 {
		t.Errorf("too large a count: %d, want 6", got)
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

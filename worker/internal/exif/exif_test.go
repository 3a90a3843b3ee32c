package exif

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// directory returns a block with one entry. A value of more than four bytes follows the directory.
func directory(order binary.AppendByteOrder, tag, kind uint16, count uint32, value []byte) []byte {
	b := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II")
	}
	b = order.AppendUint32(order.AppendUint16(b, 42), 8)
	b = order.AppendUint16(order.AppendUint16(order.AppendUint16(b, 1), tag), kind)
	b = order.AppendUint32(b, count)
	if len(value) <= 4 {
		return append(append(b, append(value, make([]byte, 4)...)[:4]...), 0, 0, 0, 0)
	}
	return append(order.AppendUint32(order.AppendUint32(b, 26), 0), value...)
}

// texts returns the texts of the first directory.
func texts(block []byte) map[uint16]string {
	found := map[uint16]string{}
	for e := range Entries(block) {
		if text := e.Text(); text != nil {
			found[e.Tag] = string(text)
		}
	}
	return found
}

func TestText(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for name, c := range map[string]struct {
			kind  uint16
			count uint32
			value string
			want  string
			none  bool
		}{
			"short":              {kind: 2, count: 3, value: "ab\x00", want: "ab\x00"},
			"four bytes":         {kind: 2, count: 4, value: "abc\x00", want: "abc\x00"},
			"longer":             {kind: 2, count: 6, value: "abcde\x00", want: "abcde\x00"},
			"EXIF 3 UTF-8":       {kind: 129, count: 7, value: "caf\xc3\xa9s\x00", want: "caf\xc3\xa9s\x00"},
			"bytes":              {kind: 1, count: 5, value: "abcde", want: "abcde"},
			"shorts":             {kind: 3, count: 3, value: "abcdef", none: true},
			"beyond the block":   {kind: 2, count: 9, value: "abcdefgh", none: true},
			"far beyond":         {kind: 2, count: 0xffffffff, value: "abcdefgh", none: true},
			"no value":           {kind: 2, count: 0, value: "", want: ""},
			"the last byte fits": {kind: 2, count: 8, value: "abcdefgh", want: "abcdefgh"},
		} {
			got, ok := texts(directory(order, Artist, c.kind, c.count, []byte(c.value)))[Artist]
			if got != c.want || ok == c.none {
				t.Errorf("%s, %v: %q, %v, want %q", name, order, got, ok, c.want)
			}
		}
	}
}

// TestEntriesOfDamagedBlocks reads blocks that are cut off at every position, and blocks that are too large.
func TestEntriesOfDamagedBlocks(t *testing.T) {
	whole := directory(binary.BigEndian, Artist, 2, 6, []byte("abcde\x00"))
	for n := range len(whole) {
		if got := texts(whole[:n]); len(got) != 0 {
			t.Errorf("%d bytes of %d: %v", n, len(whole), got)
		}
	}
	if got := texts(append(whole, make([]byte, MaxBytes)...)); len(got) != 0 {
		t.Errorf("a block of more than %d bytes: %v", MaxBytes, got)
	}
	if got := texts(append([]byte(Prefix+"\x00"), whole...)); got[Artist] != "abcde\x00" {
		t.Errorf("with the prefix of a JPEG: %v", got)
	}
}

func TestEncode(t *testing.T) {
	want := map[uint16]string{ImageDescription: "odd\x00", Artist: "Zoë Müller\x00", Copyright: "© 1\x00"}
	if got := texts(Encode(map[uint16]string{Copyright: "© 1", ImageDescription: "odd", Artist: "Zoë Müller"})); len(got) != 3 ||
		got[ImageDescription] != want[ImageDescription] || got[Artist] != want[Artist] || got[Copyright] != want[Copyright] {
		t.Errorf("%v, want %v", got, want)
	}
	if got := Encode(nil); got != nil {
		t.Errorf("without a text: % x", got)
	}
	last := uint16(0)
	for e := range Entries(Encode(map[uint16]string{Copyright: "c", ImageDescription: "d", Artist: "a"})) {
		if e.Tag <= last {
			t.Errorf("tag %#x after %#x", e.Tag, last)
		}
		last = e.Tag
	}
}

func FuzzEntries(f *testing.F) {
	f.Add(directory(binary.BigEndian, Artist, 2, 6, []byte("abcde\x00")))
	f.Add(Encode(map[uint16]string{Copyright: "c", ImageDescription: "long enough", Artist: "a"}))
	f.Fuzz(func(t *testing.T, block []byte) {
		n := 0
		for e := range Entries(block) {
			if n++; !bytes.Contains(block, e.Text()) || int64(e.Count) < int64(len(e.Text())) {
				t.Fatalf("text %q of count %d", e.Text(), e.Count)
			}
			e.Integer()
		}
		if n*entrySize > len(block) {
			t.Fatalf("%d entries in %d bytes", n, len(block))
		}
	})
}

package jpegscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gen2brain/jpegn"
)

// segment returns where the first segment with marker begins in data, and where it ends.
func segment(tb testing.TB, data []byte, marker byte) (start, end int) {
	tb.Helper()
	for pos := 2; pos+4 <= len(data); {
		end := pos + 2 + int(binary.BigEndian.Uint16(data[pos+2:]))
		if data[pos+1] == marker {
			return pos, end
		}
		pos = end
	}
	tb.Fatalf("no segment %#x", marker)
	return 0, 0
}

func photo(tb testing.TB, restart int) []byte {
	return encode(tb, scene(90, 70, 5), jpegn.EncodeOptions{Quality: 85, Subsampling: jpegn.Subsample420, RestartInterval: restart})
}

func TestDecodeTruncated(t *testing.T) {
	for _, restart := range []int{0, 7} {
		data := photo(t, restart)
		_, head := segment(t, data, markerSOS)
		for end := range len(data) - 2 {
			for _, tail := range []string{"", "\xff\xd9"} {
				_, err := decode(append(data[:end:end], tail...), 2)
				switch {
				case err == nil:
					t.Fatalf("restart %d: %d of %d bytes and %x decode", restart, end, len(data), tail)
				case end < head && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTruncated):
					t.Fatalf("restart %d: %d of %d bytes and %x, which are headers: %v", restart, end, len(data), tail, err)
				case end >= head && !errors.Is(err, ErrTruncated):
					t.Fatalf("restart %d: %d of %d bytes and %x: got %v, want ErrTruncated", restart, end, len(data), tail, err)
				}
			}
		}
		for _, end := range []int{len(data) - 2, len(data) - 1, len(data)} { // the whole picture, without its end
			for _, tail := range []string{"", "\x00\x00", "\xff", "\xff\xff\xd9\xff\xd9", "\xff\xd8\xff\xda", "\xff\xc4\x00\x05", "a second picture"} {
				compareAtScales(t, fmt.Sprintf("restart %d: without EOI, but with %q", restart, tail), append(data[:end:end], tail...))
			}
		}
	}
}

// TestDecodeTruncatedLarge cuts files that are longer than the window.
func TestDecodeTruncatedLarge(t *testing.T) {
	for _, restart := range []int{0, 300} {
		data := encode(t, scene(400, 300, 6), jpegn.EncodeOptions{Quality: 97, RestartInterval: restart})
		if len(data) < 2*windowSize {
			t.Fatalf("%d bytes, want more than two windows", len(data))
		}
		compareAtScales(t, "whole", data)
		for end := len(data) - 3; end > 2000; end -= 977 {
			for _, tail := range []string{"", "\xff\xd9"} {
				if _, err := decode(append(data[:end:end], tail...), 8); !errors.Is(err, ErrTruncated) {
					t.Fatalf("restart %d: %d of %d bytes and %x: got %v, want ErrTruncated", restart, end, len(data), tail, err)
				}
			}
		}
	}
}

func TestDecodeRestartMarkers(t *testing.T) {
	data := photo(t, 3)
	_, head := segment(t, data, markerSOS)
	var at []int // positions of the restart markers
	for i := head; i+1 < len(data); i++ {
		if data[i] == 0xff && data[i+1] >= markerRST0 && data[i+1] <= markerRST7 {
			at = append(at, i)
		}
	}
	if len(at) < 9 {
		t.Fatalf("%d restart markers, want some more than 8", len(at))
	}
	edited := func(edit func(d []byte) []byte) []byte { return edit(bytes.Clone(data)) }
	compareAtScales(t, "fill bytes", edited(func(d []byte) []byte { return append(d[:at[3]:at[3]], append([]byte{0xff, 0xff}, data[at[3]:]...)...) }))
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"exchanged": {edited(func(d []byte) []byte {
			d[at[4]+1], d[at[5]+1] = d[at[5]+1], d[at[4]+1]
			return d
		}), ErrCorrupt},
		"first is not the first": {edited(func(d []byte) []byte { d[at[0]+1]++; return d }), ErrCorrupt},
		"lost interval":          {edited(func(d []byte) []byte { return append(d[:at[4]], data[at[5]:]...) }), ErrCorrupt},
		"lost marker":            {edited(func(d []byte) []byte { return append(d[:at[4]], data[at[4]+2:]...) }), ErrCorrupt},
		"lost data":              {edited(func(d []byte) []byte { return append(d[:at[4]-9], data[at[4]:]...) }), ErrCorrupt},
		"EOI instead":            {edited(func(d []byte) []byte { d[at[4]+1] = markerEOI; return d }), ErrTruncated},
	} {
		if _, err := decode(c.data, 1); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// TestDecodeLastRestartMarker decodes pictures whose last interval is whole and ends with a restart marker, too.
func TestDecodeLastRestartMarker(t *testing.T) {
	data := photo(t, 6) // 6 by 5 MCUs
	end := len(data) - 2
	withMarkers := func(markers ...byte) []byte {
		d := bytes.Clone(data[:end])
		for _, m := range markers {
			d = append(d, 0xff, m)
		}
		return d
	}
	compareAtScales(t, "the next", withMarkers(markerRST0+4, markerEOI))
	short := photo(t, 7) // the last of its intervals has 2 MCUs
	// What comes after the picture does not matter.
	for name, d := range map[string][]byte{
		"another":             withMarkers(markerRST0+5, markerEOI),
		"two":                 withMarkers(markerRST0+4, markerRST0+5, markerEOI),
		"of a short interval": append(short[:len(short)-1], markerRST0+4, 0xff, markerEOI),
	} {
		if _, err := decode(d, 8); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDecodeImpossibleCodes decodes one grey block whose data are written by hand.
func TestDecodeImpossibleCodes(t *testing.T) {
	table := func(class byte, symbols ...byte) []byte { // eight codes of three bits
		s := append([]byte{0xff, markerDHT, 0, byte(19 + len(symbols)), class, 0, 0, byte(len(symbols))}, make([]byte, 13)...)
		return append(s, symbols...)
	}
	file := func(bits string) []byte {
		d := []byte{0xff, markerSOI, 0xff, markerDQT, 0, 67, 0}
		d = append(d, bytes.Repeat([]byte{3}, 64)...)
		d = append(d, 0xff, markerSOF0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0)
		d = append(d, table(0x00, 0, 2, 16)...)
		d = append(d, table(0x10, 0x00, 0xf0, 0x01, 0x10, 0xf1)...)
		d = append(d, 0xff, markerSOS, 0, 8, 1, 1, 0, 0, 63, 0)
		for len(bits)%8 != 0 {
			bits += "1"
		}
		for ; bits != ""; bits = bits[8:] {
			var b byte
			for _, c := range bits[:8] {
				b = b<<1 | byte(c-'0')
			}
			if d = append(d, b); b == 0xff {
				d = append(d, 0)
			}
		}
		return append(d, 0xff, markerEOI)
	}
	const enough = "0000000000000000000000000000000000000000" // enough data, so the codes alone are wrong
	const dc, end, zeros, one, undefined, far = "000", "000", "001", "0101", "011", "1001"
	for name, bits := range map[string]string{
		"no such DC code":         "111",
		"DC of 16 bits":           "010",
		"no such AC code":         dc + "111",
		"run without a value":     dc + undefined,
		"too many zeros":          dc + zeros + zeros + zeros + zeros,
		"zeros beyond the block":  dc + far + far + far + zeros,
		"a run beyond the block":  dc + zeros + zeros + zeros + far,
		"a value after the block": dc + one + zeros + zeros + zeros + far,
	} {
		for _, denom := range denoms {
			if _, err := decode(file(bits+enough), denom); !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s at 1/%d: got %v, want ErrCorrupt", name, denom, err)
			}
		}
	}
	compareAtScales(t, "flat", file(dc+end))
	compareAtScales(t, "a few", file("00110"+one+one+zeros+one+end))
	for n := range 15 {
		compareAtScales(t, fmt.Sprintf("%d coefficients and an end", 48+n), file(dc+far+far+far+strings.Repeat(one, n)+end))
	}
	compareAtScales(t, "a full block has no end", file(dc+far+far+far+strings.Repeat(one, 15)))
	compareAtScales(t, "neither if it is full of zeros", file(dc+strings.Repeat(one, 15)+zeros+zeros+zeros))
}

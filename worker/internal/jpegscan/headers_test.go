package jpegscan

import (
	"bytes"
	"errors"
	"testing"

	"github.com/gen2brain/jpegn"
)

func TestDecodeUnsupported(t *testing.T) {
	m := scene(40, 30, 2)
	good := encode(t, m, jpegn.EncodeOptions{Quality: 80, Subsampling: jpegn.Subsample420, RestartInterval: 5})
	edit := func(marker byte, change func(s []byte)) []byte {
		d := bytes.Clone(good)
		start, end := segment(t, d, marker)
		change(d[start:end])
		return d
	}
	without := func(marker byte) []byte {
		start, end := segment(t, good, marker)
		return append(bytes.Clone(good[:start]), good[end:]...)
	}
	insert := func(s ...byte) []byte {
		start, _ := segment(t, good, markerSOF0)
		return append(append(bytes.Clone(good[:start]), s...), good[start:]...)
	}
	frameStart, frameEnd := segment(t, good, markerSOF0)
	adobe := func(transform byte) []byte {
		return insert(append([]byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"), transform)...)
	}
	same(t, "Adobe YCbCr", adobe(1))
	same(t, "extended sequential", edit(markerSOF0, func(s []byte) { s[1] = markerSOF1 }))
	same(t, "a comment after fill bytes", insert(0xff, 0xff, 0xff, markerCOM, 0, 4, 'h', 'i'))

	for name, data := range map[string][]byte{
		"empty":               nil,
		"not a JPEG":          []byte("GIF89a"),
		"arithmetic":          edit(markerSOF0, func(s []byte) { s[1] = 0xc9 }),
		"12 bits":             edit(markerSOF0, func(s []byte) { s[4] = 12 }),
		"height comes later":  edit(markerSOF0, func(s []byte) { s[5], s[6] = 0, 0 }),
		"no width":            edit(markerSOF0, func(s []byte) { s[7], s[8] = 0, 0 }),
		"too large":           append(edit(markerSOF0, func(s []byte) { s[5], s[7] = 0xff, 0xff }), make([]byte, 5<<20)...),
		"bomb":                edit(markerSOF0, func(s []byte) { s[5], s[7] = 0x20, 0x20 }),
		"two components":      edit(markerSOF0, func(s []byte) { s[9] = 2 }),
		"4:1:1":               edit(markerSOF0, func(s []byte) { s[11] = 0x41 }),
		"thirds":              edit(markerSOF0, func(s []byte) { s[11] = 0x31 }),
		"fine chroma":         edit(markerSOF0, func(s []byte) { s[14] = 0x21 }),
		"RGB by name":         edit(markerSOF0, func(s []byte) { s[10], s[13], s[16] = 'R', 'G', 'B' }),
		"RGB by Adobe":        adobe(0),
		"same component":      edit(markerSOF0, func(s []byte) { s[13] = s[10] }),
		"quantization 4":      edit(markerSOF0, func(s []byte) { s[12] = 4 }),
		"two frames":          insert(good[frameStart:frameEnd]...),
		"no frame":            without(markerSOF0),
		"no quantization":     without(markerDQT),
		"no Huffman table":    without(markerDHT),
		"too many codes":      edit(markerDHT, func(s []byte) { s[5], s[6] = 3, 0 }),
		"Huffman table 4":     edit(markerDHT, func(s []byte) { s[4] |= 4 }),
		"quantization of 4":   edit(markerDQT, func(s []byte) { s[4] = 4 }),
		"no restart interval": edit(markerDRI, func(s []byte) { s[1] = 0xdc }),
		"other components":    edit(markerSOS, func(s []byte) { s[5]++ }),
		"one component":       edit(markerSOS, func(s []byte) { s[4] = 1 }),
		"spectral selection":  edit(markerSOS, func(s []byte) { s[len(s)-2] = 5 }),
		"approximation":       edit(markerSOS, func(s []byte) { s[len(s)-1] = 1 }),
		"stray bytes":         insert(1, 2, 3),
		"long segment":        edit(markerDQT, func(s []byte) { s[2] = 0xff }),
		"short segment":       edit(markerDQT, func(s []byte) { s[2], s[3] = 0, 1 }),
		"another scan":        append(bytes.Clone(good[:len(good)-1]), markerSOS, 0, 2),
	} {
		for _, denom := range denoms {
			if _, err := Decode(data, denom); !errors.Is(err, ErrUnsupported) {
				t.Errorf("%s at 1/%d: got %v, want ErrUnsupported", name, denom, err)
			}
		}
	}
	for _, denom := range []int{-1, 0, 3, 16} {
		if _, err := Decode(good, denom); !errors.Is(err, ErrUnsupported) {
			t.Errorf("1/%d: got %v, want ErrUnsupported", denom, err)
		}
	}
}

// TestDecodeForgets decodes a file without tables after one with them, which a pooled decoder could mistake for its own.
func TestDecodeForgets(t *testing.T) {
	good := photo(t, 0)
	start, end := segment(t, good, markerDHT)
	bare := append(bytes.Clone(good[:start]), good[end:]...)
	for range 10 {
		if _, err := Decode(good, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(bare, 1); !errors.Is(err, ErrUnsupported) {
			t.Fatalf("without tables: got %v, want ErrUnsupported", err)
		}
	}
}

// TestDecodeWideQuantization decodes quantization tables of 16 bits, with which coefficients reach their limits.
func TestDecodeWideQuantization(t *testing.T) {
	good := encode(t, scene(33, 47, 8), jpegn.EncodeOptions{Quality: 100, Subsampling: jpegn.Subsample444})
	start, end := segment(t, good, markerDQT)
	for _, factor := range []int{1, 9, 300, 65535} {
		wide := []byte{0xff, markerDQT, 1, 4} // two tables of 129 bytes
		for id := range 2 {
			wide = append(wide, 0x10|byte(id))
			for range 64 {
				wide = append(wide, byte(factor>>8), byte(factor))
			}
		}
		rest := good[end:]
		if rest[1] == markerDQT { // the second table has its own segment
			rest = rest[69:]
		}
		same(t, "16 bits", append(append(bytes.Clone(good[:start]), wide...), rest...))
	}
}

package jpegscan

import (
	"bytes"
	"errors"
	"testing"

	"github.com/gen2brain/jpegn"
)

func TestDecodeRefuses(t *testing.T) {
	m := scene(40, 30, 2)
	good := encode(t, m, jpegn.EncodeOptions{Quality: 80, Subsampling: jpegn.Subsample420, RestartInterval: 5})
	edit := func(marker byte, change func(s []byte)) []byte {
		d := bytes.Clone(good)
		start, end := segment(t, d, marker)
		change(d[start:end])
		return d
	}
	withoutSegment := func(marker byte) []byte {
		start, end := segment(t, good, marker)
		return append(bytes.Clone(good[:start]), good[end:]...)
	}
	insert := func(s ...byte) []byte {
		start, _ := segment(t, good, markerSOF0)
		return append(append(bytes.Clone(good[:start]), s...), good[start:]...)
	}
	frameStart, frameEnd := segment(t, good, markerSOF0)
	compareAtScales(t, "Adobe YCbCr", insert([]byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x01")...))
	compareAtScales(t, "extended sequential", edit(markerSOF0, func(s []byte) { s[1] = markerSOF1 }))
	compareAtScales(t, "conditioning of arithmetic coding", insert(0xff, 0xcc, 0, 4, 0, 0x10))
	compareAtScales(t, "a comment after fill bytes", insert(0xff, 0xff, 0xff, markerCOM, 0, 4, 'h', 'i'))

	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"empty":               {nil, ErrCorrupt},
		"not a JPEG":          {[]byte("GIF89a"), ErrCorrupt},
		"only a beginning":    {good[:2], ErrTruncated},
		"arithmetic":          {edit(markerSOF0, func(s []byte) { s[1] = 0xc9 }), ErrArithmetic},
		"lossless":            {edit(markerSOF0, func(s []byte) { s[1] = 0xc3 }), ErrLossless},
		"JPEG-LS":             {edit(markerSOF0, func(s []byte) { s[1] = markerJPGLS }), ErrLossless},
		"hierarchical":        {edit(markerSOF0, func(s []byte) { s[1] = 0xc5 }), ErrHierarchical},
		"16 bits":             {edit(markerSOF0, func(s []byte) { s[4] = 16 }), ErrUnsupported},
		"height comes later":  {edit(markerSOF0, func(s []byte) { s[5], s[6] = 0, 0 }), ErrNoHeight},
		"no width":            {edit(markerSOF0, func(s []byte) { s[7], s[8] = 0, 0 }), ErrCorrupt},
		"too large":           {append(edit(markerSOF0, func(s []byte) { s[5], s[7] = 0xff, 0xff }), make([]byte, 5<<20)...), ErrUnsupported},
		"bomb":                {edit(markerSOF0, func(s []byte) { s[5], s[7] = 0x20, 0x20 }), ErrCorrupt},
		"two components":      {edit(markerSOF0, func(s []byte) { s[9] = 2 }), ErrComponents},
		"sampled 5 times":     {edit(markerSOF0, func(s []byte) { s[11] = 0x51 }), ErrCorrupt},
		"not sampled":         {edit(markerSOF0, func(s []byte) { s[11] = 0x01 }), ErrCorrupt},
		"quantization 4":      {edit(markerSOF0, func(s []byte) { s[12] = 4 }), ErrCorrupt},
		"two frames":          {insert(good[frameStart:frameEnd]...), ErrCorrupt},
		"no frame":            {withoutSegment(markerSOF0), ErrCorrupt},
		"no scan":             {append(withoutSegment(markerSOS)[:frameEnd:frameEnd], 0xff, markerEOI), ErrCorrupt},
		"no quantization":     {withoutSegment(markerDQT), ErrCorrupt},
		"too many codes":      {edit(markerDHT, func(s []byte) { s[5], s[6] = 3, 0; s[4] |= 2 }), ErrCorrupt},
		"Huffman table 4":     {edit(markerDHT, func(s []byte) { s[4] |= 4 }), ErrCorrupt},
		"quantization of 4":   {edit(markerDQT, func(s []byte) { s[4] = 4 }), ErrCorrupt},
		"no restart interval": {edit(markerDRI, func(s []byte) { s[1] = markerCOM }), ErrCorrupt},
		"other components":    {edit(markerSOS, func(s []byte) { s[5]++ }), ErrCorrupt},
		"no component":        {edit(markerSOS, func(s []byte) { s[4] = 0 }), ErrCorrupt},
		"a component missing": {edit(markerSOS, func(s []byte) { s[4] = 1 }), ErrTruncated},
		"long segment":        {edit(markerDQT, func(s []byte) { s[2] = 0xff }), ErrTruncated},
		"short segment":       {edit(markerDQT, func(s []byte) { s[2], s[3] = 0, 1 }), ErrCorrupt},
	} {
		for _, denom := range denoms {
			for _, damaged := range []bool{false, true} {
				_, err := Decode(t.Context(), c.data, denom, damaged)
				if name == "no restart interval" && damaged {
					continue // what comes before the first marker is a picture
				}
				if name == "a component missing" && damaged {
					continue
				}
				if !errors.Is(err, c.want) {
					t.Errorf("%s at 1/%d, damaged %v: got %v, want %v", name, denom, damaged, err, c.want)
				}
			}
		}
	}
	for _, denom := range []int{-1, 0, 3, 16} {
		if _, err := Decode(t.Context(), good, denom, false); err == nil {
			t.Errorf("1/%d: no error", denom)
		}
	}
}

// TestDecodeForgets decodes a file without tables after one with tables. A pooled decoder could mistake those for its
// own.
func TestDecodeForgets(t *testing.T) {
	good := photo(t, 0)
	start, end := segment(t, good, markerDQT)
	bare := append(bytes.Clone(good[:start]), good[end:]...)
	for range 10 {
		if _, err := decode(good, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := decode(bare, 1); !errors.Is(err, ErrCorrupt) {
			t.Fatalf("without tables: got %v, want ErrCorrupt", err)
		}
	}
}

// TestDecodeWideQuantization decodes quantization tables of 16 bits, which let coefficients reach their limits.
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
		compareAtScales(t, "16 bits", append(append(bytes.Clone(good[:start]), wide...), rest...))
	}
}

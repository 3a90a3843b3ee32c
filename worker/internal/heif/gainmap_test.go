package heif

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
)

// isoTwoStops are ISO 21496-1 metadata of one channel, with one denominator: gains of 0 to 2 stops, gamma 1, no
// offsets.
const isoTwoStops = "0000000048" + "00000001" + "00000000" + "00000002" + "00000000" + "00000002" + "00000001" + "00000000" + "00000000"

// appleTwoStops is an EXIF block with a maker note of Apple's, in which tag 33 is 1.2 and tag 48 is 1.
const appleTwoStops = "4d4d002a00000008" + "0001876900040000" + "00010000001a" + "00000000" +
	"0001927c000700000038" + "0000002c" + "00000000" +
	"4170706c6520694f53000001" + "4d4d" + "0002" + "0021000a0000000100000028" + "0030000a0000000100000030" +
	"0000000c0000000a" + "0000000100000001"

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// gainItem returns the gain map, without the rows that its encoder added.
func gainItem(t testing.TB, properties ...[]byte) entry {
	t.Helper()
	const up = 1<<32 - 8
	return itemFrom(t, seed(t, "gain.heic"), false, append([][]byte{clap(80, 1, 48, 1, 0, 1, up, 1)}, properties...)...)
}

// toneMapped returns a picture with a tone map.
func toneMapped(t testing.TB) []byte {
	t.Helper()
	tone := entry{kind: "tmap", data: append([]byte{0}, unhex(t, isoTwoStops)...), properties: [][]byte{ispe(160, 96)},
		refs: []reference{{kind: "dimg", to: []uint32{1, 2}}}}
	return buildFile(heicBrands, itemFrom(t, seed(t, "quadrants.heic"), false, irot(1)), gainItem(t, irot(1)), tone)
}

// applePicture returns a picture with a gain map, as an iPhone writes it.
func applePicture(t testing.TB) []byte {
	t.Helper()
	gain := gainItem(t)
	gain.optional = [][]byte{box("auxC", make([]byte, 4), []byte(appleTypes[0]+"\x00"))}
	gain.refs = []reference{{kind: "auxl", to: []uint32{1}}}
	exif := entry{kind: "Exif", data: append(make([]byte, 4), unhex(t, appleTwoStops)...), refs: []reference{{kind: "cdsc", to: []uint32{1}}}}
	return buildFile(heicBrands, itemFrom(t, seed(t, "quadrants.heic"), false, irot(1)), gain, exif)
}

func TestReadGainMap(t *testing.T) {
	for name, tc := range map[string]struct {
		file    []byte
		toneMap string
		turned  bool
	}{"tone map": {toneMapped(t), "00" + isoTwoStops, true}, "Apple": {applePicture(t), "", false}} {
		g, err := ReadGainMap(tc.file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		width, height := g.UnturnedSize() // the rows that the encoder added are cropped away
		if hex.EncodeToString(g.ToneMap) != tc.toneMap || g.Turned != tc.turned || width != 80 || height != 48 || g.CodedPixels != 80*64 {
			t.Errorf("%s: turned %v, %dx%d, %d coded pixels, tone map %x", name, g.Turned, width, height, g.CodedPixels, g.ToneMap)
		}
		h, err := ReadHeader(tc.file)
		if err != nil || h.StoredWidth != 160 || h.CodedPixels != 160*96 || h.Orientation != 8 || h.Alpha {
			t.Errorf("%s: picture %+v, %v", name, h, err)
		}
		if m, err := g.Decode(t.Context()); err != nil || !slices.ContainsFunc([]byte(m.Pix), func(v byte) bool { return v > 100 }) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadGainMapFaults(t *testing.T) {
	whole := toneMapped(t)
	q := itemFrom(t, seed(t, "quadrants.heic"), false)
	tone := func(data []byte, to ...uint32) entry {
		return entry{kind: "tmap", data: data, refs: []reference{{kind: "dimg", to: to}}}
	}
	for name, tc := range map[string]struct {
		file []byte
		want error // nil for no gain map
	}{
		"none":               {seed(t, "quadrants.heic"), nil},
		"alpha":              {seed(t, "alpha.heic"), nil},
		"of another picture": {buildFile(heicBrands, q, q, tone(nil, 2, 1)), nil},
		"of one picture":     {buildFile(heicBrands, q, tone(nil, 1)), nil},
		"of nothing":         {buildFile(heicBrands, q, tone([]byte{0}, 1, 9)), ErrCorrupt},
		"no data":            {whole[:len(whole)-20], ErrTruncated},
		"itself":             {buildFile(heicBrands, q, tone([]byte{0}, 1, 2)), ErrUnsupported},
		"no HEIF":            {[]byte(strings.Repeat("x", 40)), ErrUnsupported},
	} {
		g, err := ReadGainMap(tc.file)
		if !errors.Is(err, tc.want) || g != nil {
			t.Errorf("%s: %+v, %v, want %v", name, g, err, tc.want)
		}
	}
}

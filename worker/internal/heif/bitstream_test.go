package heif

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// nal returns a NAL unit with its length in front.
func nal(unit ...byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(unit))), unit...)
}

// setsOf returns the parameter sets of an entry's configuration, with lengths in front, and their position in the
// bytes.
func setsOf(t testing.TB, e entry) (sets []byte) {
	t.Helper()
	config, err := readHEVCConfig(e.properties[0][8:])
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range config.sets {
		sets = append(sets, nal(set...)...)
	}
	return sets
}

// TestHEVCBitStreams covers contents that a decoder would act upon although no box announces them. Each is refused
// before the decoder sees it. Units that change no sample are ignored.
func TestHEVCBitStreams(t *testing.T) {
	t.Parallel()
	e := itemFrom(t, seed(t, "quadrants.heic"), false)
	sets, otherSets := setsOf(t, e), setsOf(t, itemFrom(t, seed(t, "odd.heic"), false))
	inter := slices.Clone(e.data)
	inter[4] = 1 << 1 // TRAIL_R
	secondLayer := slices.Clone(e.data)
	secondLayer[5] |= 1 << 3
	harmless := slices.Concat(nal(35<<1, 1, 0x50), nal(39<<1, 1, 5, 0, 0x80), e.data, nal(40<<1, 1, 5, 0, 0x80), nal(36<<1, 1), nal(37<<1, 1),
		nal(38<<1, 1, 0xff), secondLayer, make([]byte, 8))
	for _, test := range []struct {
		name  string
		data  []byte
		want  error
		units int // kinds of the units that remain
	}{
		{"the picture alone", e.data, nil, 4},
		{"its parameter sets again", slices.Concat(sets, e.data), nil, 7},
		{"parameter sets of another size", slices.Concat(otherSets, e.data), ErrUnsupported, 0},
		{"messages, delimiters, ends, fillers, another layer and padding", harmless, nil, 4},
		{"two pictures", slices.Concat(e.data, e.data), ErrUnsupported, 0},
		{"a picture that needs others", inter, ErrUnsupported, 0},
		{"a unit that is too long", slices.Concat(e.data, []byte{0, 0, 1, 0, 1}), ErrCorrupt, 0},
		{"a unit without a header", slices.Concat(e.data, []byte{0, 0, 0, 1, 1}), ErrCorrupt, 0},
		{"no picture", sets, ErrUnsupported, 0},
	} {
		changed := e
		changed.data = test.data
		h, err := ReadHeader(buildFile(heicBrands, changed))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		units, err := h.colour.tiles[0].units(false)
		if !errors.Is(err, test.want) || len(units) != test.units {
			t.Errorf("%s: %d units and %v, want %d and %v", test.name, len(units), err, test.units, test.want)
		}
		for i, u := range units {
			if i < 3 != (nalKind(u) >= nalVPS) && len(units) == 4 {
				t.Errorf("%s: unit %d is of type %d", test.name, i, nalKind(u))
			}
		}
	}
}

// TestParameterSets puts the sets in the configuration, in the data, or in both, with lengths of every size.
func TestParameterSets(t *testing.T) {
	t.Parallel()
	e := itemFrom(t, seed(t, "quadrants.heic"), false)
	sets := setsOf(t, e)
	config := e.properties[0][8:]
	shortened := func(data []byte, size int) (short []byte) {
		for len(data) > 0 {
			n := int(binary.BigEndian.Uint32(data))
			length := binary.BigEndian.AppendUint32(nil, uint32(n))
			short = slices.Concat(short, length[4-size:], data[4:4+n])
			data = data[4+n:]
		}
		return short
	}
	none := slices.Clone(config[:23])
	none[22] = 0
	two := slices.Clone(config[:23])
	two[21] = two[21]&^3 | 1
	repeated := slices.Concat(config, config[23:])
	repeated[22] *= 2
	want, _ := decode(t, buildFile(heicBrands, e))
	for _, test := range []struct {
		name, kind   string
		config, data []byte
	}{
		{"again in the data", "hvc1", config, slices.Concat(sets, e.data)},
		{"again in the data of hev1", "hev1", config, slices.Concat(sets, e.data)},
		{"only in the data", "hev1", none, slices.Concat(sets, e.data)},
		{"twice in the configuration", "hvc1", repeated, e.data},
		{"lengths of two bytes", "hvc1", slices.Concat(two, config[23:]), shortened(e.data, 2)},
	} {
		changed := entry{kind: test.kind, data: test.data, properties: [][]byte{box("hvcC", test.config), ispe(160, 96)}}
		img, h := decode(t, buildFile(heicBrands, changed))
		if !bytes.Equal(img.Pix, want.Pix) || h.Codec != HEVC {
			t.Errorf("%s: other pixels", test.name)
		}
	}
	if _, err := ReadHeader(buildFile(heicBrands, entry{kind: "hvc1", data: e.data, properties: [][]byte{box("hvcC", none), ispe(160, 96)}})); !errors.Is(err, ErrCorrupt) {
		t.Errorf("no parameter sets: %v", err)
	}
	other := itemFrom(t, seed(t, "yuv444.heic"), false).properties[0][8:]
	mixed := slices.Concat(config, other[23:])
	mixed[22] += other[22]
	if _, err := ReadHeader(buildFile(heicBrands, entry{kind: "hvc1", data: e.data, properties: [][]byte{box("hvcC", mixed), ispe(160, 96)}})); !errors.Is(err, ErrUnsupported) {
		t.Errorf("parameter sets that do not agree: %v", err)
	}
}

// TestTooManyParameterSets checks that neither a configuration nor an item may hold more sets than any writer repeats.
// A configuration has a limit of its own, because all tiles of a grid can share it.
func TestTooManyParameterSets(t *testing.T) {
	t.Parallel()
	e := itemFrom(t, seed(t, "quadrants.heic"), false)
	config := e.properties[0][8:]
	sets, err := readHEVCConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	set := sets.sets[0]
	count := binary.BigEndian.AppendUint16([]byte{byte(nalKind(set))}, maxParameterSets+1)
	inConfig := slices.Concat(config, count, bytes.Repeat(append([]byte{0, byte(len(set))}, set...), maxParameterSets+1))
	inConfig[22]++
	padded := slices.Concat(config, []byte{39, 0, 1, 0xff, 0xff, 39 << 1, 1}, make([]byte, 0xffff-2))
	padded[22]++
	for name, c := range map[string][]byte{"sets": inConfig, "bytes": padded} {
		changed := entry{kind: "hvc1", data: e.data, properties: [][]byte{box("hvcC", c), ispe(160, 96)}}
		if _, err := ReadHeader(buildFile(heicBrands, changed)); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s of a configuration: %v", name, err)
		}
	}
	changed := e
	changed.data = slices.Concat(bytes.Repeat(setsOf(t, e), maxParameterSets/3+1), e.data)
	h, err := ReadHeader(buildFile(heicBrands, changed))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.colour.tiles[0].units(false); !errors.Is(err, ErrUnsupported) {
		t.Errorf("sets of an item: %v", err)
	}
}

// TestDepthsAgree checks that sets do not agree if they differ in the depth of chroma alone. The planes of a picture
// have one depth for all tiles.
func TestDepthsAgree(t *testing.T) {
	t.Parallel()
	set := func(chromaDepth string) []byte {
		width, height := "000000010100001", "0000001100001" // 160 and 96, Exp-Golomb
		text := "0000" + "000" + "1" + strings.Repeat("01", 48) + "1" + "010" + width + height + "0" + "1" + chromaDepth +
			"1" + "1111" + "1" + "010" + "1" + "010" + "11" + "0000" + "1" + "0000" + "0" + "1"
		b := []byte{nalSPS << 1, 1}
		for text += strings.Repeat("0", -len(text)&7); text != ""; text = text[8:] {
			v, err := strconv.ParseUint(text[:8], 2, 8)
			if err != nil {
				t.Fatal(err)
			}
			b = append(b, byte(v))
		}
		return b
	}
	eight, ten := set("1"), set("011")
	for _, sets := range [][][]byte{{eight, eight}, {ten, ten}} {
		if c, err := (hevcConfig{}).readParameterSets(sets, coded{}); err != nil || c.width != 160 || c.height != 96 {
			t.Errorf("the same set twice: %+v, %v", c, err)
		}
	}
	if _, err := (hevcConfig{}).readParameterSets([][]byte{eight, ten}, coded{}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("two depths of chroma: %v", err)
	}
}

// TestSharedData checks that items may share data and that a coded picture may be used again, within limits that keep a
// small file from taking the time of a large one.
func TestSharedData(t *testing.T) {
	t.Parallel()
	small := itemFrom(t, seed(t, "quadrants.heic"), false)
	large := small
	large.data = append(slices.Clone(large.data), make([]byte, 1<<20)...)
	for _, c := range []struct {
		name  string
		item  entry
		tiles int
		part  Part
	}{
		{"of a few bytes", small, maxUses, ""},
		{"of a few bytes", small, maxUses + 1, CodedUses},
		{"of a megabyte", large, 2, ""},
		{"of a megabyte", large, 3, CodedBytes},
	} {
		grid := gridOver(160*c.tiles, 96, slices.Repeat([]uint32{2}, c.tiles)...)
		_, err := ReadHeader(buildFile(heicBrands, grid, c.item))
		work, refused := errors.AsType[*WorkError](err)
		if refused != (c.part != "") || refused && work.Part != c.part || !refused && err != nil {
			t.Errorf("%d tiles %s: %v, want too many %q", c.tiles, c.name, err, c.part)
		}
	}
}

// TestNarrow checks that a picture narrower than a coding tree block has a header like any other.
func TestNarrow(t *testing.T) {
	t.Parallel()
	h, err := ReadHeader(seed(t, "narrow.heic"))
	if err != nil {
		t.Fatal(err)
	}
	if h.Width != 64 || h.Height != 48 {
		t.Errorf("%d x %d", h.Width, h.Height)
	}
	if units, err := h.colour.tiles[0].units(false); err != nil || len(units) < 4 {
		t.Errorf("%d units, %v", len(units), err)
	}
}

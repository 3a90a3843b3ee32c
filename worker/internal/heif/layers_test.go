package heif

import (
	"encoding/binary"
	"errors"
	"image/color"
	"slices"
	"testing"
)

// sequenceOf returns the sequence header of AV1 data, and the rest of the data.
func sequenceOf(t testing.TB, data []byte) (sequence, rest []byte) {
	t.Helper()
	for len(data) > 0 {
		kind, _, next, err := nextOBU(data)
		if err != nil {
			t.Fatal(err)
		}
		if kind == obuSequence {
			return data[:len(data)-len(next)], next
		}
		data = next
	}
	t.Fatal("no sequence header")
	return nil, nil
}

// TestAV1BitStreams covers contents that a codec would act upon although no box announces them. Each is refused before
// the codec sees it.
func TestAV1BitStreams(t *testing.T) {
	t.Parallel()
	a := itemFrom(t, avifSeed(t, 160, 96, opaque), false)
	sequence, _ := sequenceOf(t, a.data)
	for _, test := range []struct {
		name string
		data []byte
		w, h int
		want error
	}{
		{"the picture alone", a.data, 160, 96, nil},
		{"of another size", a.data, 160, 95, ErrCorrupt},
		{"two pictures", slices.Concat(a.data, a.data), 160, 96, ErrUnsupported},
		{"no frame", sequence, 160, 96, ErrUnsupported},
		{"cut off", a.data[:len(a.data)-1], 160, 96, ErrCorrupt},
		{"nothing", nil, 160, 96, ErrUnsupported},
	} {
		if err := checkAV1(test.data, coded{width: test.w, height: test.h}, layers{selected: allLayers}); !errors.Is(err, test.want) {
			t.Errorf("AV1: %s: %v, want %v", test.name, err, test.want)
		}
	}
}

// layersConfig is the configuration of the seeds: the main profile, 8 bits, 4:2:0.
var layersConfig = box("av1C", []byte{0x81, 0, 0x0c, 0})

// layeredPicture returns a picture of two layers. In the first one, left and right are exchanged. In the file
// scaled.obu, the first one also has half the width and height.
func layeredPicture(t testing.TB, name string, w, h int, optional, essential [][]byte) []byte {
	t.Helper()
	return buildFile(avifBrands, entry{kind: "av01", data: seed(t, name), properties: append([][]byte{layersConfig}, essential...),
		optional: append([][]byte{ispe(w, h), box("pixi", []byte{0, 0, 0, 0, 3, 8, 8, 8})}, optional...)})
}

func lsel(layer uint16) []byte { return box("lsel", binary.BigEndian.AppendUint16(nil, layer)) }

// a1lx returns the property that says where the first layer of the seed ends.
func a1lx(size uint16) []byte {
	return box("a1lx", binary.BigEndian.AppendUint16([]byte{0}, size), make([]byte, 4))
}

// layeredFiles returns pictures in layers, and what each of them shows.
func layeredFiles(t testing.TB) map[string]struct {
	data []byte
	want [4]color.NRGBA
	w, h int
} {
	first := [4]color.NRGBA{quadrants[1], quadrants[0], quadrants[3], quadrants[2]}
	type file = struct {
		data []byte
		want [4]color.NRGBA
		w, h int
	}
	none, progressive := [][]byte(nil), [][]byte{a1lx(120)}
	return map[string]file{
		"layers alone":                {layeredPicture(t, "layers.obu", 160, 96, none, none), quadrants, 160, 96},
		"progressive":                 {layeredPicture(t, "layers.obu", 160, 96, progressive, none), quadrants, 160, 96},
		"progressive by a selection":  {layeredPicture(t, "layers.obu", 160, 96, progressive, [][]byte{lsel(allLayers)}), quadrants, 160, 96},
		"first layer":                 {layeredPicture(t, "layers.obu", 160, 96, progressive, [][]byte{lsel(0)}), first, 160, 96},
		"second layer":                {layeredPicture(t, "layers.obu", 160, 96, progressive, [][]byte{lsel(1)}), quadrants, 160, 96},
		"first layer, sizes unknown":  {layeredPicture(t, "layers.obu", 160, 96, none, [][]byte{lsel(0)}), first, 160, 96},
		"first operating point":       {layeredPicture(t, "layers.obu", 160, 96, none, [][]byte{box("a1op", []byte{0})}), quadrants, 160, 96},
		"second operating point":      {layeredPicture(t, "layers.obu", 160, 96, none, [][]byte{box("a1op", []byte{1})}), first, 160, 96},
		"small first layer":           {layeredPicture(t, "scaled.obu", 80, 48, none, [][]byte{lsel(0)}), first, 80, 48},
		"small first layer, enlarged": {layeredPicture(t, "scaled.obu", 160, 96, none, [][]byte{lsel(0)}), first, 160, 96},
		"layers of two sizes":         {layeredPicture(t, "scaled.obu", 160, 96, none, none), quadrants, 160, 96},
	}
}

func TestLayers(t *testing.T) {
	t.Parallel()
	for name, f := range layeredFiles(t) {
		t.Run(name, func(t *testing.T) {
			img, h := decode(t, f.data)
			if h.Width != f.w || h.Height != f.h {
				t.Errorf("%d x %d, want %d x %d", h.Width, h.Height, f.w, f.h)
			}
			sameCorners(t, img, f.want)
		})
	}
}

func TestLayersRefused(t *testing.T) {
	t.Parallel()
	frames := seed(t, "layers.obu")
	for name, test := range map[string]struct {
		data []byte
		want error
	}{
		"an impossible layer":           {layeredPicture(t, "layers.obu", 160, 96, nil, [][]byte{lsel(maxLayers)}), ErrCorrupt},
		"an operating point too far":    {layeredPicture(t, "layers.obu", 160, 96, nil, [][]byte{box("a1op", []byte{32})}), ErrCorrupt},
		"a missing layer":               {layeredPicture(t, "layers.obu", 160, 96, nil, [][]byte{lsel(2)}), ErrCorrupt},
		"no selection cut":              {layeredPicture(t, "layers.obu", 160, 96, nil, [][]byte{box("lsel", []byte{0})}), ErrCorrupt},
		"smaller without a selection":   {layeredPicture(t, "scaled.obu", 80, 48, nil, nil), ErrCorrupt},
		"larger than its sequence":      {layeredPicture(t, "layers.obu", 161, 96, nil, [][]byte{lsel(0)}), ErrCorrupt},
		"a sixteenth of what is coded":  {layeredPicture(t, "layers.obu", 30, 20, nil, [][]byte{lsel(0)}), ErrCorrupt},
		"two frames of the first layer": {buildFile(avifBrands, repeatData(t, frames)), ErrUnsupported},
	} {
		if _, err := Decode(t.Context(), test.data); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

// repeatData returns an item that holds the data of another twice.
func repeatData(t testing.TB, data []byte) entry {
	t.Helper()
	return entry{kind: "av01", data: slices.Concat(data, data), properties: [][]byte{layersConfig, ispe(160, 96)}}
}

// TestSequenceColours reads the colours of sequence headers of still pictures, written bit by bit.
func TestSequenceColours(t *testing.T) {
	t.Parallel()
	header := func(colours ...uint32) []byte { // pairs of a value and its bits
		var bits []byte
		write := func(v uint32, n int) {
			for i := n - 1; i >= 0; i-- {
				bits = append(bits, byte(v>>i&1))
			}
		}
		for _, f := range [][2]uint32{{0, 3}, {1, 1}, {1, 1}, {0, 5}, {7, 4}, {7, 4}, {159, 8}, {95, 8}, {0, 3}, {0, 3}} {
			write(f[0], int(f[1]))
		}
		for i := 0; i < len(colours); i += 2 {
			write(colours[i], int(colours[i+1]))
		}
		body := make([]byte, len(bits)/8+2)
		for i, b := range bits {
			body[i/8] |= b << (7 - i%8)
		}
		return body
	}
	for name, test := range map[string]struct {
		body []byte
		want coded
	}{
		"nothing said":     {header(0, 1, 0, 1, 0, 1, 1, 1), coded{depth: 8, primaries: 2, transfer: 2, matrix: 2, full: true}},
		"10 bits, BT.2100": {header(1, 1, 0, 1, 1, 1, 9, 8, 16, 8, 9, 8, 0, 1), coded{depth: 10, primaries: 9, transfer: 16, matrix: 9}},
		"grey":             {header(0, 1, 1, 1, 1, 1, 12, 8, 13, 8, 6, 8, 1, 1), coded{depth: 8, primaries: 12, transfer: 13, matrix: 6, full: true}},
		"film grain":       {header(0, 1, 0, 1, 0, 1, 1, 1, 0, 2, 1, 1, 1, 1), coded{depth: 8, primaries: 2, transfer: 2, matrix: 2, full: true, grain: true}},
		"grey, film grain": {header(0, 1, 1, 1, 0, 1, 1, 1, 1, 1), coded{depth: 8, primaries: 2, transfer: 2, matrix: 2, full: true, grain: true}},
		"sRGB":             {header(0, 1, 0, 1, 1, 1, 1, 8, 13, 8, 0, 8), coded{depth: 8, primaries: 1, transfer: 13, full: true}},
	} {
		test.want.width, test.want.height = 160, 96
		got, err := readSequence(test.body)
		if err != nil || got != test.want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, test.want)
		}
	}
}

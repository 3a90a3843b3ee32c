package heif

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// inspect reads a file as a decoder does before it decodes: first the boxes, then the bit streams.
func inspect(data []byte) (Header, error) {
	h, err := ReadHeader(data)
	if err == nil {
		err = h.check()
	}
	return h, err
}

// withSets returns an HEVC configuration that repeats its last parameter set that many more times.
func withSets(t testing.TB, e entry, more int) entry {
	t.Helper()
	c, err := readHEVCConfig(e.properties[0][8:])
	if err != nil {
		t.Fatal(err)
	}
	last := c.sets[len(c.sets)-1]
	array := binary.BigEndian.AppendUint16([]byte{byte(nalKind(last))}, uint16(more))
	for range more {
		array = append(binary.BigEndian.AppendUint16(array, uint16(len(last))), last...)
	}
	config := append(slices.Clone(e.properties[0][8:]), array...)
	config[22]++
	e.properties = append([][]byte{box("hvcC", config)}, e.properties[1:]...)
	return e
}

// TestWork checks that a file that holds more than a picture needs is refused before anything is decoded, and that the
// error names the limit. A file at a limit is read.
func TestWork(t *testing.T) {
	t.Parallel()
	q := itemFrom(t, seed(t, "quadrants.heic"), false)
	a := itemFrom(t, avifSeed(t, 160, 96, opaque), false)
	sequence, _ := sequenceOf(t, a.data)
	appendData := func(e entry, data ...[]byte) entry {
		e.data = slices.Concat(append([][]byte{e.data}, data...)...)
		return e
	}
	meta := func(boxes []byte) []byte { return form{boxes: boxes}.file(heicBrands, q) }
	reference := func(to int) []byte {
		b := binary.BigEndian.AppendUint16([]byte{0, 1}, uint16(to))
		return box("iref", make([]byte, 4), box("cdsc", append(b, make([]byte, 2*to)...)))
	}
	const sets = 3 // number in the seed
	for _, c := range []struct {
		name string
		data []byte
		want Part
	}{
		{"the most boxes allowed", meta(bytes.Repeat(box("free"), maxBoxes-100)), ""},
		{"boxes", meta(bytes.Repeat(box("free"), maxBoxes)), Boxes},
		{"references", meta(reference(maxReferences + 1)), References},
		{"the most parameter sets allowed", buildFile(heicBrands, withSets(t, q, maxParameterSets-sets)), ""},
		{"parameter sets", buildFile(heicBrands, withSets(t, q, maxParameterSets-sets+1)), ParameterSets},
		{"parameter sets in the data", buildFile(heicBrands, appendData(q, bytes.Repeat(nal(nalPPS<<1, 1, 0xff), maxParameterSets+1))), ParameterSets},
		{"slices", buildFile(heicBrands, appendData(q, bytes.Repeat(nal(19<<1, 1, 0), maxSlices))), Slices},
		{"any number of messages", buildFile(heicBrands, appendData(q, bytes.Repeat(nal(39<<1, 1, 5), 3*maxSlices))), ""},
		{"the most units allowed", buildFile(avifBrands, appendData(a, bytes.Repeat([]byte{0x7a, 0}, maxUnits-10))), ""},
		{"units", buildFile(avifBrands, appendData(a, bytes.Repeat([]byte{0x7a, 0}, maxUnits))), Units},
		{"sequence headers", buildFile(avifBrands, entry{kind: "av01", data: append(bytes.Repeat(sequence, maxUnits), a.data...), properties: a.properties}), Units},
	} {
		_, err := inspect(c.data)
		work, refused := errors.AsType[*WorkError](err)
		if refused != (c.want != "") || refused && work.Part != c.want || !refused && err != nil {
			t.Errorf("%s: %v, want too many %q", c.name, err, c.want)
		}
	}
}

// TestImages checks that derived images are counted each time they are used.
func TestImages(t *testing.T) {
	t.Parallel()
	f := file{meta: &meta{items: map[uint32]*item{1: {kind: "hvc1"}}}, images: maxImages - 1}
	if _, err := f.readWithoutAlpha(1, nil); errors.Is(err, ErrUnsupported) {
		t.Errorf("the most images allowed: %v", err)
	}
	_, err := f.readWithoutAlpha(1, nil)
	if work, ok := errors.AsType[*WorkError](err); !ok || work.Part != Images {
		t.Errorf("one more: %v", err)
	}
}

// TestAssociatedEntries checks that a file cannot give its items properties over and over.
func TestAssociatedEntries(t *testing.T) {
	t.Parallel()
	ipma := func(n int) []byte {
		b := binary.BigEndian.AppendUint32(make([]byte, 4), uint32(n))
		return append(b, bytes.Repeat([]byte{0, 9, 0}, n)...)
	}
	for n, want := range map[int]error{maxAssociated: nil, maxAssociated + 1: ErrUnsupported} {
		m := meta{items: map[uint32]*item{}}
		if err := m.associate([][]byte{ipma(n / 2), ipma(n - n/2)}, nil); !errors.Is(err, want) {
			t.Errorf("%d entries: %v, want %v", n, err, want)
		}
	}
}

// TestLayersCountAsOften checks that every layer of a picture counts, each with the pixels of the largest one.
func TestLayersCountAsOften(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data []byte
		want int64
	}{
		"both of two layers":            {layeredPicture(t, "layers.obu", 160, 96, nil, nil), 2 * 160 * 96},
		"the first, a quarter as large": {layeredPicture(t, "scaled.obu", 80, 48, nil, [][]byte{lsel(0)}), 2 * 160 * 96},
		"a picture without layers":      {avifSeed(t, 160, 96, opaque), 160 * 96},
	} {
		h, err := ReadHeader(c.data)
		if err != nil || h.CodedPixels != c.want {
			t.Errorf("%s: %d pixels, %v, want %d", name, h.CodedPixels, err, c.want)
		}
	}
}

// TestDerivedData checks that only as much of a derived item's data is read as it can need, however much the file
// claims.
func TestDerivedData(t *testing.T) {
	t.Parallel()
	data := make([]byte, 4<<20)
	for i := range data {
		data[i] = byte(i)
	}
	f := file{data: data}
	for _, extents := range [][]extent{{{0, 4 << 20}}, {{0, 5}, {5, 10}, {15, 2 << 20}}} {
		_, r, err := f.derivation(&item{kind: "grid", extents: extents})
		if err != nil || !bytes.Equal(r.data, data[:maxDerivation]) {
			t.Errorf("%v: %d bytes, %v, want the first %d", extents, len(r.data), err, maxDerivation)
		}
	}
}

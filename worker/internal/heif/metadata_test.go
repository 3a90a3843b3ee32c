package heif

import (
	"bytes"
	"encoding/binary"
	"image"
	"slices"
	"strings"
	"testing"

	"darkroom/worker/internal/c2pa/c2patest"
)

func TestAddMetadata(t *testing.T) {
	exif, xmp := []byte("MM\x00*exif"), []byte("<xmp/>")
	for name, file := range map[string][]byte{
		"opaque AVIF":      avifSeed(t, 64, 48, opaque),
		"translucent AVIF": avifSeed(t, 64, 48, [4]uint8{255, 128, 0, 255}),
		"HEIC":             seed(t, "quadrants.heic"),
	} {
		want := decodeSeed(t, file)
		for _, c := range []struct{ exif, xmp []byte }{{exif, xmp}, {exif, nil}, {nil, xmp}, {nil, nil}} {
			out, err := AddMetadata(file, c.exif, c.xmp)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			h, err := ReadHeader(out)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !bytes.Equal(h.EXIF, c.exif) || !bytes.Equal(h.XMP, c.xmp) {
				t.Errorf("%s: EXIF %q and XMP %q, want %q and %q", name, h.EXIF, h.XMP, c.exif, c.xmp)
			}
			if got := decodeSeed(t, out); !bytes.Equal(got.Pix, want.Pix) {
				t.Errorf("%s: the pixels have changed", name)
			}
			if unchanged := bytes.Equal(out, file); unchanged != (c.exif == nil && c.xmp == nil) {
				t.Errorf("%s: adding nothing changes the file: %v", name, unchanged)
			}
		}
	}
}

func decodeSeed(t *testing.T, file []byte) *image.NRGBA {
	t.Helper()
	m, err := Decode(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestAddMetadataToOtherFiles checks that files in another form, and files that are cut off, are errors.
func TestAddMetadataToOtherFiles(t *testing.T) {
	file := seed(t, "quadrants.heic")
	for n := range file[:bytes.Index(file, []byte("mdat"))-4] {
		if out, err := AddMetadata(file[:n], []byte("x"), nil); err == nil {
			t.Errorf("%d bytes of %d became %d", n, len(file), len(out))
		}
	}
	for _, kind := range []string{"iloc", "iinf"} {
		other := bytes.Clone(file)
		other[bytes.Index(other, []byte(kind))+4] = 1 // another version of the box
		if _, err := AddMetadata(other, []byte("x"), nil); err == nil {
			t.Errorf("version 1 of %s is accepted", kind)
		}
	}
}

// TestMetadataOfThePicture reads files with several metadata items. Those of the primary picture count.
func TestMetadataOfThePicture(t *testing.T) {
	exif := func(text string, to ...uint32) entry {
		e := entry{kind: "Exif", data: append(make([]byte, 4), text...)}
		if to != nil {
			e.refs = []reference{{kind: "cdsc", to: to}}
		}
		return e
	}
	for name, c := range map[string]struct {
		entries []entry
		want    string
	}{
		"none":                         {nil, ""},
		"of the picture":               {[]entry{exif("MM a", 1)}, "MM a"},
		"of nothing":                   {[]entry{exif("MM a")}, "MM a"},
		"of nothing, several":          {[]entry{exif("MM a"), exif("MM b")}, "MM a"},
		"of another item":              {[]entry{exif("MM a", 2)}, ""},
		"of another, then of this one": {[]entry{exif("MM a", 2), exif("MM b"), exif("MM c", 1), exif("MM d", 1)}, "MM c"},
		"of several items":             {[]entry{exif("MM a", 3, 1)}, "MM a"},
		"beyond its data":              {[]entry{{kind: "Exif", data: append(make([]byte, 4), "MM a"...), beyond: 1 << 20}}, ""},
		"with a prefix":                {[]entry{{kind: "Exif", data: []byte("\x00\x00\x00\x06Exif\x00\x00MM a")}}, "MM a"},
		"shorter than its prefix":      {[]entry{{kind: "Exif", data: []byte("\x00\x00\x00\x06Exif")}}, ""},
		"too large":                    {[]entry{{kind: "Exif", data: make([]byte, maxMetadata+1)}}, ""},
		"in the meta box":              {[]entry{{kind: "Exif", data: append(make([]byte, 4), "MM a"...), idat: true}}, "MM a"},
	} {
		for _, f := range []form{{}, {wide: true}} {
			file := f.file(heicBrands, append([]entry{itemFrom(t, seed(t, "quadrants.heic"), false)}, c.entries...)...)
			h, err := ReadHeader(file)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if string(h.EXIF) != c.want || h.XMP != nil {
				t.Errorf("%s: EXIF %q, XMP %q, want EXIF %q", name, h.EXIF, h.XMP, c.want)
			}
		}
	}
}

func TestContentCredentials(t *testing.T) {
	file, store := seed(t, "quadrants.heic"), c2patest.Store("Camera", "1.0")
	body := c2patest.UUIDBox(store)
	for name, c := range map[string]struct {
		box  []byte
		want []byte
	}{
		"at the end":       {box("uuid", []byte(credentialsUUID), body), store},
		"an update":        {box("uuid", []byte(credentialsUUID), bytes.Replace(body, []byte("manifest"), []byte("update"), 1)), store},
		"another purpose":  {box("uuid", []byte(credentialsUUID), bytes.Replace(body, []byte("manifest"), []byte("merkle"), 1)), nil},
		"another type":     {box("uuid", []byte(strings.Repeat("x", 16)), body), nil},
		"another box":      {box("free", []byte(credentialsUUID), body), nil},
		"without a store":  {box("uuid", []byte(credentialsUUID), c2patest.UUIDBox(nil)), nil},
		"without anything": {box("uuid"), nil},
	} {
		at := bytes.Index(file, []byte("mdat")) - 4
		for place, whole := range map[string][]byte{"behind": slices.Concat(file, c.box), "before the data": shiftData(t, file, at, c.box)} {
			h, err := ReadHeader(whole)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, place, err)
			}
			if !bytes.Equal(h.Credentials, c.want) {
				t.Errorf("%s, %s: %d bytes, want %d", name, place, len(h.Credentials), len(c.want))
			}
		}
	}
}

// shiftData inserts a box before the data of a seed, and adapts the position of the data.
func shiftData(t *testing.T, file []byte, at int, b []byte) []byte {
	t.Helper()
	out := slices.Concat(file[:at], b, file[at:])
	iloc := bytes.Index(out, []byte("iloc"))
	base := out[iloc+4+8+4:][:4] // after the head of the box, and a number and a field of 16 bits
	binary.BigEndian.PutUint32(base, reader32(base)+uint32(len(b)))
	return out
}

package heif

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// dinf returns a data information box with one reference: to the file itself, or to another.
func dinf(self byte) []byte {
	return box("dinf", box("dref", []byte{0, 0, 0, 0, 0, 0, 0, 1}, box("url ", []byte{0, 0, 0, self})))
}

// TestForms reads the same picture in every form in which programs write it.
func TestForms(t *testing.T) {
	t.Parallel()
	q := itemFrom(t, seed(t, "quadrants.heic"), false)
	want, _ := decode(t, buildFile(heicBrands, q))
	inIdat, otherwise, thumbnail, depth := q, q, q, q
	inIdat.idat = true
	otherwise.optional = [][]byte{box("free"), box("abcd", []byte{1, 2, 3}), box("uuid", make([]byte, 16)), box("iscl", make([]byte, 12))}
	otherwise.properties = slices.Concat(q.properties, [][]byte{box("pasp", make([]byte, 8)), box("clli", make([]byte, 4)), box("udes", make([]byte, 8))})
	thumbnail.refs = []reference{{kind: "thmb", to: []uint32{1}}}
	depth.refs = []reference{{kind: "auxl", to: []uint32{1}}}
	depth.properties = append(slices.Clone(q.properties), box("auxC", []byte("\x00\x00\x00\x00urn:mpeg:hevc:2015:auxid:2\x00")))
	exif := entry{kind: "Exif", data: []byte("\x00\x00\x00\x00MM\x00*"), refs: []reference{{kind: "cdsc", to: []uint32{1}}}}
	uri := entry{kind: "uri ", data: []byte("tag"), refs: []reference{{kind: "cdsc", to: []uint32{1}}}}
	boxes := slices.Concat(box("free", make([]byte, 7)), box("grpl", box("altr", make([]byte, 16))), box("ipro"), dinf(1))
	sequence := slices.Concat(buildFile("msf1\x00\x00\x00\x00hevcmif1heic", q), box("moov"))
	for name, data := range map[string][]byte{
		"boxes with wide numbers":             form{wide: true}.file(heicBrands, q),
		"data in the meta box":                buildFile(heicBrands, inIdat),
		"wide, data in the meta box":          form{wide: true}.file(heicBrands, inIdat),
		"properties that mean nothing":        buildFile(heicBrands, otherwise),
		"a thumbnail":                         buildFile(heicBrands, q, thumbnail),
		"a depth map":                         buildFile(heicBrands, q, depth),
		"metadata":                            buildFile(heicBrands, q, exif, uri),
		"other boxes":                         form{boxes: boxes}.file(heicBrands, q),
		"a data reference to the file":        form{boxes: dinf(1), data: 1}.file(heicBrands, q),
		"a data reference to a missing entry": form{data: 1}.file(heicBrands, q),
		"a still and a sequence":              sequence,
		"a general brand":                     buildFile("mif1\x00\x00\x00\x00mif1", q),
		"a size that is not the stream's":     buildFile(heicBrands, withSize(q, 168, 104)),
		"boxes after the picture":             slices.Concat(buildFile(heicBrands, q), box("free", make([]byte, 9)), box("abcd")),
		"a last box without a size":           extendLastBox(buildFile(heicBrands, q)),
	} {
		t.Run(name, func(t *testing.T) {
			img, h := decode(t, data)
			if h.Codec != HEVC || h.Alpha || h.Tiles != 1 || !bytes.Equal(img.Pix, want.Pix) {
				t.Errorf("another picture: %v, alpha %v, %d tiles", h.Codec, h.Alpha, h.Tiles)
			}
		})
	}
	if _, err := ReadHeader(form{boxes: dinf(0), data: 1}.file(heicBrands, q)); !errors.Is(err, ErrUnsupported) {
		t.Errorf("data in another file: %v", err)
	}
}

// extendLastBox changes the last box, which holds the picture, so that it extends to the end of the file.
func extendLastBox(file []byte) []byte {
	data := slices.Clone(file)
	at := bytes.Index(data, []byte("mdat")) - 4
	binary.BigEndian.PutUint32(data[at:], 0)
	return data
}

// TestAVIFForms reads AVIF with the brand of HEIF, and without a size.
func TestAVIFForms(t *testing.T) {
	t.Parallel()
	e := itemFrom(t, avifSeed(t, 160, 96, opaque), false)
	want, _ := decode(t, buildFile(avifBrands, e))
	unsized := e
	unsized.properties = e.properties[:1]
	for name, data := range map[string][]byte{
		"a general brand": buildFile("mif1\x00\x00\x00\x00mif1avif", e), "wide": form{wide: true}.file(avifBrands, e),
		"no size": buildFile(avifBrands, unsized), "another codec's brand": buildFile(heicBrands, e),
	} {
		img, h := decode(t, data)
		if h.Codec != AV1 || !bytes.Equal(img.Pix, want.Pix) {
			t.Errorf("%s: another picture", name)
		}
	}
	sequence, _ := sequenceOf(t, e.data)
	c, err := readSequence(sequence[2:])
	if err != nil || c.width != 160 || c.height != 96 || c.depth != 8 {
		t.Errorf("sequence header %+v, %v", c, err)
	}
}

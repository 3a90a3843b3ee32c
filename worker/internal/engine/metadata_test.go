package engine

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/photo"
)

// emptyICC returns a profile of n bytes with nothing but a valid header.
func emptyICC(space string, n int) []byte {
	p := bytes.Repeat([]byte{'i'}, n)
	binary.BigEndian.PutUint32(p, uint32(n))
	copy(p[16:], space)
	copy(p[36:], "acsp")
	return p
}

func iccSegment(part, of byte, p []byte) []byte {
	return segment(markerAPP2, append([]byte(iccMarker), append([]byte{part, of}, p...)...))
}

func pngICC(p []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(p)
	w.Close()
	return chunk("iCCP", append([]byte("a name\x00\x00"), z.Bytes()...))
}

func TestMetadataIsStripped(t *testing.T) {
	const secret = "54.3213N-GPS-secret"
	jpeg := toJPEG(t, scene(60, 40), nil)
	for _, s := range [][]byte{
		segment(markerAPP1, append(append([]byte("Exif\x00\x00"), exifBlock(binary.BigEndian, 1)...), secret...)),
		segment(markerAPP1, []byte("http://ns.adobe.com/xap/1.0/\x00"+secret)),
		segment(0xe0, []byte("JFXX\x00"+secret)), segment(0xed, []byte("Photoshop 3.0\x00"+secret)), segment(0xfe, []byte(secret)),
	} {
		jpeg = insert(jpeg, 2, s)
	}
	jpeg = append(jpeg, secret...)
	clear := scene(60, 40)
	clear.Pix[3] = 0
	text := append(chunk("tEXt", []byte("Comment\x00"+secret)), chunk("eXIf", append(exifBlock(binary.BigEndian, 1), secret...))...)
	for name, file := range map[string][]byte{
		"jpeg":           jpeg,
		"png":            insert(toPNG(t, scene(60, 40)), 33, text),
		"png with alpha": insert(toPNG(t, clear), 33, text),
		"webp":           riff("VP8X", vp8x(0, 60, 40), "VP8L", vp8l(scene(60, 40)), "EXIF", secret, "XMP ", secret),
	} {
		if !bytes.Contains(file, []byte(secret)) {
			t.Fatalf("%s: the test has lost its secret", name)
		}
		all := boxSpec("v", 60, 60, Inside, 80) // the size of the original, because nothing may be passed through
		all.Formats = []Output{JPEG, PNG, WebP}
		for _, i := range render(t, engine(t, Config{Specs: append(DefaultSpecs(), all)}), file) {
			for _, word := range []string{secret, "Exif", "xap", "Photoshop"} {
				if bytes.Contains(i.Data, []byte(word)) {
					t.Errorf("%s: %s has %q in it", name, i.Name, word)
				}
			}
		}
	}
}

func TestProfileIsCarriedAlong(t *testing.T) {
	rgb, grey := emptyICC("RGB ", 600), emptyICC("GRAY", 300)
	jpeg := toJPEG(t, scene(60, 40), nil)
	greyJPEG := toJPEG(t, scene(60, 40), &jpegn.EncodeOptions{Subsampling: jpegn.SubsampleGray})
	clear := scene(60, 40)
	clear.Pix[3] = 0
	large := emptyICC("RGB ", maxProfile)
	for name, c := range map[string]struct{ file, want []byte }{
		"jpeg":              {insert(jpeg, 2, iccSegment(1, 1, rgb)), rgb},
		"jpeg, grey":        {insert(greyJPEG, 2, iccSegment(1, 1, grey)), grey},
		"png, grey":         {insert(solids(t, scene(60, 40))["grey PNG"], 33, pngICC(grey)), grey},
		"jpeg, two parts":   {insert(jpeg, 2, append(iccSegment(2, 2, rgb[200:]), iccSegment(1, 2, rgb[:200])...)), rgb},
		"jpeg, the largest": {insert(jpeg, 2, iccSegment(1, 1, large)), large},
		"png":               {insert(toPNG(t, scene(60, 40)), 33, pngICC(rgb)), rgb},
		"png with alpha":    {insert(toPNG(t, clear), 33, pngICC(rgb)), rgb},
		"webp":              {riff("VP8X", vp8x(1<<5, 60, 40), "ICCP", string(rgb), "VP8L", vp8l(scene(60, 40))), rgb},

		"none":                  {jpeg, nil},
		"for other colours":     {insert(jpeg, 2, iccSegment(1, 1, grey)), nil},
		"for inks":              {flatJPEG(append(adobe(0), iccSegment(1, 1, emptyICC("CMYK", 300))...), 1, 2, 3, 4), nil},
		"too large":             {insert(jpeg, 2, append(iccSegment(1, 2, emptyICC("RGB ", maxProfile+1)[:60000]), iccSegment(2, 2, large[60000:])...)), nil},
		"a part missing":        {insert(jpeg, 2, iccSegment(2, 2, rgb[200:])), nil},
		"number out of range":   {insert(jpeg, 2, iccSegment(0, 0, rgb)), nil},
		"not a profile":         {insert(jpeg, 2, iccSegment(1, 1, bytes.Repeat([]byte{1}, 300))), nil},
		"png, too large":        {insert(toPNG(t, clear), 33, pngICC(emptyICC("RGB ", 50<<20))), nil},
		"png, not compressed":   {insert(toPNG(t, clear), 33, chunk("iCCP", append([]byte("n\x00\x00"), rgb...))), nil},
		"png, name without end": {insert(toPNG(t, clear), 33, chunk("iCCP", []byte("name"))), nil},
	} {
		all := boxSpec("v", 30, 30, Inside, 80)
		all.Formats = []Output{JPEG, PNG, WebP}
		e := engine(t, Config{Specs: append(DefaultSpecs(), all)})
		for _, i := range render(t, e, c.file) {
			if i.Format == photo.WebP && strings.HasSuffix(name, ", grey") {
				continue // the variant has no grey pixels
			}
			openImage(t, i) // the file is still valid with the profile in it
			h, err := e.Inspect(i.Data)
			if err != nil {
				t.Fatal(err)
			}
			if _, got := h.Conversion(); !bytes.Equal(got, c.want) || (h.Profile.Size() > 0) != (c.want != nil) {
				t.Errorf("%s: %s has a profile of %d bytes, want %d", name, i.Name, len(got), len(c.want))
			}
		}
	}
}

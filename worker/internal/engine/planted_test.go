package engine

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"slices"
	"testing"

	"darkroom/worker/internal/c2pa/c2patest"
	"darkroom/worker/internal/credit"
	"darkroom/worker/internal/heif"
	"darkroom/worker/photo"
)

// author is the credit in the files of these tests.
var author = photo.Credit{Copyright: "© 2026 Zoë Müller", Creator: "Zoë Müller; Ann <a@example.org>", Credit: "Agency & Sons", Description: "A bird\nat 48.2 N"}

// tiffEntry is an entry of a directory, with its value in the byte order of the block.
type tiffEntry struct {
	tag, kind uint16
	count     int
	value     []byte
}

func tiffText(tag uint16, text string) tiffEntry {
	return tiffEntry{tag, 2, len(text) + 1, append([]byte(text), 0)}
}

func tiffLong(tag uint16, value int) tiffEntry {
	return tiffEntry{tag, 4, 1, binary.BigEndian.AppendUint32(nil, uint32(value))}
}

// directory returns a directory for an offset, followed by the values that are longer than four bytes.
func directory(offset int, next int, entries ...tiffEntry) []byte {
	be := binary.BigEndian
	b := be.AppendUint16(nil, uint16(len(entries)))
	var values []byte
	for _, e := range entries {
		b = be.AppendUint32(be.AppendUint16(be.AppendUint16(b, e.tag), e.kind), uint32(e.count))
		if len(e.value) <= 4 {
			b = append(b, append(bytes.Clone(e.value), 0, 0, 0, 0)[:4]...)
			continue
		}
		b = be.AppendUint32(b, uint32(offset+2+12*len(entries)+4+len(values)))
		values = append(values, e.value...)
	}
	return append(be.AppendUint32(b, uint32(next)), values...)
}

// plantedEXIF returns a block with a secret in every place that must not be kept: locations, a maker note, a comment,
// other texts of the first directory, the thumbnail and its directory.
func plantedEXIF(c photo.Credit, secret string) []byte {
	text := []byte(secret)
	position := tiffEntry{2, 5, 3, slices.Repeat(text[:8], 3)} // three fractions, each a number over a number
	gps := directory(8, 0, tiffText(1, "N"), position, tiffText(3, "E"), tiffEntry{4, 5, 3, position.value}, tiffEntry{28, 7, len(text), text}, tiffText(29, secret))
	detailsAt := 8 + len(gps)
	details := directory(detailsAt, 0, tiffEntry{0x927c, 7, len(text), text}, tiffEntry{0x9286, 7, 8 + len(text), append([]byte("ASCII\x00\x00\x00"), text...)},
		tiffText(0xa431, secret))
	thumbnail := slices.Concat([]byte{0xff, 0xd8}, segment(0xfe, text), []byte{0xff, 0xd9})
	thumbnailAt := detailsAt + len(details)
	secondAt := thumbnailAt + len(thumbnail)
	second := directory(secondAt, 0, tiffText(0x010e, secret), tiffLong(0x0201, thumbnailAt), tiffLong(0x0202, len(thumbnail)), tiffText(0x8298, secret))
	firstAt := secondAt + len(second)
	first := directory(firstAt, secondAt, tiffText(0x010e, c.Description), tiffText(0x010f, secret), tiffText(0x0110, secret), tiffText(0x0131, secret),
		tiffText(0x013b, c.Creator), tiffText(0x013c, secret), tiffText(0x8298, c.Copyright), tiffLong(0x8769, detailsAt), tiffLong(0x8825, 8), tiffText(0x9c9b, secret))
	head := binary.BigEndian.AppendUint32([]byte("MM\x00*"), uint32(firstAt))
	return slices.Concat(head, gps, details, thumbnail, second, first)
}

// plantedXMP returns a packet with a secret in coordinates, places and other properties, and in descriptions of
// anything but the picture.
func plantedXMP(c photo.Credit, secret string) []byte {
	more := `<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:ps="http://ns.adobe.com/photoshop/1.0/"
		xmlns:iptc="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:core="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" xmlns:x="http://example.org/" xmlns:dc="http://purl.org/dc/elements/1.1/"
		exif:GPSLatitude="` + secret + `" exif:GPSLongitude="` + secret + `" ps:City="` + secret + `" core:Location="` + secret + `">
		<iptc:LocationShown><rdf:Bag><rdf:li iptc:City="` + secret + `"/></rdf:Bag></iptc:LocationShown>
		<iptc:LocationCreated><rdf:Bag><rdf:li><rdf:Description dc:rights="` + secret + `" ps:Credit="` + secret + `"/></rdf:li></rdf:Bag></iptc:LocationCreated>
		<x:Ingredients><rdf:Bag><rdf:li rdf:parseType="Resource"><dc:creator>` + secret + `</dc:creator></rdf:li></rdf:Bag></x:Ingredients>
		<dc:subject><rdf:Bag><rdf:li>` + secret + `</rdf:li></rdf:Bag></dc:subject><dc:coverage>` + secret + `</dc:coverage>
	</rdf:Description></rdf:RDF>`
	return bytes.Replace(credit.XMP(c), []byte("</rdf:RDF>"), []byte(more), 1)
}

// plantedResources returns Photoshop image resources: IPTC-IIM with a place, another EXIF block, and XMP.
func plantedResources(c photo.Credit, secret string) []byte {
	dataset := func(number byte, text string) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0x1c, 2, number}, uint16(len(text))), text...)
	}
	resource := func(id uint16, body []byte) []byte {
		b := append(binary.BigEndian.AppendUint16([]byte("8BIM"), id), 0, 0)
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(body))), body...)
		return append(b, make([]byte, len(body)%2)...)
	}
	iptc := slices.Concat([]byte("\x1c\x01\x5a\x00\x03\x1b%G"), dataset(5, secret), dataset(26, secret), dataset(80, c.Creator), dataset(90, secret), dataset(92, secret),
		dataset(95, secret), dataset(101, secret), dataset(110, c.Credit), dataset(116, c.Copyright), dataset(120, c.Description), dataset(122, secret))
	return slices.Concat(resource(0x0422, plantedEXIF(author, secret)), resource(0x0404, iptc), resource(0x0424, plantedXMP(author, secret)))
}

// plantedFiles returns a file of every container, with the credit in every kind of block that the container has, and a
// secret everywhere else.
func plantedFiles(t testing.TB, c photo.Credit, secret string) map[string][]byte {
	t.Helper()
	text := []byte(secret)
	exif, xmp := plantedEXIF(c, secret), plantedXMP(c, secret)
	store := c2patest.Superbox("c2pa", "c2pa", c2patest.Manifest("urn:c2pa:1", map[string]any{"claim_generator_info": map[string]any{"name": "Camera", "version": "1.0"}, "dc:title": secret}))

	jpeg := toJPEG(t, scene(60, 40), nil)
	segments := [][]byte{
		segment(0xe0, []byte("JFXX\x00"+secret)),
		segment(markerAPP1, append([]byte("Exif\x00\x00"), exif...)),
		segment(markerAPP1, append([]byte("http://ns.adobe.com/xap/1.0/\x00"), xmp...)),
		segment(markerAPP1, []byte("http://ns.adobe.com/xmp/extension/\x000123456789abcdef0123456789abcdef\x00\x00\x00\x99\x00\x00\x00\x00"+secret)),
		segment(markerAPP2, []byte("MPF\x00MM\x00*"+secret)),
		segment(0xed, append([]byte("Photoshop 3.0\x00"), plantedResources(c, secret)...)),
		segment(0xfe, text),
	}
	for _, p := range c2patest.Segments(store, 1, 100) {
		segments = append(segments, segment(0xeb, p))
	}
	jpeg = insert(jpeg, 2, slices.Concat(segments...))
	// A second picture, and bytes behind it.
	jpeg = slices.Concat(jpeg, withEXIF(toJPEG(t, scene(30, 20), nil), exif), text)

	clear := scene(60, 40)
	clear.Pix[3] = 0
	chunks := slices.Concat(chunk("tEXt", []byte("Comment\x00"+secret)), chunk("tEXt", []byte("Location\x00"+secret)), chunk("zTXt", []byte("Raw profile type exif\x00\x00"+secret)),
		chunk("iTXt", append([]byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"), xmp...)), chunk("eXIf", exif), chunk("caBX", store), chunk("prVt", text))
	png := append(insert(toPNG(t, clear), 33, chunks), text...)

	extended := riff("VP8X", vp8x(1<<3|1<<2, 60, 40), "VP8L", vp8l(scene(60, 40)), "EXIF", string(exif), "XMP ", string(xmp), "C2PA", string(store), "LOCN", secret)

	few := image.NewPaletted(image.Rect(0, 0, 60, 40), color.Palette{color.White, color.Black})
	extension := func(label string, body []byte) []byte { return append([]byte("\x21"+label), body...) }
	trailer := []byte{1}
	for i := range 256 {
		trailer = append(trailer, byte(255-i))
	}
	parts := []byte("\x0bC2PA_GIF\x01\x00\x00")
	for part := range slices.Chunk(store, 255) {
		parts = append(append(parts, byte(len(part))), part...)
	}
	blocks := slices.Concat(extension("\xff", slices.Concat([]byte("\x0bXMP DataXMP"), xmp, trailer, []byte{0})), extension("\xff", append(parts, 0)),
		extension("\xfe", slices.Concat([]byte{byte(len(text))}, text, []byte{0})))
	animated := toGIF(t, &gif.GIF{Image: []*image.Paletted{few}, Delay: []int{0}})
	animated = append(insert(animated, 13, blocks), text...) // its colours are local

	files := map[string][]byte{"JPEG": jpeg, "PNG": png, "WebP": append(extended, text...), "GIF": animated}
	for name, seed := range map[string]string{"HEIC": "quadrants.heic", "AVIF": "alpha.avif"} {
		file := must(heif.AddMetadata(heifSeed(t, seed), exif, xmp))
		uuid := append([]byte("\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81"), c2patest.UUIDBox(store)...)
		files[name] = slices.Concat(file, c2patest.Box("uuid", uuid), c2patest.Box("free", text), c2patest.Box("uuid", []byte("0123456789abcdef"), text))
	}
	for name, file := range files {
		if n := bytes.Count(file, text); n < 5 {
			t.Fatalf("%s: the secret is in %d places", name, n)
		}
	}
	return files
}

func deflated(b []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(b)
	w.Close()
	return z.Bytes()
}

// keepEverything returns a Config that keeps all fields, in every format that is written.
func keepEverything(specs ...Spec) Config {
	all := boxSpec("all", 60, 60, Inside, 80)
	all.Formats = []Output{JPEG, PNG, WebP, AVIF}
	return Config{Specs: append(specs, all), Keep: credit.Fields}
}

// chunkNames returns the parts of a file that the engine wrote, each once and in order: the markers of a JPEG, the
// chunks of a PNG or WebP, the boxes of an AVIF.
func chunkNames(t *testing.T, i Image) (names []string) {
	t.Helper()
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	data, at := i.Data, 0
	switch i.Format {
	case photo.JPEG:
		for at = 2; data[at+1] != markerSOS; at += 2 + int(binary.BigEndian.Uint16(data[at+2:])) {
			add(string(data[at+1 : at+2]))
		}
	case photo.PNG:
		for at = 8; at < len(data); at += 12 + int(binary.BigEndian.Uint32(data[at:])) {
			add(string(data[at+4 : at+8]))
			body := data[at+4:][:4+binary.BigEndian.Uint32(data[at:])]
			if crc32.ChecksumIEEE(body) != binary.BigEndian.Uint32(data[at+4+len(body):]) {
				t.Errorf("%s: checksum of chunk %q", i.Name, body[:4])
			}
		}
	case photo.WebP:
		for at = 12; at < len(data); at += 8 + (int(binary.LittleEndian.Uint32(data[at+4:]))+1)&^1 {
			add(string(data[at : at+4]))
		}
	case photo.AVIF:
		for ; at < len(data); at += int(binary.BigEndian.Uint32(data[at:])) {
			add(string(data[at+4 : at+8]))
		}
	}
	if i.Format != photo.JPEG && at != len(data) {
		t.Errorf("%s, %s: ends at %d of %d bytes", i.Name, i.Format, at, len(data))
	}
	return names
}

package credit

import (
	"encoding/xml"
	"strings"

	"darkroom/worker/internal/exif"
	"darkroom/worker/photo"
)

// MaxWritten is the most bytes that [EXIF] and [XMP] each return: less than a JPEG segment holds.
const MaxWritten = 16 << 10

// EXIF returns an EXIF block with the copyright, the creator and the description, in UTF-8 as the guidelines require,
// or nil if all three are empty. The block begins with the TIFF header.
func EXIF(c photo.Credit) []byte {
	values := map[uint16]string{}
	for tag, text := range map[uint16]string{exif.Copyright: c.Copyright, exif.Artist: c.Creator, exif.ImageDescription: c.Description} {
		if text != "" {
			values[tag] = text
		}
	}
	return exif.Encode(values)
}

// XMP returns an XMP packet with the whole Credit, or nil if that is empty (XMP Specification, part 1, 7). The packet
// has no padding, because nobody will edit it in place.
func XMP(c photo.Credit) []byte {
	if c == (photo.Credit{}) {
		return nil
	}
	var b strings.Builder
	b.WriteString("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="` + nsRDF + `">` +
		`<rdf:Description rdf:about="" xmlns:dc="` + nsDC + `" xmlns:photoshop="` + nsPhotoshop + `">`)
	element := func(open, text, end string) {
		if text == "" {
			return
		}
		b.WriteString(open)
		_ = xml.EscapeText(&b, []byte(text)) // a Builder returns no errors
		b.WriteString(end)
	}
	const alt, altEnd = `<rdf:Alt><rdf:li xml:lang="x-default">`, `</rdf:li></rdf:Alt>`
	element(`<dc:rights>`+alt, c.Copyright, altEnd+`</dc:rights>`)
	if c.Creator != "" {
		b.WriteString(`<dc:creator><rdf:Seq>`)
		for name := range strings.SplitSeq(c.Creator, separator) {
			element(`<rdf:li>`, name, `</rdf:li>`)
		}
		b.WriteString(`</rdf:Seq></dc:creator>`)
	}
	element(`<photoshop:Credit>`, c.Credit, `</photoshop:Credit>`)
	element(`<dc:description>`+alt, c.Description, altEnd+`</dc:description>`)
	b.WriteString(`</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`)
	return []byte(b.String())
}

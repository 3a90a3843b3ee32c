package credit

import (
	"crypto/md5"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"darkroom/worker/internal/exif"
	"darkroom/worker/photo"
)

// dataset returns a dataset of IPTC-IIM.
func dataset(record, number byte, value string) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0x1c, record, number}, uint16(len(value))), value...)
}

// resource returns a Photoshop image resource.
func resource(id uint16, name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint16([]byte("8BIM"), id)
	if b = append(append(b, byte(len(name))), name...); len(name)%2 == 0 {
		b = append(b, 0)
	}
	if b = append(binary.BigEndian.AppendUint32(b, uint32(len(body))), body...); len(body)%2 != 0 {
		b = append(b, 0)
	}
	return b
}

func iptc(sets ...[]byte) []byte {
	var all []byte
	for _, s := range sets {
		all = append(all, s...)
	}
	return all
}

// packet returns an XMP packet with an rdf:Description of these attributes and this content.
func packet(attributes, content string) []byte {
	return []byte(`<?xpacket begin="" id="x"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="` + nsRDF + `">` +
		`<r:Description r:about="" xmlns:dc="` + nsDC + `" xmlns:ps="` + nsPhotoshop + `" ` + attributes + `>` + content +
		`</r:Description></r:RDF></x:xmpmeta><?xpacket end="w"?>`)
}

func xmpAlt(property, text string) string {
	return `<` + property + `><r:Alt><r:li xml:lang="x-default">` + text + `</r:li></r:Alt></` + property + `>`
}

func TestParseFields(t *testing.T) {
	for list, want := range map[string]string{
		"":                                     "",
		"  ":                                   "",
		"creator":                              "creator",
		"creator, copyright":                   "copyright creator",
		"description,credit,credit":            "credit description",
		"copyright,creator,credit,description": "copyright creator credit description",
	} {
		got, err := ParseFields(list)
		var words []string
		for _, f := range got {
			words = append(words, string(f))
		}
		if text := strings.Join(words, " "); err != nil || text != want {
			t.Errorf("%q: %q, %v, want %q", list, text, err, want)
		}
	}
	for _, list := range []string{"author", "copyright,", ",", "Copyright", "copyright creator", "gps"} {
		_, err := ParseFields(list)
		if err == nil || !strings.Contains(err.Error(), "want a list of copyright, creator, credit and description") {
			t.Errorf("%q: %v", list, err)
		}
	}
}

// TestRead reads each kind of block separately.
func TestRead(t *testing.T) {
	all := photo.Credit{Copyright: "© 2026 Zoë", Creator: "Zoë; Ann", Credit: "Agency", Description: "A <bird>"}
	noCredit := all
	noCredit.Credit = ""
	utf8Mark := dataset(1, 90, "\x1b%G")
	for name, c := range map[string]struct {
		blocks Blocks
		want   photo.Credit
	}{
		"nothing":                         {},
		"EXIF":                            {Blocks{EXIF: EXIF(all)}, noCredit},
		"EXIF of photographer and editor": {Blocks{EXIF: exif.Encode(map[uint16]string{exif.Copyright: "Ann\x00Bob"})}, photo.Credit{Copyright: "Ann; Bob"}},
		"EXIF of the editor alone":        {Blocks{EXIF: exif.Encode(map[uint16]string{exif.Copyright: " \x00Bob"})}, photo.Credit{Copyright: "Bob"}},
		"EXIF in Latin-1":                 {Blocks{EXIF: exif.Encode(map[uint16]string{exif.Artist: "Zo\xeb"})}, photo.Credit{Creator: "Zoë"}},
		"EXIF of spaces":                  {Blocks{EXIF: exif.Encode(map[uint16]string{exif.Artist: "      "})}, photo.Credit{}},
		"XMP as it is written":            {Blocks{XMP: XMP(all)}, all},
		"XMP attributes":                  {Blocks{XMP: packet(`ps:Credit="Agency" dc:rights="© 2026 Zoë"`, "")}, photo.Credit{Credit: "Agency", Copyright: "© 2026 Zoë"}},
		"XMP elements": {Blocks{XMP: packet("", `<ps:Credit>Agency</ps:Credit><dc:creator><r:Seq><r:li>Zoë</r:li><r:li> </r:li><r:li>Ann</r:li></r:Seq></dc:creator>`+
			xmpAlt("dc:description", "A &lt;bird&gt;")+xmpAlt("dc:rights", "© 2026 Zoë"))}, all},
		"XMP in several languages": {Blocks{XMP: packet("", `<dc:description><r:Alt><r:li xml:lang="de">Vogel</r:li><r:li xml:lang="x-default">Bird</r:li></r:Alt></dc:description>`)},
			photo.Credit{Description: "Bird"}},
		"XMP without a default language": {Blocks{XMP: packet("", `<dc:description><r:Alt><r:li xml:lang="de">Vogel</r:li><r:li xml:lang="fr">Oiseau</r:li></r:Alt></dc:description>`)},
			photo.Credit{Description: "Vogel"}},
		"XMP with qualifiers": {Blocks{XMP: packet("", `<dc:creator><r:Bag><r:li r:parseType="Resource"><r:value>Zoë</r:value><ps:role>x</ps:role></r:li></r:Bag></dc:creator>`)},
			photo.Credit{Creator: "Zoë"}},
		"XMP of a nested subject": {Blocks{XMP: packet("", `<ps:Ancestors><r:Bag><r:li><r:Description ps:Credit="Other">`+xmpAlt("dc:rights", "Other")+`</r:Description></r:li></r:Bag></ps:Ancestors>`)},
			photo.Credit{}},
		"XMP in two descriptions": {Blocks{XMP: []byte(`<r:RDF xmlns:r="` + nsRDF + `" xmlns:p="` + nsPhotoshop + `"><r:Description p:City="x"/><r:Description p:Credit="Agency"/></r:RDF>`)},
			photo.Credit{Credit: "Agency"}},
		"XMP of other namespaces": {Blocks{XMP: packet(`xmlns:o="http://other/" o:Credit="Agency"`, `<o:rights>x</o:rights>`)}, photo.Credit{}},
		"XMP that breaks off":     {Blocks{XMP: packet(`ps:Credit="Agency"`, `<dc:rights><`)}, photo.Credit{Credit: "Agency"}},
		"XMP with an entity":      {Blocks{XMP: []byte(`<!DOCTYPE a [<!ENTITY e "eee">]>` + string(packet("", `<ps:Credit>&e;</ps:Credit>`)))}, photo.Credit{}},
		"XMP in another charset":  {Blocks{XMP: append([]byte(`<?xml version="1.0" encoding="utf-16"?>`), packet(`ps:Credit="Agency"`, "")...)}, photo.Credit{}},
		"IPTC in UTF-8": {Blocks{Resources: append(resource(0x03ed, "odd", []byte("abc")), resource(0x0404, "", iptc(utf8Mark, dataset(2, 0, "\x00\x02"), dataset(2, 80, "Zoë"), dataset(2, 80, "Ann"),
			dataset(2, 110, "Agency"), dataset(2, 116, "© 2026 Zoë"), dataset(2, 120, "A <bird>"), dataset(2, 120, "Other")))...)}, all},
		"IPTC in Latin-1":                 {Blocks{Resources: resource(0x0404, "", iptc(dataset(2, 80, "Zo\xeb")))}, photo.Credit{Creator: "Zoë"}},
		"IPTC in UTF-8 without saying":    {Blocks{Resources: resource(0x0404, "", iptc(dataset(2, 80, "Zoë")))}, photo.Credit{Creator: "Zoë"}},
		"IPTC that says Latin-1":          {Blocks{Resources: resource(0x0404, "", iptc(dataset(1, 90, "\x1b.A"), dataset(2, 80, "Zoë")))}, photo.Credit{Creator: "Zo\u00c3\u00ab"}},
		"IPTC that says UTF-8 and is not": {Blocks{Resources: resource(0x0404, "", iptc(utf8Mark, dataset(2, 80, "Zo\xebe")))}, photo.Credit{Creator: "Zoe"}},
		"IPTC of another record":          {Blocks{Resources: resource(0x0404, "", iptc(dataset(3, 80, "Zoë")))}, photo.Credit{}},
		"IPTC that is cut off":            {Blocks{Resources: resource(0x0404, "", append(dataset(2, 110, "Agency"), 0x1c, 2, 80, 0, 9, 'Z'))}, photo.Credit{Credit: "Agency"}},
		"resources that are cut off":      {Blocks{Resources: resource(0x0404, "", dataset(2, 110, "Agency"))[:20]}, photo.Credit{}},
		"PNG text": {Blocks{Texts: []Text{{Keyword: "Software", Value: []byte("x")}, {Keyword: "Author", Value: []byte("Zo\xeb"), Latin1: true},
			{Keyword: "Author", Value: []byte("Other")}, {Keyword: "Copyright", Value: []byte("© 1")}, {Keyword: "Description", Value: []byte("no zlib"), Packed: true}}},
			photo.Credit{Creator: "Zoë", Copyright: "© 1"}},
	} {
		if diff := cmp.Diff(c.want, c.blocks.Read(Fields)); diff != "" {
			t.Errorf("%s: want (-), got (+):\n%s", name, diff)
		}
	}
}

// TestKeep checks that Read returns only the fields to keep.
func TestKeep(t *testing.T) {
	b := Blocks{XMP: XMP(photo.Credit{Copyright: "a", Creator: "b", Credit: "c", Description: "d"})}
	for _, f := range Fields {
		var want photo.Credit
		*member(&want, f) = map[Field]string{Copyright: "a", Creator: "b", Credit: "c", Description: "d"}[f]
		if got := b.Read([]Field{f}); got != want {
			t.Errorf("%s: %+v, want %+v", f, got, want)
		}
	}
	if got := b.Read(nil); got != (photo.Credit{}) {
		t.Errorf("nothing: %+v", got)
	}
}

// TestOrder reads files with a different text in each kind of block.
func TestOrder(t *testing.T) {
	exifBlock := exif.Encode(map[uint16]string{exif.Copyright: "exif"})
	xmp := packet("", xmpAlt("dc:rights", "xmp"))
	iim := dataset(2, 116, "iptc")
	sum := md5.Sum(iim)
	resources := resource(0x0404, "", iim)
	unchanged := append(resource(0x0425, "", sum[:]), resources...)
	changed := append(resource(0x0425, "", make([]byte, 16)), resources...)
	png := []Text{{Keyword: "Copyright", Value: []byte("png")}}
	long := strings.Repeat("a", 128)
	for name, c := range map[string]struct {
		blocks Blocks
		want   string
	}{
		"all":                        {Blocks{exifBlock, xmp, false, changed, png}, "exif"},
		"no EXIF":                    {Blocks{nil, xmp, false, resources, png}, "xmp"},
		"IPTC is unchanged":          {Blocks{nil, xmp, false, unchanged, png}, "xmp"},
		"IPTC is newer":              {Blocks{nil, xmp, false, changed, png}, "iptc"},
		"IPTC is newer and has none": {Blocks{nil, xmp, false, append(resource(0x0425, "", make([]byte, 16)), resource(0x0404, "", dataset(2, 80, "x"))...), nil}, "xmp"},
		"no XMP":                     {Blocks{nil, nil, false, unchanged, png}, "iptc"},
		"PNG alone":                  {Blocks{nil, nil, false, nil, png}, "png"},
		"blank EXIF":                 {Blocks{exif.Encode(map[uint16]string{exif.Copyright: "     "}), xmp, false, nil, nil}, "xmp"},
		"IPTC is newer and cut off":  {Blocks{nil, packet("", xmpAlt("dc:rights", long+"b")), false, append(resource(0x0425, "", make([]byte, 16)), resource(0x0404, "", dataset(2, 116, long))...), nil}, long + "b"},
		"IPTC is newer and shorter":  {Blocks{nil, packet("", xmpAlt("dc:rights", long)), false, append(resource(0x0425, "", make([]byte, 16)), resource(0x0404, "", dataset(2, 116, long[1:]))...), nil}, long[1:]},
	} {
		if got := c.blocks.Read([]Field{Copyright}).Copyright; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	for f, most := range limits {
		if got := clean(strings.Repeat("x", 5000), f); len(got) != most {
			t.Errorf("%s has %d characters, want %d", f, len(got), most)
		}
	}
	c := Blocks{XMP: packet("", xmpAlt("dc:rights", "a&#10;b")+xmpAlt("dc:description", "a&#10;b"))}.Read(Fields)
	if c.Copyright != "a b" || c.Description != "a\nb" {
		t.Errorf("%+q: want newlines in a description only", c)
	}
}

// TestLargest checks that a JPEG segment holds the largest Credit.
func TestLargest(t *testing.T) {
	c := photo.Credit{Copyright: strings.Repeat(`"`, photo.MaxCopyright), Creator: strings.Repeat(`"`, photo.MaxCreator),
		Credit: strings.Repeat("&", photo.MaxCreditLine), Description: strings.Repeat("\n", photo.MaxDescription)}
	if n := len(XMP(c)); n > MaxWritten {
		t.Errorf("XMP of %d bytes, want at most %d", n, MaxWritten)
	}
	wide := photo.Credit{Copyright: strings.Repeat("🚀", photo.MaxCopyright), Creator: strings.Repeat("🚀", photo.MaxCreator), Description: strings.Repeat("🚀", photo.MaxDescription)}
	if n := len(EXIF(wide)); n > MaxWritten {
		t.Errorf("EXIF of %d bytes, want at most %d", n, MaxWritten)
	}
	if EXIF(photo.Credit{Credit: "x"}) != nil || XMP(photo.Credit{}) != nil {
		t.Error("blocks without a text")
	}
}

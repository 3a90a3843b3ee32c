package gainmap

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Namespaces.
const (
	nsRDF       = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsGainMap   = "http://ns.adobe.com/hdr-gain-map/1.0/"
	nsContainer = "http://ns.google.com/photos/1.0/container/"
	nsItem      = "http://ns.google.com/photos/1.0/container/item/"
)

// Limits of an XMP packet.
const (
	maxXMP   = 64 << 10 // bytes, the most that a JPEG segment holds
	maxDepth = 32       // levels of nested elements
	maxItems = 32       // items of a directory
	// xmpCost is the most bytes that reading a packet allocates for each of its bytes.
	xmpCost = 72
)

// packet holds the parts of an XMP packet that are read.
type packet struct {
	values map[string][]string // properties of a gain map, with a value for each channel
	items  []item
}

// item is a file that follows the first picture, or that picture itself.
type item struct {
	semantic        string
	length, padding int64 // bytes; the first picture may have a length of 0
}

// readXMP reads a packet as far as it is well-formed.
func readXMP(text []byte) packet {
	p := packet{values: map[string][]string{}}
	if len(text) > maxXMP {
		return p
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) { return nil, xml.UnmarshalError(charset) }
	var path []xml.Name
	property := "" // property that contains the element
	for {
		token, err := d.Token()
		if err != nil {
			return p
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(path) == maxDepth {
				return p
			}
			path = append(path, t.Name)
			if t.Name.Space == nsGainMap {
				property = t.Name.Local
			}
			p.attributes(t)
		case xml.EndElement:
			path = path[:len(path)-1]
			if t.Name.Space == nsGainMap {
				property = ""
			}
		case xml.CharData:
			if s := strings.TrimSpace(string(t)); property != "" && s != "" && len(p.values[property]) < 3 {
				p.values[property] = append(p.values[property], s)
			}
		}
	}
}

// attributes reads the attributes of an element.
func (p *packet) attributes(t xml.StartElement) {
	for _, a := range t.Attr {
		if t.Name == (xml.Name{Space: nsRDF, Local: "Description"}) && a.Name.Space == nsGainMap && p.values[a.Name.Local] == nil {
			p.values[a.Name.Local] = []string{strings.TrimSpace(a.Value)}
		}
	}
	if t.Name != (xml.Name{Space: nsContainer, Local: "Item"}) || len(p.items) == maxItems {
		return
	}
	var i item
	for _, a := range t.Attr {
		if a.Name.Space != nsItem {
			continue
		}
		switch a.Name.Local {
		case "Semantic":
			i.semantic = a.Value
		case "Length":
			i.length, _ = strconv.ParseInt(a.Value, 10, 64) // an invalid length counts as 0
		case "Padding":
			i.padding, _ = strconv.ParseInt(a.Value, 10, 64)
		}
	}
	p.items = append(p.items, i)
}

// ParseXMP reads the metadata in the XMP packet of a gain map. The error wraps ErrNone if the packet does not belong to
// a gain map, or else ErrDamaged or ErrUnsupported.
func ParseXMP(text []byte) (Metadata, error) {
	p := readXMP(text)
	if p.values["Version"] == nil || p.values["GainMapMax"] == nil {
		return Metadata{}, ErrNone
	}
	if v := p.values["Version"][0]; v != "1.0" {
		return Metadata{}, fmt.Errorf("%w: XMP of version %.20q", ErrUnsupported, v)
	}
	if v := p.values["BaseRenditionIsHDR"]; v != nil && strings.EqualFold(v[0], "true") {
		return Metadata{}, fmt.Errorf("%w: the first picture is for the larger headroom", ErrUnsupported)
	}
	m := Metadata{BaseColours: true, Channels: make([]Channel, 3)}
	var firstFault error
	number := func(name string, channel int, missing string) Ratio {
		text := missing
		if v := p.values[name]; len(v) > 0 {
			text = v[min(channel, len(v)-1)]
		}
		r, err := parseRatio(text)
		if err != nil {
			firstFault = cmp.Or(firstFault, fmt.Errorf("%s: %w", name, err))
		}
		return r
	}
	m.BaseHeadroom, m.AlternateHeadroom = number("HDRCapacityMin", 0, "0"), number("HDRCapacityMax", 0, "")
	for i := range m.Channels {
		m.Channels[i] = Channel{Min: number("GainMapMin", i, "0"), Max: number("GainMapMax", i, ""), Gamma: number("Gamma", i, "1"),
			BaseOffset: number("OffsetSDR", i, "0.015625"), AlternateOffset: number("OffsetHDR", i, "0.015625")}
	}
	if firstFault != nil {
		return Metadata{}, firstFault
	}
	m = m.simplify()
	return m, m.validate()
}

const (
	xmpStart = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="` + nsRDF + `">`
	xmpEnd   = `</rdf:RDF></x:xmpmeta>`
)

// XMP returns the XMP packet of a gain map.
func (m Metadata) XMP() []byte {
	m = m.simplify()
	var attributes, elements strings.Builder
	attribute := func(name, value string) { fmt.Fprintf(&attributes, ` hdrgm:%s="%s"`, name, value) }
	property := func(name string, of func(Channel) Ratio) {
		first := of(m.Channels[0]).String()
		if len(m.Channels) == 1 {
			attribute(name, first)
			return
		}
		fmt.Fprintf(&elements, `<hdrgm:%s><rdf:Seq>`, name)
		for _, c := range m.Channels {
			fmt.Fprintf(&elements, `<rdf:li>%v</rdf:li>`, of(c))
		}
		fmt.Fprintf(&elements, `</rdf:Seq></hdrgm:%s>`, name)
	}
	attribute("Version", "1.0")
	property("GainMapMin", func(c Channel) Ratio { return c.Min })
	property("GainMapMax", func(c Channel) Ratio { return c.Max })
	property("Gamma", func(c Channel) Ratio { return c.Gamma })
	property("OffsetSDR", func(c Channel) Ratio { return c.BaseOffset })
	property("OffsetHDR", func(c Channel) Ratio { return c.AlternateOffset })
	attribute("HDRCapacityMin", m.BaseHeadroom.String())
	attribute("HDRCapacityMax", m.AlternateHeadroom.String())
	attribute("BaseRenditionIsHDR", "False")
	return []byte(xmpStart + `<rdf:Description rdf:about="" xmlns:hdrgm="` + nsGainMap + `"` + attributes.String() + `>` + elements.String() +
		`</rdf:Description>` + xmpEnd)
}

// directory returns the description of a first picture that is followed by a gain map of this many bytes.
func directory(length int) string {
	const entry = `<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="%s" Item:Mime="image/jpeg"%s/></rdf:li>`
	return `<rdf:Description rdf:about="" xmlns:Container="` + nsContainer + `" xmlns:Item="` + nsItem + `" xmlns:hdrgm="` + nsGainMap +
		`" hdrgm:Version="1.0"><Container:Directory><rdf:Seq>` +
		fmt.Sprintf(entry, "Primary", "") + fmt.Sprintf(entry, "GainMap", fmt.Sprintf(` Item:Length="%d"`, length)) +
		`</rdf:Seq></Container:Directory></rdf:Description>`
}

// withDirectory returns the XMP packet of a first picture with a directory added. text is its original packet, or nil.
func withDirectory(text []byte, length int) []byte {
	const end = `</rdf:RDF>`
	if i := bytes.LastIndex(text, []byte(end)); i >= 0 {
		return []byte(string(text[:i]) + directory(length) + string(text[i:]))
	}
	return []byte(xmpStart + directory(length) + xmpEnd)
}

package credit

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
)

// Namespaces (XMP Specification, part 1, 7 and part 2, chapter 2).
const (
	nsRDF       = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsDC        = "http://purl.org/dc/elements/1.1/"
	nsPhotoshop = "http://ns.adobe.com/photoshop/1.0/"
	nsXML       = "http://www.w3.org/XML/1998/namespace"
)

var properties = map[xml.Name]Field{
	{Space: nsDC, Local: "rights"}:        Copyright,
	{Space: nsDC, Local: "creator"}:       Creator,
	{Space: nsPhotoshop, Local: "Credit"}: Credit,
	{Space: nsDC, Local: "description"}:   Description,
}

// Limits of an XMP packet.
const (
	// MaxXMP is the largest packet that is read, in bytes. In a JPEG a packet has at most 64 KiB, the size of a
	// segment.
	MaxXMP = 1 << 20
	// maxDepth is the maximum depth of nested elements. The elements that are read are six levels deep.
	maxDepth = 64
	// xmpCost is the most bytes that reading a packet allocates for each of its bytes. A packet of the shortest
	// possible attributes took 69.
	xmpCost = 72
)

// xmpReader reads the properties of a packet, which are attributes or elements of an rdf:Description.
type xmpReader struct {
	found texts
	path  []xml.Name

	field Field // the current property, or empty
	depth int   // length of the path at its element
	plain strings.Builder
	items []item
}

// item is one of several items in a property: a creator, or a text in one of several languages.
type item struct {
	language string
	text     []byte
}

// readXMP returns the texts of an XMP packet in UTF-8, as far as it is well-formed. It expands only the predefined
// entities of XML. It does not read extended XMP, which a JPEG has in further segments.
func readXMP(packet []byte) texts {
	if len(packet) == 0 || len(packet) > MaxXMP {
		return nil
	}
	r := xmpReader{found: texts{}}
	d := xml.NewDecoder(bytes.NewReader(packet))
	d.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) { return nil, xml.UnmarshalError(charset) }
	for {
		token, err := d.Token()
		if err != nil {
			return r.found
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(r.path) == maxDepth {
				return r.found
			}
			r.start(t)
		case xml.EndElement:
			r.end()
		case xml.CharData:
			r.text(string(t))
		}
	}
}

// start handles the start of an element.
func (r *xmpReader) start(t xml.StartElement) {
	described := r.inDescription()
	r.path = append(r.path, t.Name)
	switch f, ok := properties[t.Name]; {
	case described && ok:
		r.field, r.depth, r.items = f, len(r.path), nil
		r.plain.Reset()
	case r.field != "" && t.Name == xml.Name{Space: nsRDF, Local: "li"} && len(r.items) < maxRepeats:
		r.items = append(r.items, item{})
		for _, a := range t.Attr {
			if a.Name == (xml.Name{Space: nsXML, Local: "lang"}) {
				r.items[len(r.items)-1].language = a.Value
			}
		}
	case r.inDescription():
		for _, a := range t.Attr {
			if f, ok := properties[a.Name]; ok {
				r.take(f, a.Value)
			}
		}
	}
}

// inDescription reports whether the innermost element is an rdf:Description at the top, whose children are properties
// of the picture. One that lies deeper describes something else.
func (r *xmpReader) inDescription() bool {
	n := len(r.path)
	return n >= 2 && n <= 3 && r.path[n-1] == xml.Name{Space: nsRDF, Local: "Description"} && r.path[n-2] == xml.Name{Space: nsRDF, Local: "RDF"}
}

// text handles the text of an item, of its rdf:value, or of the property itself.
func (r *xmpReader) text(s string) {
	if r.field == "" {
		return
	}
	switch inner := r.path[len(r.path)-1]; {
	case len(r.path) == r.depth:
		r.plain.WriteString(s)
	case len(r.items) > 0 && (inner == xml.Name{Space: nsRDF, Local: "li"} || inner == xml.Name{Space: nsRDF, Local: "value"}):
		last := &r.items[len(r.items)-1]
		last.text = append(last.text, s...)
	case inner == xml.Name{Space: nsRDF, Local: "value"}:
		r.plain.WriteString(s)
	}
}

// end handles the end of an element.
func (r *xmpReader) end() {
	if r.field != "" && len(r.path) == r.depth {
		r.take(r.field, r.value())
		r.field = ""
	}
	r.path = r.path[:len(r.path)-1]
}

// value returns the text of the property: all creators, or the text in the default language, or else the first.
func (r *xmpReader) value() string {
	var all []string
	for i := range r.items {
		text := string(r.items[i].text)
		if r.field != Creator && strings.EqualFold(r.items[i].language, "x-default") {
			return text
		}
		all = append(all, text)
	}
	switch {
	case len(all) == 0:
		return r.plain.String()
	case r.field == Creator:
		return join(all)
	}
	return all[0]
}

// take stores the value of a property. If it occurs twice, the first value that is not blank counts.
func (r *xmpReader) take(f Field, value string) {
	if strings.TrimSpace(r.found[f]) == "" {
		r.found[f] = value
	}
}

package pngscan

import (
	"bytes"
	"slices"
)

// KeywordXMP is the keyword of the chunk that holds an XMP packet (XMP Specification, part 3, 1.1.5).
const KeywordXMP = "XML:com.adobe.xmp"

// keywords lists the keywords of the text chunks that are read (11.3.3.1).
var keywords = []string{KeywordXMP, "Author", "Copyright", "Description"}

// Text is a text chunk. Its value shares memory with the file.
type Text struct {
	Keyword  string
	Value    []byte
	Latin1   bool // Value is Latin-1, not UTF-8
	Deflated bool // Value is a zlib stream
}

func isText(kind string) bool { return kind == "tEXt" || kind == "zTXt" || kind == "iTXt" }

// text reads a text chunk (11.3.3) if its keyword is in keywords. If several have the same keyword, the first one
// counts.
func (s *scanner) text(kind string, p []byte) {
	for _, k := range keywords {
		rest, ok := bytes.CutPrefix(p, []byte(k))
		if !ok || len(rest) == 0 || rest[0] != 0 {
			continue
		}
		t := Text{Keyword: k, Value: rest[1:], Latin1: kind != "iTXt"}
		switch {
		case slices.ContainsFunc(s.file.Texts, func(t Text) bool { return t.Keyword == k }):
			return
		case kind == "zTXt" && len(t.Value) > 0 && t.Value[0] == 0: // the method, deflate
			t.Value, t.Deflated = t.Value[1:], true
		case kind == "zTXt":
			return
		case kind == "iTXt":
			if t.Value, t.Deflated, ok = internationalText(t.Value); !ok {
				return
			}
		}
		s.file.Texts = append(s.file.Texts, t)
		return
	}
}

// internationalText returns the text of an iTXt chunk after its keyword (11.3.3.4). The text follows a flag for
// compression, the method, a language, and the keyword in that language.
func internationalText(p []byte) (value []byte, deflated, ok bool) {
	if len(p) < 2 || p[0] > 1 || p[0] == 1 && p[1] != 0 {
		return nil, false, false
	}
	_, rest, language := bytes.Cut(p[2:], []byte{0})
	_, value, translated := bytes.Cut(rest, []byte{0})
	return value, p[0] == 1, language && translated
}

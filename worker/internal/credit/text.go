package credit

import (
	"bytes"
	"compress/zlib"
	"io"
	"strings"
	"unicode/utf8"

	"darkroom/worker/internal/exif"
	"darkroom/worker/internal/printable"
	"darkroom/worker/photo"
)

// limits holds the maximum length of each field of a Credit, in characters.
var limits = map[Field]int{Copyright: photo.MaxCopyright, Creator: photo.MaxCreator, Credit: photo.MaxCreditLine, Description: photo.MaxDescription}

// decode returns text in UTF-8. It reads text that is not valid UTF-8 as Latin-1.
func decode(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	return decodeLatin1(text)
}

func decodeLatin1(text []byte) string {
	var b strings.Builder
	for _, c := range text {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// clean removes the control characters of a text. A description keeps its newlines.
func clean(text string, f Field) string {
	if f == Description {
		return printable.Lines(text, limits[f])
	}
	return printable.Line(text, limits[f])
}

// join returns several creators as one text.
func join(parts []string) string {
	var kept []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, separator)
}

// separator stands between creators in the Artist tag of EXIF (MWG, 5.5), and here.
const separator = "; "

// readEXIF returns the texts of the first directory. If two entries have the same tag, the first one counts, even if it
// is blank: a directory has room for 65,535 entries, and all of them may share one long text.
func readEXIF(block []byte) texts {
	found := texts{}
	for e := range exif.Entries(block) {
		f, ok := map[uint16]Field{exif.Copyright: Copyright, exif.Artist: Creator, exif.ImageDescription: Description}[e.Tag]
		if _, known := found[f]; !ok || known {
			continue
		}
		text := e.Text()
		text, rest, _ := bytes.Cut(text[:min(len(text), maxText)], []byte{0})
		if f == Copyright { // the photographer's notice, followed by the editor's (CIPA DC-008, 4.6.5)
			editor, _, _ := bytes.Cut(rest, []byte{0})
			found[f] = join([]string{decode(text), decode(editor)})
			continue
		}
		found[f] = decode(text)
	}
	return found
}

// textKeywords are the keywords of a PNG's text chunks (PNG, third edition, 11.3.3.1).
var textKeywords = map[string]Field{"Author": Creator, "Copyright": Copyright, "Description": Description}

// maxText is how many bytes of an EXIF text or of a text chunk are read.
const maxText = 64 << 10

// readTexts returns the texts of a PNG. If two have the same keyword, the first one counts.
func readTexts(chunks []Text) texts {
	found := texts{}
	for _, t := range chunks {
		f, ok := textKeywords[t.Keyword]
		if !ok || found[f] != "" {
			continue
		}
		value := unpack(t, maxText)
		if t.Latin1 {
			found[f] = decodeLatin1(value)
		} else {
			found[f] = decode(value)
		}
	}
	return found
}

// unpack returns at most limit bytes of the text of a chunk. If it is deflated and damaged, unpack returns the part
// that can be read.
func unpack(t Text, limit int) []byte {
	if !t.Packed {
		return t.Value[:min(len(t.Value), limit)]
	}
	z, err := zlib.NewReader(bytes.NewReader(t.Value))
	if err != nil {
		return nil
	}
	defer z.Close()
	value, _ := io.ReadAll(io.LimitReader(z, int64(limit)))
	return value
}

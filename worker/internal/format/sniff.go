package format

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"darkroom/worker/photo"
)

// sniff returns the format of a file by its first bytes. A declared type or a file name is only the sender's claim, and is
// never used.
func sniff(data []byte) (Format, error) {
	for _, f := range table {
		if f.Readable() && f.sniff(data) {
			return f, nil
		}
	}
	readable := "Darkroom reads " + listed(photo.Readable) + " pictures."
	if len(data) == 0 {
		return Format{}, reject(photo.ReasonUnsupported, "The file is empty. %s", readable)
	}
	if what := lookalike(data); what != "" {
		return Format{}, reject(photo.ReasonUnsupported, "The file looks like %s. %s", what, readable)
	}
	return Format{}, reject(photo.ReasonUnsupported, "The file is not a picture of a known type. %s", readable)
}

// listed returns the formats as "JPEG, PNG and GIF".
func listed(formats []photo.Format) string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.DisplayName()
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// signatures of files that people upload and Darkroom does not read.
var signatures = []struct{ prefix, what string }{
	{"II*\x00", "a TIFF or camera raw picture"},
	{"MM\x00*", "a TIFF or camera raw picture"},
	{"BM", "a BMP picture"},
	{"%PDF-", "a PDF document"},
	{"8BPS", "a Photoshop document"},
	{"\xff\x0a", "a JPEG XL picture"},
	{"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"},
	{"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"},
	{"\x00\x00\x01\x00", "an icon"},
	{"PK\x03\x04", "a ZIP archive"},
	{"\x1aE\xdf\xa3", "a Matroska or WebM video"},
}

func lookalike(data []byte) string {
	if len(data) >= 12 && string(data[4:8]) == "ftyp" { // ISO/IEC 14496-12
		return "an MP4 or QuickTime video"
	}
	for _, s := range signatures {
		if bytes.HasPrefix(data, []byte(s.prefix)) {
			return s.what
		}
	}
	head := data[:min(len(data), 1024)]
	if !isText(head) {
		return ""
	}
	lower := bytes.ToLower(head)
	switch {
	case bytes.Contains(lower, []byte("<svg")):
		return "an SVG drawing"
	case bytes.Contains(lower, []byte("<html")), bytes.Contains(lower, []byte("<!doctype html")):
		return "a web page"
	}
	return "text"
}

// isText reports whether head is UTF-8 without control characters other than white space. A character may be cut off at
// the end.
func isText(head []byte) bool {
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 {
			return len(head) < utf8.UTFMax && !utf8.FullRune(head)
		}
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' {
			return false
		}
		head = head[n:]
	}
	return true
}

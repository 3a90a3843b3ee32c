package format

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"darkroom/worker/photo"
)

// sniff detects the format of a file from its first bytes. It ignores the declared type and the file name, which are
// only the sender's claim.
func sniff(data []byte) (Format, error) {
	for _, f := range table {
		if f.Readable() && f.sniff(data) {
			return f, nil
		}
	}
	if len(data) == 0 {
		return Format{}, &Rejection{Refusal: photo.EmptyFile()}
	}
	if what := lookalike(data); what != "" {
		return Format{}, &Rejection{Refusal: photo.NotPicture(what)}
	}
	return Format{}, &Rejection{Refusal: photo.UnknownFile(), Cause: fmt.Errorf("begins with %q", data[:min(len(data), 16)])}
}

// signatures has those of files that people upload but Darkroom does not read.
var signatures = []struct {
	prefix string
	what   photo.Lookalike
}{
	{"II*\x00", photo.TIFF},
	{"MM\x00*", photo.TIFF},
	{"BM", photo.BMP},
	{"%PDF-", photo.PDF},
	{"8BPS", photo.Photoshop},
	{"\xff\x0a", photo.JPEGXL},
	{"\x00\x00\x00\x0cJXL ", photo.JPEGXL},
	{"\x00\x00\x00\x0cjP  ", photo.JPEG2000},
	{"\x00\x00\x01\x00", photo.Icon},
	{"PK\x03\x04", photo.ZIP},
	{"\x1aE\xdf\xa3", photo.Matroska},
}

func lookalike(data []byte) photo.Lookalike {
	if len(data) >= 12 && string(data[4:8]) == "ftyp" { // ISO/IEC 14496-12
		return photo.MP4
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
		return photo.SVG
	case bytes.Contains(lower, []byte("<html")), bytes.Contains(lower, []byte("<!doctype html")):
		return photo.WebPage
	}
	return photo.Text
}

// isText reports whether head is UTF-8 without control characters other than white space. The last character may be
// cut.
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

package engine

import (
	"bytes"
	"unicode/utf8"

	"darkroom/worker/internal/heif"
	"darkroom/worker/photo"
)

// sniff tells the format of a file by its first bytes. A declared type or a file name is the sender's claim and is
// never asked for.
func sniff(data []byte) (photo.Format, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return photo.JPEG, nil
	case bytes.HasPrefix(data, []byte(pngSignature)):
		return photo.PNG, nil
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return photo.GIF, nil
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return photo.WebP, nil
	}
	switch heif.Brand(data) {
	case heif.HEVC:
		return photo.HEIC, nil
	case heif.AV1:
		return photo.AVIF, nil
	}
	const readable = "Darkroom reads JPEG, PNG, GIF, WebP, HEIC and AVIF pictures."
	if len(data) == 0 {
		return "", reject(photo.ReasonUnsupported, "The file is empty. "+readable)
	}
	if what := lookalike(data); what != "" {
		return "", reject(photo.ReasonUnsupported, "The file looks like %s. %s", what, readable)
	}
	return "", reject(photo.ReasonUnsupported, "The file is not a picture of a known type. "+readable)
}

// signatures of what people upload besides pictures that Darkroom reads.
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

// isText reports whether head is UTF-8 without control characters but white space. A character cut off at the end is
// no fault.
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

package photo

import "strings"

// Format is a picture file format by its usual name, such as "jpeg".
type Format string

const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	GIF  Format = "gif"
	WebP Format = "webp"
	HEIC Format = "heic"
	AVIF Format = "avif"
)

var (
	// Readable lists the formats that Darkroom reads. It is the allow-list of uploads: a file of any other format is
	// rejected as [ReasonUnsupported].
	Readable = []Format{JPEG, PNG, GIF, WebP, HEIC, AVIF}
	// Written lists the formats that variants can have.
	Written = []Format{JPEG, PNG, WebP, AVIF}
)

// ContentType is the media type registered for the format with IANA.
func (f Format) ContentType() string { return "image/" + string(f) }

// Ext is the file name extension of the format, without a dot.
func (f Format) Ext() string {
	if f == JPEG {
		return "jpg"
	}
	return string(f)
}

// DisplayName is the name of the format as people write it, such as "JPEG".
func (f Format) DisplayName() string {
	if f == WebP {
		return "WebP"
	}
	return strings.ToUpper(string(f))
}

// FormatOf returns the format with this media type, read or written, or false. HEIC has a second media type,
// image/heif, which stands for more than HEIC and which some browsers give to the photos of phones.
func FormatOf(contentType string) (Format, bool) {
	if f, ok := ReadableFormat(contentType); ok {
		return f, true
	}
	return formatIn(Written, contentType)
}

// ReadableFormat is [FormatOf] for the formats that Darkroom reads.
func ReadableFormat(contentType string) (Format, bool) {
	if contentType == "image/heif" {
		return HEIC, true
	}
	return formatIn(Readable, contentType)
}

func formatIn(formats []Format, contentType string) (Format, bool) {
	for _, f := range formats {
		if f.ContentType() == contentType {
			return f, true
		}
	}
	return "", false
}

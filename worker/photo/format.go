package photo

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

// Formats lists the formats that Darkroom reads. It is the allow-list of uploads: whatever else a file turns out to
// be, it is rejected as [ReasonUnsupported].
var Formats = []Format{JPEG, PNG, GIF, WebP, HEIC, AVIF}

// ContentType is the media type registered for the format with IANA.
func (f Format) ContentType() string { return "image/" + string(f) }

// Ext is the file name extension of the format, without a dot.
func (f Format) Ext() string {
	if f == JPEG {
		return "jpg"
	}
	return string(f)
}

// FormatOf returns the readable format with this media type, or false. HEIC has a second one, image/heif, which stands for
// more than HEIC and which some browsers give to the photos of phones.
func FormatOf(contentType string) (Format, bool) {
	if contentType == "image/heif" {
		return HEIC, true
	}
	for _, f := range Formats {
		if f.ContentType() == contentType {
			return f, true
		}
	}
	return "", false
}

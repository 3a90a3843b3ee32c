package reconcile

import (
	"darkroom/worker/internal/store"

	"fmt"
	"strings"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// limitsOf returns what the photo is held to: what its token promised would be taken, and never more than these settings
// allow. An original that came without a token promised nothing. Metadata that cannot be read was not written by a token.
func (c Config) limitsOf(o store.Object, ref photo.Ref) photo.Limits {
	promised, err := photo.ParseLimits(o.Metadata[photo.MetaLimits])
	if err != nil {
		c.Log.Warn("limits of an original are passed over", "key", ref.Key(), "error", err)
		promised = photo.Limits{}
	}
	if promised.MaxBytes == 0 || promised.MaxBytes > c.Recipe.MaxBytes {
		promised.MaxBytes = c.Recipe.MaxBytes
	}
	return promised
}

func checkBytes(bytes int64, l photo.Limits) error {
	if bytes <= l.MaxBytes {
		return nil
	}
	return &engine.Rejection{Reason: photo.ReasonTooLarge, Detail: fmt.Sprintf("The file has %d bytes; the limit is %d.", bytes, l.MaxBytes)}
}

// checkHeader looks for what only a file's own header tells: a client can call a HEIC a JPEG.
func checkHeader(h engine.Header, l photo.Limits) error {
	if !l.Takes(h.Format) {
		return &engine.Rejection{Reason: photo.ReasonUnsupported, Detail: fmt.Sprintf("The file is %s; the board takes %s.", nameOf(h.Format), names(l.Formats))}
	}
	if pixels := int64(h.Width) * int64(h.Height); l.MaxPixels > 0 && pixels > l.MaxPixels {
		return &engine.Rejection{Reason: photo.ReasonTooManyPixels, Detail: fmt.Sprintf(
			"The picture has %d x %d pixels; the board takes at most %.4g million.", h.Width, h.Height, float64(l.MaxPixels)/1e6)}
	}
	return nil
}

func nameOf(f photo.Format) string {
	if f == photo.WebP {
		return "WebP"
	}
	return strings.ToUpper(string(f))
}

func names(formats []photo.Format) string {
	text := make([]string, len(formats))
	for i, f := range formats {
		text[i] = nameOf(f)
	}
	return strings.Join(text, ", ")
}

package reconcile

import (
	"fmt"
	"strings"

	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// limitsFor returns the limits that apply to an original: those that its token promised, and at most those of this
// worker. An original that came without a token was promised nothing. Metadata that cannot be parsed was not written by a
// token, and is ignored.
func (c Config) limitsFor(o store.Object, ref photo.Ref) photo.Limits {
	promised, err := photo.ParseLimits(o.Metadata[photo.MetaLimits])
	if err != nil {
		c.Log.Warn("ignoring the limits in an original's metadata", "key", ref.Key(), "error", err)
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

// checkHeader checks what only the file itself says: a client can call a HEIC a JPEG.
func checkHeader(h engine.Header, l photo.Limits) error {
	if !l.Takes(h.Format) {
		return &engine.Rejection{Reason: photo.ReasonUnsupported, Detail: fmt.Sprintf(
			"The file is %s; the board takes %s.", h.Format.DisplayName(), displayNames(l.Formats))}
	}
	if pixels := int64(h.Width) * int64(h.Height); l.MaxPixels > 0 && pixels > l.MaxPixels {
		return &engine.Rejection{Reason: photo.ReasonTooManyPixels, Detail: fmt.Sprintf(
			"The picture has %d x %d pixels; the board takes at most %.4g million.", h.Width, h.Height, float64(l.MaxPixels)/1e6)}
	}
	return nil
}

func displayNames(formats []photo.Format) string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.DisplayName()
	}
	return strings.Join(names, ", ")
}

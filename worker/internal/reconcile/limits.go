package reconcile

import (
	"fmt"

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
	return &engine.Rejection{Refusal: photo.TooLarge(l.MaxBytes), Cause: fmt.Errorf("%d bytes", bytes)}
}

// checkHeader checks what only the file itself says: a client can call a HEIC a JPEG.
func checkHeader(h engine.Header, l photo.Limits) error {
	if !l.Takes(h.Format) {
		return &engine.Rejection{Refusal: photo.NotAccepted(h.Format, l.Formats)}
	}
	if pixels := int64(h.Width) * int64(h.Height); l.MaxPixels > 0 && pixels > l.MaxPixels {
		return &engine.Rejection{Refusal: photo.TooManyPixels(h.Width, h.Height, l.MaxPixels)}
	}
	return nil
}

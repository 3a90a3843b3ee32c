package reconcile

import (
	"fmt"

	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// Values of the label problem of the limits of an original.
const (
	limitsMissing    = "missing"    // uploaded without a token
	limitsUnreadable = "unreadable" // see [photo.ParseLimits]
)

// limitsFor returns the limits that apply to an original, which never exceed those of this worker:
//
//   - the limits of its token;
//   - without a token, those of its board;
//   - if the limits of its token cannot be read, the strictest: those that could be read, those of every board in
//     [Config.Boards], and those of this worker, all at once. So damaged limits never allow more than the whole ones.
func (c Config) limitsFor(o store.Object, ref photo.Ref) photo.Limits {
	own := photo.Limits{MaxBytes: c.Recipe.MaxBytes, MaxPixels: c.Recipe.MaxPixels}
	text, found := o.Metadata[photo.MetaLimits]
	if !found {
		c.Metrics.limits.WithLabelValues(limitsMissing).Inc()
		return c.Boards[ref.Board].Stricter(own)
	}
	promised, err := photo.ParseLimits(text)
	if err != nil {
		c.Metrics.limits.WithLabelValues(limitsUnreadable).Inc()
		c.Log.Warn("the limits of an original cannot be read, the strictest apply", "key", ref.Key(), "error", err)
		for _, l := range c.Boards {
			promised = promised.Stricter(l)
		}
	}
	return promised.Stricter(own)
}

func checkBytes(bytes int64, l photo.Limits) error {
	if bytes <= l.MaxBytes {
		return nil
	}
	return &engine.Rejection{Refusal: photo.TooLarge(l.MaxBytes), Cause: fmt.Errorf("%d bytes", bytes)}
}

// checkHeader checks the properties that only the file itself shows: a client can call a HEIC a JPEG.
func checkHeader(h engine.Header, l photo.Limits) error {
	if !l.Accepts(h.Format) {
		return &engine.Rejection{Refusal: photo.NotAccepted(h.Format, l.Formats)}
	}
	if pixels := int64(h.Width) * int64(h.Height); l.MaxPixels > 0 && pixels > l.MaxPixels {
		return &engine.Rejection{Refusal: photo.TooManyPixels(h.Width, h.Height, l.MaxPixels)}
	}
	return nil
}

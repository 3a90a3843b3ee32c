package format

import (
	"fmt"

	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// Rejection is the error for a file that cannot become variants, however often anyone tries. Find it with [errors.As].
// Every other error is not the photo's fault.
type Rejection struct {
	Reason photo.Reason
	Detail string // sentences for the uploader

	Panicked bool // a decoder panicked on the file, which is a fault of the decoder too
}

func (r *Rejection) Error() string { return string(r.Reason) + ": " + r.Detail }

func reject(reason photo.Reason, format string, args ...any) *Rejection {
	return &Rejection{Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

func truncated() *Rejection {
	return reject(photo.ReasonTruncated, "The file ends before the picture does.")
}

func corrupt(format string, args ...any) *Rejection {
	return reject(photo.ReasonCorrupt, format, args...)
}

// pixelLimit is the largest number of pixels that a picture may have.
type pixelLimit int64

func (l pixelLimit) check(s raster.Size) error {
	if s.Width < 1 || s.Height < 1 {
		return corrupt("The picture has no pixels (%d x %d).", s.Width, s.Height)
	}
	if s.Pixels() > int64(l) {
		return reject(photo.ReasonTooManyPixels, "The picture has %d x %d pixels; at most %.4g million are accepted.",
			s.Width, s.Height, float64(l)/1e6)
	}
	return nil
}

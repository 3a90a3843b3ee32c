package engine

import (
	"fmt"
	"io"

	"darkroom/worker/photo"
)

// Rejection is the error of a file that cannot become variants, whoever tries and however often. Find it with
// [errors.As]. Every other error is not the photo's fault.
type Rejection struct {
	Reason photo.Reason
	Detail string // sentences for the uploader

	Panicked bool // a decoder panicked on the file: a fault of the decoder's too, which its authors want to hear of
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

// pixelLimit is the most pixels that a picture may have.
type pixelLimit int64

func (l pixelLimit) check(s size) error {
	if s.w < 1 || s.h < 1 {
		return corrupt("The picture has no pixels (%d x %d).", s.w, s.h)
	}
	if s.pixels() > int64(l) {
		return reject(photo.ReasonTooManyPixels, "The picture has %d x %d pixels; at most %.4g million are accepted.",
			s.w, s.h, float64(l)/1e6)
	}
	return nil
}

// source reads a file for a decoder and remembers whether the decoder asked for more than there is. Decoders lose
// that in errors of their own making, and it is what tells a truncated file from a corrupt one.
type source struct {
	data []byte
	dry  bool
}

func (s *source) Read(p []byte) (int, error) {
	if len(s.data) == 0 && len(p) > 0 {
		s.dry = true
		return 0, io.EOF
	}
	n := copy(p, s.data)
	s.data = s.data[n:]
	return n, nil
}

func (s *source) ReadByte() (byte, error) {
	if len(s.data) == 0 {
		s.dry = true
		return 0, io.EOF
	}
	b := s.data[0]
	s.data = s.data[1:]
	return b, nil
}

// rejection turns what a decoder said into a Rejection.
func (s *source) rejection(err error) error {
	if s.dry {
		return truncated()
	}
	return corrupt("The picture does not decode (%v).", err)
}

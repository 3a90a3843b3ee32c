package format

import (
	"fmt"

	"darkroom/worker/photo"
)

// Rejection is the error for a file that cannot become variants, however often it is retried. Find it with [errors.As].
// Any other error is not the photo's fault.
type Rejection struct {
	photo.Refusal // shown to the uploader

	Cause    error // error of the reader or the decoder, for the log; may be nil
	Panicked bool  // a decoder panicked on the file, which is also a bug of the decoder
}

// Error returns all that is known, for operators.
func (r *Rejection) Error() string {
	text := string(r.Reason()) + ": " + r.Detail()
	if r.Cause != nil {
		text += fmt.Sprintf(" (%v)", r.Cause)
	}
	return text
}

func (r *Rejection) Unwrap() error { return r.Cause }

func truncated(f photo.Format) *Rejection { return &Rejection{Refusal: photo.Truncated(f)} }

// corrupt returns the Rejection of a file that does not decode. The other arguments say why, as for [fmt.Errorf].
func corrupt(f photo.Format, cause string, args ...any) *Rejection {
	return &Rejection{Refusal: photo.Corrupt(f), Cause: fmt.Errorf(cause, args...)}
}

// unsupported returns the Rejection of a file of a kind that is not read. The cause may be nil.
func unsupported(f photo.Format, kind photo.Kind, cause error) *Rejection {
	return &Rejection{Refusal: photo.UnsupportedKind(f, kind), Cause: cause}
}

package format

import (
	"errors"
	"testing"

	"darkroom/worker/photo"
)

func TestDecoderPanicIsARejection(t *testing.T) {
	err := func() (err error) {
		defer rescue(&err)
		var none []int
		_ = none[len(none)]
		return nil
	}()
	var r *Rejection
	if !errors.As(err, &r) || r.Reason != photo.ReasonCorrupt || r.Detail == "" || !r.Panicked {
		t.Errorf("%v (%+v), want a rejection that says that a decoder panicked", err, r)
	}
}

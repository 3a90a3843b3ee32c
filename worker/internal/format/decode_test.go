package format

import (
	"errors"
	"testing"

	"darkroom/worker/photo"
)

func TestDecoderPanicIsARejection(t *testing.T) {
	err := func() (err error) {
		defer rescue(photo.PNG, &err)
		var none []int
		_ = none[len(none)]
		return nil
	}()
	var r *Rejection
	if !errors.As(err, &r) || r.Refusal != photo.Corrupt(photo.PNG) || r.Cause == nil || !r.Panicked {
		t.Errorf("%v (%+v), want a rejection that says that a decoder panicked", err, r)
	}
}

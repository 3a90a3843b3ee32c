package develop_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"darkroom/worker/internal/develop"
	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// busyEngine renders until its context ends, and then returns the context's error.
type busyEngine struct {
	fakeEngine
	begun func()
}

func (e *busyEngine) Render(ctx context.Context, _ []byte, _ engine.Header, _ func(engine.Stage)) (engine.Rendering, error) {
	e.begun()
	for ctx.Err() == nil {
	}
	return engine.Rendering{}, ctx.Err()
}

// run renders a photo with an engine that never ends by itself.
func run(ctx context.Context, timeout time.Duration, begun func()) (result develop.Result, m *photo.Manifest, released bool, err error) {
	m = &photo.Manifest{Board: "cats", ID: photo.NewID()}
	result, err = develop.Photo(ctx, &busyEngine{begun: begun}, nil, m, develop.Options{
		Recipe: photo.Recipe{Name: "r1", RenderTimeout: timeout}, Timeout: timeout,
		Admit: func(context.Context, engine.Header, int64) (func(), error) { return func() { released = true }, nil },
	})
	return result, m, released, err
}

// TestPhotoThatTakesTooLong checks that the photo is rejected and that its manifest records the timeout.
func TestPhotoThatTakesTooLong(t *testing.T) {
	result, m, released, err := run(t.Context(), 2*time.Millisecond, func() {})
	if err != nil || result.Rejection == nil || result.Rejection.Refusal != photo.TooSlow(photo.JPEG) || !released {
		t.Fatalf("%+v, released %v, %v", result, released, err)
	}
	if m.State != photo.Rejected || m.Reason != photo.ReasonTooExpensive || m.Photo == nil || m.Limits == nil || m.Limits.RenderMillis != 2 {
		t.Errorf("manifest %+v with the limits %+v", m, m.Limits)
	}
}

// TestStoppedPhotoIsNotRejected checks that a render stopped by its caller is an error, with a timeout or without.
func TestStoppedPhotoIsNotRejected(t *testing.T) {
	for _, timeout := range []time.Duration{0, time.Hour} {
		ctx, cancel := context.WithCancel(t.Context())
		result, m, released, err := run(ctx, timeout, cancel)
		if !errors.Is(err, context.Canceled) || result.Rejection != nil || m.State == photo.Rejected || !released {
			t.Errorf("timeout %v: %+v, released %v, %v", timeout, result, released, err)
		}
	}
}

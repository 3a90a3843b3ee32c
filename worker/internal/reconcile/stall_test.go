package reconcile_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// trickle is a body that delivers one byte at a time, each after a pause, until its context ends.
type trickle struct {
	ctx   context.Context
	bytes io.Reader
	pause time.Duration
}

func (s *trickle) Read(p []byte) (int, error) {
	t := time.NewTimer(s.pause)
	defer t.Stop()
	select {
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	case <-t.C:
		return s.bytes.Read(p[:1])
	}
}

func TestStalledDownloadFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The budget holds one original, so the second photo waits for the memory of the first.
		w := newWorld(t, reconcile.Config{Recipe: photo.Recipe{Name: "r1", MaxBytes: 8}, Memory: 32, StallTimeout: 10 * time.Second})
		other := photo.Ref{Board: "cats", ID: photo.NewID()}
		w.uploads.Upload(w.ref.Key(), bytes.Repeat([]byte("x"), 8), nil)
		w.uploads.Upload(other.Key(), bytes.Repeat([]byte("y"), 8), nil)
		w.uploads.Body = func(ctx context.Context, key string, r io.Reader) io.Reader {
			if key == w.ref.Key() {
				return &trickle{ctx, r, time.Hour}
			}
			return r
		}
		start := time.Now()
		stalled, next := make(chan error), make(chan struct{})
		go func() {
			_, err := w.Reconcile(t.Context(), w.ref)
			stalled <- err
		}()
		synctest.Wait()
		go func() {
			defer close(next)
			outcome, err := w.Reconcile(t.Context(), other)
			if outcome != reconcile.Rendered || err != nil {
				t.Errorf("the next photo: %q, %v", outcome, err)
			}
		}()
		err := <-stalled
		if !errors.Is(err, store.ErrStalled) || !strings.Contains(err.Error(), w.ref.Key()) || errors.Is(err, store.ErrUnavailable) {
			t.Errorf("got %v, want store.ErrStalled of this photo", err)
		}
		if d := time.Since(start); d != 10*time.Second {
			t.Errorf("given up after %v", d)
		}
		<-next
	})
}

func TestSlowDownloadIsNotStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, reconcile.Config{StallTimeout: 10 * time.Second})
		w.uploads.Upload(w.ref.Key(), bytes.Repeat([]byte("x"), 20), nil)
		w.uploads.Body = func(ctx context.Context, _ string, r io.Reader) io.Reader { return &trickle{ctx, r, 9 * time.Second} }
		// A photo that waits for its turn does not read, which is no stall either.
		w.engine.during = func() { time.Sleep(time.Minute) }
		w.reconcile(t, reconcile.Rendered)
		w.check(t)
	})
}

func TestInterruptedDownloadIsNotStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, reconcile.Config{})
		w.uploads.Upload(w.ref.Key(), []byte("x"), nil)
		w.uploads.Body = func(ctx context.Context, _ string, r io.Reader) io.Reader { return &trickle{ctx, r, time.Hour} }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.Reconcile(ctx, w.ref); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrStalled) {
			t.Errorf("got %v, want the end of the context", err)
		}
	})
}

func TestDeadlineIsFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		w := newWorld(t, reconcile.Config{Metrics: reconcile.NewMetrics(reg)})
		w.uploads.Upload(w.ref.Key(), []byte("x"), nil)
		w.uploads.Body = func(ctx context.Context, _ string, r io.Reader) io.Reader { return &trickle{ctx, r, time.Hour} }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.Reconcile(ctx, w.ref); err == nil {
			t.Error("no error")
		}
		if n := counts(t, reg, "darkroom_photos_total"); n["error"] != 1 || n["interrupted"] != 0 {
			t.Errorf("counted %v", n)
		}
	})
}

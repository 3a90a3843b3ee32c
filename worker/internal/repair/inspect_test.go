package repair_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"darkroom/worker/internal/repair"
	"darkroom/worker/internal/sendlimit"
	"darkroom/worker/internal/store"
)

// TestOneUnreadPhoto: a manifest that the storage refuses is noted, and the run goes on.
func TestOneUnreadPhoto(t *testing.T) {
	archived := errors.New("InvalidObjectState")
	w := newWorld()
	for n := range 6 {
		w.uploads.Upload(ref(n).Key(), []byte("abc"), nil)
	}
	w.backfill(t, false)
	w.drain(t, "r0") // another recipe than that of the backfill
	w.variants.Before = func(_ context.Context, op, key string) error {
		if op == "get" && key == ref(2).ManifestKey() {
			return fmt.Errorf("%w: %w", store.ErrRefused, archived)
		}
		return nil
	}
	var notes strings.Builder
	sum, _, err := w.run(t, repair.Config{Notes: &notes}, sendlimit.Limits{})
	if !errors.Is(err, repair.ErrUnread) || !errors.Is(err, archived) || sum.Unread != 1 || sum.Originals != 6 || sum.Last != ref(5).Key() {
		t.Errorf("%+v, %v", sum, err)
	}
	if sent := strings.Join(w.queue.bodies, "\n"); len(w.queue.bodies) != 5 || strings.Contains(sent, ref(2).Key()) {
		t.Errorf("events %s", sent)
	}
	if got := notes.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, ref(2).Key()) || !strings.Contains(got, "InvalidObjectState") {
		t.Errorf("notes %q", got)
	}
}

// TestUnreadBucket: if no manifest can be read, the run ends soon.
func TestUnreadBucket(t *testing.T) {
	denied := fmt.Errorf("AccessDenied: %w", store.ErrRefused)
	w := newWorld()
	for n := range 300 {
		w.uploads.Upload(ref(n).Key(), []byte("abc"), nil)
		if n%2 == 0 { // those without a manifest say nothing about whether one can be read
			w.variants.Upload(ref(n).ManifestKey(), []byte("{}"), nil)
		}
	}
	w.variants.Before = func(_ context.Context, op, _ string) error {
		if op == "get" {
			return denied
		}
		return nil
	}
	sum, _, err := w.run(t, repair.Config{}, sendlimit.Limits{})
	if !errors.Is(err, denied) || errors.Is(err, repair.ErrUnread) || !strings.Contains(err.Error(), "10 photos in a row") || len(w.queue.bodies) != 0 {
		t.Errorf("%+v, %v, %d events", sum, err, len(w.queue.bodies))
	}
	if n := w.variants.Requests()["get"]; n > 128 {
		t.Errorf("%d reads", n)
	}
	if slices.Contains([]string{ref(0).Key(), ref(1).Key()}, sum.Last) {
		t.Errorf("continue after %s", sum.Last)
	}
}

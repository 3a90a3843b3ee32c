package repair_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"testing"

	"darkroom/worker/internal/repair"
	"darkroom/worker/photo"
)

// TestBudget stops before the photo that would exceed the budget. Runs that each continue after the printed key of the
// last one send an event about each photo once.
func TestBudget(t *testing.T) {
	const read, event = 0.125, 1.0
	price := func(bytes int64, gets bool) float64 {
		if !gets {
			return read
		}
		return read + event*float64(bytes)
	}
	w := newWorld()
	for i := range 300 { // more than are read at a time
		w.uploads.Upload(ref(i).Key(), []byte("x"), nil)
	}
	after, spent, sent := "", 0.0, 0
	for _, budget := range []float64{2.3, 1, 0.5, 200, 1000} {
		events, err := repair.NewEvents(repair.EventsConfig{Bucket: "uploads", Name: "e", Out: io.Discard}, w.queue)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := repair.New(repair.Config{After: after}, w.uploads, w.variants, events).Backfill(t.Context(),
			repair.BackfillConfig{Recipe: photo.Recipe{Name: "r1"}, Budget: budget, Price: price})
		want := min(int(budget/(read+event)), 300-sent)
		if errors.Is(err, repair.ErrSpent) != (sent+want < 300) || events.SentCount() != want || math.Abs(sum.Spent-float64(want)*(read+event)) > 1e-9 {
			t.Errorf("budget %v: %d events, spent %v, %v, want %d events", budget, events.SentCount(), sum.Spent, err, want)
		}
		if sum.Spent > budget {
			t.Errorf("budget %v: spent %v", budget, sum.Spent)
		}
		after, sent, spent = sum.Last, sent+events.SentCount(), spent+sum.Spent
	}
	if len(w.queue.bodies) != 300 || sent != 300 {
		t.Errorf("%d events of 300 photos", len(w.queue.bodies))
	}
	seen := map[string]bool{}
	for _, b := range w.queue.bodies {
		seen[b] = true
	}
	if len(seen) != 300 {
		t.Errorf("events of %d photos, want 300", len(seen))
	}

	// Checking photos that are up to date costs too.
	w.drain(t, "r1")
	events, err := repair.NewEvents(repair.EventsConfig{Bucket: "uploads", Name: "e"}, w.queue)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := repair.New(repair.Config{}, w.uploads, w.variants, events).Backfill(t.Context(),
		repair.BackfillConfig{Recipe: photo.Recipe{Name: "r1"}, Budget: 1, Price: price})
	if !errors.Is(err, repair.ErrSpent) || sum.UpToDate != 8 || sum.Spent != 1 || sum.Last != ref(7).Key() {
		t.Errorf("up to date: %+v, %v, want eight photos", sum, err)
	}
}

func TestBudgetNeedsPrices(t *testing.T) {
	w := newWorld()
	events, err := repair.NewEvents(repair.EventsConfig{Bucket: "uploads", Name: "e"}, w.queue)
	if err != nil {
		t.Fatal(err)
	}
	_, err = repair.New(repair.Config{}, w.uploads, w.variants, events).Backfill(t.Context(), repair.BackfillConfig{Recipe: photo.Recipe{Name: "r1"}, Budget: 1})
	if err == nil || fmt.Sprint(err) != "backfill: a budget needs prices" {
		t.Errorf("got %v", err)
	}
}

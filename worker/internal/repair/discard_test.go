package repair_test

import (
	"slices"
	"testing"
	"time"

	"darkroom/worker/internal/repair"
	"darkroom/worker/photo"
)

// rejected stores the manifest of a photo that was rejected.
func (b *buckets) rejected(t *testing.T, n int, change func(m *photo.Manifest)) *buckets {
	t.Helper()
	return b.manifest(t, n, 2*hour, func(m *photo.Manifest) {
		m.Variants = nil
		m.Reject(photo.Corrupt(photo.JPEG), photo.Recipe{})
		if change != nil {
			change(m)
		}
	})
}

// remove deletes the original.
func (b *buckets) remove(t *testing.T, n int) {
	t.Helper()
	if err := b.uploads.Delete(t.Context(), []string{ref(n).Key()}); err != nil {
		t.Fatal(err)
	}
}

func discarded(m *photo.Manifest) { m.OriginalDiscarded = time.Unix(1, 0) }

// named returns the names of the events with the keys of their photos.
func (q *sent) named() (list []string) {
	for _, e := range q.events {
		list = append(list, e.Name+" "+e.Key)
	}
	return list
}

// TestSweepFindsOldRejectedOriginals: only photos that are rejected and old get an event, and it has a name of its own.
// The age of the manifest does not matter.
func TestSweepFindsOldRejectedOriginals(t *testing.T) {
	b := newBuckets()
	b.original(1, 99*hour).rejected(t, 1, nil)
	b.original(2, 50*hour).rejected(t, 2, nil)                    // not old enough
	b.ready(t, 3, 99*hour)                                        // not rejected
	b.original(4, 99*hour).rejected(t, 4, discarded).remove(t, 4) // discarded already
	b.original(6, 99*hour).rejected(t, 6, nil).variant(strayVariant(6), 99*hour)
	for cfg, want := range map[repair.SweepConfig][]string{
		{OlderThan: hour, ChangedWithin: 3 * hour / 2}:                                                  {},
		{OlderThan: hour, ChangedWithin: 3 * hour / 2, RejectedFor: 60 * hour, DiscardEvent: "Discard"}: {"Discard " + ref(1).Key()},
	} {
		q := &sent{}
		events, err := repair.NewEvents(repair.EventsConfig{Bucket: "uploads", Name: "Sweep"}, q)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := repair.New(repair.Config{}, b.uploads, b.variants, events).Sweep(t.Context(), cfg)
		if got := q.named(); err != nil || !slices.Equal(got, want) || sum.Discards != len(want) {
			t.Errorf("%+v: %+v, events %q, %v, want %q", cfg, sum, got, err, want)
		}
	}
}

package repair_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"darkroom/worker/internal/repair"
	"darkroom/worker/internal/sendlimit"
	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/photo"
)

// sweepWorld has a finished photo, an orphan, one that has been unfinished for long, and one that has just arrived.
func sweepWorld() (uploads, variants *storetest.Memory) {
	uploads, variants = storetest.NewMemory(), storetest.NewMemory()
	for _, n := range []int{1, 3, 4} {
		uploads.Upload(ref(n).Key(), []byte("x"), nil)
		uploads.SetModified(ref(n).Key(), time.Now().Add(-2*time.Hour))
	}
	uploads.SetModified(ref(4).Key(), time.Now().Add(-time.Minute))
	for _, k := range []string{ref(1).ManifestKey(), ref(2).VariantKey("large", "00", photo.JPEG), ref(3).VariantKey("large", "00", photo.JPEG), "index.html"} {
		variants.Upload(k, []byte("x"), nil)
	}
	return uploads, variants
}

func runSweep(t *testing.T, cfg repair.Config, limits sendlimit.Limits) (repair.Swept, []string, string, error) {
	t.Helper()
	uploads, variants := sweepWorld()
	q, out := &sent{}, &bytes.Buffer{}
	events, err := repair.NewEvents(repair.EventsConfig{Limits: limits, Bucket: "uploads", Out: out}, q)
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Concat(uploads.Keys(), variants.Keys())
	sum, err := repair.New(cfg, uploads, variants, events).Sweep(t.Context(), time.Hour)
	if after := slices.Concat(uploads.Keys(), variants.Keys()); !slices.Equal(before, after) {
		t.Errorf("sweep changed %v to %v", before, after)
	}
	return sum, q.keys(), out.String(), err
}

func TestSweep(t *testing.T) {
	sum, keys, _, err := runSweep(t, repair.Config{}, sendlimit.Limits{})
	want := repair.Swept{Photos: 4, Unfinished: 1, Young: 1, Found: repair.Found{Orphans: 1, Strays: 1, Stray: "index.html", Last: ref(4).Key()}}
	if err != nil || sum != want {
		t.Errorf("got %+v, %v, want %+v", sum, err, want)
	}
	if !slices.Equal(keys, []string{ref(2).Key(), ref(3).Key()}) {
		t.Errorf("events of %v", keys)
	}
}

func TestDrySweepSendsNothing(t *testing.T) {
	_, keys, out, err := runSweep(t, repair.Config{}, sendlimit.Limits{DryRun: true})
	if want := ref(2).Key() + "\tno original\n" + ref(3).Key() + "\tno manifest\n"; err != nil || len(keys) != 0 || out != want {
		t.Errorf("sent %v, printed %q, %v", keys, out, err)
	}
}

func TestSweepResumesAfterItsBudget(t *testing.T) {
	sum, keys, _, err := runSweep(t, repair.Config{}, sendlimit.Limits{Max: 1})
	if !errors.Is(err, repair.ErrBudget) || !slices.Equal(keys, []string{ref(2).Key()}) || sum.Last != ref(2).Key() {
		t.Errorf("got %+v, %v, %v", sum, keys, err)
	}
	sum, keys, _, err = runSweep(t, repair.Config{After: sum.Last}, sendlimit.Limits{Max: 1})
	if err != nil || !slices.Equal(keys, []string{ref(3).Key()}) || sum.Photos != 2 {
		t.Errorf("then %+v, %v, %v", sum, keys, err)
	}
}

func TestFailedListingIsNoOrphan(t *testing.T) {
	uploads, variants := sweepWorld()
	broken := errors.New("access denied")
	uploads.Before = func(context.Context, string, string) error { return broken }
	q := &sent{}
	events, err := repair.NewEvents(repair.EventsConfig{Bucket: "uploads"}, q)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repair.New(repair.Config{}, uploads, variants, events).Sweep(t.Context(), 0); !errors.Is(err, broken) || len(q.events) != 0 {
		t.Errorf("%v, events of %v", err, q.keys())
	}
}

func TestNegativeAge(t *testing.T) {
	uploads, variants := sweepWorld()
	events, err := repair.NewEvents(repair.EventsConfig{Bucket: "uploads"}, &sent{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repair.New(repair.Config{}, uploads, variants, events).Sweep(t.Context(), -1); err == nil {
		t.Error("no error")
	}
}

package sweep_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"darkroom/worker/internal/enqueue"
	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/internal/sweep"
	"darkroom/worker/photo"
	"darkroom/worker/s3event"
)

type queue struct{ keys []string }

func (q *queue) Send(_ context.Context, bodies []string) []error {
	for _, b := range bodies {
		events, err := s3event.Parse(b)
		if err != nil {
			panic(err)
		}
		q.keys = append(q.keys, events[0].Key)
	}
	return make([]error, len(bodies))
}

func ref(n int) photo.Ref { return photo.Ref{Board: "cats", ID: photo.ID(fmt.Sprintf("%032x", n))} }

// world has a photo that is whole, an orphan, one that nobody has made for long and one that has just come.
func world() (uploads, variants *storetest.Memory) {
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

func run(t *testing.T, cfg sweep.Config, limits enqueue.Limits) (sweep.Summary, []string, string, error) {
	t.Helper()
	uploads, variants := world()
	q, out := &queue{}, &bytes.Buffer{}
	events, err := enqueue.New(enqueue.Config{Limits: limits, Bucket: "uploads", Out: out}, q)
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Concat(uploads.Keys(), variants.Keys())
	sum, err := sweep.Run(t.Context(), cfg, uploads, variants, events)
	if after := slices.Concat(uploads.Keys(), variants.Keys()); !slices.Equal(before, after) {
		t.Errorf("it changed %v to %v", before, after)
	}
	return sum, q.keys, out.String(), err
}

func TestSweep(t *testing.T) {
	sum, keys, _, err := run(t, sweep.Config{OlderThan: time.Hour}, enqueue.Limits{})
	want := sweep.Summary{Photos: 4, Orphans: 1, Unfinished: 1, Young: 1, Strays: 1, Stray: "index.html", Last: ref(4).Key()}
	if err != nil || sum != want {
		t.Errorf("got %+v, %v, want %+v", sum, err, want)
	}
	if !slices.Equal(keys, []string{ref(2).Key(), ref(3).Key()}) {
		t.Errorf("events of %v", keys)
	}
}

func TestDrySweepSendsNothing(t *testing.T) {
	_, keys, out, err := run(t, sweep.Config{OlderThan: time.Hour}, enqueue.Limits{DryRun: true})
	if want := ref(2).Key() + "\tno original\n" + ref(3).Key() + "\tno manifest\n"; err != nil || len(keys) != 0 || out != want {
		t.Errorf("sent %v, told %q, %v", keys, out, err)
	}
}

func TestBudgetAndGoingOn(t *testing.T) {
	sum, keys, _, err := run(t, sweep.Config{OlderThan: time.Hour}, enqueue.Limits{Max: 1})
	if !errors.Is(err, enqueue.ErrBudget) || !slices.Equal(keys, []string{ref(2).Key()}) || sum.Last != ref(2).Key() {
		t.Errorf("got %+v, %v, %v", sum, keys, err)
	}
	sum, keys, _, err = run(t, sweep.Config{OlderThan: time.Hour, After: sum.Last}, enqueue.Limits{Max: 1})
	if err != nil || !slices.Equal(keys, []string{ref(3).Key()}) || sum.Photos != 2 {
		t.Errorf("then %+v, %v, %v", sum, keys, err)
	}
}

func TestABucketThatCannotBeListedIsNotEmpty(t *testing.T) {
	uploads, variants := world()
	broken := errors.New("access denied")
	uploads.Before = func(context.Context, string, string) error { return broken }
	q := &queue{}
	events, err := enqueue.New(enqueue.Config{Bucket: "uploads"}, q)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sweep.Run(t.Context(), sweep.Config{}, uploads, variants, events); !errors.Is(err, broken) || len(q.keys) != 0 {
		t.Errorf("%v, events of %v", err, q.keys)
	}
}

func TestNegativeAge(t *testing.T) {
	if err := (sweep.Config{OlderThan: -1}).Validate(); err == nil {
		t.Error("no error")
	}
}

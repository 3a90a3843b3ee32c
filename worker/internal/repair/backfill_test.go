package repair_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/format"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/repair"
	"darkroom/worker/internal/sendlimit"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/photo"
	"darkroom/worker/s3event"
)

// held is a queue that keeps messages until a reconciler receives them.
type held struct {
	bodies []string
	fail   error
}

func (q *held) Limits() queue.Limits { return queue.Limits{Batch: 10} }

func (q *held) Send(_ context.Context, messages []queue.Outgoing) []error {
	errs := make([]error, len(messages))
	for i, m := range messages {
		if errs[i] = q.fail; q.fail == nil {
			q.bodies = append(q.bodies, m.Body)
		}
	}
	return errs
}

type fakeEngine struct{}

func (fakeEngine) Inspect([]byte) (engine.Header, error) {
	return engine.Header{Header: format.Header{Format: photo.JPEG, Width: 4, Height: 3, Orientation: 1}}, nil
}
func (fakeEngine) Memory(engine.Header) int64   { return 1 }
func (fakeEngine) Effort(engine.Header) float64 { return 1 }
func (fakeEngine) Render(_ context.Context, data []byte, _ engine.Header, _ func(engine.Stage)) (engine.Rendering, error) {
	return engine.Rendering{Images: []engine.Image{{Name: "large", Format: photo.JPEG, Width: 4, Height: 3, Data: data}}}, nil
}

func parseEvents(body string) ([]reconcile.Event, error) {
	parsed, err := s3event.Parse(body)
	events := make([]reconcile.Event, len(parsed))
	for i, e := range parsed {
		events[i] = reconcile.Event(e)
	}
	return events, err
}

type world struct {
	uploads, variants *storetest.Memory
	queue             *held
}

func newWorld() *world {
	return &world{storetest.NewMemory(), storetest.NewMemory(), &held{}}
}

func ref(n int) photo.Ref { return photo.Ref{Board: "cats", ID: photo.ID(fmt.Sprintf("%032x", n))} }

// drain reconciles what the queue holds with a recipe, and returns how many photos were rendered.
func (w *world) drain(t *testing.T, recipe string) (made int) {
	t.Helper()
	r, err := reconcile.New(reconcile.Config{Bucket: "uploads", ParseEvents: parseEvents, Recipe: photo.Recipe{Name: recipe}}, w.uploads, w.variants, fakeEngine{})
	if err != nil {
		t.Fatal(err)
	}
	w.variants.Requests()
	for _, b := range w.queue.bodies {
		if err := r.Message(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	w.queue.bodies = nil
	return w.variants.Requests()["put"] / 2
}

func (w *world) run(t *testing.T, cfg repair.Config, limits sendlimit.Limits) (repair.Backfilled, string, error) {
	t.Helper()
	var out bytes.Buffer
	events, err := repair.NewEvents(repair.EventsConfig{Limits: limits, Bucket: "uploads", Name: "Darkroom:Backfill", Out: &out}, w.queue)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := repair.New(cfg, w.uploads, w.variants, events).Backfill(t.Context(), repair.BackfillConfig{Recipe: photo.Recipe{Name: "r1"}})
	return sum, out.String(), err
}

func TestBackfillFindsStalePhotos(t *testing.T) {
	w := newWorld()
	for i := range 8 {
		w.uploads.Upload(ref(i).Key(), fmt.Append(nil, i), nil)
	}
	w.run(t, repair.Config{}, sendlimit.Limits{})
	if n := w.drain(t, "r1"); n != 8 {
		t.Fatalf("made %d of 8", n)
	}
	if sum, _, err := w.run(t, repair.Config{}, sendlimit.Limits{}); err != nil || sum.UpToDate != 8 || len(w.queue.bodies) != 0 {
		t.Errorf("again: %+v, %v, %d events", sum, err, len(w.queue.bodies))
	}

	if err := w.variants.Delete(t.Context(), []string{ref(0).ManifestKey()}); err != nil {
		t.Fatal(err)
	}
	w.uploads.Upload(ref(1).Key(), []byte("another"), nil)
	w.variants.Upload(ref(2).ManifestKey(), []byte("{"), nil)
	for _, k := range w.variants.Keys() {
		if strings.HasPrefix(k, ref(3).Prefix()) && k != ref(3).ManifestKey() {
			if err := w.variants.Delete(t.Context(), []string{k}); err != nil {
				t.Fatal(err)
			}
		}
	}
	old := string(w.variants.Stored(ref(4).ManifestKey()))
	w.variants.Upload(ref(4).ManifestKey(), []byte(strings.Replace(old, `"r1"`, `"r0"`, 1)), nil)
	edit := func(ref photo.Ref, change func(*photo.Manifest)) {
		m, err := photo.ParseManifest(ref, w.variants.Stored(ref.ManifestKey()))
		if err != nil {
			t.Fatal(err)
		}
		change(m)
		text, err := m.MarshalIndented()
		if err != nil {
			t.Fatal(err)
		}
		w.variants.Upload(ref.ManifestKey(), text, nil)
	}
	edit(ref(5), func(m *photo.Manifest) {
		m.Reject(photo.TooLarge(0), photo.Recipe{Name: "r1"})
		m.Limits.MaxBytes = 7
	})
	edit(ref(6), func(m *photo.Manifest) { m.MarkDamaged(photo.Recipe{Name: "r1", Damaged: true}) })
	w.variants.Upload(ref(9).ManifestKey(), []byte("{}"), nil) // without an original
	w.uploads.Upload("readme.txt", []byte("x"), nil)
	sum, _, err := w.run(t, repair.Config{}, sendlimit.Limits{})
	want := map[photo.Staleness]int{}
	for _, r := range photo.Stalenesses {
		want[r] = 1
	}
	delete(want, photo.OtherSize)
	delete(want, photo.OtherDigest)
	if err != nil || sum.Originals != 8 || sum.UpToDate != 1 || sum.Orphans != 1 || sum.Strays != 1 || !maps.Equal(sum.Stale, want) || sum.Last != ref(9).Key() {
		t.Errorf("got %+v, %v", sum, err)
	}
	if n := w.drain(t, "r1"); n != 7 {
		t.Errorf("made %d, want 7", n)
	}
	if sum, _, _ := w.run(t, repair.Config{}, sendlimit.Limits{}); sum.UpToDate != 8 {
		t.Errorf("in the end: %+v", sum)
	}
}

// TestBackfillCausesNoLoop: a second backfill finds nothing to do, and no event causes another.
func TestBackfillCausesNoLoop(t *testing.T) {
	w := newWorld()
	w.uploads.Upload(ref(1).Key(), []byte("a"), nil)
	before := w.uploads.Keys()
	for range 3 {
		w.run(t, repair.Config{}, sendlimit.Limits{})
	}
	if len(w.queue.bodies) != 3 {
		t.Fatalf("%d events", len(w.queue.bodies))
	}
	if n := w.drain(t, "r1"); n != 1 {
		t.Errorf("made %d times", n)
	}
	if len(w.queue.bodies) != 0 || !slices.Equal(w.uploads.Keys(), before) {
		t.Error("work made more work")
	}
}

func TestBackfillResumesAfterItsBudget(t *testing.T) {
	w := newWorld()
	for i := range 300 {
		w.uploads.Upload(ref(i).Key(), []byte("a"), nil)
	}
	w.uploads.Upload("dogs/"+string(ref(1).ID), []byte("a"), nil)
	cfg := repair.Config{Prefix: "cats/"}
	var runs []int
	for range 10 {
		sum, _, err := w.run(t, cfg, sendlimit.Limits{Max: 130})
		cfg.After = sum.Last
		runs = append(runs, sum.Originals)
		if err == nil {
			break
		}
		if !errors.Is(err, repair.ErrBudget) {
			t.Fatal(err)
		}
	}
	if !slices.Equal(runs, []int{130, 130, 40}) {
		t.Errorf("runs of %v", runs)
	}
	slices.Sort(w.queue.bodies)
	if n := len(slices.Compact(w.queue.bodies)); n != 300 {
		t.Errorf("events of %d photos, want each of 300 once", n)
	}
}

func TestDryBackfillSendsNothing(t *testing.T) {
	w := newWorld()
	w.uploads.Upload(ref(1).Key(), []byte("a"), nil)
	sum, out, err := w.run(t, repair.Config{}, sendlimit.Limits{DryRun: true})
	if err != nil || len(w.queue.bodies) != 0 || sum.Stale[photo.NoManifest] != 1 || out != ref(1).Key()+"\tno manifest\n" {
		t.Errorf("%+v, %v, %q, %d events", sum, err, out, len(w.queue.bodies))
	}
}

// TestInterruptedBackfill: a resumed run starts before the first photo whose event was not sent.
func TestInterruptedBackfill(t *testing.T) {
	w := newWorld()
	for i := range 300 {
		w.uploads.Upload(ref(i).Key(), []byte("a"), nil)
	}
	ctx, cancel := context.WithCancel(t.Context())
	events, err := repair.NewEvents(repair.EventsConfig{Bucket: "uploads", Name: "Darkroom:Backfill"}, stopping{w.queue, cancel, 200})
	if err != nil {
		t.Fatal(err)
	}
	sum, err := repair.New(repair.Config{}, w.uploads, w.variants, events).Backfill(ctx, repair.BackfillConfig{Recipe: photo.Recipe{Name: "r1"}})
	if !errors.Is(err, context.Canceled) || len(w.queue.bodies) < 200 || len(w.queue.bodies) == 300 {
		t.Fatalf("%d events, %v", len(w.queue.bodies), err)
	}
	if _, _, err := w.run(t, repair.Config{After: sum.Last}, sendlimit.Limits{}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(w.queue.bodies)
	if n := len(slices.Compact(w.queue.bodies)); n != 300 {
		t.Errorf("after %s: events of %d photos, want 300", sum.Last, n)
	}
}

// stopping is a queue that stops the command when it has a given number of messages.
type stopping struct {
	*held
	stop  func()
	after int
}

func (q stopping) Send(ctx context.Context, messages []queue.Outgoing) []error {
	errs := q.held.Send(ctx, messages)
	if len(q.bodies) >= q.after {
		q.stop()
	}
	return errs
}

func TestFailuresEndTheBackfill(t *testing.T) {
	broken := fmt.Errorf("slow down: %w", store.ErrUnavailable)
	w := newWorld()
	w.uploads.Upload(ref(1).Key(), []byte("a"), nil)
	w.queue.fail = broken
	if sum, _, err := w.run(t, repair.Config{}, sendlimit.Limits{}); !errors.Is(err, broken) || sum.Last != "" {
		t.Errorf("send: %+v, %v", sum, err)
	}
	w.queue.fail = nil
	w.variants.Upload(ref(1).ManifestKey(), []byte("{}"), nil)
	w.variants.Before = func(_ context.Context, op, _ string) error {
		if op == "get" {
			return broken
		}
		return nil
	}
	if _, _, err := w.run(t, repair.Config{}, sendlimit.Limits{}); !errors.Is(err, broken) || len(w.queue.bodies) != 0 {
		t.Errorf("get: %v, %d events", err, len(w.queue.bodies))
	}
	w.variants.Before = func(context.Context, string, string) error { return broken }
	if _, _, err := w.run(t, repair.Config{}, sendlimit.Limits{}); !errors.Is(err, broken) {
		t.Errorf("list: %v", err)
	}
}

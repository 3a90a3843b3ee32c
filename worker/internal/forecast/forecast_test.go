package forecast

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/format"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/photo"
	"darkroom/worker/prices"
)

// fakeEngine renders the specs of these names, and rejects an original that begins with bad.
type fakeEngine struct{ names []string }

func (e fakeEngine) Inspect(data []byte) (engine.Header, error) {
	if bytes.HasPrefix(data, []byte("bad")) {
		return engine.Header{}, &engine.Rejection{Refusal: photo.Corrupt(photo.JPEG), Cause: errors.New("bad")}
	}
	return engine.Header{Header: format.Header{Format: photo.JPEG, Width: 4, Height: 3, Orientation: 1}}, nil
}

func (fakeEngine) Memory(engine.Header) int64   { return 1 }
func (fakeEngine) Effort(engine.Header) float64 { return 1 }

func (e fakeEngine) Render(_ context.Context, data []byte, h engine.Header, _ func(engine.Stage)) (r engine.Rendering, err error) {
	for _, n := range e.names {
		if !h.Skips(n) {
			r.Images = append(r.Images, engine.Image{Name: n, Format: photo.JPEG, Width: 4, Height: 3, Data: append([]byte(n+" of "), data...)})
		}
	}
	return r, nil
}

// world holds the two buckets.
type world struct {
	uploads, variants *storetest.Memory
	refs              []photo.Ref
}

func newWorld() *world {
	return &world{uploads: storetest.NewMemory(), variants: storetest.NewMemory()}
}

// rehearsals returns the rehearsals with the specs of these names.
func (w *world) rehearsals(names ...string) Rehearsals {
	recipe := photo.Recipe{Name: strings.Join(names, " ")}
	for _, n := range names {
		recipe.Specs = append(recipe.Specs, photo.SpecRecipe{Name: n, ID: n})
	}
	return Rehearsals{Originals: w.uploads, Variants: w.variants, Engine: fakeEngine{names}, Config: reconcile.Config{
		Bucket: "uploads", Recipe: recipe, ParseEvents: func(string) ([]reconcile.Event, error) { return nil, nil }}}
}

// upload stores photos with originals of about this size, and has them reconciled with the specs of these names, if
// any.
func (w *world) upload(t *testing.T, n, size int, text string, names ...string) {
	t.Helper()
	for range n {
		ref := photo.Ref{Board: "cats", ID: photo.ID(fmt.Sprintf("%032x", len(w.refs)))}
		w.refs = append(w.refs, ref)
		w.uploads.Upload(ref.Key(), []byte(text+strings.Repeat("x", size+len(w.refs))), nil)
		if len(names) > 0 {
			w.reconcile(t, ref, names...)
		}
	}
}

func (w *world) reconcile(t *testing.T, ref photo.Ref, names ...string) reconcile.Outcome {
	t.Helper()
	r := w.rehearsals(names...)
	reconciler, err := reconcile.New(r.Config, w.uploads, w.variants, r.Engine)
	if err != nil {
		t.Fatal(err)
	}
	outcome, err := reconciler.Reconcile(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

func (w *world) census(t *testing.T, sample int) *Census {
	t.Helper()
	c := NewCensus(sample)
	for e, err := range w.uploads.List(t.Context(), "", "") {
		if err != nil {
			t.Fatal(err)
		}
		c.Add(e.Key, e.Bytes)
	}
	return c
}

func (w *world) mixed(t *testing.T) {
	t.Helper()
	w.upload(t, 60, 4000, "", "large", "small")         // a spec is added to them
	w.upload(t, 20, 100_000, "", "large", "old")        // one of their specs is replaced
	w.upload(t, 10, 300, "")                            // without a manifest
	w.upload(t, 5, 4000, "bad", "large", "small")       // rejected
	w.upload(t, 15, 4000, "", after...)                 // up to date
	w.upload(t, 7, 4000, "", "thumb", "large", "small") // the same specs, in another order
}

// after are the specs that the forecasts are about.
var after = []string{"large", "small", "thumb"}

var fleet = Fleet{Tasks: 2, VCPUs: 2, Fargate: prices.FargateARM64}

// TestForecastOfAllIsExact compares the forecast of a sample of all photos with their reconciliation.
func TestForecastOfAllIsExact(t *testing.T) {
	w := newWorld()
	w.mixed(t)
	census := w.census(t, 1000)
	before := w.variants.Keys()
	w.uploads.Requests()
	w.variants.Requests()
	f, err := New(t.Context(), Config{Source: "a test", Specs: after, Fleet: fleet}, census, w.rehearsals(after...))
	if err != nil {
		t.Fatal(err)
	}
	if n := w.variants.Requests(); n["put"]+n["delete"] > 0 || !slices.Equal(w.variants.Keys(), before) {
		t.Errorf("the forecast wrote: %v", n)
	}
	if n := w.uploads.Requests(); n["put"]+n["delete"] > 0 {
		t.Errorf("the forecast changed originals: %v", n)
	}

	events := 0
	var want Requests
	for _, ref := range w.refs {
		if w.reconcile(t, ref, after...) == reconcile.Unchanged { // gets no event
			w.uploads.Requests()
			w.variants.Requests()
			continue
		}
		events++
		for _, n := range []map[string]int{w.uploads.Requests(), w.variants.Requests()} {
			want = want.plus(Requests{Put: float64(n["put"]), List: float64(n["list"]), Get: float64(n["get"] + n["head"])})
		}
	}
	want = want.plus(requestsOfRead(len(after)).times(float64(len(w.refs)))).plus(Requests{SQS: sqsOfEvent * float64(events)})
	if f.Photos != int64(events) || f.Sample != len(w.refs) {
		t.Errorf("%d photos of %d, want %d of %d", f.Photos, f.Sample, events, len(w.refs))
	}
	for _, d := range []float64{f.Requests.Put - want.Put, f.Requests.List - want.List, f.Requests.Get - want.Get, f.Requests.SQS - want.SQS, f.Error} {
		if math.Abs(d) > 1e-6 {
			t.Errorf("requests %+v, error %v, want %+v", f.Requests, f.Error, want)
		}
	}
	if want := []SpecCount{{"large", 10}, {"small", 30}, {"thumb", 90}}; !slices.Equal(f.Specs, want) {
		t.Errorf("specs %v, want %v", f.Specs, want)
	}
}

// TestForecastOfASample checks that a forecast is within its stated error, and that this error is small.
func TestForecastOfASample(t *testing.T) {
	w := newWorld()
	w.mixed(t)
	all, err := New(t.Context(), Config{Specs: after, Fleet: fleet}, w.census(t, 1000), w.rehearsals(after...))
	if err != nil {
		t.Fatal(err)
	}
	some, err := New(t.Context(), Config{Specs: after, Fleet: fleet}, w.census(t, 60), w.rehearsals(after...))
	if err != nil {
		t.Fatal(err)
	}
	if some.Sample >= all.Sample || some.Error <= 0 || some.Error > 0.2 {
		t.Errorf("a sample of %d of %d photos has an error of %v", some.Sample, all.Sample, some.Error)
	}
	if d := some.USD.S3/all.USD.S3 - 1; math.Abs(d) > some.Error {
		t.Errorf("S3 costs %v by a sample, %v in all: want within %v", some.USD.S3, all.USD.S3, some.Error)
	}
}

// TestForecastWithoutASample assumes the most that a photo can need.
func TestForecastWithoutASample(t *testing.T) {
	c := NewCensus(0)
	for i := range 1000 {
		c.Add(key(i), 1000)
	}
	fleet := fleet
	fleet.Rate = 0.01
	f, err := New(t.Context(), Config{Source: "a test", Specs: after, Fleet: fleet, Assumed: 360 * time.Millisecond}, c, Rehearsals{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Photos != 1000 || f.CPUHours < 0.0999 || f.CPUHours > 0.1001 || f.Requests.Put != 4000 || f.Bound != "rate" || math.Abs(f.Days-1000/0.01/86400) > 1e-9 {
		t.Errorf("got %+v", f)
	}
	fargate := 0.1 * (prices.FargateARM64.VCPUHour + 2*prices.FargateARM64.GBHour)
	if math.Abs(f.USD.Fargate-fargate) > 1e-9 || math.Abs(f.USD.S3-(4000*prices.S3Put+4000*prices.S3Get+(1000+5)*prices.S3Put)) > 1e-9 {
		t.Errorf("got %+v, want Fargate %v", f.USD, fargate)
	}
	want := `1000 originals, 0.0 GB, counted in a test
to render: 1000 photos
  spec large: 1000
  spec small: 1000
  spec thumb: 1000
requests: 4000 PUT, 1005 LIST, 4000 GET and HEAD to S3, 1600 to SQS
processor time: 0.1 hours, assumed: 360ms a photo, and every spec of every photo
cost: 0.03 USD: S3 0.03, SQS 0.00, Fargate 0.00; prices of us-east-1, 2026-11
time: 1.2 days with 2 tasks of 2 vCPU, bound by --rate 0.01
`
	if got := f.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// TestPricesAddUp: the prices of the photos sum to the cost of all.
func TestPricesAddUp(t *testing.T) {
	w := newWorld()
	w.mixed(t)
	f, err := New(t.Context(), Config{Specs: after, Fleet: fleet}, w.census(t, 1000), w.rehearsals(after...))
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, ref := range w.refs {
		bytes := int64(len(w.uploads.Stored(ref.Key())))
		sum += f.Price(bytes, w.reconcile(t, ref, after...) != reconcile.Unchanged)
	}
	if math.Abs(sum/f.USD.Total-1) > 1e-6 {
		t.Errorf("the photos cost %v together, the plan says %v", sum, f.USD.Total)
	}
}

// TestUnreadablePhotosOfTheSample are left out, unless all are.
func TestUnreadablePhotosOfTheSample(t *testing.T) {
	w := newWorld()
	w.upload(t, 10, 1000, "", "large")
	refused := w.refs[3].Key()
	down := fmt.Errorf("%w: access denied", store.ErrRefused)
	w.uploads.Before = func(_ context.Context, op, key string) error {
		if op == "get" && key == refused {
			return down
		}
		return nil
	}
	f, err := New(t.Context(), Config{Specs: after, Fleet: fleet}, w.census(t, 100), w.rehearsals(after...))
	if err != nil || f.Unread != 1 || f.Sample != 9 || f.Photos != 10 {
		t.Errorf("got %+v, %v", f, err)
	}
	w.uploads.Before = func(_ context.Context, op, _ string) error {
		if op == "get" {
			return down
		}
		return nil
	}
	if f, err := New(t.Context(), Config{Specs: after, Fleet: fleet}, w.census(t, 100), w.rehearsals(after...)); !errors.Is(err, store.ErrRefused) {
		t.Errorf("got %+v, %v, want the error", f, err)
	}
}

// TestNothingToDo: a forecast of no photo, or of none that needs anything.
func TestNothingToDo(t *testing.T) {
	w := newWorld()
	empty, err := New(t.Context(), Config{Specs: after, Fleet: fleet}, w.census(t, 10), w.rehearsals(after...))
	if err != nil || empty.USD.Total != 0 || empty.Photos != 0 {
		t.Errorf("without photos: %+v, %v", empty, err)
	}
	w.upload(t, 5, 1000, "", after...)
	f, err := New(t.Context(), Config{Specs: after, Fleet: fleet}, w.census(t, 10), w.rehearsals(after...))
	if err != nil || f.Photos != 0 || f.Requests.Put != 0 || f.CPUHours != 0 || f.USD.Total <= 0 {
		t.Errorf("up to date: %+v, %v", f, err)
	}
	// A budget must end even if the run finds what the sample did not.
	if got, least := f.Price(1000, true), 4*prices.S3Put; got < least {
		t.Errorf("a photo that gets an event costs %v, want at least the puts of all variants, %v", got, least)
	}
}

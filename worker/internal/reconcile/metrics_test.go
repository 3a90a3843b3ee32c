package reconcile_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/variant"
	"darkroom/worker/photo"
)

// counts are the values of a counter by the value of its one label.
func counts(t *testing.T, reg *prometheus.Registry, name string) map[string]float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			values[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
		}
	}
	return values
}

// panicking is an engine whose decoder panics, in the header or in the pixels.
type panicking struct {
	engine
	inPixels bool
}

func (p *panicking) Inspect(data []byte) (variant.Header, error) {
	if !p.inPixels {
		return variant.Header{}, fault()
	}
	return p.engine.Inspect(data)
}

func (p *panicking) Render([]byte, variant.Header) ([]variant.Image, variant.Preview, error) {
	return nil, variant.Preview{}, fault()
}

func fault() error {
	return &variant.Rejection{Reason: photo.ReasonCorrupt, Detail: "index out of range", Panicked: true}
}

func TestDecoderPanicsAreCounted(t *testing.T) {
	const name = "darkroom_decoder_panics_total"
	reg := prometheus.NewRegistry()
	metrics := reconcile.NewMetrics(reg)
	begin := counts(t, reg, name)
	if len(begin) != len(photo.Formats)+1 {
		t.Errorf("at the beginning there are %v, want each format and unknown", begin)
	}
	for f, n := range begin {
		if n != 0 {
			t.Errorf("%s begins at %v", f, n)
		}
	}
	w := newWorld(t, reconcile.Config{Metrics: metrics})
	w.uploads.Upload(w.ref.Key(), []byte("truncated:"), nil)
	w.reconcile(t, reconcile.Rejected) // without a panic
	for i, inPixels := range []bool{false, true, true} {
		w.uploads.Upload(w.ref.Key(), []byte{byte(i)}, nil)
		r, err := reconcile.New(reconcile.Config{Bucket: "uploads", Recipe: "r1", Metrics: metrics}, w.uploads, w.variants, &panicking{inPixels: inPixels})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Reconcile(t.Context(), w.ref); got != reconcile.Rejected || err != nil {
			t.Fatalf("Reconcile = %q, %v, want %q", got, err, reconcile.Rejected)
		}
		if m := w.manifest(t); m.State != photo.Rejected || m.Reason != photo.ReasonCorrupt {
			t.Errorf("manifest %+v", m)
		}
	}
	for f, n := range counts(t, reg, name) {
		if want := map[string]float64{"unknown": 1, "jpeg": 2}[f]; n != want {
			t.Errorf("%s is %v, want %v", f, n, want)
		}
	}
}

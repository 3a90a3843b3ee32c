package reconcile_test

import (
	"context"
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/engine"
	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// counts returns the values of a counter by the value of its only label, or by "" if it has none.
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
			label := ""
			if len(m.GetLabel()) > 0 {
				label = m.GetLabel()[0].GetValue()
			}
			values[label] = m.GetCounter().GetValue()
		}
	}
	return values
}

// samples returns the number of values in a histogram without labels.
func samples(t *testing.T, reg *prometheus.Registry, name string) (n uint64) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			n = f.GetMetric()[0].GetHistogram().GetSampleCount()
		}
	}
	return n
}

// panicking is an engine whose decoder panics, in the header or in the pixels.
type panicking struct {
	fakeEngine
	inPixels bool
}

func (p *panicking) Inspect(data []byte) (engine.Header, error) {
	if !p.inPixels {
		return engine.Header{}, fault()
	}
	return p.fakeEngine.Inspect(data)
}

func (p *panicking) Render(context.Context, []byte, engine.Header, func(engine.Stage)) (engine.Rendering, error) {
	return engine.Rendering{}, fault()
}

func fault() error {
	return &engine.Rejection{Refusal: photo.Corrupt(photo.JPEG), Cause: errors.New("index out of range"), Panicked: true}
}

func TestDecoderPanicsAreCounted(t *testing.T) {
	const name = "darkroom_decoder_panics_total"
	reg := prometheus.NewRegistry()
	metrics := reconcile.NewMetrics(reg)
	begin := counts(t, reg, name)
	if len(begin) != len(photo.Readable)+1 {
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
		r, err := reconcile.New(reconcile.Config{Bucket: "uploads", ParseEvents: parseEvents, Recipe: photo.Recipe{Name: "r1"}, Metrics: metrics}, w.uploads, w.variants, &panicking{inPixels: inPixels})
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

func TestSeriesStartAtZero(t *testing.T) {
	reg := prometheus.NewRegistry()
	reconcile.NewMetrics(reg)
	for name, want := range map[string]int{
		"darkroom_photos_total":              len(reconcile.Outcomes) + 2,
		"darkroom_rejections_total":          len(photo.Reasons),
		"darkroom_damaged_photos_total":      len(photo.Readable),
		"darkroom_variants_total":            len(photo.Written),
		"darkroom_limits_problems_total":     2,
		"darkroom_variant_bytes_total":       len(photo.Written),
		"darkroom_original_bytes_total":      1,
		"darkroom_original_pixels_total":     1,
		"darkroom_reconcile_conflicts_total": 1,
	} {
		got := counts(t, reg, name)
		if len(got) != want {
			t.Errorf("%s: %v, want %d series", name, got, want)
		}
		for label, n := range got {
			if n != 0 {
				t.Errorf("%s of %q begins at %v", name, label, n)
			}
		}
	}
}

func TestBytesAndPixelsAreCounted(t *testing.T) {
	reg := prometheus.NewRegistry()
	w := newWorld(t, reconcile.Config{Metrics: reconcile.NewMetrics(reg)})
	w.uploads.Upload(w.ref.Key(), []byte("abc"), nil)
	if err := w.Message(t.Context(), event(w.ref.Key())); err != nil {
		t.Fatal(err)
	}
	out := 0
	for _, v := range w.manifest(t).Variants {
		out += int(v.Bytes)
	}
	for name, want := range map[string]map[string]float64{
		"darkroom_original_bytes_total":  {"": 3},
		"darkroom_original_pixels_total": {"": 12},
		"darkroom_variants_total":        {"jpeg": 2},
		"darkroom_variant_bytes_total":   {"jpeg": float64(out)},
		"darkroom_photos_total":          {"ready": 1},
	} {
		got := counts(t, reg, name)
		for label, n := range want {
			if got[label] != n {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
		}
	}
}

// TestHistograms checks that histograms are classic and native, and that the photo of a traced upload is an exemplar.
func TestHistograms(t *testing.T) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	reg := prometheus.NewRegistry()
	w := newWorld(t, reconcile.Config{Metrics: reconcile.NewMetrics(reg)})
	w.uploads.Upload(w.ref.Key(), []byte("a"), map[string]string{"traceparent": "00-" + trace + "-00f067aa0ba902b7-01"})
	if err := w.Message(t.Context(), event(w.ref.Key())); err != nil {
		t.Fatal(err)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			h := m.GetHistogram()
			if h == nil {
				continue
			}
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			if name == "darkroom_stage_seconds remove" || name == "darkroom_stage_seconds wait_lane" {
				if h.GetSampleCount() != 0 {
					t.Errorf("%s: %v, want no sample of a new JPEG", name, h)
				}
				continue
			}
			if h.GetSampleCount() != 1 || len(h.GetBucket()) == 0 || h.Schema == nil || len(h.GetPositiveSpan()) == 0 {
				t.Errorf("%s: %v", name, h)
			}
			for _, b := range h.GetBucket() {
				if e := b.GetExemplar(); e != nil && e.GetLabel()[0].GetName() == "trace_id" && e.GetLabel()[0].GetValue() == trace {
					seen[name]++
				}
			}
			for _, e := range h.GetExemplars() {
				if e.GetLabel()[0].GetValue() == trace {
					seen[name]++
				}
			}
		}
	}
	names := []string{"darkroom_event_to_manifest_seconds"}
	for _, stage := range []string{"compare", "open", "wait_memory", "download", "inspect", "wait_render", "decode", "resample", "encode", "upload", "confirm"} {
		names = append(names, "darkroom_stage_seconds "+stage)
	}
	for _, name := range names {
		// The event is old, so only the classic bucket +Inf has it, which has no exemplar in this format.
		if seen[name] < 1 {
			t.Errorf("%s has no example of the trace: %v", name, seen)
		}
	}
}

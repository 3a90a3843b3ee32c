package reconcile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// slowWorld returns a world in which every operation of the store takes a while, and every decode a second. Its spans,
// metrics and log are recorded.
func slowWorld(t *testing.T, cfg reconcile.Config) (*world, *tracetest.SpanRecorder, *prometheus.Registry, *bytes.Buffer) {
	spans, reg, log := tracetest.NewSpanRecorder(), prometheus.NewRegistry(), &bytes.Buffer{}
	cfg.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)).Tracer("test")
	cfg.Metrics, cfg.Log = reconcile.NewMetrics(reg), slog.New(slog.NewJSONHandler(log, nil))
	w := newWorld(t, cfg)
	slow := func(context.Context, string, string) error {
		time.Sleep(100 * time.Millisecond)
		return nil
	}
	w.uploads.Before, w.variants.Before = slow, slow
	w.engine.during = func() { time.Sleep(time.Second) }
	return w, spans, reg, log
}

// inChildren returns how long each span "process" lasted, and how much of that its child spans cover together. It fails
// if two children overlap, or if one lies outside of its parent.
func inChildren(t *testing.T, all []sdktrace.ReadOnlySpan) (processes []sdktrace.ReadOnlySpan, covered []time.Duration) {
	t.Helper()
	for _, p := range all {
		if p.Name() != "process" {
			continue
		}
		end, sum := p.StartTime(), time.Duration(0)
		for _, s := range all { // in the order in which they ended
			if s.Parent().SpanID() != p.SpanContext().SpanID() || s.Name() == "queue wait" {
				continue
			}
			if s.StartTime().Before(end) || s.EndTime().After(p.EndTime()) {
				t.Errorf("%s lasts from %v to %v, after %v, in a process from %v to %v", s.Name(), s.StartTime(), s.EndTime(), end, p.StartTime(), p.EndTime())
			}
			end = s.EndTime()
			sum += s.EndTime().Sub(s.StartTime())
		}
		processes, covered = append(processes, p), append(covered, sum)
	}
	return processes, covered
}

// TestNoTimeIsInNoSpan: whatever becomes of a photo, the child spans of "process" cover at least nine tenths of it.
func TestNoTimeIsInNoSpan(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, w *world){
		"new":     func(t *testing.T, w *world) { w.uploads.Upload(w.ref.Key(), []byte("a"), nil) },
		"an AVIF": func(t *testing.T, w *world) { w.uploads.Upload(w.ref.Key(), []byte("avif"), nil) },
		"rejected by its size": func(t *testing.T, w *world) {
			w.uploads.Upload(w.ref.Key(), []byte("abc"), map[string]string{photo.MetaLimits: "bytes=2"})
		},
		"rejected by its header": func(t *testing.T, w *world) { w.uploads.Upload(w.ref.Key(), []byte("corrupt:"), nil) },
		"rejected by its pixels": func(t *testing.T, w *world) { w.uploads.Upload(w.ref.Key(), []byte("cut"), nil) },
		"of another recipe": func(t *testing.T, w *world) {
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			w.configure(t, reconcile.Config{Recipe: photo.Recipe{Name: "r0"}})
			w.engine.names = []string{"other"}
			w.reconcile(t, reconcile.Rendered)
			w.engine.names = []string{"large", "small"}
		},
		"replaced while it is rendered": func(t *testing.T, w *world) {
			w.uploads.Upload(w.ref.Key(), []byte("a"), map[string]string{photo.MetaTraceparent: uploadParent})
			w.engine.during = func() {
				time.Sleep(time.Second)
				w.engine.during = nil
				w.uploads.Upload(w.ref.Key(), []byte("b"), map[string]string{photo.MetaTraceparent: strings.ReplaceAll(uploadParent, "4bf9", "5bf9")})
			}
		},
		"replaced in the same trace": func(t *testing.T, w *world) {
			w.uploads.Upload(w.ref.Key(), []byte("a"), map[string]string{photo.MetaTraceparent: uploadParent})
			w.engine.during = func() {
				time.Sleep(time.Second)
				w.engine.during = nil
				w.uploads.Upload(w.ref.Key(), []byte("b"), map[string]string{photo.MetaTraceparent: uploadParent})
			}
		},
		"deleted while it is rendered": func(t *testing.T, w *world) {
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			w.engine.during = func() {
				time.Sleep(time.Second)
				if err := w.uploads.Delete(context.Background(), []string{w.ref.Key()}); err != nil {
					t.Error(err)
				}
			}
		},
		"failed": func(t *testing.T, w *world) {
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			slow := w.variants.Before
			w.variants.Before = func(ctx context.Context, op, key string) error {
				if op == "put" {
					time.Sleep(time.Second)
					return errors.New("down")
				}
				return slow(ctx, op, key)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, spans, _, _ := slowWorld(t, reconcile.Config{})
				configured := w.Reconciler
				prepare(t, w)
				w.Reconciler = configured
				if _, err := w.Reconcile(t.Context(), w.ref); (err != nil) != (name == "failed") {
					t.Fatal(err)
				}
				processes, covered := inChildren(t, spans.Ended())
				if len(processes) == 0 {
					t.Fatal("no span of process")
				}
				for i, p := range processes {
					if whole := p.EndTime().Sub(p.StartTime()); whole == 0 || covered[i] < whole*9/10 {
						t.Errorf("the children cover %v of %v", covered[i], whole)
					}
				}
			})
		})
	}
}

// TestWaits: photos that wait for memory, for the lane of their format or for a render have a span, a sample and a
// member of their log line that say so.
func TestWaits(t *testing.T) {
	for name, c := range map[string]struct {
		cfg    reconcile.Config
		memory int64 // what each render takes, in bytes
		bodies []string
		want   map[string]float64 // waits of the last photo, in seconds
	}{
		"none":              {reconcile.Config{Renders: 2}, 1, []string{"a", "b"}, map[string]float64{"wait_memory": 0, "wait_render": 0}},
		"render":            {reconcile.Config{Renders: 1}, 1, []string{"a", "b"}, map[string]float64{"wait_memory": 0, "wait_render": 1}},
		"memory":            {reconcile.Config{Renders: 9, Memory: 1000, Recipe: photo.Recipe{MaxBytes: 100}}, 700, []string{"a", "b", "c"}, map[string]float64{"wait_memory": 2, "wait_render": 0}},
		"lane":              {reconcile.Config{Renders: 2}, 1, []string{"avif", "avif"}, map[string]float64{"wait_lane": 1, "wait_memory": 0, "wait_render": 0}},
		"memory, originals": {reconcile.Config{Renders: 9, Memory: 400, Recipe: photo.Recipe{MaxBytes: 100}}, 1, []string{strings.Repeat("a", 90), strings.Repeat("b", 90)}, map[string]float64{"wait_memory": 1, "wait_render": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, spans, reg, log := slowWorld(t, c.cfg)
				w.engine.memory = c.memory
				w.uploads.Before, w.variants.Before = nil, nil
				var working sync.WaitGroup
				for _, body := range c.bodies {
					ref := photo.Ref{Board: "cats", ID: photo.NewID()}
					w.uploads.Upload(ref.Key(), []byte(body), nil)
					working.Go(func() {
						if _, err := w.Reconcile(t.Context(), ref); err != nil {
							t.Error(err)
						}
					})
					synctest.Wait()
				}
				working.Wait()
				lines := strings.Split(strings.TrimSpace(log.String()), "\n")
				var last struct{ Seconds map[string]float64 }
				if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
					t.Fatal(err)
				}
				got, total := map[string]float64{}, 0.0
				for stage, s := range last.Seconds {
					if strings.HasPrefix(stage, "wait_") {
						got[stage] = s
						total += s
					}
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("waits of the last photo in %s: %s", lines[len(lines)-1], diff)
				}
				inSpans := 0.0
				processes, _ := inChildren(t, spans.Ended())
				for _, s := range spans.Ended() {
					if s.Parent().SpanID() == processes[len(processes)-1].SpanContext().SpanID() && strings.HasPrefix(s.Name(), "wait_") {
						inSpans += s.EndTime().Sub(s.StartTime()).Seconds()
					}
				}
				if inSpans != total {
					t.Errorf("the last photo waited for %v s, its spans for %v s", total, inSpans)
				}
				for stage := range c.want {
					if n := stageSamples(t, reg, stage); n != uint64(len(c.bodies)) {
						t.Errorf("%d samples of %s, want %d", n, stage, len(c.bodies))
					}
				}
			})
		})
	}
}

// stageSamples returns the number of samples of a stage.
func stageSamples(t *testing.T, reg *prometheus.Registry, stage string) uint64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "darkroom_stage_seconds" && m.GetLabel()[0].GetValue() == stage {
				return m.GetHistogram().GetSampleCount()
			}
		}
	}
	t.Fatalf("no series of the stage %s", stage)
	return 0
}

package reconcile_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

const (
	uploadTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	uploadSpan   = "00f067aa0ba902b7"
	uploadParent = "00-" + uploadTrace + "-" + uploadSpan + "-01"
)

// tracedWorld is a world whose spans are recorded.
func tracedWorld(t *testing.T, options ...sdktrace.TracerProviderOption) (*world, *tracetest.SpanRecorder) {
	t.Helper()
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(append(options, sdktrace.WithSpanProcessor(spans))...)
	return newWorld(t, reconcile.Config{Tracer: provider.Tracer("test")}), spans
}

// spanTimes is a span with its times since the start of the test.
type spanTimes struct {
	name, within string // parent: its name, or its id if it is not among the spans
	from, to     time.Duration
}

func times(all []sdktrace.ReadOnlySpan, start time.Time) []spanTimes {
	names := map[trace.SpanID]string{}
	for _, s := range all {
		names[s.SpanContext().SpanID()] = s.Name()
	}
	var out []spanTimes
	for _, s := range all {
		within, ok := names[s.Parent().SpanID()]
		if !ok && s.Parent().HasSpanID() {
			within = s.Parent().SpanID().String()
		}
		out = append(out, spanTimes{s.Name(), within, s.StartTime().Sub(start), s.EndTime().Sub(start)})
	}
	return out
}

func attributes(s sdktrace.ReadOnlySpan) string {
	var all []string
	for _, a := range s.Attributes() {
		all = append(all, string(a.Key)+"="+a.Value.String())
	}
	return strings.Join(all, " ")
}

func named(t *testing.T, all []sdktrace.ReadOnlySpan, name string) sdktrace.ReadOnlySpan {
	t.Helper()
	i := slices.IndexFunc(all, func(s sdktrace.ReadOnlySpan) bool { return s.Name() == name })
	if i < 0 {
		t.Fatalf("there is no span %s", name)
	}
	return all[i]
}

// TestSpansOfPhoto: the spans are in the trace of the upload, at the times of the work.
func TestSpansOfPhoto(t *testing.T) {
	for name, c := range map[string]struct {
		traceparent string
		event, sent time.Duration // after the start; -1 means unknown
		within      string        // parent of the process and the wait
		wait        []spanTimes
	}{
		"traced upload":   {uploadParent, 0, time.Second, uploadSpan, []spanTimes{{"queue wait", uploadSpan, 0, 10 * time.Second}}},
		"no time":         {uploadParent, -1, time.Second, uploadSpan, []spanTimes{{"queue wait", uploadSpan, time.Second, 10 * time.Second}}},
		"no time at all":  {uploadParent, -1, -1, uploadSpan, nil},
		"a clock ahead":   {uploadParent, 11 * time.Second, -1, uploadSpan, []spanTimes{{"queue wait", uploadSpan, 10 * time.Second, 10 * time.Second}}},
		"untraced upload": {"", 0, -1, "", []spanTimes{{"queue wait", "process", 0, 10 * time.Second}}},
		"no traceparent":  {"nonsense", 0, -1, "", []spanTimes{{"queue wait", "process", 0, 10 * time.Second}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, spans := tracedWorld(t)
				w.engine.during = func() { time.Sleep(3 * time.Second) } // while it decodes
				w.uploads.Upload(w.ref.Key(), []byte("a"), map[string]string{photo.MetaTraceparent: c.traceparent})
				start := time.Now()
				sinceStart := func(d time.Duration) (when time.Time) {
					if d >= 0 {
						when = start.Add(d)
					}
					return when
				}
				body := formatEvent("created", "uploads", w.ref.Key(), sinceStart(c.event))
				time.Sleep(10 * time.Second)
				ctx := reconcile.WithDelivery(t.Context(), reconcile.Delivery{System: "carrier_pigeon", Queue: "photos", ID: "m-1", Receives: 2, Sent: sinceStart(c.sent), Received: time.Now()})
				time.Sleep(time.Second) // the time of another photo of the message
				if err := w.Message(ctx, body); err != nil {
					t.Fatal(err)
				}
				all := spans.Ended()
				const begun, done = 11 * time.Second, 14 * time.Second
				want := append(c.wait, spanTimes{"compare", "process", begun, begun}, spanTimes{"open", "process", begun, begun},
					spanTimes{"download", "process", begun, begun}, spanTimes{"inspect", "process", begun, begun},
					spanTimes{"decode", "process", begun, done},
					spanTimes{"resample", "process", done, done}, spanTimes{"encode", "process", done, done},
					spanTimes{"resample", "process", done, done}, spanTimes{"encode", "process", done, done},
					spanTimes{"upload", "process", done, done}, spanTimes{"confirm", "process", done, done},
					spanTimes{"process", c.within, begun, done})
				if diff := cmp.Diff(want, times(all, start), cmp.AllowUnexported(spanTimes{})); diff != "" {
					t.Error(diff)
				}
				for _, s := range all {
					if got := s.SpanContext().TraceID().String(); (got == uploadTrace) != (c.within != "") || got != all[0].SpanContext().TraceID().String() {
						t.Errorf("%s is of the trace %s", s.Name(), got)
					}
				}
				process := named(t, all, "process")
				if want := "darkroom.board=cats darkroom.id=" + string(w.ref.ID) + " messaging.system=carrier_pigeon messaging.operation.type=process " +
					"messaging.operation.name=process messaging.destination.name=photos messaging.message.id=m-1 darkroom.receives=2 darkroom.state=ready"; attributes(process) != want {
					t.Errorf("attributes %s, want %s", attributes(process), want)
				}
				if process.SpanKind() != trace.SpanKindConsumer || process.Status().Code != codes.Unset {
					t.Errorf("kind %v, status %v", process.SpanKind(), process.Status())
				}
			})
		})
	}
}

// TestSpansOfOutcomes: a rejection is not an error.
func TestSpansOfOutcomes(t *testing.T) {
	down := errors.New("down")
	for name, c := range map[string]struct {
		body   string
		spoil  func(w *world, cancel func())
		ends   string // end of the attributes
		code   codes.Code
		events int
	}{
		"rejected": {"corrupt:", nil, "darkroom.reason=corrupt darkroom.state=rejected", codes.Unset, 0},
		"damaged":  {"blemished", nil, "darkroom.damaged=true darkroom.state=ready", codes.Unset, 0},
		"failed": {"a", func(w *world, _ func()) {
			w.variants.Before = func(_ context.Context, op, _ string) error {
				if op == "put" {
					return down
				}
				return nil
			}
		}, "darkroom.state=error", codes.Error, 1},
		"interrupted": {"a", func(w *world, cancel func()) { w.engine.during = cancel }, "darkroom.state=interrupted", codes.Unset, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w, spans := tracedWorld(t)
			w.uploads.Upload(w.ref.Key(), []byte(c.body), map[string]string{photo.MetaTraceparent: uploadParent})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.spoil != nil {
				c.spoil(w, cancel)
			}
			_ = w.Message(ctx, event(w.ref.Key()))
			process := named(t, spans.Ended(), "process")
			if !strings.HasSuffix(attributes(process), c.ends) || process.Status().Code != c.code || len(process.Events()) != c.events {
				t.Errorf("attributes %s, status %v, %d events", attributes(process), process.Status(), len(process.Events()))
			}
		})
	}
}

// TestNothingToDoHasNoSpan: a repeated event is not another photo.
func TestNothingToDoHasNoSpan(t *testing.T) {
	w, spans := tracedWorld(t)
	w.uploads.Upload(w.ref.Key(), []byte("a"), map[string]string{photo.MetaTraceparent: uploadParent})
	for range 2 {
		if err := w.Message(t.Context(), event(w.ref.Key())); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, s := range spans.Ended() {
		if s.Name() == "process" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d spans of process, want 1", n)
	}
}

// TestReplacedOriginalHasTwoTraces: each trace has the spans of its own original.
func TestReplacedOriginalHasTwoTraces(t *testing.T) {
	w, spans := tracedWorld(t)
	w.uploads.Upload(w.ref.Key(), []byte("a"), map[string]string{photo.MetaTraceparent: uploadParent})
	const second = "00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	w.engine.during = func() {
		w.engine.during = nil
		w.uploads.Upload(w.ref.Key(), []byte("b"), map[string]string{photo.MetaTraceparent: second})
	}
	if err := w.Message(t.Context(), event(w.ref.Key())); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range spans.Ended() {
		if s.Name() == "process" {
			got[s.SpanContext().TraceID().String()] += attributes(s)[strings.LastIndexByte(attributes(s), ' ')+1:]
		}
	}
	if want := map[string]string{uploadTrace: "darkroom.state=replaced", second[3:35]: "darkroom.state=ready"}; !cmp.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestExemplars: an exemplar has the trace of the upload, whether this worker traces or not. Without one it has the
// worker's own trace, if that is sampled.
func TestExemplars(t *testing.T) {
	for name, c := range map[string]struct {
		traceparent string
		sampler     sdktrace.Sampler // nil: no tracing
		want        string           // "own": any
	}{
		"not traced here":      {uploadParent, nil, uploadTrace},
		"a later version":      {"cc-" + uploadTrace + "-" + uploadSpan + "-01-more", nil, uploadTrace},
		"not of its version":   {uploadParent + "-more", nil, ""},
		"forbidden version":    {"ff" + uploadParent[2:], nil, ""},
		"no trace":             {"00-" + strings.Repeat("0", 32) + "-" + uploadSpan + "-01", nil, ""},
		"too short":            {"00-" + uploadTrace[1:] + "-" + uploadSpan + "-01", nil, ""},
		"in capitals":          {strings.ToUpper(uploadParent), nil, ""},
		"none":                 {"", nil, ""},
		"traced here":          {uploadParent, sdktrace.AlwaysSample(), uploadTrace},
		"traced, of none":      {"", sdktrace.AlwaysSample(), "own"},
		"not sampled":          {uploadParent, sdktrace.NeverSample(), uploadTrace},
		"not sampled, of none": {"", sdktrace.NeverSample(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			reg := prometheus.NewRegistry()
			cfg := reconcile.Config{Metrics: reconcile.NewMetrics(reg)}
			if c.sampler != nil {
				cfg.Tracer = sdktrace.NewTracerProvider(sdktrace.WithSampler(c.sampler)).Tracer("test")
			}
			w := newWorld(t, cfg)
			w.uploads.Upload(w.ref.Key(), []byte("a"), map[string]string{photo.MetaTraceparent: c.traceparent})
			if err := w.Message(t.Context(), event(w.ref.Key())); err != nil {
				t.Fatal(err)
			}
			families, err := reg.Gather()
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, f := range families {
				for _, m := range f.GetMetric() {
					for _, e := range m.GetHistogram().GetExemplars() {
						got = e.GetLabel()[0].GetValue()
					}
				}
			}
			if got != c.want && !(c.want == "own" && len(got) == 32) {
				t.Errorf("trace %q, want %q", got, c.want)
			}
		})
	}
}

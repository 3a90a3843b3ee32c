package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
)

// meter is a measured bucket with its metrics.
type meter struct {
	store.Bucket
	memory   *storetest.Memory
	registry *prometheus.Registry
}

func newMeter(role store.Role) *meter {
	m := &meter{memory: storetest.NewMemory(), registry: prometheus.NewRegistry()}
	m.Bucket = store.NewMetrics(m.registry).Measure(role, m.memory)
	return m
}

// counts returns the operations that happened as "bucket operation outcome", with the number of each.
func (m *meter) counts(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, s := range m.series(t, "darkroom_store_operations_total") {
		if n := int(s.value); n > 0 {
			counts[s.labels] = n
		}
	}
	return counts
}

type series struct {
	labels string
	value  float64 // a counter's value, or a histogram's sum
	count  uint64  // observations of a histogram
}

func (m *meter) series(t *testing.T, name string) (all []series) {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, metric := range f.GetMetric() {
			var labels []string
			for _, l := range metric.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			s := series{labels: strings.Join(labels, " "), value: metric.GetCounter().GetValue()}
			if h := metric.GetHistogram(); h != nil {
				s.value, s.count = h.GetSampleSum(), h.GetSampleCount()
			}
			all = append(all, s)
		}
	}
	return all
}

func TestSeriesStartAtZero(t *testing.T) {
	m := newMeter(store.RoleUploads)
	for name, want := range map[string]int{
		"darkroom_store_operations_total":  6 * (5 + 5), // outcomes of the operations on the uploads and on the variants
		"darkroom_store_operation_seconds": 5 + 5,
	} {
		all := m.series(t, name)
		if len(all) != want {
			t.Errorf("%s: %d series, want %d: %v", name, len(all), want, all)
		}
		for _, s := range all {
			if s.value != 0 || s.count != 0 {
				t.Errorf("%s starts at %+v", name, s)
			}
		}
	}
}

func TestOutcomes(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, stop := context.WithTimeout(t.Context(), -1)
	defer stop()
	stalled, stall := context.WithCancelCause(t.Context())
	stall(store.ErrStalled)
	unavailable := fmt.Errorf("connect: %w", store.ErrUnavailable)
	for name, tc := range map[string]struct {
		ctx  context.Context
		fail error
		want string
	}{
		"ok":          {t.Context(), nil, "ok"},
		"not found":   {t.Context(), store.ErrNotFound, "not_found"},
		"conflict":    {t.Context(), store.ErrConflict, "conflict"},
		"unavailable": {t.Context(), unavailable, "unavailable"},
		"refused":     {t.Context(), errors.New("AccessDenied"), "error"},
		"cancelled":   {cancelled, nil, "cancelled"},
		"too late":    {late, nil, "error"},
		"stalled":     {stalled, nil, "error"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMeter(store.RoleVariants)
			m.memory.Upload("k", []byte("meow"), nil)
			m.memory.Before = func(context.Context, string, string) error { return tc.fail }
			etag := `"404cdd7bc109c432f8cc2443b45bcfe9"` // beginning of the SHA-256 of meow
			errs := map[string]error{"check": m.Check(tc.ctx), "put": m.Put(tc.ctx, "other", store.Content{})}
			_, errs["head"] = m.Head(tc.ctx, "k")
			_, body, err := m.Get(tc.ctx, "k", "")
			if errs["get"] = err; err == nil {
				_, errs["get"] = io.ReadAll(body)
				body.Close()
			}
			for _, errs["list"] = range m.List(tc.ctx, "", "") {
			}
			errs["delete"] = m.DeleteIfMatch(tc.ctx, "k", etag)
			got := m.counts(t)
			for op, err := range errs {
				if (err == nil) != (tc.want == "ok") {
					t.Errorf("%s: %v", op, err)
				}
				if n := got["variants "+op+" "+tc.want]; n != 1 {
					t.Errorf("%s: counted %v, want 1 %s", op, got, tc.want)
				}
			}
			if len(got) != len(errs) {
				t.Errorf("counted %v, want one outcome for each of %d operations", got, len(errs))
			}
		})
	}
}

// TestGetEndsWithItsBody: a get is counted once, when its body ends, and without the pauses of its reader.
func TestGetEndsWithItsBody(t *testing.T) {
	broken := errors.New("connection reset")
	for name, tc := range map[string]struct {
		read func(io.ReadCloser)
		want string
	}{
		"read":            {func(r io.ReadCloser) { io.ReadAll(r); r.Close(); r.Close() }, "ok"},
		"read, not close": {func(r io.ReadCloser) { io.ReadAll(r) }, "ok"},
		"closed early":    {func(r io.ReadCloser) { r.Close() }, "ok"},
		"broken":          {func(r io.ReadCloser) { io.ReadAll(r); r.Close() }, "error"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMeter(store.RoleUploads)
				m.memory.Upload("k", []byte("meow"), nil)
				m.memory.Before = func(context.Context, string, string) error { time.Sleep(time.Second); return nil }
				m.memory.Body = func(_ context.Context, _ string, body io.Reader) io.Reader {
					return readerFunc(func(p []byte) (int, error) {
						time.Sleep(2 * time.Second)
						if name == "broken" {
							return 0, broken
						}
						return body.Read(p)
					})
				}
				_, body, err := m.Get(t.Context(), "k", "")
				if err != nil {
					t.Fatal(err)
				}
				if got := m.counts(t); len(got) != 0 {
					t.Errorf("counted %v before the body ended", got)
				}
				time.Sleep(time.Hour)
				tc.read(body)
				if got := m.counts(t); len(got) != 1 || got["uploads get "+tc.want] != 1 {
					t.Errorf("counted %v, want 1 %s", got, tc.want)
				}
				want := map[string]float64{"read": 5, "read, not close": 5, "closed early": 1, "broken": 3}[name]
				m.wantSeconds(t, "uploads get", want)
			})
		})
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestListEndsWithItsLoop: a listing is counted once, without the time that the loop body takes.
func TestListEndsWithItsLoop(t *testing.T) {
	for name, stopAfter := range map[string]int{"whole": 100, "stopped": 1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMeter(store.RoleVariants)
				for i := range 3 {
					m.memory.Upload(fmt.Sprint(i), nil, nil)
				}
				m.memory.Before = func(context.Context, string, string) error { time.Sleep(time.Second); return nil }
				n := 0
				for range m.List(t.Context(), "", "") {
					time.Sleep(time.Hour)
					if n++; n == stopAfter {
						break
					}
				}
				if got := m.counts(t); len(got) != 1 || got["variants list ok"] != 1 {
					t.Errorf("counted %v", got)
				}
				m.wantSeconds(t, "variants list", 1)
			})
		})
	}
}

func (m *meter) wantSeconds(t *testing.T, labels string, want float64) {
	t.Helper()
	for _, s := range m.series(t, "darkroom_store_operation_seconds") {
		if s.labels == labels && (s.count != 1 || s.value != want) {
			t.Errorf("%d operations took %v s, want 1 of %v s", s.count, s.value, want)
		}
	}
}

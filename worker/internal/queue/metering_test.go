package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

func TestMeasuredQueueConformance(t *testing.T) {
	queuetest.Conformance(t, func(_ *testing.T, kind queuetest.DeadLetterQueue) (q, dead queue.Queue) {
		memory, letters := queuetest.OpenMemory(kind)
		return queue.NewMetrics(prometheus.NewRegistry()).Measure(queue.NamePhotos, memory), letters
	})
}

// counts returns the calls by operation and outcome that are not zero, and the histograms by operation.
func counts(t *testing.T, reg *prometheus.Registry) (calls map[string]float64, seconds map[string]*dto.Histogram, series int) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	calls, seconds = map[string]float64{}, map[string]*dto.Histogram{}
	for _, f := range families {
		for _, m := range f.Metric {
			switch f.GetName() {
			case "darkroom_queue_operations_total":
				series++
				if n := m.Counter.GetValue(); n != 0 {
					calls[m.Label[0].GetValue()+" "+m.Label[1].GetValue()] = n
				}
			case "darkroom_queue_operation_seconds":
				seconds[m.Label[0].GetValue()] = m.Histogram
			}
		}
	}
	return calls, seconds, series
}

func TestMetricsStartAtZero(t *testing.T) {
	reg := prometheus.NewRegistry()
	queue.NewMetrics(reg).Measure(queue.NameEvents, queuetest.NewMemory(0))
	calls, seconds, series := counts(t, reg)
	if len(calls) != 0 || series != 6*3 || len(seconds) != 6 {
		t.Errorf("%v, %d series and %d histograms, want 18 and 6 at zero", calls, series, len(seconds))
	}
	for op, h := range seconds {
		if h.GetSampleCount() != 0 || len(h.Bucket) == 0 || h.Schema == nil {
			t.Errorf("histogram of %s: %v, want an empty one, classic and native", op, h)
		}
	}
}

func TestOutcomes(t *testing.T) {
	lost := fmt.Errorf("message a: %w", queue.ErrNotInFlight)
	broken := errors.New("service unavailable")
	two := []queue.Message{{Body: "a"}, {Body: "b"}}
	changes := []queue.VisibilityChange{{Message: two[0]}, {Message: two[1]}}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, end := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer end()
	for name, tc := range map[string]struct {
		ctx   context.Context
		fault map[string]error // key: body of the message
		call  func(ctx context.Context, q queue.Queue)
		want  string
	}{
		"receive":                      {t.Context(), nil, func(ctx context.Context, q queue.Queue) { q.Receive(ctx, 1, 0, time.Minute) }, "receive ok"},
		"receive that fails":           {t.Context(), map[string]error{"": broken}, func(ctx context.Context, q queue.Queue) { q.Receive(ctx, 1, 0, time.Minute) }, "receive error"},
		"receive that is cancelled":    {cancelled, nil, func(ctx context.Context, q queue.Queue) { q.Receive(ctx, 1, 0, time.Minute) }, "receive cancelled"},
		"receive that takes too long":  {late, nil, func(ctx context.Context, q queue.Queue) { q.Receive(ctx, 1, 0, time.Minute) }, "receive error"},
		"send":                         {t.Context(), nil, func(ctx context.Context, q queue.Queue) { q.Send(ctx, queuetest.Texts("a", "b")) }, "send ok"},
		"send of which one fails":      {t.Context(), map[string]error{"b": broken}, func(ctx context.Context, q queue.Queue) { q.Send(ctx, queuetest.Texts("a", "b")) }, "send error"},
		"delete":                       {t.Context(), nil, func(ctx context.Context, q queue.Queue) { q.Delete(ctx, two) }, "delete ok"},
		"delete of which one fails":    {t.Context(), map[string]error{"a": broken}, func(ctx context.Context, q queue.Queue) { q.Delete(ctx, two) }, "delete error"},
		"delete that is cancelled":     {cancelled, nil, func(ctx context.Context, q queue.Queue) { q.Delete(ctx, two) }, "delete cancelled"},
		"messages not in flight":       {t.Context(), map[string]error{"a": lost, "b": lost}, func(ctx context.Context, q queue.Queue) { q.SetVisibility(ctx, changes) }, "extend ok"},
		"extension of which one fails": {t.Context(), map[string]error{"a": lost, "b": broken}, func(ctx context.Context, q queue.Queue) { q.SetVisibility(ctx, changes) }, "extend error"},
		"dead letter to no queue":      {t.Context(), nil, func(ctx context.Context, q queue.Queue) { q.DeadLetter(ctx, two[0], "why") }, "dead_letter error"},
		"depth":                        {t.Context(), nil, func(ctx context.Context, q queue.Queue) { q.Depth(ctx) }, "depth ok"},
		"depth of no queue":            {t.Context(), nil, func(ctx context.Context, q queue.Queue) { q.DeadLetterDepth(ctx) }, "depth ok"},
		"depth that fails":             {t.Context(), map[string]error{"": broken}, func(ctx context.Context, q queue.Queue) { q.DeadLetterDepth(ctx) }, "depth error"},
	} {
		t.Run(name, func(t *testing.T) {
			reg := prometheus.NewRegistry()
			memory := queuetest.NewMemory(0)
			memory.FailOn(func(_, body string) error { return tc.fault[body] })
			tc.call(tc.ctx, queue.NewMetrics(reg).Measure(queue.NamePhotos, memory))
			calls, seconds, _ := counts(t, reg)
			if len(calls) != 1 || calls[tc.want] != 1 {
				t.Errorf("counted %v, want one %s", calls, tc.want)
			}
			var timed []string
			for op, h := range seconds {
				if h.GetSampleCount() == 1 {
					timed = append(timed, op)
				}
			}
			if op, _, _ := strings.Cut(tc.want, " "); !slices.Equal(timed, []string{op}) {
				t.Errorf("timed %v, want %s", timed, op)
			}
		})
	}
}

func TestTimeOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		q := queue.NewMetrics(reg).Measure(queue.NamePhotos, queuetest.NewMemory(0))
		if _, err := q.Receive(t.Context(), 1, 20*time.Second, time.Minute); err != nil {
			t.Fatal(err)
		}
		if _, seconds, _ := counts(t, reg); seconds["receive"].GetSampleSum() != 20 {
			t.Errorf("a receive that waits 20 s took %v s", seconds["receive"].GetSampleSum())
		}
	})
}

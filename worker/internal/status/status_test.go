package status

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

func TestMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := NewMessages()
		first, endFirst := j.Begin(t.Context(), "m1", 1)
		time.Sleep(2 * time.Second)
		_, endSecond := j.Begin(t.Context(), "m2", 3)
		j.Stage(first, "cats/1", "decode")
		time.Sleep(time.Second)
		j.Stage(first, "cats/1", "decode") // still
		j.Stage(context.Background(), "cats/9", "decode")
		want := []Message{{"m1", 1, "cats/1", "decode", 3 * time.Second, time.Second}, {"m2", 3, "", "starting", time.Second, time.Second}}
		if diff := cmp.Diff(want, j.List()); diff != "" {
			t.Error(diff)
		}
		endFirst()
		endSecond()
		if got := j.List(); len(got) != 0 {
			t.Errorf("%v are still in progress", got)
		}
	})
}

func TestRecent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRecent()
		var out bytes.Buffer
		log := slog.New(r.Handler(slog.NewTextHandler(&out, nil))).With("key", "cats/0")
		log.Info("all is well")
		log.Debug("job failed", "reason", "not in the log")
		log.Warn("job failed", "reason", "transient", "error", errors.New("reset"))
		time.Sleep(time.Second)
		log.WithGroup("g").Error("job failed", "reason", "transient", "error", errors.New("refused"), "key", "cats/1")
		time.Sleep(time.Second)
		log.Info("photo rejected", "reason", "corrupt", "detail", "The JPEG is damaged.", "cause", "bad")
		time.Sleep(time.Second)
		log.Info("damaged photo rendered", "key", "cats/2", "cause", "row 9 is missing")
		now := time.Now()
		want := []Trouble{{"damaged photo rendered", "", 1, now, "cats/2", "row 9 is missing"}, {"photo rejected", "corrupt", 1, now.Add(-time.Second), "cats/0", "bad"}, {"job failed", "transient", 2, now.Add(-2 * time.Second), "cats/1", "refused"}}
		if diff := cmp.Diff(want, r.List()); diff != "" {
			t.Error(diff)
		}
		if n := strings.Count(out.String(), "\n"); n != 5 || !strings.Contains(out.String(), "key=cats/0") {
			t.Errorf("the log has %d records: %s", n, out.String())
		}
		for i := range 2 * mostTroubles {
			time.Sleep(time.Second)
			log.Warn(fmt.Sprint("trouble ", i))
		}
		list := r.List()
		if len(list) != mostTroubles || list[0].What != fmt.Sprint("trouble ", 2*mostTroubles-1) || list[mostTroubles-1].What != fmt.Sprint("trouble ", mostTroubles) {
			t.Errorf("of %d kinds of trouble %d are kept, from %q to %q", 2*mostTroubles+3, len(list), list[0].What, list[len(list)-1].What)
		}
	})
}

// instruments are like those of a worker.
type instruments struct {
	Metrics
	photos  *prometheus.CounterVec
	latency prometheus.Histogram
}

func newInstruments() instruments {
	byReason := func() *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "reasons"}, []string{"reason"})
	}
	i := instruments{photos: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "photos"}, []string{"outcome"}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "seconds", Buckets: []float64{1, 2, 4}})}
	slots := prometheus.NewGauge(prometheus.GaugeOpts{Name: "slots"})
	slots.Set(8)
	i.Metrics = Metrics{Photos: i.photos, Rejections: byReason(), Retries: byReason(), EventToManifest: i.latency, Slots: slots,
		RendersBusy: prometheus.NewGauge(prometheus.GaugeOpts{Name: "renders"})}
	i.photos.WithLabelValues("ready")
	i.photos.WithLabelValues("rejected")
	return i
}

func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newInstruments()
		r := NewRates(i.Metrics)
		if got := r.Photos(); got != nil || !math.IsNaN(r.EventToManifest(0.5)) {
			t.Errorf("before there are samples: %v", got)
		}
		i.photos.WithLabelValues("ready").Add(1000) // long ago
		i.latency.Observe(4)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); r.Run(ctx) }()
		for range 300 { // five minutes
			time.Sleep(time.Second)
			i.photos.WithLabelValues("ready").Add(3)
			i.latency.Observe(1.5)
			i.latency.Observe(0.5)
		}
		synctest.Wait()
		cancel()
		<-done
		got := r.Photos()
		if len(got) != 2 || got[0].Label != "ready" || math.Abs(got[0].PerSecond-3) > 0.1 || got[0].Total < 1880 || got[1] != (Rate{Label: "rejected"}) {
			t.Errorf("%+v, want 3 a second", got)
		}
		if n := len(r.samples); n > int(window/sampleEvery)+2 {
			t.Errorf("%d samples are kept", n)
		}
		for q, want := range map[float64]float64{0.25: 0.5, 0.5: 1, 0.75: 1.5, 1: 2} {
			if got := r.EventToManifest(q); math.Abs(got-want) > 0.05 {
				t.Errorf("quantile %v is %v, want %v", q, got, want)
			}
		}
	})
}

func TestPage(t *testing.T) {
	i := newInstruments()
	rates, jobs, recent := NewRates(i.Metrics), NewMessages(), NewRecent()
	var healthy, ready error
	h := Handler(Config{Version: "worker v1.2.3", Messages: jobs, Finished: []string{"ready"}, Recent: recent, Rates: rates,
		Healthy: func() error { return healthy }, Ready: func() error { return ready }})
	get := func() string {
		t.Helper()
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
		if rec.Code != 200 || rec.Header().Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(rec.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%d, %v", rec.Code, rec.Header())
		}
		return rec.Body.String()
	}
	wants := func(body string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !strings.Contains(body, text) {
				t.Errorf("the page does not say %q:\n%s", text, body)
			}
		}
	}
	wants(get(), "taking messages", "worker v1.2.3", "0 of 8", "Free slots: 8", "None since the start", "Available in a few seconds")

	ctx, end := jobs.Begin(t.Context(), "m1", 2)
	defer end()
	jobs.Stage(ctx, "cats/1", "resample")
	slog.New(recent.Handler(slog.DiscardHandler)).Error("passed over")
	trouble := slog.New(recent.Handler(slog.NewTextHandler(&bytes.Buffer{}, nil)))
	trouble.Error("job failed", "reason", "transient", "key", "cats/2", "error", "<script>alert(1)</script>")
	rates.take()
	i.photos.WithLabelValues("ready").Add(7)
	rates.take()
	ready = errors.New("draining")
	body := get()
	wants(body, "not taking messages: draining", "1 of 8", "Free slots: 7", "cats/1", "resample", "job failed: transient", "cats/2", "&lt;script&gt;", ">7<")
	if strings.Contains(body, "<script") {
		t.Error("text of an error is a part of the page")
	}
	healthy = errors.New("the intake has stood still")
	wants(get(), "stuck: the intake has stood still")
}

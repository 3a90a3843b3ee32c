package front

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// queue is a fake SQS with the given counts, or one that returns an error.
type queue struct {
	waiting, inFlight string
	err               error
	asked             atomic.Int32
}

func (q *queue) GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	q.asked.Add(1)
	return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{
		"ApproximateNumberOfMessages": q.waiting, "ApproximateNumberOfMessagesNotVisible": q.inFlight,
		"ApproximateNumberOfMessagesDelayed": "0"}}, q.err
}

// worker serves a latency histogram like a real worker.
type worker struct {
	*httptest.Server
	seconds prometheus.Histogram
}

func newWorker(t *testing.T) *worker {
	w := &worker{}
	w.restart()
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		reg := prometheus.NewRegistry()
		reg.MustRegister(w.seconds)
		promhttp.HandlerFor(reg, promhttp.HandlerOpts{}).ServeHTTP(rw, r)
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *worker) restart() {
	w.seconds = prometheus.NewHistogram(prometheus.HistogramOpts{Name: latency, Help: "x", Buckets: []float64{1, 2, 4}})
}

func TestWorkersAreAddedUp(t *testing.T) {
	a, b := newWorker(t), newWorker(t)
	ws := newWorkers([]string{a.URL, b.URL, "http://127.0.0.1:9", "http://no.invalid:1"})
	read := func(want float64, answered int) {
		t.Helper()
		total, n := ws.read(t.Context())
		if got := total[math.Inf(1)]; got != want || n != answered {
			t.Errorf("%v photos of %d workers, want %v of %d", got, n, want, answered)
		}
	}
	a.seconds.Observe(0.5) // before the first read
	read(0, 2)
	a.seconds.Observe(0.5)
	b.seconds.Observe(3)
	read(2, 2)
	a.restart()
	a.seconds.Observe(0.5)
	read(3, 2)
	b.Close()
	a.seconds.Observe(9)
	read(4, 1)
}

func TestHistory(t *testing.T) {
	var h history
	at := time.Now()
	add := func(after time.Duration, one, two, all float64) {
		at = at.Add(after)
		h.add(at, counts{1: one, 2: two, math.Inf(1): all})
	}
	value := func(v *float64) float64 {
		if v == nil {
			return math.NaN()
		}
		return *v
	}
	check := func(what string, rate, median float64) {
		t.Helper()
		equal := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 1e-9 }
		if r, m := value(h.rate(10*time.Second)), value(h.median(5*time.Minute)); !equal(r, rate) || !equal(m, median) {
			t.Errorf("%s: rate %v, median %v, want %v, %v", what, r, m, rate, median)
		}
	}
	unknown := math.NaN()
	add(0, 5, 5, 5)
	check("one total", unknown, unknown)
	add(2*time.Second, 5, 5, 5)
	check("nothing new", 0, unknown)
	add(2*time.Second, 5, 9, 9) // four within one and two seconds
	check("four more", 1, 1.5)
	add(8*time.Second, 6, 10, 10)
	check("the first total is outside the window", 0.5, 1.375)
	add(time.Minute, 6, 10, 10)
	check("nobody asked for a minute", unknown, 1.375)
	add(time.Second, 6, 10, 40) // most are beyond the last bound
	check("slow ones", 30, 2)
	add(10*time.Minute, 6, 10, 40)
	check("long ago", unknown, unknown)
	if len(h) != 1 {
		t.Errorf("%d totals are kept, want 1", len(h))
	}
}

func TestStateIsTakenOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{waiting: "7", inFlight: "2"}
		s := &system{sqs: q, queues: []string{"events", "photos"}, workers: newWorkers(nil)}
		for range 3 {
			if st := s.state(); *st.Queue != 14 || *st.InFlight != 4 || st.Workers != 0 || st.PhotosPerSecond != nil {
				t.Errorf("%+v", st)
			}
		}
		if n := q.asked.Load(); n != 2 {
			t.Errorf("the queues were read %d times, want each once", n)
		}
		time.Sleep(freshness)
		q.err = errors.New("down")
		if st := s.state(); st.Queue != nil || st.InFlight != nil {
			t.Errorf("queue down: %+v", st)
		}
	})
}

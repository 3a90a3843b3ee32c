package queue_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"darkroom/worker/internal/queue"
)

type fakeDepth struct {
	mu          sync.Mutex
	depth, dead queue.Depth
	err, noDead error
	samples     int
}

func (q *fakeDepth) Depth(context.Context) (queue.Depth, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.samples++
	return q.depth, q.err
}

func (q *fakeDepth) DeadLetterDepth(context.Context) (queue.Depth, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dead, errors.Join(q.err, q.noDead)
}

func (q *fakeDepth) change(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f()
}

// photosOnly is the only queue of a system that does not route.
func photosOnly(q queue.Inspector) map[string]queue.Inspector {
	return map[string]queue.Inspector{queue.NamePhotos: q}
}

const (
	interval = 15 * time.Second

	both = `# HELP darkroom_queue_messages Messages in the queues and in their dead-letter queues, by state.
# TYPE darkroom_queue_messages gauge
darkroom_queue_messages{queue="dead_letters",state="delayed"} 0
darkroom_queue_messages{queue="dead_letters",state="in_flight"} 0
darkroom_queue_messages{queue="dead_letters",state="visible"} 4
darkroom_queue_messages{queue="photos",state="delayed"} 3
darkroom_queue_messages{queue="photos",state="in_flight"} 2
darkroom_queue_messages{queue="photos",state="visible"} 1
`
	one = `# HELP darkroom_queue_messages Messages in the queues and in their dead-letter queues, by state.
# TYPE darkroom_queue_messages gauge
darkroom_queue_messages{queue="photos",state="delayed"} 0
darkroom_queue_messages{queue="photos",state="in_flight"} 0
darkroom_queue_messages{queue="photos",state="visible"} 9
`
)

// pass sleeps for d and then waits for the sampler.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestDepthSampler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeDepth{depth: queue.Depth{Visible: 1, InFlight: 2, Delayed: 3}, dead: queue.Depth{Visible: 4}}
		var log bytes.Buffer
		registry := prometheus.NewRegistry()
		s, err := queue.NewDepthSampler(queue.DepthConfig{Interval: interval, Registerer: registry, Log: slog.New(slog.NewTextHandler(&log, nil))}, photosOnly(q))
		if err != nil {
			t.Fatal(err)
		}
		want := func(text string) {
			t.Helper()
			if err := testutil.GatherAndCompare(registry, strings.NewReader(text)); err != nil {
				t.Error(err)
			}
		}
		want("")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		synctest.Wait()
		want(both)

		q.change(func() { q.err = errors.New("access denied") })
		pass(5 * interval)
		want("")
		if n := strings.Count(log.String(), "access denied"); n == 0 || strings.Count(log.String(), "\n") != 1 {
			t.Errorf("five samples that fail alike are logged as %q", log.String())
		}

		q.change(func() { q.err, q.depth, q.noDead = nil, queue.Depth{Visible: 9}, queue.ErrNoDeadLetterQueue })
		pass(interval)
		want(one)
		q.change(func() {
			if q.samples != 7 {
				t.Errorf("%d samples within six intervals, want 7", q.samples)
			}
		})
		log.Reset()
		pass(interval)
		cancel()
		<-done
		if log.Len() > 0 {
			t.Errorf("no dead-letter queue is logged as %q", log.String())
		}
	})
}

func TestDepthOfTwoQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := &fakeDepth{depth: queue.Depth{Visible: 7, InFlight: 8}, dead: queue.Depth{Visible: 1}}
		photos := &fakeDepth{depth: queue.Depth{Visible: 1, InFlight: 2, Delayed: 3}, dead: queue.Depth{Visible: 3}}
		registry := prometheus.NewRegistry()
		s, err := queue.NewDepthSampler(queue.DepthConfig{Interval: interval, Registerer: registry},
			map[string]queue.Inspector{queue.NameEvents: events, queue.NamePhotos: photos})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		synctest.Wait()
		want := strings.Replace(both, `darkroom_queue_messages{queue="photos",state="delayed"}`, `darkroom_queue_messages{queue="events",state="delayed"} 0
darkroom_queue_messages{queue="events",state="in_flight"} 8
darkroom_queue_messages{queue="events",state="visible"} 7
darkroom_queue_messages{queue="photos",state="delayed"}`, 1)
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
			t.Error(err)
		}
		events.change(func() { events.err = errors.New("access denied") })
		pass(interval)
		if err := s.Ready(); err == nil || testutil.CollectAndCount(registry) != 3 {
			t.Errorf("one queue of two fails: ready %v, %d values", err, testutil.CollectAndCount(registry))
		}
		events.change(func() { events.err, events.noDead = nil, queue.ErrNoDeadLetterQueue })
		pass(interval)
		if n := testutil.CollectAndCount(registry); s.Ready() != nil || n != 9 {
			t.Errorf("one of two has no dead-letter queue: ready %v, %d values, want 9", s.Ready(), n)
		}
		cancel()
		<-done
	})
}

// Two queues can share a dead-letter queue, whose messages count once.
func TestDeadLettersOfTwoQueues(t *testing.T) {
	sharing := func(name string) *fakeDepth {
		return &fakeDepth{dead: queue.Depth{Visible: 3, InFlight: 2, Delayed: 1, Shared: name}}
	}
	broken := &fakeDepth{err: errors.New("access denied")}
	for name, c := range map[string]struct {
		queues  queue.Joined
		visible int
		fails   bool
	}{
		"shared":         {queue.Joined{sharing("1/dead"), sharing("1/dead")}, 3, false},
		"three":          {queue.Joined{sharing("1/dead"), sharing("1/other"), sharing("1/dead")}, 6, false},
		"one each":       {queue.Joined{sharing("1/events-dead"), sharing("1/photos-dead")}, 6, false},
		"not shareable":  {queue.Joined{sharing(""), sharing("")}, 6, false},
		"one has none":   {queue.Joined{sharing("1/dead"), &fakeDepth{noDead: queue.ErrNoDeadLetterQueue}}, 3, false},
		"one is unknown": {queue.Joined{sharing("1/dead"), broken}, 0, true},
	} {
		d, err := c.queues.DeadLetterDepth(t.Context())
		if want := (queue.Depth{Visible: c.visible, InFlight: c.visible / 3 * 2, Delayed: c.visible / 3}); d != want || (err != nil) != c.fails {
			t.Errorf("%s: %+v, %v, want %+v", name, d, err, want)
		}
	}
}

func TestDepthConfig(t *testing.T) {
	for _, d := range []time.Duration{0, time.Millisecond, -time.Second} {
		if _, err := queue.NewDepthSampler(queue.DepthConfig{Interval: d}, photosOnly(&fakeDepth{})); err == nil {
			t.Errorf("an interval of %v was accepted", d)
		}
	}
	registry := prometheus.NewRegistry()
	for i := range 2 {
		if _, err := queue.NewDepthSampler(queue.DepthConfig{Interval: interval, Registerer: registry}, photosOnly(&fakeDepth{})); (err != nil) != (i > 0) {
			t.Errorf("sampler %d in one registry: %v", i, err)
		}
	}
}

// TestDepthSamplerHealth follows a queue that cannot be read at first, then can, fails again, and at last hangs.
func TestDepthSamplerHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeDepth{err: errors.New("no such queue")}
		s, err := queue.NewDepthSampler(queue.DepthConfig{Interval: interval}, photosOnly(q))
		if err != nil {
			t.Fatal(err)
		}
		check := func(when, healthy, ready string) {
			t.Helper()
			for _, c := range []struct {
				what, want string
				err        error
			}{{"Healthy", healthy, s.Healthy()}, {"Ready", ready, s.Ready()}} {
				if c.want == "" && c.err != nil || c.want != "" && (c.err == nil || !strings.Contains(c.err.Error(), c.want)) {
					t.Errorf("%s: %s returns %v, want %q", when, c.what, c.err, c.want)
				}
			}
		}
		check("before the first sample", "not been read", "not been read")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); s.Run(ctx) }()
		synctest.Wait()
		check("a wrong setting", "no such queue", "no such queue")
		q.change(func() { q.err = nil })
		pass(interval)
		check("the queue can be read", "", "")
		q.change(func() { q.err = errors.New("service unavailable") })
		pass(10 * interval)
		check("the queue fails", "", "service unavailable")
		cancel()
		<-done
		pass(4 * interval)
		check("nobody takes samples", "no sample of the queue's depth has ended for 1m0s", "service unavailable")
	})
}

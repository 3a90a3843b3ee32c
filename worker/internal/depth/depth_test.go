package depth

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
)

type fakeQueue struct {
	mu          sync.Mutex
	depth, dead Depth
	err, noDead error
	looks       int
}

func (q *fakeQueue) Depth(context.Context) (Depth, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.looks++
	return q.depth, q.err
}

func (q *fakeQueue) DeadLetters(context.Context) (Depth, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dead, errors.Join(q.err, q.noDead)
}

func (q *fakeQueue) change(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f()
}

const (
	both = `# HELP darkroom_queue_messages Messages of the queue, and of its dead-letter queue, by what can be done with them.
# TYPE darkroom_queue_messages gauge
darkroom_queue_messages{queue="dead_letters",state="delayed"} 0
darkroom_queue_messages{queue="dead_letters",state="in_flight"} 0
darkroom_queue_messages{queue="dead_letters",state="visible"} 4
darkroom_queue_messages{queue="photos",state="delayed"} 3
darkroom_queue_messages{queue="photos",state="in_flight"} 2
darkroom_queue_messages{queue="photos",state="visible"} 1
`
	one = `# HELP darkroom_queue_messages Messages of the queue, and of its dead-letter queue, by what can be done with them.
# TYPE darkroom_queue_messages gauge
darkroom_queue_messages{queue="photos",state="delayed"} 0
darkroom_queue_messages{queue="photos",state="in_flight"} 0
darkroom_queue_messages{queue="photos",state="visible"} 9
`
)

// pass lets time pass, and the sampler do what it does at its end.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestSampler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{depth: Depth{1, 2, 3}, dead: Depth{Visible: 4}}
		var log bytes.Buffer
		registry := prometheus.NewRegistry()
		s, err := New(Config{Registerer: registry, Log: slog.New(slog.NewTextHandler(&log, nil))}, q)
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
		pass(5 * DefaultInterval)
		want("")
		if n := strings.Count(log.String(), "access denied"); n == 0 || strings.Count(log.String(), "\n") != 1 {
			t.Errorf("five looks that fail alike are logged as %q", log.String())
		}

		q.change(func() { q.err, q.depth, q.noDead = nil, Depth{Visible: 9}, ErrNone })
		pass(DefaultInterval)
		want(one)
		q.change(func() {
			if q.looks != 7 {
				t.Errorf("looked %d times within six intervals, want 7", q.looks)
			}
		})
		log.Reset()
		pass(DefaultInterval)
		cancel()
		<-done
		if log.Len() > 0 {
			t.Errorf("no dead-letter queue is logged as %q", log.String())
		}
	})
}

func TestConfig(t *testing.T) {
	if _, err := New(Config{Interval: time.Millisecond}, &fakeQueue{}); err == nil {
		t.Error("an interval of 1 ms: no error")
	}
	registry := prometheus.NewRegistry()
	for i := range 2 {
		if _, err := New(Config{Registerer: registry}, &fakeQueue{}); (err != nil) != (i > 0) {
			t.Errorf("sampler %d with one registry: %v", i, err)
		}
	}
}

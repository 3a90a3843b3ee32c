package scaler_test

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

	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/scaler"
	"darkroom/worker/internal/scaler/scalertest"
	"darkroom/worker/scaling"
)

// fakeQueue is a queue whose depth the test sets.
type fakeQueue struct {
	mu    sync.Mutex
	depth queue.Depth
	err   error
	slow  time.Duration
}

func (q *fakeQueue) Depth(ctx context.Context) (queue.Depth, error) {
	q.mu.Lock()
	d, err, slow := q.depth, q.err, q.slow
	q.mu.Unlock()
	select {
	case <-ctx.Done():
		return queue.Depth{}, ctx.Err()
	case <-time.After(slow):
	}
	return d, err
}

func (q *fakeQueue) set(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f()
}

// policy has a worker do 20 photos a second, and 400 in what is left of the objective.
var policy = scaling.Fast{Bounds: scaling.Bounds{Min: 1, Max: 50}, Objective: time.Minute, StartUp: 40 * time.Second, PhotoTime: 100 * time.Millisecond, Processors: 2}

// start runs a scaler until the returned function is called.
func start(t *testing.T, cfg scaler.Config, q scaler.Queue, w scaler.Workers) (stop func()) {
	t.Helper()
	cfg.Policy = policy
	s, err := scaler.New(cfg, q, w)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); s.Run(ctx) }()
	return func() { cancel(); <-done }
}

func want(t *testing.T, w *scalertest.Fake, n int) {
	t.Helper()
	synctest.Wait()
	if c, _ := w.Count(t.Context()); c.Desired != n {
		t.Errorf("after %v: %d workers desired, want %d", time.Since(begun), c.Desired, n)
	}
}

// begun is when every synctest bubble begins.
var begun = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func TestScaler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		q, w := &fakeQueue{}, &scalertest.Fake{}
		w.Set(scaler.Count{Desired: 1, Running: 1}, nil)
		stop := start(t, scaler.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, q, w)
		want(t, w, 1)
		time.Sleep(5 * time.Second)
		q.set(func() { q.depth = queue.Depth{Visible: 4800} })
		want(t, w, 1)
		time.Sleep(5 * time.Second) // the second look: 480 a second more than before, which go on
		want(t, w, 50)
		w.Set(scaler.Count{Desired: 1, Running: 1}, nil) // somebody takes them away
		time.Sleep(10 * time.Second)                     // as many wait as before: one for what comes, which is what one does, and 12
		want(t, w, 13)
		q.set(func() { q.depth = queue.Depth{} })
		time.Sleep(time.Hour)
		want(t, w, 13) // removing is left to others
		w.Set(scaler.Count{Desired: 70, Running: 70}, nil)
		time.Sleep(time.Minute)
		want(t, w, 70) // so is a count above the most
		stop()
		if n := strings.Count(log.String(), "added workers"); n != 2 || w.Sets() != 2 {
			t.Errorf("%d changes, %d of them logged:\n%s", w.Sets(), n, log.String())
		}
		q.set(func() { q.depth = queue.Depth{Visible: 1e6} })
		time.Sleep(time.Hour)
		want(t, w, 70)
	})
}

func TestDryRunSetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		q, w := &fakeQueue{depth: queue.Depth{Visible: 4800}}, &scalertest.Fake{}
		stop := start(t, scaler.Config{DryRun: true, Log: slog.New(slog.NewTextHandler(&log, nil))}, q, w)
		synctest.Wait()
		stop()
		if w.Sets() != 0 || !strings.Contains(log.String(), "would add workers") || !strings.Contains(log.String(), "desired=12") {
			t.Errorf("%d changes:\n%s", w.Sets(), log.String())
		}
	})
}

// TestFailures has neither side answer for a while. What was seen before is then too old to tell a rate.
func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		q, w := &fakeQueue{}, &scalertest.Fake{}
		w.Set(scaler.Count{Desired: 1, Running: 1}, nil)
		stop := start(t, scaler.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, q, w)
		defer stop()
		time.Sleep(5 * time.Second) // so that what changes below does so between two looks and not at the moment of one
		q.set(func() { q.depth, q.err = queue.Depth{Visible: 4800}, errors.New("no queue") })
		time.Sleep(30 * time.Second)
		want(t, w, 1)
		q.set(func() { q.err = nil })
		w.Set(scaler.Count{}, errors.New("no service"))
		time.Sleep(30 * time.Second)
		w.Set(scaler.Count{Desired: 1, Running: 1}, nil)
		time.Sleep(10 * time.Second)
		want(t, w, 10)
		if text := log.String(); strings.Count(text, "cannot scale") != 1 || strings.Count(text, "can scale again") != 1 {
			t.Errorf("six looks that fail are logged as\n%s", text)
		}
	})
}

// TestAnOldLookChangesNothing has a queue that answers so late that what it says may no longer be so.
func TestAnOldLookChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, w := &fakeQueue{depth: queue.Depth{Visible: 4800}, slow: 6 * time.Second}, &scalertest.Fake{}
		stop := start(t, scaler.Config{}, q, w)
		defer stop()
		time.Sleep(time.Hour)
		want(t, w, 0)
		q.set(func() { q.slow = 4 * time.Second })
		time.Sleep(20 * time.Second)
		want(t, w, 12)
	})
}

// TestTwoScalersAsOne has two of them see the same burst, at other moments, and one die: the count rises as with one and never falls.
func TestTwoScalersAsOne(t *testing.T) {
	grow := func(t *testing.T, scalers int) (counts []int) {
		synctest.Test(t, func(t *testing.T) {
			q, w := &fakeQueue{}, &scalertest.Fake{}
			w.Set(scaler.Count{Desired: 1, Running: 1}, nil)
			var stops []func()
			for range scalers {
				stops = append(stops, start(t, scaler.Config{}, q, w))
				synctest.Wait()
			}
			for second := range 60 {
				time.Sleep(time.Second)
				synctest.Wait()
				if second == 25 {
					stops[0]()
					if scalers == 1 {
						stops[0] = start(t, scaler.Config{}, q, w)
						synctest.Wait()
					}
				}
				q.set(func() { q.depth.Visible += 100 })
				c, _ := w.Count(t.Context())
				counts = append(counts, c.Desired)
			}
			for _, stop := range stops {
				stop()
			}
		})
		return counts
	}
	one, two := grow(t, 1), grow(t, 2)
	for i := range two {
		if i > 0 && two[i] < two[i-1] {
			t.Fatalf("two of them lower the count: %v", two)
		}
	}
	if last := len(two) - 1; two[last] < one[last] || two[last] > one[last]+2 {
		t.Errorf("two of them end at %d workers, one at %d", two[last], one[last])
	}
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]scaler.Config{"interval": {Policy: policy, Interval: time.Millisecond}, "policy": {}} {
		if _, err := scaler.New(c, &fakeQueue{}, &scalertest.Fake{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestFakeConforms(t *testing.T) {
	scalertest.Conformance(t, func(*testing.T) scaler.Workers {
		f := &scalertest.Fake{}
		f.Set(scaler.Count{Desired: 3, Running: 2}, nil)
		return f
	})
}

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

// policy gives a worker 20 photos a second, and 400 in the rest of the objective after its start.
var policy = scaling.Fast{Bounds: scaling.Bounds{Min: 1, Max: 50}, Objective: time.Minute, StartUp: 40 * time.Second, PhotoTime: 100 * time.Millisecond, Processors: 2}

// start runs a scaler until the returned function is called.
func start(t *testing.T, cfg scaler.Config, q scaler.Queue, w scaler.Workers) (stop func()) {
	t.Helper()
	cfg.Policy, cfg.Interval = policy, scaler.DefaultInterval
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
		w.Set(scaler.Tasks{Desired: 1, Running: 1}, nil)
		stop := start(t, scaler.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, q, w)
		want(t, w, 1)
		time.Sleep(5 * time.Second)
		q.set(func() { q.depth = queue.Depth{Visible: 4800} })
		want(t, w, 1)
		// The second reading: 480 a second have arrived since the first, and as many keep arriving.
		time.Sleep(5 * time.Second)
		want(t, w, 50)
		w.Set(scaler.Tasks{Desired: 1, Running: 1}, nil) // somebody removes them
		// The backlog has not grown, so one worker is enough for the arrivals. The backlog needs 12.
		time.Sleep(10 * time.Second)
		want(t, w, 13)
		q.set(func() { q.depth = queue.Depth{} })
		time.Sleep(time.Hour)
		want(t, w, 13) // target tracking removes workers
		w.Set(scaler.Tasks{Desired: 70, Running: 70}, nil)
		time.Sleep(time.Minute)
		want(t, w, 70) // a count above the maximum stays
		stop()
		if n := strings.Count(log.String(), "added workers"); n != 2 || w.Sets() != 2 {
			t.Errorf("%d changes, %d of them logged:\n%s", w.Sets(), n, log.String())
		}
		q.set(func() { q.depth = queue.Depth{Visible: 1e6} })
		time.Sleep(time.Hour)
		want(t, w, 70)
	})
}

// TestDryRunSetsNothing also checks that a dry run logs a number of workers once, and again after it was not needed.
func TestDryRunSetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		q, w := &fakeQueue{depth: queue.Depth{Visible: 4800}}, &scalertest.Fake{}
		stop := start(t, scaler.Config{DryRun: true, Log: slog.New(slog.NewTextHandler(&log, nil))}, q, w)
		time.Sleep(time.Minute)
		q.set(func() { q.depth = queue.Depth{} })
		time.Sleep(time.Minute)
		q.set(func() { q.depth = queue.Depth{Visible: 4800} })
		time.Sleep(time.Minute)
		stop()
		if n := strings.Count(log.String(), `msg="would add workers" desired=12 `); w.Sets() != 0 || n != 2 {
			t.Errorf("%d changes, %d lines of 12 workers, want 0 and 2:\n%s", w.Sets(), n, log.String())
		}
	})
}

// TestFailures has the queue and then the service fail for a while. The reading before is then too old to give a rate.
func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		q, w := &fakeQueue{}, &scalertest.Fake{}
		w.Set(scaler.Tasks{Desired: 1, Running: 1}, nil)
		stop := start(t, scaler.Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, q, w)
		defer stop()
		time.Sleep(5 * time.Second) // so that the changes below come between two readings
		q.set(func() { q.depth, q.err = queue.Depth{Visible: 4800}, errors.New("no queue") })
		time.Sleep(30 * time.Second)
		want(t, w, 1)
		q.set(func() { q.err = nil })
		w.Set(scaler.Tasks{}, errors.New("no service"))
		time.Sleep(30 * time.Second)
		w.Set(scaler.Tasks{Desired: 1, Running: 1}, nil)
		time.Sleep(10 * time.Second)
		want(t, w, 10)
		if text := log.String(); strings.Count(text, "cannot scale") != 1 || strings.Count(text, "can scale again") != 1 {
			t.Errorf("six readings that fail are logged as\n%s", text)
		}
	})
}

// TestAnOldReadingChangesNothing has a queue whose answer is so late that it may be outdated.
func TestAnOldReadingChangesNothing(t *testing.T) {
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

// TestRunToDeadline starts a scaler each minute, like a function that may run for a minute.
func TestRunToDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, w := &fakeQueue{}, &scalertest.Fake{}
		w.Set(scaler.Tasks{Desired: 1, Running: 1}, nil)
		s, err := scaler.New(scaler.Config{Policy: policy, Interval: scaler.DefaultInterval}, q, w)
		if err != nil {
			t.Fatal(err)
		}
		run := func(timeout time.Duration) (time.Duration, error) {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			begin := time.Now()
			err := s.RunToDeadline(ctx)
			return time.Since(begin), err
		}
		q.set(func() { q.slow = time.Second })
		if took, err := run(time.Minute); err != nil || took != 51*time.Second {
			t.Errorf("%v after %v, want the last of six readings to end after 51 s", err, took)
		}
		time.Sleep(9 * time.Second)
		q.set(func() { q.depth.Visible = 1000 }) // 100 a second since the last reading of the run before
		if _, err := run(time.Minute); err != nil {
			t.Error(err)
		}
		if c, _ := w.Count(t.Context()); c.Desired < 15 {
			t.Errorf("%d workers: the run did not go on from the reading before", c.Desired)
		}
		// After an hour, that reading says nothing about the arrivals now.
		w.Set(scaler.Tasks{Desired: 1, Running: 1}, nil)
		time.Sleep(time.Hour)
		q.set(func() { q.depth.Visible = 800 }) // what one worker clears in time
		if _, err := run(10 * time.Second); err != nil {
			t.Error(err)
		}
		want(t, w, 1)
		q.set(func() { q.err = errors.New("no access") })
		if took, err := run(time.Minute); err == nil || took > time.Minute {
			t.Errorf("%v after %v, want the error of a run without a reading", err, took)
		}
		if err := s.RunToDeadline(t.Context()); err == nil {
			t.Error("no deadline: no error")
		}
	})
}

// TestTwoScalersAsOne has two scalers read the same burst at different moments, and one die. The count rises as with
// one scaler and never falls.
func TestTwoScalersAsOne(t *testing.T) {
	grow := func(t *testing.T, scalers int) (counts []int) {
		synctest.Test(t, func(t *testing.T) {
			q, w := &fakeQueue{}, &scalertest.Fake{}
			w.Set(scaler.Tasks{Desired: 1, Running: 1}, nil)
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
			t.Fatalf("two scalers lower the count: %v", two)
		}
	}
	if last := len(two) - 1; two[last] < one[last] || two[last] > one[last]+2 {
		t.Errorf("two scalers end at %d workers, one at %d", two[last], one[last])
	}
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]scaler.Config{
		"short interval": {Policy: policy, Interval: time.Millisecond}, "no interval": {Policy: policy}, "no policy": {Interval: time.Minute},
	} {
		if _, err := scaler.New(c, &fakeQueue{}, &scalertest.Fake{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestFakeConforms(t *testing.T) {
	scalertest.Conformance(t, func(*testing.T) scaler.Workers {
		f := &scalertest.Fake{}
		f.Set(scaler.Tasks{Desired: 3, Running: 2}, nil)
		return f
	})
}

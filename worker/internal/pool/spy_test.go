package pool_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

// spy is a queue in memory that records its calls. A test can make them slow or answer them itself.
type spy struct {
	*queuetest.Memory
	latency time.Duration // time of a receive that brings messages
	// delete and visibility answer a call instead of the queue, unless they return nil.
	delete     func(batch []queue.Message) []error
	visibility func(ctx context.Context, batch []queue.VisibilityChange) []error

	mu               sync.Mutex
	receives         []receive
	inProgress, most int // receives in progress: now, and the maximum
	deletes          [][]queue.Message
	changes          []change
}

type receive struct {
	at   time.Time
	max  int
	wait time.Duration
}

type change struct {
	at    time.Time
	batch []queue.VisibilityChange
}

func (s *spy) Receive(ctx context.Context, n int, wait, visibility time.Duration) ([]queue.Message, error) {
	s.mu.Lock()
	s.receives = append(s.receives, receive{time.Now(), n, wait})
	s.inProgress++
	s.most = max(s.most, s.inProgress)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.inProgress--
	}()
	m, err := s.Memory.Receive(ctx, n, wait, visibility)
	if len(m) > 0 {
		time.Sleep(s.latency)
	}
	return m, err
}

func (s *spy) Delete(ctx context.Context, batch []queue.Message) []error {
	s.mu.Lock()
	s.deletes = append(s.deletes, batch)
	s.mu.Unlock()
	if s.delete != nil {
		if errs := s.delete(batch); errs != nil {
			return errs
		}
	}
	return s.Memory.Delete(ctx, batch)
}

func (s *spy) SetVisibility(ctx context.Context, batch []queue.VisibilityChange) []error {
	s.mu.Lock()
	s.changes = append(s.changes, change{time.Now(), batch})
	s.mu.Unlock()
	if s.visibility != nil {
		if errs := s.visibility(ctx, batch); errs != nil {
			return errs
		}
	}
	return s.Memory.SetVisibility(ctx, batch)
}

// received returns how many receives have begun.
func (s *spy) received() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.receives)
}

// changed returns how many calls have changed visibility timeouts.
func (s *spy) changed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.changes)
}

// receiving returns how many receives are in progress.
func (s *spy) receiving() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inProgress
}

// series returns a series by its name and label value, or nil.
func series(t *testing.T, reg *prometheus.Registry, name string, label ...string) *dto.Metric {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.Metric {
			if f.GetName() == name && (len(label) == 0 || m.Label[0].GetValue() == label[0]) {
				return m
			}
		}
	}
	t.Fatalf("no metric %s %v", name, label)
	return nil
}

// metric returns the value of a counter or gauge.
func metric(t *testing.T, reg *prometheus.Registry, name string, label ...string) float64 {
	t.Helper()
	m := series(t, reg, name, label...)
	return m.GetCounter().GetValue() + m.GetGauge().GetValue()
}

// pass sleeps for d and then waits until every goroutine is idle.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

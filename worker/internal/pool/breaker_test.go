package pool_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
)

// storage is what handlers depend on.
type storage struct {
	down  atomic.Bool
	blind bool // the probe succeeds even when storage is down

	mu      sync.Mutex
	handled map[string]int // key: body; value: receive count of a message that was handled
	tries   map[string]int // key: body; value: calls of the handler
}

func newStorage() *storage { return &storage{handled: map[string]int{}, tries: map[string]int{}} }

func (s *storage) handle(_ context.Context, m queue.Message) error {
	time.Sleep(200 * time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tries[m.Body]++
	if s.down.Load() {
		return fmt.Errorf("get: %w", pool.ErrUnavailable)
	}
	s.handled[m.Body] = m.ReceiveCount
	return nil
}

func (s *storage) probe(context.Context) error {
	if s.down.Load() && !s.blind {
		return errors.New("503")
	}
	return nil
}

// TestOutageSpendsNoReceives has no storage for ten minutes, with messages in flight and messages that come meanwhile.
func TestOutageSpendsNoReceives(t *testing.T) {
	for name, tc := range map[string]struct {
		messages int
		blind    bool
		receives int // most receives of one message
	}{
		"many messages":                   {200, false, 1},
		"one message":                     {1, false, 1},
		"probe does not notice":           {200, true, 2},
		"probe does not notice, one slot": {3, true, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := &spy{Memory: queuetest.NewMemory(5)}
				s := newStorage()
				s.blind = tc.blind
				s.down.Store(true)
				reg := prometheus.NewRegistry()
				slots := 8
				if tc.messages == 3 {
					slots = 1
				}
				p, drain := start(t, pool.Config{Slots: slots, JobTimeout: 2 * time.Minute, Probe: s.probe, Metrics: pool.NewMetrics(reg)}, q, s.handle)
				for i := range tc.messages {
					q.Put(fmt.Sprint(i))
				}
				pass(time.Minute)
				if err := p.Ready(); err == nil || !strings.Contains(err.Error(), "breaker") {
					t.Errorf("ready: %v", err)
				}
				if n := metric(t, reg, "darkroom_breaker_open"); n != 1 {
					t.Errorf("darkroom_breaker_open is %v", n)
				}
				before := q.received()
				pass(9 * time.Minute)
				if n := q.received(); n != before {
					t.Errorf("%d receives while the breaker was open", n-before)
				}
				if err := p.Healthy(); err != nil {
					t.Errorf("not healthy in an outage: %v", err)
				}
				s.down.Store(false)
				pass(time.Minute)
				if err := p.Ready(); err != nil {
					t.Errorf("not ready after the outage: %v", err)
				}
				if n := metric(t, reg, "darkroom_breaker_open"); n != 0 {
					t.Errorf("darkroom_breaker_open is %v", n)
				}
				drain()
				wantCounts(t, q.Memory, 0, 0)
				if n := len(q.DeadLetters()); n != 0 {
					t.Errorf("%d messages in the dead-letter queue", n)
				}
				if len(s.handled) != tc.messages {
					t.Errorf("%d messages handled, want %d", len(s.handled), tc.messages)
				}
				for body, receives := range s.handled {
					if receives > tc.receives {
						t.Errorf("message %s was handled at receive %d, want at most %d", body, receives, tc.receives)
					}
				}
				most := 0
				for _, n := range s.tries {
					most = max(most, n)
				}
				// Waiting deliveries wait for the probe, every 7.5 s to 15 s, and then one at a time is tried.
				if most > 80 {
					t.Errorf("a message was tried %d times in ten minutes", most)
				}
			})
		})
	}
}

// TestOneUnavailableObjectKeepsTheBreakerClosed has one message that never works among others that do.
func TestOneUnavailableObjectKeepsTheBreakerClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(5)
		reg := prometheus.NewRegistry()
		handled := 0
		p, drain := start(t, pool.Config{Slots: 4, Metrics: pool.NewMetrics(reg)}, q, func(ctx context.Context, m queue.Message) error {
			if m.Body == "broken" {
				return pool.ErrUnavailable
			}
			handled++
			return nil
		})
		q.Put("broken")
		for i := range 600 {
			q.Put(fmt.Sprint(i))
			time.Sleep(time.Second)
			if p.Ready() != nil {
				t.Fatalf("ready: %v", p.Ready())
			}
		}
		drain()
		if dead := q.DeadLetters(); len(dead) != 1 || dead[0].Body != "broken" || handled != 600 {
			t.Errorf("%d handled, dead letters %+v", handled, dead)
		}
		if n := metric(t, reg, "darkroom_retries_total", "unavailable"); n != 5 {
			t.Errorf("%v retries, want 5", n)
		}
	})
}

// TestUnavailableMessagesAmongOthersKeepTheBreakerClosed has every other message fail: the failures are not in a row.
func TestUnavailableMessagesAmongOthersKeepTheBreakerClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		p, drain := start(t, pool.Config{Slots: 1}, q, func(ctx context.Context, m queue.Message) error {
			if m.Body == "broken" && m.ReceiveCount == 1 {
				return pool.ErrUnavailable
			}
			return nil
		})
		for range 20 {
			q.Put("broken")
			time.Sleep(time.Second)
			q.Put("fine")
			time.Sleep(time.Second)
			if p.Ready() != nil {
				t.Fatalf("ready: %v", p.Ready())
			}
		}
		pass(time.Minute)
		drain()
		wantCounts(t, q, 0, 0)
	})
}

// TestBrokenObjectsDoNotStopTheOthers has more messages in a row than open the breaker whose objects are broken. The
// probe succeeds, and so would every other message.
func TestBrokenObjectsDoNotStopTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(5)
		var mu sync.Mutex
		handled := map[string]int{}
		p, drain := start(t, pool.Config{Slots: 8}, q, func(ctx context.Context, m queue.Message) error {
			time.Sleep(100 * time.Millisecond)
			if strings.HasPrefix(m.Body, "broken") {
				return pool.ErrUnavailable
			}
			mu.Lock()
			defer mu.Unlock()
			handled[m.Body] = m.ReceiveCount
			return nil
		})
		for i := range 4 {
			q.Put(fmt.Sprint("broken ", i))
		}
		pass(5 * time.Second)
		if p.Ready() == nil {
			t.Error("ready although every message so far was unavailable")
		}
		for i := range 200 {
			q.Put(fmt.Sprint(i))
		}
		pass(5 * time.Minute)
		if len(handled) != 200 {
			t.Errorf("%d messages handled, want 200", len(handled))
		}
		for body, receives := range handled {
			if receives > 1 {
				t.Errorf("message %s was handled at receive %d", body, receives)
			}
		}
		drain()
	})
}

// TestUnavailableMessagesFarApartOpenTheBreaker has so few messages that each is in the dead-letter queue before the
// next comes.
func TestUnavailableMessagesFarApartOpenTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(5)
		p, drain := start(t, pool.Config{Slots: 8}, q, func(ctx context.Context, m queue.Message) error { return pool.ErrUnavailable })
		for i := range 10 {
			q.Put(fmt.Sprint(i))
			pass(5 * time.Minute)
		}
		if err := p.Ready(); err == nil || !strings.Contains(err.Error(), "breaker") {
			t.Errorf("ready: %v", err)
		}
		if n := len(q.DeadLetters()); n > 2 {
			t.Errorf("%d messages in the dead-letter queue, want those before the breaker could open", n)
		}
		drain()
	})
}

// TestReceivesContinueWhenTheBreakerCloses has no delivery that waits for the breaker, so the probe alone decides and
// no delivery wakes the intake.
func TestReceivesContinueWhenTheBreakerCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &spy{Memory: queuetest.NewMemory(0)}
		var up atomic.Bool
		p, drain := start(t, pool.Config{Slots: 2, Probe: func(context.Context) error {
			if !up.Load() {
				return errors.New("503")
			}
			return nil
		}}, q, func(ctx context.Context, m queue.Message) error { return pool.ErrUnavailable })
		q.Put("a")
		pass(time.Second)
		q.Steal(time.Hour)
		pass(30 * time.Second)
		before := q.received()
		up.Store(true)
		for p.Ready() != nil {
			time.Sleep(10 * time.Millisecond)
		}
		synctest.Wait()
		if q.received() == before {
			t.Error("no receive although the breaker has closed")
		}
		drain()
	})
}

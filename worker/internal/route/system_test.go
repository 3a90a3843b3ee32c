package route_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/internal/pool"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
	"darkroom/worker/internal/route"
	"darkroom/worker/s3event"
)

// system is a worker that routes, with both queues in memory and rendering that takes a second.
type system struct {
	events, photos *queuetest.Memory
	drain          func()

	mu       sync.Mutex
	rendered map[string]int // key: key of the photo
	order    []string       // boards, in the order in which their photos were ready
	now      map[string]int // photos being rendered, by board; those on the short way also as "short "+board
	most     map[string]int // the maximum of each
	all      int
	mostAll  int
}

const slots = 8

func startSystem(t *testing.T) *system {
	s := &system{events: queuetest.NewMemory(5), photos: queuetest.NewMemory(5),
		rendered: map[string]int{}, now: map[string]int{}, most: map[string]int{}}
	s.start(t)
	return s
}

// start starts a worker.
func (s *system) start(t *testing.T) {
	cfg := pool.Config{Slots: slots, PollWait: 20 * time.Second, Visibility: 30 * time.Second, JobTimeout: time.Minute, DrainTimeout: 20 * time.Second, Lends: true}
	photos, err := pool.New(cfg, s.photos, func(ctx context.Context, m queue.Message) error { return s.render(ctx, m, "") })
	if err != nil {
		t.Fatal(err)
	}
	router := route.New(route.Config{Bucket: "uploads", Redelivered: redelivered, Recognized: pool.Recognize,
		Handle:      func(ctx context.Context, m queue.Message) error { return s.render(ctx, m, "short ") },
		Unavailable: func(err error) bool { return errors.Is(err, pool.ErrUnavailable) }}, s.photos, photos)
	cfg.Lends, cfg.Slots = false, 100
	events, err := pool.New(cfg, s.events, func(ctx context.Context, m queue.Message) error {
		if err := router.Handle(ctx, m); err != nil {
			return fmt.Errorf("%w: %w", pool.ErrUnavailable, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var both sync.WaitGroup
	both.Go(func() { events.Run(ctx) })
	both.Go(func() { photos.Run(ctx) })
	s.drain = func() { cancel(); both.Wait() }
}

// render takes a second for the photo of a message.
func (s *system) render(_ context.Context, m queue.Message, way string) error {
	events, err := s3event.Parse(m.Body)
	if err != nil {
		return err
	}
	key := events[0].Key
	board, _, _ := strings.Cut(key, "/")
	s.count(board, way, 1)
	time.Sleep(time.Second)
	s.count(board, way, -1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rendered[key]++
	s.order = append(s.order, board)
	return nil
}

func (s *system) count(board, way string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range []string{board, way + board} {
		s.now[name] += n
		s.most[name] = max(s.most[name], s.now[name])
		if way == "" {
			break
		}
	}
	s.all += n
	s.mostAll = max(s.mostAll, s.all)
}

// upload puts n events of a board in the queue.
func (s *system) upload(board string, n int) {
	for range n {
		s.events.Put(s3event.Format(event(board)))
	}
}

// await waits until both queues are empty, or for ten minutes.
func (s *system) await(t *testing.T) {
	t.Helper()
	for range 600 {
		time.Sleep(time.Second)
		synctest.Wait()
		all, _ := s.events.Bodies()
		rest, _ := s.photos.Bodies()
		if len(all)+len(rest) == 0 {
			return
		}
	}
	t.Error("the queues are not empty after ten minutes")
}

// TestFloodDoesNotSlipByTheShortWay floods an idle worker. One board gets its share of the slots by the short way, and
// the rest of its photos go through the queue that is fair.
func TestFloodDoesNotSlipByTheShortWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := startSystem(t)
		time.Sleep(time.Minute)
		synctest.Wait()
		s.upload("flood", 400)
		s.await(t)
		s.drain()
		if len(s.rendered) != 400 || s.mostAll > slots {
			t.Errorf("%d photos rendered, up to %d at once, want 400 and up to %d", len(s.rendered), s.mostAll, slots)
		}
		if n := s.most["short flood"]; n != 1 {
			t.Errorf("%d photos of the flood at once by the short way, want 1: half of a quarter of %d slots", n, slots)
		}
		if s.most["flood"] < slots-1 {
			t.Errorf("%d photos of the flood at once, want nearly all slots", s.most["flood"])
		}
	})
}

// TestQuietBoardsTakeTheShortWay uploads a photo now and then. None of them needs the second queue.
func TestQuietBoardsTakeTheShortWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := startSystem(t)
		time.Sleep(time.Minute)
		synctest.Wait()
		var forwarded int
		s.photos.FailOn(func(operation, _ string) error {
			if operation == "send" {
				forwarded++
			}
			return nil
		})
		for i := range 40 {
			s.upload(fmt.Sprint("board-", i%5), 1)
			time.Sleep(3 * time.Second)
		}
		s.await(t)
		s.drain()
		if len(s.rendered) != 40 || forwarded != 0 {
			t.Errorf("%d photos rendered, %d of them forwarded, want 40 and none", len(s.rendered), forwarded)
		}
	})
}

// TestRoutingDoesNotWaitForRendering has all events routed while every slot renders.
func TestRoutingDoesNotWaitForRendering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := startSystem(t)
		s.upload("flood", 1000)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if all, _ := s.events.Bodies(); len(all) != 0 {
			t.Errorf("%d events are not routed after 5 s, in which %d photos were rendered", len(all), len(s.rendered))
		}
		s.await(t)
		s.drain()
		if len(s.rendered) != 1000 {
			t.Errorf("%d photos rendered, want 1000", len(s.rendered))
		}
	})
}

// TestDeathBetweenSendAndDelete has a worker lose every delete of an event, as if it were killed after the send. The
// next worker sends the photos again. No photo is lost, and none counts as a bad message.
func TestDeathBetweenSendAndDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := startSystem(t)
		s.events.FailOn(func(operation, _ string) error {
			if operation == "delete" {
				return errors.New("the process is gone")
			}
			return nil
		})
		s.upload("cats", 30)
		time.Sleep(10 * time.Second)
		s.drain()
		if all, _ := s.events.Bodies(); len(all) != 30 {
			t.Fatalf("%d events are left, want all 30", len(all))
		}
		s.events.FailOn(nil)
		s.start(t)
		s.await(t)
		s.drain()
		if len(s.rendered) != 30 || len(s.events.DeadLetters())+len(s.photos.DeadLetters()) != 0 {
			t.Errorf("%d photos rendered, %d and %d dead letters, want 30 and none", len(s.rendered), len(s.events.DeadLetters()), len(s.photos.DeadLetters()))
		}
	})
}

// TestSendsThatFailStopTheIntake removes the permission to send for an hour. No event loses receives meanwhile.
func TestSendsThatFailStopTheIntake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := startSystem(t)
		s.photos.FailOn(func(operation, _ string) error {
			if operation == "send" {
				return errors.New("access denied")
			}
			return nil
		})
		s.upload("cats", 300)
		time.Sleep(time.Hour)
		s.photos.FailOn(nil)
		s.await(t)
		s.drain()
		if len(s.rendered) != 300 || len(s.events.DeadLetters()) != 0 {
			t.Errorf("%d photos rendered, %d dead letters, want 300 and none", len(s.rendered), len(s.events.DeadLetters()))
		}
	})
}

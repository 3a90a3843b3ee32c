package repair_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/repair"
	"darkroom/worker/internal/sendlimit"
	"darkroom/worker/photo"
	"darkroom/worker/s3event"
)

// sent is a queue that records the sizes of batches and the events.
type sent struct {
	batches []int
	events  []s3event.Event
	groups  []string
	fail    func(key string) error
}

func (q *sent) Limits() queue.Limits { return queue.Limits{Batch: 10} }

func (q *sent) Send(ctx context.Context, messages []queue.Outgoing) []error {
	q.batches = append(q.batches, len(messages))
	errs := make([]error, len(messages))
	for i, m := range messages {
		events, err := s3event.Parse(m.Body)
		if err != nil || len(events) != 1 {
			panic(m.Body)
		}
		if q.fail != nil {
			errs[i] = q.fail(events[0].Key)
		}
		if errs[i] == nil {
			q.events = append(q.events, events[0])
			q.groups = append(q.groups, m.Group)
		}
	}
	return errs
}

// keys returns the keys of the photos that the events name.
func (q *sent) keys() (keys []string) {
	for _, e := range q.events {
		keys = append(keys, e.Key)
	}
	return keys
}

func add(t *testing.T, cfg repair.EventsConfig, q repair.Queue, n int) (*repair.Events, error) {
	t.Helper()
	cfg.Bucket, cfg.Name = "uploads", "Darkroom:Test"
	e, err := repair.NewEvents(cfg, q)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := e.Add(t.Context(), ref(i), "", "because"); err != nil {
			return e, errors.Join(err, e.Flush(t.Context()))
		}
	}
	return e, e.Flush(t.Context())
}

func TestEventsAreSentInBatches(t *testing.T) {
	q := &sent{}
	e, err := add(t, repair.EventsConfig{}, q, 25)
	if err != nil || e.SentCount() != 25 || !slices.Equal(q.batches, []int{10, 10, 5}) || e.Pending() {
		t.Fatalf("sent %d in %v, %v", e.SentCount(), q.batches, err)
	}
	// Events without a time do not count as photos that users wait for.
	if got, want := q.events[24], (s3event.Event{Name: "Darkroom:Test", Bucket: "uploads", Key: ref(24).Key()}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRate(t *testing.T) {
	for rate, want := range map[float64]time.Duration{100: 200 * time.Millisecond, 5: 4 * time.Second, 0.5: 48 * time.Second, 0: 0} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			if _, err := add(t, repair.EventsConfig{Limits: sendlimit.Limits{Rate: rate}}, &sent{}, 25); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(start); d < want-want/4 || d > want+want/4 {
				t.Errorf("25 at %v a second took %v, want about %v", rate, d, want)
			}
		})
	}
}

func TestMax(t *testing.T) {
	q := &sent{}
	e, err := add(t, repair.EventsConfig{Limits: sendlimit.Limits{Max: 12}}, q, 25)
	if !errors.Is(err, repair.ErrBudget) || e.SentCount() != 12 || len(q.events) != 12 {
		t.Errorf("sent %d, %v, want 12 and ErrBudget", e.SentCount(), err)
	}
	if e, err := add(t, repair.EventsConfig{Limits: sendlimit.Limits{Max: 12}}, q, 12); err != nil || e.SentCount() != 12 {
		t.Errorf("sent %d, %v, want 12", e.SentCount(), err)
	}
}

func TestDryRunSendsNothing(t *testing.T) {
	q, out := &sent{}, &bytes.Buffer{}
	e, err := add(t, repair.EventsConfig{Limits: sendlimit.Limits{DryRun: true, Max: 2}, Out: out}, q, 3)
	if !errors.Is(err, repair.ErrBudget) || e.SentCount() != 2 || len(q.batches) != 0 {
		t.Errorf("sent %d in %v, %v", e.SentCount(), q.batches, err)
	}
	if want := ref(0).Key() + "\tbecause\n" + ref(1).Key() + "\tbecause\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out, want)
	}
}

func TestFailedEntriesAreNamed(t *testing.T) {
	broken := errors.New("service unavailable")
	q := &sent{fail: func(key string) error {
		if key == ref(3).Key() {
			return broken
		}
		return nil
	}}
	e, err := add(t, repair.EventsConfig{}, q, 10)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), ref(3).Key()) || e.SentCount() != 9 {
		t.Errorf("sent %d, %v", e.SentCount(), err)
	}
}

// TestBatchIsNotInterrupted: nobody would know which of its events are in the queue.
func TestBatchIsNotInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	q := &interrupting{stop: cancel}
	e, err := repair.NewEvents(repair.EventsConfig{Bucket: "uploads"}, q)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Add(ctx, ref(1), "", ""); err != nil {
		t.Fatal(err)
	}
	if err := e.Flush(ctx); err != nil || e.SentCount() != 1 {
		t.Errorf("sent %d, %v", e.SentCount(), err)
	}
	if err := e.Add(ctx, ref(2), "", ""); err != nil {
		t.Fatal(err)
	}
	if err := e.Flush(ctx); !errors.Is(err, context.Canceled) || e.SentCount() != 1 {
		t.Errorf("the next batch: sent %d, %v", e.SentCount(), err)
	}
}

// interrupting is a queue that stops the command while a batch is sent to it.
type interrupting struct {
	sent
	stop func()
}

func (q *interrupting) Send(ctx context.Context, messages []queue.Outgoing) []error {
	q.stop()
	if ctx.Err() != nil {
		return []error{ctx.Err()}
	}
	return q.sent.Send(ctx, messages)
}

// TestGroups sends events to a queue that is fair between boards, and to one that is not.
func TestGroups(t *testing.T) {
	for grouped, want := range map[bool][]string{true: {"cats", "dogs"}, false: {"", ""}} {
		q := &sent{}
		e, err := repair.NewEvents(repair.EventsConfig{Bucket: "b", Grouped: grouped}, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, board := range []photo.Board{"cats", "dogs"} {
			if err := e.Add(t.Context(), photo.Ref{Board: board, ID: photo.NewID()}, "", "why"); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.Flush(t.Context()); err != nil || !slices.Equal(q.groups, want) {
			t.Errorf("grouped %v: groups %q, %v, want %q", grouped, q.groups, err, want)
		}
	}
}

func TestEventsConfigIsChecked(t *testing.T) {
	for _, bad := range []sendlimit.Limits{{Rate: -1}, {Max: -1}} {
		if _, err := repair.NewEvents(repair.EventsConfig{Limits: bad, Bucket: "b"}, &sent{}); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
	if _, err := repair.NewEvents(repair.EventsConfig{}, &sent{}); err == nil {
		t.Error("no bucket: no error")
	}
}

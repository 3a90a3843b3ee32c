package route_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"darkroom/worker/internal/noisygroups"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
	"darkroom/worker/internal/route"
	"darkroom/worker/photo"
	"darkroom/worker/s3event"
)

// photos is a queue that records the batches sent to it.
type photos struct {
	mu      sync.Mutex
	batches [][]queue.Outgoing
	fail    func(m queue.Outgoing) error // may be nil
}

func (q *photos) Limits() queue.Limits { return queue.Limits{Batch: 10} }

func (q *photos) Send(ctx context.Context, messages []queue.Outgoing) []error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.batches = append(q.batches, messages)
	errs := make([]error, len(messages))
	for i, m := range messages {
		if errs[i] = ctx.Err(); errs[i] == nil && q.fail != nil {
			errs[i] = q.fail(m)
		}
	}
	return errs
}

// lender lends any number of slots, or none.
type lender struct {
	open     bool
	lent     int
	returned int
}

func (l *lender) Lend(queue.Message, string) (func(), bool) {
	if !l.open {
		return nil, false
	}
	l.lent++
	return func() { l.returned++ }, true
}

const redelivered = "Redelivered"

var errStorage = errors.New("storage is unavailable")

// bench is a router with what it works with.
type bench struct {
	*route.Router
	photos   photos
	slots    lender
	registry *prometheus.Registry

	mu         sync.Mutex
	handled    []string // bodies of the messages that the handler got
	recognized int
	err        error // what the handler returns
}

func newBench() *bench {
	b := &bench{registry: prometheus.NewRegistry()}
	b.Router = route.New(route.Config{
		Bucket: "uploads", Redelivered: redelivered,
		Recognized: func(context.Context) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.recognized++
		},
		Handle: func(_ context.Context, m queue.Message) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.handled = append(b.handled, m.Body)
			return b.err
		},
		Unavailable: func(err error) bool { return errors.Is(err, errStorage) },
		Registerer:  b.registry,
	}, &b.photos, &b.slots)
	return b
}

// ways checks how many photos went which way.
func (b *bench) ways(t *testing.T, failed, forwarded, short int) {
	t.Helper()
	want := fmt.Sprintf(`# HELP darkroom_intake_photos_total Photos that events named, by way: forwarded to the photos queue, short if they were rendered at once, failed if they could not be forwarded.
# TYPE darkroom_intake_photos_total counter
darkroom_intake_photos_total{way="failed"} %d
darkroom_intake_photos_total{way="forwarded"} %d
darkroom_intake_photos_total{way="short"} %d
`, failed, forwarded, short)
	if err := testutil.GatherAndCompare(b.registry, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}

var changed = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

// event is an event of a new photo of a board.
func event(board string) s3event.Event {
	return s3event.Event{Name: "ObjectCreated:Put", Bucket: "uploads", Key: board + "/" + string(photo.NewID()), Time: changed}
}

// records returns the body of a message with several events.
func records(events ...s3event.Event) string {
	all := make([]s3event.Record, len(events))
	for i, e := range events {
		all[i].Event = e
	}
	return s3event.FormatRecords(all...)
}

func TestEventsAreForwarded(t *testing.T) {
	cats, dogs := event("cats"), event(strings.Repeat("d", 63))
	again, own := cats, cats
	again.Name, own.Name = redelivered, "Darkroom:Verify"
	sent := changed.Add(time.Second)
	for name, tc := range map[string]struct {
		body     string
		receives int
		want     []s3event.Event
	}{
		"one event":                    {s3event.Format(cats), 1, []s3event.Event{cats}},
		"several boards":               {records(cats, dogs, cats), 1, []s3event.Event{cats, dogs, cats}},
		"through a topic":              {s3event.FormatSNS(s3event.Format(cats)), 1, []s3event.Event{cats}},
		"through a bus":                {s3event.FormatEventBridge(cats), 1, []s3event.Event{cats}},
		"received before":              {s3event.Format(cats), 2, []s3event.Event{again}},
		"of a command":                 {s3event.Format(own), 1, []s3event.Event{own}},
		"of a command, for the second": {s3event.Format(own), 2, []s3event.Event{own}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			if err := b.Handle(t.Context(), queue.Message{Body: tc.body, ReceiveCount: tc.receives, Sent: sent}); err != nil {
				t.Fatal(err)
			}
			got := slices.Concat(b.photos.batches...)
			if len(got) != len(tc.want) || b.recognized != 1 || len(b.handled) != 0 {
				t.Fatalf("%d photos sent, recognized %d times, %v handled here", len(got), b.recognized, b.handled)
			}
			for i, m := range got {
				board, _, _ := strings.Cut(tc.want[i].Key, "/")
				events, err := s3event.Parse(m.Body)
				if err != nil || len(events) != 1 || events[0] != tc.want[i] || m.Group != board || !m.Sent.Equal(sent) {
					t.Errorf("sent %+v (%v), want %+v of group %s", m, err, tc.want[i], board)
				}
			}
			b.ways(t, 0, len(tc.want), 0)
		})
	}
}

// TestOtherMessagesKeepTheirWay checks that the router hands messages that it does not understand to the handler, with
// slots to lend and without.
func TestOtherMessagesKeepTheirWay(t *testing.T) {
	good, foreign, stray := event("cats"), event("cats"), event("cats")
	foreign.Bucket, stray.Key = "elsewhere", "readme.txt"
	for name, body := range map[string]string{
		"the test event":          s3event.FormatTestEvent("uploads", changed, "r", "h"),
		"garbage":                 "hello",
		"another bucket":          s3event.Format(foreign),
		"no photo":                s3event.Format(stray),
		"one bad event of two":    records(good, stray),
		"no board":                s3event.Format(s3event.Event{Name: "n", Bucket: "uploads", Key: "/" + string(photo.NewID())}),
		"another version of them": strings.Replace(records(good), `"2.1"`, `"3.0"`, 1),
	} {
		for _, open := range []bool{false, true} {
			b := newBench()
			b.slots.open, b.err = open, errors.New("as the handler says")
			if err := b.Handle(t.Context(), queue.Message{Body: body, ReceiveCount: 1}); err != b.err {
				t.Errorf("%s: %v, want the handler's error", name, err)
			}
			if len(b.photos.batches) != 0 || len(b.handled) != 1 || b.handled[0] != body || b.slots.lent != 0 || b.recognized != 0 {
				t.Errorf("%s: sent %v, handled %q, lent %d", name, b.photos.batches, b.handled, b.slots.lent)
			}
		}
	}
}

func TestShortWay(t *testing.T) {
	broken := errors.New("slow down")
	noisy := func(b *bench) {
		b.slots.open = false
		for range noisygroups.MinMessages - 1 {
			if err := b.Handle(context.Background(), queue.Message{Body: s3event.Format(event("cats")), ReceiveCount: 1}); err != nil {
				panic(err)
			}
		}
		b.slots.open = true
	}
	one := queue.Message{Body: s3event.Format(event("cats")), ReceiveCount: 1}
	for name, tc := range map[string]struct {
		before    func(b *bench)
		message   queue.Message
		err       error // result of the handler
		want      error
		handled   int
		forwarded int
		short     int
	}{
		"a slot is lent":           {message: one, handled: 1, short: 1},
		"none is lent":             {before: func(b *bench) { b.slots.open = false }, message: one, forwarded: 1},
		"received before":          {message: queue.Message{Body: one.Body, ReceiveCount: 2}, forwarded: 1},
		"one of two events":        {message: queue.Message{Body: records(event("cats"), event("dogs")), ReceiveCount: 1}, forwarded: 2},
		"a noisy board":            {before: noisy, message: one, forwarded: noisygroups.MinMessages},
		"beside a noisy board":     {before: noisy, message: queue.Message{Body: s3event.Format(event("dogs")), ReceiveCount: 1}, handled: 1, forwarded: noisygroups.MinMessages - 1, short: 1},
		"the handler fails":        {message: one, err: broken, want: broken, handled: 1, short: 1},
		"storage is not available": {message: one, err: errStorage, handled: 1, forwarded: 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			b.slots.open, b.err = true, tc.err
			if tc.before != nil {
				tc.before(b)
			}
			if err := b.Handle(t.Context(), tc.message); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			if len(b.handled) != tc.handled || b.slots.lent != tc.handled || b.slots.returned != tc.handled {
				t.Errorf("%d handled here with %d slots, %d given back, want %d", len(b.handled), b.slots.lent, b.slots.returned, tc.handled)
			}
			b.ways(t, 0, tc.forwarded, tc.short)
		})
	}
}

// TestOnlyWhatWasAcceptedSucceeds sends a batch of ten messages, of which the queue refuses two.
// TestPanicReturnsTheSlot checks that a slot is not lost with the handler, whose panic reaches the caller.
func TestPanicReturnsTheSlot(t *testing.T) {
	slots := &lender{open: true}
	r := route.New(route.Config{Bucket: "uploads", Recognized: func(context.Context) {},
		Handle: func(context.Context, queue.Message) error { panic("broken") }}, &photos{}, slots)
	defer func() {
		if v := recover(); v != "broken" || slots.lent != 1 || slots.returned != 1 {
			t.Errorf("panic %v, %d slots lent, %d returned", v, slots.lent, slots.returned)
		}
	}()
	_ = r.Handle(t.Context(), queue.Message{Body: s3event.Format(event("cats")), ReceiveCount: 1})
}

func TestOnlyWhatWasAcceptedSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		refused := errors.New("refused")
		b.photos.fail = func(m queue.Outgoing) error {
			if m.Group == "board-3" || m.Group == "board-7" {
				return refused
			}
			return nil
		}
		errs := make([]error, 10)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				errs[i] = b.Handle(t.Context(), queue.Message{Body: s3event.Format(event(fmt.Sprint("board-", i))), ReceiveCount: 1})
			})
		}
		all.Wait()
		for i, err := range errs {
			if bad := i == 3 || i == 7; bad != errors.Is(err, refused) || bad != errors.Is(err, route.ErrSend) || !bad && err != nil {
				t.Errorf("message %d: %v", i, err)
			}
		}
		if len(b.photos.batches) != 1 {
			t.Errorf("%d requests for ten messages at once, want 1", len(b.photos.batches))
		}
		b.ways(t, 2, 8, 0)

		body := records(event("a"), event("board-3"), event("b"))
		if err := b.Handle(t.Context(), queue.Message{Body: body, ReceiveCount: 1}); !errors.Is(err, refused) || !errors.Is(err, route.ErrSend) {
			t.Errorf("a message of which one photo is refused: %v", err)
		}
		b.ways(t, 5, 8, 0)
	})
}

var _ route.Sender = (*queuetest.Memory)(nil)

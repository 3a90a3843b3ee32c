package queuetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"darkroom/worker/internal/queue"
)

func (s suite) limits(t *testing.T) {
	if l := s.queue.Limits(); l.Batch < 1 || l.BatchBytes < 1 || l.MinWait < 0 || l.MaxWait <= l.MinWait || l.MaxVisibility <= time.Minute {
		t.Errorf("limits %+v", l)
	}
}

// sentTime allows for clocks that count in milliseconds.
func (s suite) sentTime(t *testing.T) {
	before := time.Now().Add(-time.Millisecond)
	s.send(t, "a")
	if m := receiveOne(t, s.queue); m.Sent.Before(before) || m.Sent.After(time.Now().Add(time.Millisecond)) {
		t.Errorf("sent at %v, want about %v", m.Sent, before)
	}
}

// forwarded sends a message that another queue had first, and follows it to the dead-letter queue.
func (s suite) forwarded(t *testing.T) {
	first := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	want := queue.Outgoing{Body: "a", Group: "board-" + strings.Repeat("7", 57), Sent: first}
	if errs := s.queue.Send(t.Context(), []queue.Outgoing{want}); len(errs) != 1 || errs[0] != nil {
		t.Fatal(errs)
	}
	m := receiveOne(t, s.queue)
	if m.Body != want.Body || m.Group != want.Group || !m.Sent.Equal(first) {
		t.Errorf("received %+v, want %+v", m, want)
	}
	if err := s.queue.DeadLetter(t.Context(), m, "why"); err != nil {
		t.Fatal(err)
	}
	if letter := receiveOne(t, s.dead); letter.Group != want.Group {
		t.Errorf("dead letter of group %q, want %q", letter.Group, want.Group)
	}
}

func (s suite) empty(t *testing.T) {
	if got := receive(t, s.queue, s.queue.Limits().Batch); len(got) != 0 {
		t.Errorf("received %v", got)
	}
}

func (s suite) askedFor(t *testing.T) {
	want := []string{"a", "b", "c"}
	s.send(t, want...)
	var bodies []string
	for range 10 {
		got := receive(t, s.queue, 2)
		if len(got) > 2 {
			t.Fatalf("received %d messages, asked for 2", len(got))
		}
		for _, m := range got {
			bodies = append(bodies, m.Body)
		}
	}
	slices.Sort(bodies)
	if !slices.Equal(bodies, want) {
		t.Errorf("received %v, want %v", bodies, want)
	}
}

func (s suite) released(t *testing.T) {
	s.send(t, "a")
	first := receiveOne(t, s.queue)
	if got := receive(t, s.queue, s.queue.Limits().Batch); len(got) != 0 {
		t.Errorf("received again before its visibility timeout: %v", got)
	}
	if err := s.set(t, first, 0); err != nil {
		t.Fatal(err)
	}
	again := receiveOne(t, s.queue)
	if again.ID != first.ID || again.Body != "a" || first.ReceiveCount != 1 || again.ReceiveCount != 2 || first.Sent.IsZero() || !again.Sent.Equal(first.Sent) {
		t.Errorf("received %+v and then %+v", first, again)
	}
}

func (s suite) deleted(t *testing.T) {
	s.send(t, "a")
	m := receiveOne(t, s.queue)
	for range 2 { // the second time there is nothing to delete
		if errs := s.queue.Delete(t.Context(), []queue.Message{m}); len(errs) != 1 || errs[0] != nil {
			t.Fatalf("delete: %v", errs)
		}
	}
	if err := s.set(t, m, time.Minute); !errors.Is(err, queue.ErrNotInFlight) {
		t.Errorf("visibility of a deleted message: %v, want ErrNotInFlight", err)
	}
	s.empty(t)
}

func (s suite) notInFlight(t *testing.T) {
	s.send(t, "a")
	m := receiveOne(t, s.queue)
	if err := s.set(t, m, 0); err != nil {
		t.Fatal(err)
	}
	err := s.set(t, m, time.Minute)
	if !errors.Is(err, queue.ErrNotInFlight) {
		t.Errorf("got %v, want ErrNotInFlight", err)
	}
	if strings.Contains(fmt.Sprint(err), m.Receipt) {
		t.Errorf("the error repeats the receipt: %v", err)
	}
}

func (s suite) entries(t *testing.T) {
	n := s.queue.Limits().Batch
	for i := range n {
		s.send(t, fmt.Sprint(i))
	}
	all := s.all(t, n)
	if errs := s.queue.Delete(t.Context(), all[3:4]); errs[0] != nil {
		t.Fatal(errs[0])
	}
	var changes []queue.VisibilityChange
	for i, m := range all {
		changes = append(changes, queue.VisibilityChange{Message: m, Timeout: time.Duration(i%2) * time.Minute})
	}
	errs := s.queue.SetVisibility(t.Context(), changes)
	if len(errs) != len(changes) {
		t.Fatalf("%d errors for %d entries", len(errs), len(changes))
	}
	for i, err := range errs {
		if (i == 3) != errors.Is(err, queue.ErrNotInFlight) || i != 3 && err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
	}
	s.all(t, n/2) // the released ones
	if errs := s.queue.Delete(t.Context(), all); len(errs) != len(all) || errors.Join(errs...) != nil {
		t.Errorf("delete, some under an earlier receipt: %v", errs)
	}
}

func (s suite) largeBatch(t *testing.T) {
	l := s.queue.Limits()
	var want, got []string
	for i := range l.Batch {
		want = append(want, fmt.Sprint("body ", i, strings.Repeat("x", l.BatchBytes*2/5)))
	}
	s.send(t, want...)
	for _, m := range s.all(t, l.Batch) {
		got = append(got, m.Body)
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("received other bodies than were sent")
	}
}

func (s suite) cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.queue.Receive(ctx, 1, s.queue.Limits().MaxWait, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func (s suite) awaited(t *testing.T) {
	got := make(chan []queue.Message)
	go func() {
		m, _ := s.queue.Receive(t.Context(), 1, s.queue.Limits().MaxWait, time.Minute)
		got <- m
	}()
	s.send(t, "a")
	if m := <-got; len(m) != 1 {
		t.Errorf("received %v", m)
	}
}

func (s suite) tooLate(t *testing.T) {
	s.send(t, "a")
	m := receiveOne(t, s.queue)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, depthErr := s.queue.Depth(ctx)
	for name, errs := range map[string][]error{
		"send":        s.queue.Send(ctx, Texts("b")),
		"visibility":  s.queue.SetVisibility(ctx, []queue.VisibilityChange{{Message: m}}),
		"delete":      s.queue.Delete(ctx, []queue.Message{m}),
		"dead-letter": {s.queue.DeadLetter(ctx, m, "late")},
		"depth":       {depthErr},
	} {
		if len(errs) != 1 || !errors.Is(errs[0], context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", name, errs)
		}
	}
	s.empty(t)
	if err := s.set(t, m, 0); err != nil {
		t.Errorf("the message is not in flight any more: %v", err)
	}
	if got := receive(t, s.dead, 1); len(got) != 0 {
		t.Errorf("dead letters %v", got)
	}
}

func (s suite) deadLettered(t *testing.T) {
	s.send(t, "a")
	m := receiveOne(t, s.queue)
	if err := s.queue.DeadLetter(t.Context(), m, "no event"); err != nil {
		t.Fatal(err)
	}
	if letter := receiveOne(t, s.dead); letter.Body != "a" || letter.Reason != "no event" || letter.ID == "" || letter.ID == m.ID || letter.ReceiveCount != 1 {
		t.Errorf("dead letter %+v", letter)
	}
	if err := s.set(t, m, time.Minute); err != nil {
		t.Errorf("the message is not in flight any more: %v", err)
	}
}

func (s suite) anyReason(t *testing.T) {
	s.send(t, "a")
	m := receiveOne(t, s.queue)
	long := slices.Repeat([]byte("ä"), 1<<20)
	for _, reason := range []string{"", "a\x00\xff\u0001b", string(long)} {
		if err := s.queue.DeadLetter(t.Context(), m, reason); err != nil {
			t.Errorf("reason %.20q: %v", reason, err)
		}
	}
	suite{queue: s.dead}.all(t, 3)
}

func (s suite) noReason(t *testing.T) {
	s.send(t, "a")
	if m := receiveOne(t, s.queue); m.Reason != "" {
		t.Errorf("reason %q", m.Reason)
	}
}

func (s suite) depth(t *testing.T) {
	s.send(t, "a", "b", "c")
	m := receive(t, s.queue, 1)
	if err := s.queue.DeadLetter(t.Context(), m[0], "why"); err != nil {
		t.Fatal(err)
	}
	if d, err := s.queue.Depth(t.Context()); err != nil || d != (queue.Depth{Visible: 2, InFlight: 1}) {
		t.Errorf("depth %+v, %v", d, err)
	}
	if d, err := s.queue.DeadLetterDepth(t.Context()); err != nil || d != (queue.Depth{Visible: 1, Shared: d.Shared}) {
		t.Errorf("depth of the dead-letter queue %+v, %v", d, err)
	}
}

// refused checks a queue without a usable dead-letter queue: nothing is sent, and the message stays in flight.
func (s suite) refused(t *testing.T, want error) {
	s.send(t, "a")
	m := receiveOne(t, s.queue)
	if err := s.queue.DeadLetter(t.Context(), m, "why"); !errors.Is(err, want) {
		t.Errorf("dead-letter: %v, want %v", err, want)
	}
	if d, err := s.queue.DeadLetterDepth(t.Context()); !errors.Is(err, want) {
		t.Errorf("depth: %+v, %v, want %v", d, err, want)
	}
	if d, err := s.queue.Depth(t.Context()); err != nil || d != (queue.Depth{InFlight: 1}) {
		t.Errorf("the queue holds %+v, %v, want the one message in flight", d, err)
	}
}

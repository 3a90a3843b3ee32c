package queuetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"darkroom/worker/internal/queue"
)

// World is a queue with what a test needs to look at it from outside.
type World struct {
	Queue       queue.Queue
	Send        func(body string)
	DeadLetters func() []DeadLetter
}

// Conformance checks what the pool relies on. open returns an empty queue, with a dead-letter queue after five
// receives or without one.
func Conformance(t *testing.T, open func(t *testing.T, redrive bool) World) {
	for name, check := range map[string]func(*testing.T, World){
		"a message says when it was sent":                      sent,
		"an empty queue gives nothing and no error":            empty,
		"no more than asked for, each once":                    asked,
		"a released message comes back under the same id":      released,
		"deleted messages are gone":                            deleted,
		"the lease of a released message is lost":              lost,
		"entries of a batch succeed and fail each for itself":  batches,
		"a wait ends with the context":                         cancelled,
		"a wait ends with a message":                           awaited,
		"a dead letter has the reason, and the message stays":  deadLettered,
		"a reason of any bytes and of any length is delivered": reasons,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t, true)) })
	}
	t.Run("without a dead-letter queue a dead letter is refused", func(t *testing.T) {
		w := open(t, false)
		w.Send("a")
		if err := w.Queue.DeadLetter(t.Context(), w.one(t), "why"); !errors.Is(err, queue.ErrNoDeadLetterQueue) {
			t.Errorf("got %v, want ErrNoDeadLetterQueue", err)
		}
	})
}

// sent allows for clocks that count in milliseconds.
func sent(t *testing.T, w World) {
	before := time.Now().Add(-time.Millisecond)
	w.Send("a")
	if m := w.one(t); m.Sent.Before(before) || m.Sent.After(time.Now().Add(time.Millisecond)) {
		t.Errorf("sent at %v, want about %v", m.Sent, before)
	}
}

func (w World) receive(t *testing.T, max int) []queue.Message {
	t.Helper()
	got, err := w.Queue.Receive(t.Context(), max, 0, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (w World) one(t *testing.T) queue.Message {
	t.Helper()
	got := w.receive(t, queue.BatchMax)
	if len(got) != 1 {
		t.Fatalf("received %d messages, want 1", len(got))
	}
	return got[0]
}

// set changes the visibility of one message.
func (w World) set(t *testing.T, m queue.Message, d time.Duration) error {
	t.Helper()
	errs := w.Queue.SetVisibility(t.Context(), []queue.VisibilityChange{{Message: m, Timeout: d}})
	if len(errs) != 1 {
		t.Fatalf("%d errors for 1 entry", len(errs))
	}
	return errs[0]
}

func empty(t *testing.T, w World) {
	if got := w.receive(t, queue.BatchMax); len(got) != 0 {
		t.Errorf("received %v", got)
	}
}

func asked(t *testing.T, w World) {
	want := []string{"a", "b", "c"}
	for _, b := range want {
		w.Send(b)
	}
	var bodies []string
	for range 10 {
		got := w.receive(t, 2)
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

func released(t *testing.T, w World) {
	w.Send("a")
	first := w.one(t)
	if err := w.set(t, first, 0); err != nil {
		t.Fatal(err)
	}
	again := w.one(t)
	if again.ID != first.ID || again.Body != "a" || first.ReceiveCount != 1 || again.ReceiveCount != 2 || first.Sent.IsZero() || !again.Sent.Equal(first.Sent) {
		t.Errorf("received %+v and then %+v", first, again)
	}
}

func deleted(t *testing.T, w World) {
	w.Send("a")
	m := w.one(t)
	for range 2 { // the second time there is nothing to delete, which is no error
		if errs := w.Queue.Delete(t.Context(), []queue.Message{m}); len(errs) != 1 || errs[0] != nil {
			t.Fatalf("delete: %v", errs)
		}
	}
	if err := w.set(t, m, time.Minute); !errors.Is(err, queue.ErrLeaseLost) {
		t.Errorf("lease of a deleted message: %v, want ErrLeaseLost", err)
	}
	if got := w.receive(t, queue.BatchMax); len(got) != 0 {
		t.Errorf("received %v", got)
	}
}

func lost(t *testing.T, w World) {
	w.Send("a")
	m := w.one(t)
	if err := w.set(t, m, 0); err != nil {
		t.Fatal(err)
	}
	if err := w.set(t, m, time.Minute); !errors.Is(err, queue.ErrLeaseLost) {
		t.Errorf("got %v, want ErrLeaseLost", err)
	}
}

func batches(t *testing.T, w World) {
	for i := range queue.BatchMax {
		w.Send(fmt.Sprint(i))
	}
	var all []queue.Message
	for range 10 {
		all = append(all, w.receive(t, queue.BatchMax)...)
	}
	if len(all) != queue.BatchMax {
		t.Fatalf("received %d messages, want %d", len(all), queue.BatchMax)
	}
	if errs := w.Queue.Delete(t.Context(), all[3:4]); errs[0] != nil {
		t.Fatal(errs[0])
	}
	var changes []queue.VisibilityChange
	for i, m := range all {
		changes = append(changes, queue.VisibilityChange{Message: m, Timeout: time.Duration(i%2) * time.Minute})
	}
	errs := w.Queue.SetVisibility(t.Context(), changes)
	if len(errs) != len(changes) {
		t.Fatalf("%d errors for %d entries", len(errs), len(changes))
	}
	for i, err := range errs {
		if (i == 3) != errors.Is(err, queue.ErrLeaseLost) || i != 3 && err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
	}
	var again []queue.Message
	for range 10 {
		again = append(again, w.receive(t, queue.BatchMax)...)
	}
	if len(again) != queue.BatchMax/2 {
		t.Errorf("%d messages came back, want the %d released ones", len(again), queue.BatchMax/2)
	}
	if errs := w.Queue.Delete(t.Context(), all); len(errs) != len(all) || errors.Join(errs...) != nil {
		t.Errorf("delete, some under an earlier receipt: %v", errs)
	}
}

func cancelled(t *testing.T, w World) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Queue.Receive(ctx, 1, 20*time.Second, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func awaited(t *testing.T, w World) {
	got := make(chan []queue.Message)
	go func() {
		m, _ := w.Queue.Receive(t.Context(), 1, 20*time.Second, time.Minute)
		got <- m
	}()
	w.Send("a")
	if m := <-got; len(m) != 1 {
		t.Errorf("received %v", m)
	}
}

func deadLettered(t *testing.T, w World) {
	w.Send("a")
	m := w.one(t)
	if err := w.Queue.DeadLetter(t.Context(), m, "no event"); err != nil {
		t.Fatal(err)
	}
	dead := w.DeadLetters()
	if len(dead) != 1 || dead[0].Body != "a" || dead[0].Reason != "no event" {
		t.Errorf("dead letters %+v", dead)
	}
	if err := w.set(t, m, time.Minute); err != nil {
		t.Errorf("the lease did not last: %v", err)
	}
}

func reasons(t *testing.T, w World) {
	w.Send("a")
	m := w.one(t)
	long := slices.Repeat([]byte("ä"), 1<<20)
	for _, reason := range []string{"", "a\x00\xff\u0001b", string(long)} {
		if err := w.Queue.DeadLetter(t.Context(), m, reason); err != nil {
			t.Errorf("reason %.20q: %v", reason, err)
		}
	}
	if n := len(w.DeadLetters()); n != 3 {
		t.Errorf("%d dead letters, want 3", n)
	}
}

package queuetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"darkroom/worker/internal/pool"
)

// Conformance checks what the pool relies on. open returns an empty queue and a function that sends to it.
func Conformance(t *testing.T, open func(t *testing.T) (q pool.Queue, send func(body string))) {
	receive := func(t *testing.T, q pool.Queue, max int) []pool.Message {
		t.Helper()
		got, err := q.Receive(t.Context(), max, 0, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	one := func(t *testing.T, q pool.Queue) pool.Message {
		t.Helper()
		got := receive(t, q, 10)
		if len(got) != 1 {
			t.Fatalf("received %d messages, want 1", len(got))
		}
		return got[0]
	}

	t.Run("an empty queue gives nothing and no error", func(t *testing.T) {
		q, _ := open(t)
		if got := receive(t, q, 10); len(got) != 0 {
			t.Errorf("received %v", got)
		}
	})
	t.Run("no more than asked for, each once", func(t *testing.T) {
		q, send := open(t)
		want := []string{"a", "b", "c"}
		for _, b := range want {
			send(b)
		}
		var bodies []string
		for range 10 {
			got := receive(t, q, 2)
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
	})
	t.Run("a released message comes back under the same id", func(t *testing.T) {
		q, send := open(t)
		send("a")
		first := one(t, q)
		if err := q.SetVisibility(t.Context(), first, 0); err != nil {
			t.Fatal(err)
		}
		again := one(t, q)
		if again.ID != first.ID || again.Body != "a" || first.ReceiveCount != 1 || again.ReceiveCount != 2 {
			t.Errorf("received %+v and then %+v", first, again)
		}
	})
	t.Run("a deleted message is gone", func(t *testing.T) {
		q, send := open(t)
		send("a")
		m := one(t, q)
		if err := q.Delete(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if err := q.Delete(t.Context(), m); err != nil {
			t.Errorf("deleting twice: %v", err)
		}
		if err := q.SetVisibility(t.Context(), m, time.Minute); !errors.Is(err, pool.ErrLeaseLost) {
			t.Errorf("lease of a deleted message: %v, want ErrLeaseLost", err)
		}
		if got := receive(t, q, 10); len(got) != 0 {
			t.Errorf("received %v", got)
		}
	})
	t.Run("the lease of a released message is lost", func(t *testing.T) {
		q, send := open(t)
		send("a")
		m := one(t, q)
		if err := q.SetVisibility(t.Context(), m, 0); err != nil {
			t.Fatal(err)
		}
		if err := q.SetVisibility(t.Context(), m, time.Minute); !errors.Is(err, pool.ErrLeaseLost) {
			t.Errorf("got %v, want ErrLeaseLost", err)
		}
	})
	t.Run("a wait ends with the context", func(t *testing.T) {
		q, _ := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := q.Receive(ctx, 1, 20*time.Second, time.Minute); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	})
	t.Run("a wait ends with a message", func(t *testing.T) {
		q, send := open(t)
		got := make(chan []pool.Message)
		go func() {
			m, _ := q.Receive(t.Context(), 1, 20*time.Second, time.Minute)
			got <- m
		}()
		send("a")
		if m := <-got; len(m) != 1 {
			t.Errorf("received %v", m)
		}
	})
}

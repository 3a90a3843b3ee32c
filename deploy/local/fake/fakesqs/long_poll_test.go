package fakesqs

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestLongPollWakes(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(b *bench) (wake func()) // what happens 3s into the poll
		after   time.Duration                // the poll returns, with a message
	}{
		"on send": {func(b *bench) func() { return func() { b.put("free", "x", 0) } }, 3 * time.Second},
		"on the end of a delay": {func(b *bench) func() {
			b.put("free", "x", 7*time.Second)
			return func() {}
		}, 7 * time.Second},
		"on the end of a delay that begins during the poll": {func(b *bench) func() {
			b.put("free", "later", 15*time.Second)
			return func() { b.put("free", "x", 2*time.Second) }
		}, 5 * time.Second},
		"on the end of a visibility timeout": {func(b *bench) func() {
			b.put("free", "x", 0)
			b.must(b.extend("free", b.get("free"), 11*time.Second))
			return func() {}
		}, 11 * time.Second},
		"on release": {func(b *bench) func() {
			b.put("free", "x", 0)
			d := b.get("free")
			return func() { b.must(b.extend("free", d, 0)) }
		}, 3 * time.Second},
		"on a shorter timeout": {func(b *bench) func() {
			b.put("free", "x", 0)
			d := b.get("free")
			return func() { b.must(b.extend("free", d, time.Second)) }
		}, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(b *bench) {
				wake := test.prepare(b)
				time.AfterFunc(3*time.Second, wake)
				b.took(test.after, func() {
					if b.poll("free", maxWait) == nil {
						b.Error("the poll ended without a message")
					}
				})
			})
		})
	}
}

func TestLongPollEnds(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.took(maxWait, func() {
			if d := b.poll("free", maxWait); d != nil {
				b.Errorf("got message %s from an empty queue", d.ID)
			}
		})
		time.AfterFunc(time.Second, func() { b.must(b.deleteQueue("free")) })
		b.took(time.Second, func() {
			wait := maxWait
			_, err := b.receive(b.Context(), "free", receiveOptions{max: 1, wait: &wait})
			b.fails(err, noQueue)
		})
		time.AfterFunc(time.Second, func() { b.must(b.close()) })
		b.took(time.Second, func() {
			if b.poll("q", maxWait) != nil {
				b.Error("the closing server gave a message")
			}
		})
		_, err := b.receive(b.Context(), "q", receiveOptions{max: 1})
		b.fails(err, "ServiceUnavailable")
	})
}

// A poll that is woken and cancelled at the same time leaves the message to another poll.
func TestHungUpPollGetsNothing(t *testing.T) {
	inBubble(t, func(b *bench) {
		ctx, hangUp := context.WithCancel(b.Context())
		wait := maxWait
		done := make(chan error, 1)
		go func() {
			got, err := b.receive(ctx, "free", receiveOptions{max: 1, wait: &wait})
			if len(got) > 0 {
				b.Error("a poll whose client was gone received a message")
			}
			done <- err
		}()
		synctest.Wait()
		other := make(chan *delivery, 1)
		go func() { other <- b.poll("free", maxWait) }()
		synctest.Wait()

		b.mu.Lock() // neither poll can go on while both its reasons to wake come up
		hangUp()
		now := time.Now()
		q := b.queues["free"]
		m := &message{seq: 1, content: &content{ID: "x", Sent: now}, state: state{queue: q.id, visibleAt: now}}
		q.add(m, now)
		b.seq++
		b.notify(q, now)
		b.mu.Unlock()

		b.took(0, func() {
			if err := <-done; !errors.Is(err, context.Canceled) {
				b.Errorf("the hung-up poll returned %v", err)
			}
			if d := <-other; d == nil || d.receives != 1 {
				b.Errorf("the other poll got %+v, want the message at its first receive", d)
			}
		})
	})
}

package fakesqs

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// bench is a core under test with queue q, its dead-letter queue d, which gets messages after two receives, and queue
// free.
type bench struct {
	*testing.T
	*core
}

const (
	defaultTimeout = 30 * time.Second
	testReceives   = 2
)

func newBench(t *testing.T, path string) *bench {
	t.Helper()
	s, err := Open(Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t, s.core}
	b.must(s.EnsureQueue("d", nil))
	b.must(s.EnsureQueue("q", map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, s.QueueARN("d"), testReceives)}))
	b.must(s.EnsureQueue("free", nil))
	return b
}

// inBubble runs test with a core in memory on the fake clock of testing/synctest.
func inBubble(t *testing.T, test func(*bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "")
		test(b)
		b.must(b.close())
	})
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) fails(err error, code string) {
	b.Helper()
	var e *apiError
	if !errors.As(err, &e) || e.code != code {
		b.Errorf("error %v, want %s", err, code)
	}
}

func (b *bench) put(queue, body string, delay time.Duration) string {
	b.Helper()
	sent, refused, err := b.send(queue, []draft{{content: content{Body: body}, delay: &delay}})
	b.must(errors.Join(append(refused, err)...))
	return sent[0].ID
}

// poll receives one message within wait, or returns nil.
func (b *bench) poll(queue string, wait time.Duration) *delivery {
	b.Helper()
	got, err := b.receive(context.Background(), queue, receiveOptions{max: 1, wait: &wait})
	b.must(err)
	if len(got) == 0 {
		return nil
	}
	return &got[0]
}

// get receives a message now, and fails the test if there is none.
func (b *bench) get(queue string) *delivery {
	b.Helper()
	d := b.poll(queue, 0)
	if d == nil {
		b.Fatalf("queue %s has no message to receive", queue)
	}
	return d
}

func (b *bench) empty(queue string) {
	b.Helper()
	if d := b.poll(queue, 0); d != nil {
		b.Fatalf("queue %s gave message %s, want none", queue, d.ID)
	}
}

func (b *bench) extend(queue string, d *delivery, timeout time.Duration) error {
	failed, err := b.changeVisibility(queue, []visibility{{d.handle, timeout}})
	return errors.Join(append(failed, err)...)
}

func (b *bench) drop(queue string, d *delivery) {
	b.Helper()
	failed, err := b.deleteMessages(queue, []string{d.handle})
	b.must(errors.Join(append(failed, err)...))
}

// counts checks the numbers of receivable, in-flight and delayed messages.
func (b *bench) counts(queue string, visible, inFlight, delayed int) {
	b.Helper()
	a, err := b.describe(queue, []string{"All"})
	b.must(err)
	got := a["ApproximateNumberOfMessages"] + " " + a["ApproximateNumberOfMessagesNotVisible"] + " " + a["ApproximateNumberOfMessagesDelayed"]
	if want := fmt.Sprint(visible, inFlight, delayed); got != want {
		b.Errorf("queue %s counts %s, want %s", queue, got, want)
	}
}

// took checks that f takes exactly want.
func (b *bench) took(want time.Duration, f func()) {
	b.Helper()
	start := time.Now()
	f()
	if got := time.Since(start); got != want {
		b.Errorf("took %v, want %v", got, want)
	}
}

func TestVisibility(t *testing.T) {
	inBubble(t, func(b *bench) {
		id := b.put("free", "x", 0)
		first := b.get("free")
		b.counts("free", 0, 1, 0)
		time.Sleep(defaultTimeout - time.Nanosecond)
		b.empty("free")
		time.Sleep(time.Nanosecond)
		b.counts("free", 1, 0, 0)
		b.fails(b.extend("free", first, time.Second), "AWS.SimpleQueueService.MessageNotInflight")
		second := b.get("free")
		if second.ID != id || second.receives != 2 || !second.first.Equal(first.first) {
			b.Errorf("second receive: %+v", second)
		}
		b.drop("free", first) // stale
		b.counts("free", 0, 1, 0)
		b.fails(b.extend("free", first, time.Second), "InvalidParameterValue")
		time.Sleep(defaultTimeout)
		b.drop("free", second) // the latest handle works even after its visibility timeout
		b.counts("free", 0, 0, 0)
		b.fails(b.extend("free", second, time.Second), "InvalidParameterValue")
		b.fails(b.extend("free", &delivery{handle: "nonsense"}, 0), "ReceiptHandleIsInvalid")
		b.fails(b.extend("q", second, 0), "ReceiptHandleIsInvalid")
	})
}

// A new visibility timeout counts from now. It cannot end later than twelve hours after the receive.
func TestVisibilityTotal(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.put("free", "x", 0)
		d := b.get("free")
		for range 11 {
			b.must(b.extend("free", d, time.Hour+time.Minute))
			time.Sleep(time.Hour)
		}
		b.must(b.extend("free", d, time.Hour))
		b.fails(b.extend("free", d, time.Hour+time.Second), "InvalidParameterValue")
		time.Sleep(time.Hour - time.Nanosecond)
		b.empty("free")
		time.Sleep(time.Nanosecond)
		b.get("free")
	})
}

func TestOrder(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.put("free", "1", 0)
		b.put("free", "2", 0)
		time.Sleep(time.Second)
		b.must(b.extend("free", b.get("free"), 0)) // goes behind the other, which has waited longer
		for _, want := range []string{"2", "1"} {
			if got := b.get("free"); got.Body != want {
				b.Errorf("got %s, want %s", got.Body, want)
			}
		}
	})
}

func TestRetention(t *testing.T) {
	inBubble(t, func(b *bench) {
		const kept = 4 * 24 * time.Hour
		b.put("free", "x", 0)
		time.Sleep(kept - time.Second)
		b.get("free")
		b.counts("free", 0, 1, 0)
		time.Sleep(time.Second)
		b.counts("free", 0, 0, 0) // although it was in flight

		// A message keeps its age in a dead-letter queue, whose retention period counts from the send.
		b.put("q", "x", 0)
		for range testReceives {
			b.must(b.extend("q", b.get("q"), 0))
		}
		time.Sleep(kept - time.Hour)
		b.empty("q")
		b.counts("d", 1, 0, 0)
		time.Sleep(time.Hour)
		b.counts("d", 0, 0, 0)
	})
}

func TestDeadLetterQueue(t *testing.T) {
	inBubble(t, func(b *bench) {
		id := b.put("q", "x", 0)
		var last *delivery
		for range testReceives {
			last = b.get("q")
			time.Sleep(defaultTimeout)
		}
		b.counts("q", 1, 0, 0)
		b.counts("d", 0, 0, 0)
		dead := make(chan *delivery, 1)
		go func() { dead <- b.poll("d", maxWait) }()
		synctest.Wait()
		b.took(0, func() {
			b.empty("q")
			d := <-dead // the move to the dead-letter queue wakes a poll on it
			if d == nil || d.ID != id || d.receives != testReceives+1 || d.source != b.arn("q") || !d.Sent.Equal(last.Sent) {
				b.Errorf("dead letter: %+v", d)
			}
		})
		b.drop("q", last)
		b.counts("d", 0, 1, 0)
		b.fails(b.extend("q", last, time.Second), "InvalidParameterValue")

		// A dead-letter queue that has a dead-letter queue counts only its own receives.
		b.must(b.withQueue("d", func(q *queue, now time.Time) error {
			return b.configure(q, map[string]string{"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":2}`, b.arn("free"))}, now)
		}))
		time.Sleep(defaultTimeout)
		b.must(b.extend("d", b.get("d"), 0))
		b.empty("d")
		if d := b.get("free"); d.ID != id || d.receives != testReceives+3 {
			b.Errorf("dead letter of the dead-letter queue: %+v", d)
		}

		// If the dead-letter queue is deleted, messages stay.
		b.must(b.deleteQueue("d"))
		b.put("q", "x", 0)
		for range testReceives + 3 {
			b.must(b.extend("q", b.get("q"), 0))
		}
	})
}

func TestInFlightLimit(t *testing.T) {
	inBubble(t, func(b *bench) {
		drafts := make([]draft, maxInFlight+5)
		_, _, err := b.send("free", drafts)
		b.must(err)
		for range maxInFlight/maxBatch - 1 {
			_, err := b.receive(b.Context(), "free", receiveOptions{max: maxBatch})
			b.must(err)
		}
		got, err := b.receive(b.Context(), "free", receiveOptions{max: maxBatch - 3})
		b.must(err)
		d := got[0]
		got, err = b.receive(b.Context(), "free", receiveOptions{max: maxBatch})
		if err != nil || len(got) != 3 {
			b.Errorf("the receive that meets the limit: %d messages, %v, want 3", len(got), err)
		}
		_, err = b.receive(b.Context(), "free", receiveOptions{max: 1})
		b.fails(err, "OverLimit")
		b.counts("free", 5, maxInFlight, 0)
		b.drop("free", &d)
		b.get("free")
	})
}

func TestPurgePause(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.put("free", "x", time.Minute)
		b.must(b.purge("free"))
		b.counts("free", 0, 0, 0)
		time.Sleep(purgePause - time.Nanosecond)
		b.fails(b.purge("free"), "AWS.SimpleQueueService.PurgeQueueInProgress")
		time.Sleep(time.Nanosecond)
		b.must(b.purge("free"))
	})
}

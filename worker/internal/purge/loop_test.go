package purge_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"darkroom/worker/internal/purge"
	"darkroom/worker/internal/queue"
)

// TestPurged follows photos that are erased together from the request to the tombstone.
func TestPurged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.start()
		begun := time.Now()
		var cached []func() bool
		for i := range 15 {
			cached = append(cached, b.erase(ref("cats", i)))
		}
		other := b.cdn.Cache("photo:cats/other", "board:cats")
		time.Sleep(time.Minute)
		for i, still := range cached {
			if still() || b.purgedAt(ref("cats", i)).Before(begun.Add(25*time.Second)) {
				t.Errorf("photo %d: cached %v, purged at %v", i, still(), b.purgedAt(ref("cats", i)))
			}
		}
		if purges := b.cdn.Purges(); len(purges) != 1 || len(purges[0]) != 15 || !other() || b.messagesLeft() != 0 {
			t.Errorf("purges %v, the other photo is cached: %v, %d messages left", purges, other(), b.messagesLeft())
		}
		if b.count("darkroom_purge_photos_total", "purged") != 15 || b.count("darkroom_purge_photos_total", "requested") != 15 || b.count("darkroom_purge_overdue_total") != 0 {
			t.Error("the metrics differ")
		}
	})
}

// TestSettles: a CDN may store an answer that it began to read before the object was deleted. The purge comes later.
func TestSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.start()
		b.erase(ref("cats", 1))
		time.Sleep(4 * time.Second)
		late := b.cdn.Cache(ref("cats", 1).CacheTag())
		time.Sleep(time.Minute)
		if late() {
			t.Error("a copy that was stored 4 s after the erase is still cached")
		}
	})
}

// TestBoard: many photos of a board cost as much as one.
func TestBoard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.start()
		var cached []func() bool
		for i := range 30 {
			cached = append(cached, b.erase(ref("cats", i)))
		}
		cached = append(cached, b.erase(ref("dogs", 1)))
		time.Sleep(time.Minute)
		if slices.ContainsFunc(cached, func(still func() bool) bool { return still() }) {
			t.Error("a photo is still cached")
		}
		want := [][]string{{"board:cats", "photo:" + ref("dogs", 1).Key()}}
		if purges := b.cdn.Purges(); !slices.EqualFunc(purges, want, slices.Equal) {
			t.Errorf("%v, want %v", purges, want)
		}
	})
}

// TestFailures: whatever fails, for however long, every photo is purged in the end, and its message stays until then.
func TestFailures(t *testing.T) {
	const day, month = 24 * time.Hour, 20 * 24 * time.Hour // a queue keeps a message for 14 days
	errTest := errors.New("as the test wants it")
	for name, tc := range map[string]struct {
		lasts  time.Duration
		breaks func(b *bench, broken func(op string) error)
	}{
		"the CDN refuses purges":    {month, func(b *bench, broken func(string) error) { b.cdn.Before = broken }},
		"the purge takes very long": {month, func(b *bench, _ func(string) error) { b.cdn.Delay = month }},
		"the CDN is silent about it": {day, func(b *bench, broken func(string) error) {
			b.cdn.Before = func(op string) error { return broken(strings.TrimPrefix(op, "purge")) }
		}},
		"too many are in progress": {day, func(b *bench, broken func(string) error) {
			b.cdn.Before = func(op string) error {
				if broken(op) != nil {
					return purge.ErrBusy
				}
				return nil
			}
		}},
		"the bucket fails": {day, func(b *bench, broken func(string) error) {
			b.bucket.Before = func(_ context.Context, op, _ string) error { return broken(op) }
		}},
		"the queue accepts nothing": {day, func(b *bench, broken func(string) error) {
			b.queue.FailOn(func(op, _ string) error { return broken(strings.TrimPrefix(op, "receive")) })
		}},
		"the queue is down": {day, func(b *bench, broken func(string) error) {
			b.queue.FailOn(func(op, _ string) error { return broken(op) })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				cached := b.erase(ref("cats", 1))
				begun := time.Now()
				tc.breaks(b, func(op string) error {
					if op != "" && time.Since(begun) < tc.lasts {
						return errTest
					}
					return nil
				})
				b.start()
				for time.Since(begun) < tc.lasts+day/2 {
					time.Sleep(time.Hour)
					if oldest := b.queue.Oldest(); !oldest.IsZero() && time.Since(oldest) > 13*day {
						t.Fatalf("the queue would soon discard a message of %v", oldest)
					}
					if b.messagesLeft() == 0 && (cached() || b.purgedAt(ref("cats", 1)).IsZero()) {
						t.Fatalf("the message is lost after %v", time.Since(begun))
					}
				}
				if cached() || b.purgedAt(ref("cats", 1)).IsZero() || b.messagesLeft() != 0 {
					t.Errorf("cached %v, purged at %v, %d messages left", cached(), b.purgedAt(ref("cats", 1)), b.messagesLeft())
				}
				if overdue := b.count("darkroom_purge_overdue_total"); overdue == 0 && !strings.HasPrefix(name, "the queue") {
					t.Error("nothing was overdue")
				}
			})
		})
	}
}

// TestKilled stops a loop at every second of a purge. Another loop continues.
func TestKilled(t *testing.T) {
	for after := range 40 {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			stop := b.start()
			cached := b.erase(ref("cats", 1))
			time.Sleep(time.Duration(after) * time.Second)
			begun := time.Now()
			stop()
			if d := time.Since(begun); d > 5*time.Second {
				t.Errorf("it took %v to stop", d)
			}
			b.start()
			time.Sleep(5 * time.Minute)
			if cached() || b.purgedAt(ref("cats", 1)).IsZero() || b.messagesLeft() != 0 {
				t.Errorf("stopped after %d s: cached %v, %d messages left", after, cached(), b.messagesLeft())
			}
		})
	}
}

// TestReplacedTombstone ends a record of a purge before it has deleted the tombstone that it replaced. A tombstone
// names every object that the photo had, so the next loop deletes it.
func TestReplacedTombstone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.bucket.Versioned = true
		died := false
		b.bucket.Before = func(_ context.Context, op, _ string) error {
			if op == "delete versions" && !died {
				died = true
				return errors.New("killed")
			}
			return nil
		}
		b.start()
		b.erase(ref("cats", 1))
		b.bucket.Upload(ref("cats", 1).ManifestKey()+"0", []byte("another object whose key begins alike"), nil)
		b.bucket.Upload(ref("cats", 1).ManifestKey()+"0", []byte("in two versions"), nil)
		time.Sleep(5 * time.Minute)
		if left := b.bucket.Versions(ref("cats", 1).ManifestKey()); !died || b.purgedAt(ref("cats", 1)).IsZero() || b.messagesLeft() != 0 || len(left) != 3 || !left[0].Latest {
			t.Errorf("%d messages are left, and %+v, want the current tombstone and two of another object", b.messagesLeft(), left)
		}
	})
}

// TestErasedAgain: an original that arrives during the purge is erased too, and the purge that began earlier does not
// cover it.
func TestErasedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.start()
		b.erase(ref("cats", 1))
		time.Sleep(15 * time.Second)
		again := b.erase(ref("cats", 1))
		second := time.Now()
		time.Sleep(16 * time.Second) // the first purge is complete
		if at := b.purgedAt(ref("cats", 1)); !at.IsZero() {
			t.Errorf("purged at %v, before the second purge was complete", at)
		}
		time.Sleep(2 * time.Minute)
		if at := b.purgedAt(ref("cats", 1)); again() || at.Before(second.Add(20*time.Second)) || b.messagesLeft() != 0 {
			t.Errorf("cached %v, purged at %v, %d messages left", again(), at, b.messagesLeft())
		}
	})
}

// TestForgotten: a CDN that does not know a purge is asked again, also if the queue accepts nothing for a while.
func TestForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, begun := newBench(t), time.Now()
		b.cdn.Before = func(op string) error {
			if op == "done" && len(b.cdn.Purges()) == 1 {
				return purge.ErrUnknown
			}
			return nil
		}
		b.queue.FailOn(func(op, _ string) error {
			if op == "send" && time.Since(begun) > 10*time.Second && time.Since(begun) < 10*time.Minute {
				return errors.New("as the test wants it")
			}
			return nil
		})
		b.start()
		b.erase(ref("cats", 1))
		time.Sleep(30 * time.Minute)
		if b.purgedAt(ref("cats", 1)).IsZero() || len(b.cdn.Purges()) != 2 || b.messagesLeft() != 0 {
			t.Errorf("purges %v, %d messages left", b.cdn.Purges(), b.messagesLeft())
		}
	})
}

// TestStrangeMessages: a message of a newer release, or of no release, stays in the queue and delays no other.
func TestStrangeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		for _, errs := range b.queue.Send(t.Context(), []queue.Outgoing{{Body: "{"}, {Body: `{"version":2,"photos":[]}`}}) {
			if errs != nil {
				t.Fatal(errs)
			}
		}
		b.start()
		b.erase(ref("cats", 1))
		time.Sleep(time.Minute)
		if b.purgedAt(ref("cats", 1)).IsZero() || b.messagesLeft() != 2 {
			t.Errorf("%d messages left, want the two strange ones", b.messagesLeft())
		}
	})
}

func TestMetricsNames(t *testing.T) {
	if problems, err := testutil.GatherAndLint(newBench(t).registry); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

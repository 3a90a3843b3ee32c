package deadletter_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/worker/internal/deadletter"
	"darkroom/worker/internal/queue"
	"darkroom/worker/internal/queue/queuetest"
	"darkroom/worker/internal/sendlimit"
	"darkroom/worker/s3event"
)

func list(t *testing.T, q queue.Consumer, max int) []queue.Message {
	t.Helper()
	letters, err := deadletter.List(t.Context(), q, max, nil)
	if err != nil {
		t.Fatal(err)
	}
	return letters
}

func bodies(letters []queue.Message) (b []string) {
	for _, l := range letters {
		b = append(b, l.Body)
	}
	slices.Sort(b)
	return b
}

func TestListRemovesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		for i := range 25 {
			q.PutMessage(queue.Message{Body: fmt.Sprintf("%02d", i), Sent: time.Now().Add(-time.Duration(i) * time.Minute)})
		}
		letters := list(t, q, 0)
		if len(letters) != 25 || letters[0].Body != "24" || letters[24].Body != "00" {
			t.Errorf("%d messages, want 25 with the oldest first: %v", len(letters), letters)
		}
		if all, inFlight := q.Bodies(); len(all) != 25 || len(inFlight) != 0 {
			t.Errorf("%d messages are left and %d hidden", len(all), len(inFlight))
		}
		if letters := list(t, q, 7); len(letters) != 7 {
			t.Errorf("%d messages, want 7", len(letters))
		}
		if _, inFlight := q.Bodies(); len(inFlight) != 0 {
			t.Errorf("%d messages are hidden", len(inFlight))
		}
	})
}

// TestListOfALongQueue takes longer than the visibility timeout, so that messages come again before the end.
func TestListOfALongQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		for i := range 100 {
			q.PutMessage(queue.Message{Body: fmt.Sprint(i), Sent: time.Now()})
		}
		receives := 0
		q.FailOn(func(op, _ string) error {
			if op == "receive" {
				receives++
				time.Sleep(20 * time.Second)
			}
			return nil
		})
		if n := len(list(t, q, 0)); n != 100 || receives > 100 {
			t.Errorf("%d messages in %d receives, want each of 100 once", n, receives)
		}
		if _, inFlight := q.Bodies(); len(inFlight) != 0 {
			t.Errorf("%d messages are hidden", len(inFlight))
		}
	})
}

func TestInterruptedListReleases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queuetest.NewMemory(0)
		for i := range 25 {
			q.PutMessage(queue.Message{Body: fmt.Sprint(i), Sent: time.Now()})
		}
		ctx, cancel := context.WithCancel(t.Context())
		receives := 0
		q.FailOn(func(op, _ string) error {
			if receives++; op == "receive" && receives == 2 {
				cancel()
			}
			return nil
		})
		letters, err := deadletter.List(ctx, q, 0, nil)
		if !errors.Is(err, context.Canceled) || len(letters) == 0 {
			t.Errorf("%d messages, %v, want the messages so far and context.Canceled", len(letters), err)
		}
		if all, inFlight := q.Bodies(); len(all) != 25 || len(inFlight) != 0 {
			t.Errorf("%d messages are left and %d hidden", len(all), len(inFlight))
		}
	})
}

func TestChoose(t *testing.T) {
	now := time.Now()
	letters := []queue.Message{
		{ID: "1", Reason: "foreign-key", Sent: now.Add(-3 * time.Hour)},
		{ID: "2", Sent: now.Add(-2 * time.Hour)},
		{ID: "3", Reason: "foreign-bucket", Sent: now.Add(-time.Minute)},
	}
	for name, tc := range map[string]struct {
		f    deadletter.Filter
		max  int
		want string
	}{
		"all":             {deadletter.Filter{}, 0, "123"},
		"part of reason":  {deadletter.Filter{Reason: "Foreign"}, 0, "13"},
		"no reason":       {deadletter.Filter{Reason: deadletter.TooOften}, 0, "2"},
		"older":           {deadletter.Filter{OlderThan: time.Hour}, 0, "12"},
		"older, with one": {deadletter.Filter{Reason: "foreign-", OlderThan: time.Hour}, 0, "1"},
		"maximum":         {deadletter.Filter{}, 2, "12"},
		"none":            {deadletter.Filter{Reason: "x"}, 0, ""},
	} {
		got := ""
		for _, l := range deadletter.Choose(letters, tc.f, tc.max) {
			got += l.ID
		}
		if got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestKeys(t *testing.T) {
	for body, want := range map[string]string{
		s3event.Format(s3event.Event{Name: "x", Bucket: "b", Key: "cats/a b"}): "cats/a b",
		"hello \x1b[31m": `"hello \x1b[31m"`,
	} {
		if got := deadletter.Keys(queue.Message{Body: body}); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// prepareRedrive returns a dead-letter queue of 30 messages, the queue to move them to, and the third that is chosen.
func prepareRedrive(t *testing.T) (from, to *queuetest.Memory, chosen []queue.Message) {
	t.Helper()
	from, to = queuetest.NewMemory(0), queuetest.NewMemory(0)
	for i := range 30 {
		from.PutMessage(queue.Message{Body: fmt.Sprintf("%02d", i), Reason: []string{"", "foreign-key", "foreign-bucket"}[i%3], Sent: time.Now()})
	}
	chosen = deadletter.Choose(list(t, from, 0), deadletter.Filter{Reason: deadletter.TooOften}, 0)
	if len(chosen) != 10 {
		t.Fatalf("%d are chosen, want 10", len(chosen))
	}
	return from, to, chosen
}

func TestRedriveMovesChosenMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to, chosen := prepareRedrive(t)
		// Every message that is moved fails again and comes back at once.
		to.FailOn(func(op, body string) error {
			if op == "send" {
				from.PutMessage(queue.Message{Body: body, Sent: time.Now()})
			}
			return nil
		})
		moved, err := deadletter.Redrive(t.Context(), from, to, chosen, sendlimit.Limits{}, nil)
		if moved != 10 || err != nil {
			t.Fatalf("moved %d, %v", moved, err)
		}
		if all, _ := to.Bodies(); !slices.Equal(all, bodies(chosen)) {
			t.Errorf("the queue has %v, want each chosen message once: %v", all, bodies(chosen))
		}
		if all, inFlight := from.Bodies(); len(all) != 30 || len(inFlight) != 0 {
			t.Errorf("%d are left and %d hidden, want 20 and the 10 that came back", len(all), len(inFlight))
		}
	})
}

func TestRedriveKeepsToItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to, chosen := prepareRedrive(t)
		start := time.Now()
		if moved, err := deadletter.Redrive(t.Context(), from, to, chosen, sendlimit.Limits{Rate: 0.1}, nil); moved != 10 || err != nil {
			t.Fatalf("moved %d, %v", moved, err)
		}
		if d := time.Since(start); d < 90*time.Second {
			t.Errorf("ten messages at one in ten seconds took %v", d)
		}
	})
}

func TestDryRedriveMovesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to, chosen := prepareRedrive(t)
		if moved, err := deadletter.Redrive(t.Context(), from, to, chosen, sendlimit.Limits{DryRun: true}, nil); moved != 0 || err != nil {
			t.Errorf("moved %d, %v", moved, err)
		}
		if all, _ := from.Bodies(); len(all) != 30 {
			t.Errorf("%d are left", len(all))
		}
	})
}

// TestRedriveThatFails checks that every message is in one of the queues, or in both.
func TestRedriveThatFails(t *testing.T) {
	broken := errors.New("service unavailable")
	for name, tc := range map[string]struct {
		op           string
		moved, twice int
	}{"send": {"send", 9, 0}, "delete": {"delete", 9, 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				from, to, chosen := prepareRedrive(t)
				victim := chosen[3].Body
				fail := func(op, body string) error {
					if op == tc.op && body == victim {
						return broken
					}
					return nil
				}
				from.FailOn(fail)
				to.FailOn(fail)
				moved, err := deadletter.Redrive(t.Context(), from, to, chosen, sendlimit.Limits{}, nil)
				if !errors.Is(err, broken) || !strings.Contains(err.Error(), chosen[3].ID) {
					t.Errorf("got %v, want the failure with the message ID", err)
				}
				left, inFlight := from.Bodies()
				there, _ := to.Bodies()
				if len(inFlight) != 0 || moved > tc.moved || len(left)+len(there) != 30+tc.twice || !slices.Contains(left, victim) {
					t.Errorf("moved %d; %d left, %d hidden, %d in the other queue", moved, len(left), len(inFlight), len(there))
				}
				// The next run moves the rest.
				from.FailOn(nil)
				to.FailOn(nil)
				rest := deadletter.Choose(list(t, from, 0), deadletter.Filter{Reason: deadletter.TooOften}, 0)
				if _, err := deadletter.Redrive(t.Context(), from, to, rest, sendlimit.Limits{}, nil); err != nil {
					t.Fatal(err)
				}
				there, _ = to.Bodies()
				if left, _ := from.Bodies(); len(left) != 20 || !slices.Equal(slices.Compact(there), bodies(chosen)) {
					t.Errorf("in the end %d are left and %v are in the other queue", len(left), there)
				}
			})
		})
	}
}

func TestInterruptedRedriveLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to, chosen := prepareRedrive(t)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		moved, err := deadletter.Redrive(ctx, from, to, chosen, sendlimit.Limits{Rate: 1}, nil)
		if err == nil || moved == 0 || moved == 10 {
			t.Errorf("moved %d, %v, want a part and an error", moved, err)
		}
		left, inFlight := from.Bodies()
		there, _ := to.Bodies()
		if len(inFlight) != 0 || len(there) != moved || len(left) != 30-moved {
			t.Errorf("moved %d; %d left, %d hidden, %d in the other queue", moved, len(left), len(inFlight), len(there))
		}
	})
}

// TestMoveIsNotInterrupted stops the command while it sends a batch. It deletes the messages of the batch nevertheless.
func TestMoveIsNotInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to, chosen := prepareRedrive(t)
		ctx, cancel := context.WithCancel(t.Context())
		to.FailOn(func(string, string) error { cancel(); return nil })
		moved, err := deadletter.Redrive(ctx, from, to, chosen, sendlimit.Limits{}, nil)
		left, inFlight := from.Bodies()
		there, _ := to.Bodies()
		if moved == 0 || len(there) != moved || len(left) != 30-moved || len(inFlight) != 0 || moved < 10 && err == nil {
			t.Errorf("moved %d, %v; %d left, %d hidden, %d in the other queue", moved, err, len(left), len(inFlight), len(there))
		}
	})
}

func TestRedriveReportsMissingMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to, chosen := prepareRedrive(t)
		moved, err := deadletter.Redrive(t.Context(), from, to, append(chosen, queue.Message{ID: "gone"}), sendlimit.Limits{}, nil)
		if moved != 10 || err == nil || !strings.Contains(err.Error(), "1 of 11") {
			t.Errorf("moved %d, %v", moved, err)
		}
	})
}

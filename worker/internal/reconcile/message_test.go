package reconcile_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// TestRecognized checks that messages about the uploads bucket are distinguished from those that a wrong setting would
// bring.
func TestRecognized(t *testing.T) {
	ref := photo.Ref{Board: "cats", ID: photo.NewID()}
	foreign := formatEvent("created", "another", ref.Key(), time.Time{})
	for name, tc := range map[string]struct {
		body string
		want bool
	}{
		"a photo":               {event(ref.Key()), true},
		"no photo":              {event("a/b/c"), true},
		"foreign":               {foreign, false},
		"foreign and a photo":   {foreign + "\n" + event(ref.Key()), true},
		"nothing":               {"", false},
		"not readable":          {"{", false},
		"not readable, a photo": {"{\n" + event(ref.Key()), true},
	} {
		got := false
		w := newWorld(t, reconcile.Config{Recognized: func(context.Context) { got = true }})
		w.Message(t.Context(), tc.body)
		if got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func TestNextReceiveRepairsFailure(t *testing.T) {
	for _, failing := range []string{"get uploads", "get variants", "put variants", "head uploads"} {
		t.Run(failing, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{})
			broken := errors.New("slow down")
			var healed atomic.Bool
			fail := func(bucket string) func(_ context.Context, op, key string) error {
				return func(_ context.Context, op, key string) error {
					if !healed.Load() && failing == op+" "+bucket {
						return broken
					}
					return nil
				}
			}
			w.uploads.Before, w.variants.Before = fail("uploads"), fail("variants")
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			if err := w.Message(t.Context(), event(w.ref.Key())); !errors.Is(err, broken) {
				t.Fatalf("got %v, want the bucket's error", err)
			} else if !strings.Contains(err.Error(), w.ref.Key()) {
				t.Errorf("error %q does not name the photo", err)
			}
			healed.Store(true)
			if err := w.Message(t.Context(), event(w.ref.Key())); err != nil {
				t.Fatal(err)
			}
			w.check(t)
		})
	}
}

// event returns the body of a message with an event of each key in the uploads bucket.
func event(keys ...string) string {
	var lines []string
	for _, k := range keys {
		lines = append(lines, formatEvent("created", "uploads", k, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
	}
	return strings.Join(lines, "\n")
}

// formatEvent returns a line of a message body.
func formatEvent(name, bucket, key string, at time.Time) string {
	text, err := json.Marshal(reconcile.Event{Name: name, Bucket: bucket, Key: key, Time: at})
	if err != nil {
		panic(err) // a string and a time of this century always marshal
	}
	return string(text)
}

// parseEvents parses a body with one JSON object a line. An empty body has no events.
func parseEvents(body string) (events []reconcile.Event, bad error) {
	for line := range strings.Lines(body) {
		var e reconcile.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			bad = errors.Join(bad, formatError{err})
			continue
		}
		events = append(events, e)
	}
	return events, bad
}

// badFormat is the reason of a message that parseEvents cannot parse.
const badFormat = "bad-format"

type formatError struct{ error }

func (formatError) Reason() string { return badFormat }

func TestMessage(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	a, b := photo.Ref{Board: "cats", ID: photo.NewID()}, photo.Ref{Board: "dogs", ID: photo.NewID()}
	w.uploads.Upload(a.Key(), []byte("a"), nil)
	w.uploads.Upload(b.Key(), []byte("b"), nil)
	if err := w.Message(t.Context(), event(a.Key(), b.Key())); err != nil {
		t.Fatal(err)
	}
	if w.variants.Stored(a.ManifestKey()) == nil || w.variants.Stored(b.ManifestKey()) == nil {
		t.Errorf("not both photos of one message were made: %v", w.variants.Keys())
	}
	if err := w.Message(t.Context(), ""); err != nil {
		t.Errorf("no event: %v", err)
	}
	for name, body := range map[string]string{
		"garbage":        "hello",
		"no photo's key": event("readme.txt"),
		"other bucket":   strings.Replace(event(a.Key()), `"uploads"`, `"elsewhere"`, 1),
	} {
		if err := w.Message(t.Context(), body); !errors.Is(err, reconcile.ErrBadMessage) {
			t.Errorf("%s: %v, want ErrBadMessage", name, err)
		}
	}
}

// TestBadRecordDoesNotHideTheOthers also checks that a message is not bad while one of its photos has failed: nobody
// would retry that in the dead-letter queue.
func TestBadRecordDoesNotHideTheOthers(t *testing.T) {
	for reason, bad := range map[string]string{
		reconcile.BadKey:    event("readme.txt"),
		reconcile.BadBucket: strings.Replace(event("cats/"+string(photo.NewID())), `"uploads"`, `"elsewhere"`, 1),
		badFormat:           "hello",
	} {
		t.Run(reason, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{})
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			good := event(w.ref.Key())
			body := bad + "\n" + good
			slow := errors.New("slow down")
			w.variants.Before = func(_ context.Context, op, _ string) error {
				if op == "put" {
					return slow
				}
				return nil
			}
			if err := w.Message(t.Context(), body); !errors.Is(err, slow) || errors.Is(err, reconcile.ErrBadMessage) || badReason(err) != "" {
				t.Errorf("with work left: %v, want the failure alone", err)
			}
			w.variants.Before = nil
			if err := w.Message(t.Context(), body); !errors.Is(err, reconcile.ErrBadMessage) || badReason(err) != reason {
				t.Errorf("got %v (%s), want ErrBadMessage (%s)", err, badReason(err), reason)
			}
			w.check(t)
		})
	}
}

func TestRetryRepeatsOnlyFailures(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	refs := []photo.Ref{w.ref, {Board: "cats", ID: photo.NewID()}, {Board: "cats", ID: photo.NewID()}}
	var keys []string
	for i, ref := range refs {
		w.uploads.Upload(ref.Key(), fmt.Append(nil, i), nil)
		keys = append(keys, ref.Key())
	}
	slow := errors.New("slow down")
	fail := func(_ context.Context, op, key string) error {
		if op == "get" && key == refs[1].Key() {
			return slow
		}
		return nil
	}
	w.uploads.Before = fail
	if err := w.Message(t.Context(), event(keys...)); !errors.Is(err, slow) {
		t.Fatalf("got %v, want the failure", err)
	}
	for i, want := range []bool{true, false, true} {
		if got := w.variants.Stored(refs[i].ManifestKey()) != nil; got != want {
			t.Errorf("photo %d is done: %v, want %v", i, got, want)
		}
	}
	w.uploads.Requests()
	w.variants.Requests()
	w.uploads.Before = nil
	if err := w.Message(t.Context(), event(keys...)); err != nil {
		t.Fatal(err)
	}
	if got, want := w.uploads.Requests(), (map[string]int{"head": 2 + 1, "get": 1}); !maps.Equal(got, want) {
		t.Errorf("the second time: %v to the uploads bucket, want %v", got, want)
	}
	if got, want := w.variants.Requests(), (map[string]int{"get": 3, "list": 2, "put": 2 + 1}); !maps.Equal(got, want) {
		t.Errorf("the second time: %v to the variants bucket, want %v", got, want)
	}
	if n := w.engine.renders.Load(); n != 3 {
		t.Errorf("rendered %d times, want once a photo", n)
	}
}

// TestOutageEndsMessage: the other photos of the message would fail too.
func TestOutageEndsMessage(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	other := photo.Ref{Board: "cats", ID: photo.NewID()}
	w.uploads.Before = func(context.Context, string, string) error { return store.ErrUnavailable }
	err := w.Message(t.Context(), event("readme.txt", w.ref.Key(), other.Key()))
	if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, reconcile.ErrBadMessage) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	if n := w.uploads.Requests()["get"]; n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}

func TestEndedContextEndsMessage(t *testing.T) {
	reg := prometheus.NewRegistry()
	w := newWorld(t, reconcile.Config{Metrics: reconcile.NewMetrics(reg)})
	other := photo.Ref{Board: "cats", ID: photo.NewID()}
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.uploads.Upload(other.Key(), []byte("b"), nil)
	drained := errors.New("drained")
	ctx, cancel := context.WithCancelCause(t.Context())
	w.engine.during = func() { cancel(drained) }
	if err := w.Message(ctx, event(w.ref.Key(), other.Key())); !errors.Is(err, drained) && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
	if n := counts(t, reg, "darkroom_photos_total"); n["interrupted"] != 1 || n["error"] != 0 {
		t.Errorf("counted %v: an interruption is no error", n)
	}
}

func TestEventsOfEveryNameAreHints(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	for _, name := range []string{"removed", "frobbed", ""} {
		if err := w.Message(t.Context(), strings.Replace(event(w.ref.Key()), "created", name, 1)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		w.check(t)
	}
}

// TestVariantsOfDeadWorkerAreDeleted: a worker dies after it wrote its variants and before its manifest, and then the
// original is replaced. No manifest ever names those variants. Only the message of the dead worker leads to them. It is
// received again before or after the message of the new original.
func TestVariantsOfDeadWorkerAreDeleted(t *testing.T) {
	for _, firstAgain := range []bool{true, false} {
		w := newWorld(t, reconcile.Config{})
		w.uploads.Upload(w.ref.Key(), []byte("one"), nil)
		died := errors.New("died")
		w.variants.Before = func(_ context.Context, op, key string) error {
			if op == "put" && key == w.ref.ManifestKey() {
				return died
			}
			return nil
		}
		message := event(w.ref.Key())
		if err := w.Message(t.Context(), message); !errors.Is(err, died) {
			t.Fatal(err)
		}
		w.variants.Before = nil
		w.uploads.Upload(w.ref.Key(), []byte("two"), nil)
		for _, again := range []bool{firstAgain, !firstAgain} {
			handle := w.Message
			if again {
				handle = w.Redelivered
			}
			if err := handle(t.Context(), message); err != nil {
				t.Fatal(err)
			}
		}
		w.check(t)
		w.checkNothingElse(t)
	}
}

// badReason returns the reason of a bad message, in the way the pool finds it.
func badReason(err error) string {
	var named interface{ Reason() string }
	if !errors.As(err, &named) {
		return ""
	}
	return named.Reason()
}

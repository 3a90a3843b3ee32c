package reconcile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

func TestErrorsKeepTheMessageAndLaterReceivesMend(t *testing.T) {
	for _, failing := range []string{"get uploads", "get variants", "put variants", "head uploads"} {
		t.Run(failing, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{})
			broken := errors.New("slow down")
			var healed atomic.Bool
			fail := func(bucket string) func(op, key string) error {
				return func(op, key string) error {
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

func event(keys ...string) string {
	var records []string
	for _, k := range keys {
		key, _ := json.Marshal(k) // a string always marshals
		records = append(records, fmt.Sprintf(`{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2026-01-02T03:04:05Z","eventName":"ObjectCreated:Put",
			"s3":{"bucket":{"name":"uploads"},"object":{"key":%s}}}`, key))
	}
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

func TestMessage(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	a, b := photo.Ref{Board: "cats", ID: photo.NewID()}, photo.Ref{Board: "dogs", ID: photo.NewID()}
	w.uploads.Upload(a.Key(), []byte("a"), nil)
	w.uploads.Upload(b.Key(), []byte("b"), nil)
	if err := w.Message(t.Context(), event(a.Key(), b.Key())); err != nil {
		t.Fatal(err)
	}
	if w.variants.Body(a.ManifestKey()) == nil || w.variants.Body(b.ManifestKey()) == nil {
		t.Errorf("not both photos of one message were made: %v", w.variants.Keys())
	}
	if err := w.Message(t.Context(), `{"Event":"s3:TestEvent","Bucket":"uploads"}`); err != nil {
		t.Errorf("test event: %v", err)
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

func TestBadRecordDoesNotHideTheOthers(t *testing.T) {
	w := newWorld(t, reconcile.Config{})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	if err := w.Message(t.Context(), event("readme.txt", w.ref.Key())); !errors.Is(err, reconcile.ErrBadMessage) {
		t.Errorf("got %v, want ErrBadMessage", err)
	}
	w.check(t)
}

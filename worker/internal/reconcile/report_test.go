package reconcile_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// TestPhotoLeavesOneLine: one line a photo says what became of it, how often it was received and where the time went.
func TestPhotoLeavesOneLine(t *testing.T) {
	rendered := map[string]any{"queue": 10.0, "total": 1.6, "compare": 0.1, "open": 0.1, "wait_memory": 0.0, "download": 0.0, "inspect": 0.0,
		"wait_render": 0.0, "decode": 1.0, "resample": 0.0, "encode": 0.0, "upload": 0.2, "confirm": 0.1, "remove": 0.1}
	for name, c := range map[string]struct {
		body     string // bytes of the original; empty if it is gone
		receives int
		prepare  func(t *testing.T, w *world)
		want     map[string]any // without key and times
		seconds  map[string]any // nil: not compared
	}{
		"ready": {"a", 2, nil, map[string]any{"level": "INFO", "msg": "photo ready", "outcome": "ready", "event": "created", "receives": 2.0, "bytes": 1.0, "format": "jpeg",
			"width": 4.0, "height": 3.0, "variants": 2.0, "trace_id": uploadTrace}, rendered},
		"rejected": {"corrupt:", 1, nil, map[string]any{"level": "INFO", "msg": "photo rejected", "outcome": "rejected", "event": "created", "receives": 1.0, "bytes": 8.0,
			"reason": "corrupt", "detail": photo.RefusalFor(photo.ReasonCorrupt).Detail(), "cause": "as the test wants it", "trace_id": uploadTrace}, nil},
		"damaged": {"blemished", 1, nil, map[string]any{"level": "INFO", "msg": "damaged photo rendered", "outcome": "ready", "event": "created", "receives": 1.0, "bytes": 9.0, "format": "jpeg",
			"width": 4.0, "height": 3.0, "variants": 2.0, "cause": errDamage.Error(), "trace_id": uploadTrace}, nil},
		"deleted": {"", 1, func(t *testing.T, w *world) {
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			w.reconcile(t, reconcile.Rendered)
		},
			map[string]any{"level": "INFO", "msg": "photo removed", "outcome": "removed", "event": "created", "receives": 1.0}, nil},
		"removed by a user": {"a", 1, func(t *testing.T, w *world) { w.bury(t, "") },
			map[string]any{"level": "INFO", "msg": "photo removed", "outcome": "removed", "event": "created", "receives": 1.0, "original_deleted": true}, nil},
		"up to date": {"a", 1, func(t *testing.T, w *world) {
			w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
			w.reconcile(t, reconcile.Rendered)
		}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _, _, log := slowWorld(t, reconcile.Config{})
				if c.prepare != nil {
					c.prepare(t, w)
				}
				switch {
				case c.body == "":
					if err := w.uploads.Delete(t.Context(), []string{w.ref.Key()}); err != nil {
						t.Fatal(err)
					}
				case c.want != nil:
					w.uploads.Upload(w.ref.Key(), []byte(c.body), map[string]string{photo.MetaTraceparent: uploadParent})
				}
				log.Reset()
				body := formatEvent("created", "uploads", w.ref.Key(), time.Now())
				time.Sleep(10 * time.Second)
				ctx := reconcile.WithDelivery(t.Context(), reconcile.Delivery{System: "carrier_pigeon", Queue: "photos", ID: "m-1", Receives: c.receives, Received: time.Now()})
				handle := w.Message
				if c.receives > 1 {
					handle = w.Redelivered
				}
				if err := handle(ctx, body); err != nil {
					t.Fatal(err)
				}
				if c.want == nil {
					if log.Len() != 0 {
						t.Errorf("logged %s", log)
					}
					return
				}
				if strings.Count(log.String(), "\n") != 1 {
					t.Fatalf("logged %s", log)
				}
				var got map[string]any
				if err := json.Unmarshal(log.Bytes(), &got); err != nil {
					t.Fatal(err)
				}
				if got["key"] != w.ref.Key() {
					t.Errorf("key %v", got["key"])
				}
				seconds, _ := got["seconds"].(map[string]any)
				for _, name := range []string{"key", "time", "seconds"} {
					delete(got, name)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
				sum := 0.0
				for stage, s := range seconds {
					if stage != "total" && stage != "queue" {
						sum += s.(float64)
					}
				}
				if total, _ := seconds["total"].(float64); total == 0 || sum < total*0.9 || sum > total*1.01 {
					t.Errorf("the stages take %v s of %v", sum, seconds)
				}
				if c.seconds != nil {
					if diff := cmp.Diff(c.seconds, seconds); diff != "" {
						t.Error(diff)
					}
				}
			})
		})
	}
}

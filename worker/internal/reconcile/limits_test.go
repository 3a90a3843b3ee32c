package reconcile_test

import (
	"strings"
	"testing"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// TestLimitsOfTheTokenApply uses the pictures of the fake engine, which have 4 x 3 pixels.
func TestLimitsOfTheTokenApply(t *testing.T) {
	for name, c := range map[string]struct {
		limits, body string
		reason       photo.Reason
		detail       string
	}{
		"within all":           {"bytes=9&pixels=12&format=png&format=jpeg", "a", "", ""},
		"no token":             {"", "a", "", ""},
		"a later release's":    {"colours=2", "a", "", ""},
		"not of a token":       {"pixels=few", "a", "", ""},
		"bytes":                {"bytes=2", "abc", photo.ReasonTooLarge, "more than 2 bytes"},
		"more than the worker": {"bytes=99999", strings.Repeat("a", 200), photo.ReasonTooLarge, "more than 100 bytes"},
		"pixels":               {"pixels=11", "a", photo.ReasonTooManyPixels, "4 x 3 pixels"},
		"another format":       {"format=jpeg&format=webp", "heic", photo.ReasonUnsupported, "The picture is HEIC, which this board does not accept: save it as JPEG or WebP,"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{Recipe: photo.Recipe{Name: "r1", MaxBytes: 100}})
			w.uploads.Upload(w.ref.Key(), []byte(c.body), map[string]string{photo.MetaLimits: c.limits})
			if c.reason == "" {
				w.reconcile(t, reconcile.Rendered)
				return
			}
			w.reconcile(t, reconcile.Rejected)
			if m := w.manifest(t); m.Reason != c.reason || !strings.Contains(m.Detail, c.detail) {
				t.Errorf("%s: %q, want %s: %q", m.Reason, m.Detail, c.reason, c.detail)
			}
			if n := w.engine.renders.Load(); n != 0 {
				t.Errorf("rendered %d times", n)
			}
		})
	}
}

func TestRaisedLimitRendersOnlyWhatItRejected(t *testing.T) {
	small := reconcile.Config{Recipe: photo.Recipe{Name: "r1", MaxBytes: 10, MaxPixels: 12}, Memory: 100}
	moreBytes, moreMemory := small, small
	moreBytes.Recipe.MaxBytes = 20
	moreMemory.Memory = 1000
	for name, tc := range map[string]struct {
		body   string
		memory int64
		raised reconcile.Config
		first  reconcile.Outcome
		then   reconcile.Outcome
	}{
		"ready, more bytes":       {"a", 1, moreBytes, reconcile.Rendered, reconcile.Unchanged},
		"ready, more memory":      {"a", 1, moreMemory, reconcile.Rendered, reconcile.Unchanged},
		"corrupt, more bytes":     {"corrupt:", 1, moreBytes, reconcile.Rejected, reconcile.Unchanged},
		"too large, the same":     {strings.Repeat("a", 15), 1, small, reconcile.Rejected, reconcile.Unchanged},
		"too large, more bytes":   {strings.Repeat("a", 15), 1, moreBytes, reconcile.Rejected, reconcile.Rendered},
		"too large, still":        {strings.Repeat("a", 25), 1, moreBytes, reconcile.Rejected, reconcile.Rejected},
		"too large, more memory":  {strings.Repeat("a", 15), 1, moreMemory, reconcile.Rejected, reconcile.Unchanged},
		"much memory, the same":   {"a", 500, small, reconcile.Rejected, reconcile.Unchanged},
		"much memory, more of it": {"a", 500, moreMemory, reconcile.Rejected, reconcile.Rendered},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, small)
			w.engine.memory = tc.memory
			w.uploads.Upload(w.ref.Key(), []byte(tc.body), nil)
			w.reconcile(t, tc.first)
			w.configure(t, tc.raised)
			w.reconcile(t, tc.then)
			w.reconcile(t, reconcile.Unchanged)
		})
	}
}

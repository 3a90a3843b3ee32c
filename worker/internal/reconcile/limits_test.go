package reconcile_test

import (
	"strings"
	"testing"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// The fake engine's pictures have 4 x 3 pixels.
func TestPhotoIsHeldToTheLimitsOfItsToken(t *testing.T) {
	for name, c := range map[string]struct {
		limits, body string
		reason       photo.Reason
		detail       string
	}{
		"within all":           {"bytes=9&pixels=12&format=png&format=jpeg", "a", "", ""},
		"no token":             {"", "a", "", ""},
		"a later release's":    {"colours=2", "a", "", ""},
		"not of a token":       {"pixels=few", "a", "", ""},
		"bytes":                {"bytes=2", "abc", photo.ReasonTooLarge, "3 bytes; the limit is 2"},
		"more than the worker": {"bytes=99999", strings.Repeat("a", 200), photo.ReasonTooLarge, "200 bytes; the limit is 100"},
		"pixels":               {"pixels=11", "a", photo.ReasonTooManyPixels, "4 x 3 pixels"},
		"another format":       {"format=jpeg&format=webp", "heic", photo.ReasonUnsupported, "The file is HEIC; the board takes JPEG, WebP."},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{MaxBytes: 100})
			w.uploads.Upload(w.ref.Key(), []byte(c.body), map[string]string{photo.MetaLimits: c.limits})
			if c.reason == "" {
				w.reconcile(t, reconcile.Made)
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

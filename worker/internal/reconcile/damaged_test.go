package reconcile_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/photo"
)

// TestPolicyForDamagedFiles changes the policy and changes it back. Every photo then has the outcome of the policy, and
// photos that it does not affect are left alone.
func TestPolicyForDamagedFiles(t *testing.T) {
	const ready, rejected, unchanged = reconcile.Rendered, reconcile.Rejected, reconcile.Unchanged
	reject, accept := photo.Recipe{Name: "r1"}, photo.Recipe{Name: "r1", Damaged: true}
	for name, tc := range map[string]struct {
		body     string
		outcomes [4]reconcile.Outcome // under reject, accept, reject and accept
		damaged  [4]bool              // what the manifest says
	}{
		"whole":               {"a", [4]reconcile.Outcome{ready, unchanged, unchanged, unchanged}, [4]bool{}},
		"incomplete":          {"cut", [4]reconcile.Outcome{rejected, ready, rejected, ready}, [4]bool{false, true, false, true}},
		"blemished":           {"blemished", [4]reconcile.Outcome{ready, unchanged, unchanged, unchanged}, [4]bool{true, true, true, true}},
		"nothing can be read": {"corrupt:", [4]reconcile.Outcome{rejected, rejected, unchanged, unchanged}, [4]bool{}},
		"not a picture":       {"unsupported:", [4]reconcile.Outcome{rejected, unchanged, unchanged, unchanged}, [4]bool{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, reconcile.Config{Recipe: reject})
			w.uploads.Upload(w.ref.Key(), []byte(tc.body), nil)
			for i, policy := range []photo.Recipe{reject, accept, reject, accept} {
				w.configure(t, reconcile.Config{Recipe: policy})
				w.reconcile(t, tc.outcomes[i])
				w.reconcile(t, unchanged) // a second event changes nothing
				w.check(t)
				w.checkNothingElse(t)
				if m := w.manifest(t); m.Damaged() != tc.damaged[i] {
					t.Errorf("step %d: damaged is %v in %+v", i, m.Damaged(), m)
				}
			}
		})
	}
}

// TestDamagedPhotosAreReported: the manifest and the metric say that a photo is damaged, and the log line why.
func TestDamagedPhotosAreReported(t *testing.T) {
	const name = "darkroom_damaged_photos_total"
	reg := prometheus.NewRegistry()
	var log bytes.Buffer
	w := newWorld(t, reconcile.Config{Recipe: photo.Recipe{Name: "r1", Damaged: true}, Metrics: reconcile.NewMetrics(reg), Log: slog.New(slog.NewJSONHandler(&log, nil))})
	w.uploads.Upload(w.ref.Key(), []byte("a"), nil)
	w.reconcile(t, reconcile.Rendered)
	if got := counts(t, reg, name)["jpeg"]; got != 0 || strings.Contains(log.String(), "damaged") {
		t.Errorf("a whole photo counts as damaged: %v, %s", got, &log)
	}
	w.uploads.Upload(w.ref.Key(), []byte("cut"), nil)
	w.reconcile(t, reconcile.Rendered)
	if got := counts(t, reg, name)["jpeg"]; got != 1 {
		t.Errorf("%s is %v, want 1", name, got)
	}
	var line string
	for l := range strings.Lines(log.String()) {
		if strings.Contains(l, `"msg":"damaged photo rendered"`) {
			line = l
		}
	}
	for _, want := range []string{`"level":"INFO"`, `"key":"` + w.ref.Key() + `"`, `"format":"jpeg"`, `"cause":"` + errDamage.Error() + `"`} {
		if !strings.Contains(line, want) {
			t.Errorf("no %s in the log line %q", want, line)
		}
	}
	if m := w.manifest(t); !m.Damaged() || m.State != photo.Ready || m.Detail != "" || m.Reason != "" {
		t.Errorf("manifest %+v", m)
	}
}

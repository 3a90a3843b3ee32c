package reconcile_test

import (
	"context"
	"slices"
	"testing"

	"darkroom/worker/internal/reconcile"
)

func TestProgress(t *testing.T) {
	var stages []string
	w := newWorld(t, reconcile.Config{Progress: func(_ context.Context, key, stage string) { stages = append(stages, key+" "+stage) }})
	says := func(want ...string) {
		t.Helper()
		for i := range want {
			want[i] = w.ref.Key() + " " + want[i]
		}
		if got := slices.Compact(stages); !slices.Equal(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
		stages = nil
	}
	w.engine.names = []string{"large"}
	w.uploads.Upload(w.ref.Key(), []byte("avif"), nil)
	w.reconcile(t, reconcile.Rendered)
	says("compare", "open", "wait_memory", "download", "inspect", "wait_lane", "wait_memory", "wait_render", "decode", "resample", "encode", "upload", "confirm")
	w.reconcile(t, reconcile.Unchanged)
	says("compare")
	if err := w.uploads.Delete(t.Context(), []string{w.ref.Key()}); err != nil {
		t.Fatal(err)
	}
	w.reconcile(t, reconcile.Removed)
	says("compare", "open", "remove")
}

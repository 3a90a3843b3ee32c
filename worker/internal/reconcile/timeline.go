package reconcile

import (
	"context"
	"time"

	"darkroom/worker/internal/engine"
)

// Stages of the work on a photo, in order. Rendering has those of [engine.Stages] between stageWaitRender and
// stageUpload.
const (
	stageCompare    = "compare"     // read the manifest, and check whether it is up to date
	stageOpen       = "open"        // request the original, until its first byte
	stageDownload   = "download"    // read the bytes of the original
	stageInspect    = "inspect"     // read the headers of the photo
	stageWaitMemory = "wait_memory" // wait for memory, once for the original and once to render it
	stageWaitLane   = "wait_lane"   // wait for the lane of a format whose decoder runs in a sandbox
	stageWaitRender = "wait_render" // wait until fewer photos than allowed are being rendered
	stageUpload     = "upload"      // write the variants and the manifest
	stageRemove     = "remove"      // delete variants that no manifest names, or those of an original that is gone
	stageConfirm    = "confirm"     // check whether the original is still the same
)

// stages returns every stage in the order in which a photo comes to it first.
func stages() []string {
	all := []string{stageCompare, stageOpen, stageWaitMemory, stageDownload, stageInspect, stageWaitLane, stageWaitRender}
	for _, s := range engine.Stages {
		all = append(all, string(s))
	}
	return append(all, stageUpload, stageRemove, stageConfirm)
}

// timeline records the stages of the work on a photo. Each begins when the one before it ends, so every moment belongs
// to a stage.
type timeline struct {
	parts []part
	stage string    // the running stage, or ""
	since time.Time // its start
}

// part is one run of a stage. Resampling and encoding run once for each variant, and most stages once for each attempt.
type part struct {
	stage    string
	from, to time.Time
}

// enter ends the running stage and starts the next one, or none if next is "".
func (l *timeline) enter(next string) {
	now := time.Now()
	if l.stage != "" {
		l.parts = append(l.parts, part{l.stage, l.since, now})
	}
	l.stage, l.since = next, now
}

// took returns the time in each stage that has ended.
func (l *timeline) took() map[string]time.Duration {
	sums := map[string]time.Duration{}
	for _, p := range l.parts {
		sums[p.stage] += p.to.Sub(p.from)
	}
	return sums
}

// enter reports that the work on a photo comes to a stage.
func (r *Reconciler) enter(ctx context.Context, t *target, stage string) {
	t.time.enter(stage)
	r.cfg.Progress(ctx, t.ref.Key(), stage)
}

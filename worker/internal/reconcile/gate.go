package reconcile

import (
	"darkroom/worker/internal/store"

	"context"
	"fmt"
	"io"
	"time"

	"golang.org/x/sync/semaphore"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// gate bounds what is in memory and what is rendered at once. Each of its semaphores serves in order of arrival, so
// a big photo waits its turn and is not overtaken for ever.
//
// The budget has two parts. A photo takes the bytes of its original from the first for as long as it is in hand, and
// what rendering needs, known once the header is read, from the second. Taking both from one could leave photos
// that hold their originals waiting for each other.
//
// HEIC and AVIF take many times as long as the others. They have a lane of half the renders, or of one, so that they
// never take all of them, nor memory while they wait.
type gate struct {
	cfg       Config
	originals *semaphore.Weighted // bytes
	pixels    *semaphore.Weighted // bytes
	most      int64               // size of pixels
	sandboxed *semaphore.Weighted // photos that are HEIC or AVIF
	renders   *semaphore.Weighted // photos
}

func newGate(cfg Config) *gate {
	originals := max(cfg.Memory/4, cfg.Recipe.MaxBytes)
	most := cfg.Memory - originals
	return &gate{cfg: cfg, most: most, originals: semaphore.NewWeighted(originals), pixels: semaphore.NewWeighted(most),
		sandboxed: semaphore.NewWeighted(int64(max(1, cfg.Renders/2))), renders: semaphore.NewWeighted(int64(cfg.Renders))}
}

// render reads an original and makes its variants. It fills in what the header says of the picture.
func (g *gate) render(ctx context.Context, makes Engine, o store.Object, body io.Reader, m *photo.Manifest, spans *spans) ([]engine.Image, error) {
	limits := g.cfg.limitsOf(o, m.Ref())
	if err := checkBytes(o.Bytes, limits); err != nil {
		return nil, err
	}
	at := func(stage string) { g.cfg.Progress(ctx, m.Ref().Key(), stage) }
	at("waits for memory")
	if err := g.originals.Acquire(ctx, o.Bytes); err != nil {
		return nil, fmt.Errorf("wait for memory: %w", context.Cause(ctx))
	}
	defer g.originals.Release(o.Bytes)
	at(stageDownload)
	start := time.Now()
	data, err := readWhole(body, o.Bytes)
	if err != nil {
		return nil, err
	}
	g.cfg.staged(stageDownload, start, spans)
	g.cfg.Metrics.bytesIn.Add(float64(o.Bytes))

	h, err := makes.Inspect(data)
	if err != nil {
		return nil, err
	}
	info := h.Info()
	m.Photo = &info
	if err := checkHeader(h, limits); err != nil {
		return nil, err
	}
	need := makes.Memory(h)
	if need > g.most {
		return nil, &engine.Rejection{Reason: photo.ReasonTooManyPixels, Detail: fmt.Sprintf(
			"A picture of %d x %d pixels takes %d bytes of memory to read; the limit is %d.", info.Width, info.Height, need, g.most)}
	}
	if h.Sandboxed() {
		at("waits for the lane of its format")
		if err := g.sandboxed.Acquire(ctx, 1); err != nil {
			return nil, fmt.Errorf("wait for the lane of %s: %w", h.Format, context.Cause(ctx))
		}
		defer g.sandboxed.Release(1)
	}
	at("waits for memory")
	if err := g.pixels.Acquire(ctx, need); err != nil {
		return nil, fmt.Errorf("wait for memory: %w", context.Cause(ctx))
	}
	defer g.pixels.Release(need)
	at("waits for a render")
	if err := g.renders.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("wait for a render: %w", context.Cause(ctx))
	}
	defer g.renders.Release(1)
	g.cfg.Metrics.rendering.Inc()
	defer g.cfg.Metrics.rendering.Dec()
	watch := stopwatch{took: map[engine.Stage]time.Duration{}}
	images, preview, err := makes.Render(data, h, func(s engine.Stage) {
		at(string(s))
		watch.mark(s)
	})
	watch.mark("")
	preview.Describe(m.Photo)
	for stage, took := range watch.took {
		g.cfg.Metrics.observe(g.cfg.Metrics.stage.WithLabelValues(string(stage)), took, spans.example)
	}
	for _, p := range watch.parts {
		spans.stage(string(p.stage), p.from, p.to)
	}
	g.cfg.Metrics.pixelsIn.Add(float64(info.Width) * float64(info.Height))
	return images, err
}

package reconcile

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// gate bounds memory and concurrency. Each of its semaphores serves in order of arrival, so that smaller photos cannot
// overtake a large one forever.
//
// The memory budget has two parts. A photo takes the bytes of its original from the first part, from its download to
// the end of rendering. It takes what rendering needs, which is known once the header is read, from the second. With a
// single budget, photos that hold their originals could wait for each other.
//
// Photos whose decoder runs in a sandbox take many times as long as others. They have a lane of half the renders, at
// least one, so that they never occupy all of them, and take no memory for rendering while they wait for it.
type gate struct {
	originals *semaphore.Weighted // bytes
	pixels    *semaphore.Weighted // bytes
	maxPixels int64               // size of pixels, in bytes
	sandboxed *semaphore.Weighted // photos whose decoder runs in a sandbox, as that of AVIF does
	renders   *semaphore.Weighted // photos
}

func newGate(cfg Config) *gate {
	pixels := photo.RenderMemory(cfg.Memory, cfg.Recipe.MaxBytes)
	originals := cfg.Memory - pixels
	return &gate{
		originals: semaphore.NewWeighted(originals),
		pixels:    semaphore.NewWeighted(pixels),
		maxPixels: pixels,
		sandboxed: semaphore.NewWeighted(int64(max(1, cfg.Renders/2))),
		renders:   semaphore.NewWeighted(int64(cfg.Renders)),
	}
}

// admit waits until a photo whose rendering takes that much memory may be rendered, and reports what it waits for. The
// caller calls leave afterwards. A photo that needs more than the whole budget is rejected.
func (g *gate) admit(ctx context.Context, h engine.Header, memory int64, progress func(string)) (leave func(), err error) {
	if memory > g.maxPixels {
		info := h.Info()
		return nil, &engine.Rejection{Refusal: photo.TooMuchMemory(h.Format, info.Width, info.Height),
			Cause: fmt.Errorf("rendering takes %d bytes of memory, and the budget is %d", memory, g.maxPixels)}
	}
	var held []func()
	leave = func() {
		for _, release := range held {
			release()
		}
	}
	acquire := func(s *semaphore.Weighted, n int64, stage string) error {
		progress(stage)
		if err := s.Acquire(ctx, n); err != nil {
			leave()
			return fmt.Errorf("%s: %w", stage, context.Cause(ctx))
		}
		held = append(held, func() { s.Release(n) })
		return nil
	}
	if h.Sandboxed {
		if err := acquire(g.sandboxed, 1, stageWaitLane); err != nil {
			return nil, err
		}
	}
	if err := acquire(g.pixels, memory, stageWaitMemory); err != nil {
		return nil, err
	}
	if err := acquire(g.renders, 1, stageWaitRender); err != nil {
		return nil, err
	}
	return leave, nil
}

// Package develop renders one photo in memory to its variants and its manifest, or to a manifest that says why the
// photo was rejected. The worker does this for the originals that it downloads, and `worker render` for local files.
package develop

import (
	"context"
	"errors"
	"slices"
	"time"

	"darkroom/worker/internal/cputime"
	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// Engine renders photos. An error that is an [*engine.Rejection] is the photo's fault.
type Engine interface {
	Inspect(data []byte) (engine.Header, error)
	Memory(h engine.Header) int64
	Effort(h engine.Header) float64
	Render(ctx context.Context, data []byte, h engine.Header, mark func(engine.Stage)) (engine.Rendering, error)
}

// Options holds the options of [Photo]. Only Admit is required.
type Options struct {
	// Recipe identifies how the engine renders. It is recorded in the manifest.
	Recipe photo.Recipe
	// Kept lists variants that exist already. Their specs are not rendered, and the manifest lists them too.
	Kept []photo.Variant
	// Check checks the headers of the photo before anything is decoded. Its error rejects the photo or ends the
	// attempt. Nil checks nothing.
	Check func(engine.Header) error
	// Admit waits until the photo may be rendered, which takes this many bytes of memory. Photo calls release when
	// rendering has ended. An error is treated like one of Check.
	Admit func(ctx context.Context, h engine.Header, memory int64) (release func(), err error)
	// Timeout is the processor time that rendering the largest photos may take: see [engine.Engine.Effort]. A photo
	// that takes more is rejected. Zero means no limit.
	Timeout time.Duration
	// Mark is called at the start of each stage of rendering. Nil calls nothing.
	Mark func(engine.Stage)
}

// Result is the result of [Photo].
type Result struct {
	Images    []engine.Image    // the files of the variants that were rendered
	Variants  []photo.Variant   // their entries in the manifest, in the same order
	Damage    error             // says what is wrong with a damaged file that was rendered, for operators
	Lost      error             // says why the variants of an animation show its first frame, for operators
	LostHDR   error             // says why the gain map of the photo is left out, for operators
	Rejection *engine.Rejection // reason why there are no images; nil if there are some
}

// Photo renders the photo in data and completes m, the manifest of its original. If the photo cannot be rendered, m
// says so, and the Result has a Rejection. An error is not the photo's fault, and m is then incomplete.
func Photo(ctx context.Context, e Engine, data []byte, m *photo.Manifest, o Options) (Result, error) {
	m.State, m.Recipe = photo.Ready, o.Recipe.Name
	r, err := render(ctx, e, data, m, o)
	if err != nil {
		rejection, err := Reject(m, o.Recipe, err)
		return Result{Rejection: rejection}, err
	}
	result := Result{Images: r.Images, Damage: r.Damage, LostHDR: r.LostHDR}
	if r.Lost != nil {
		result.Lost = r.Lost
		m.MarkStill(r.Lost.Reason, o.Recipe)
	}
	for _, img := range r.Images {
		v := img.Entry(m.Ref())
		v.Spec = o.Recipe.SpecID(v.Name)
		result.Variants = append(result.Variants, v)
	}
	m.Variants = slices.Concat(o.Kept, result.Variants)
	o.Recipe.SortVariants(m.Variants)
	if r.Damage != nil {
		m.MarkDamaged(o.Recipe)
	}
	return result, nil
}

// names returns the names of the specs of variants.
func names(variants []photo.Variant) (all []string) {
	for _, v := range variants {
		all = append(all, v.Name)
	}
	return all
}

func render(ctx context.Context, e Engine, data []byte, m *photo.Manifest, o Options) (engine.Rendering, error) {
	h, err := e.Inspect(data)
	if err != nil {
		return engine.Rendering{}, err
	}
	h = h.WithoutSpecs(names(o.Kept))
	info := h.Info()
	m.Photo = &info
	if o.Check != nil {
		if err := o.Check(h); err != nil {
			return engine.Rendering{}, err
		}
	}
	h, release, err := admit(ctx, e, h, o)
	if err != nil {
		return engine.Rendering{}, err
	}
	defer release()
	r, err := renderWithin(ctx, e, data, h, o)
	r.Describe(m.Photo)
	return r, err
}

// admit waits until the photo may be rendered. A photo that takes too much memory may be admitted without its
// animation, and then without its gain map.
func admit(ctx context.Context, e Engine, h engine.Header, o Options) (engine.Header, func(), error) {
	release, err := o.Admit(ctx, h, e.Memory(h))
	var rejection *engine.Rejection
	if errors.As(err, &rejection) {
		if without, ok := h.WithoutAnimation(photo.AnimationTooManyPixels, err); ok {
			h = without
			release, err = o.Admit(ctx, h, e.Memory(h))
		}
	}
	if errors.As(err, &rejection) {
		if without, ok := h.WithoutHDR(err); ok {
			h = without
			release, err = o.Admit(ctx, h, e.Memory(h))
		}
	}
	return h, release, err
}

// renderWithin renders the photo within its share of the timeout.
func renderWithin(ctx context.Context, e Engine, data []byte, h engine.Header, o Options) (r engine.Rendering, err error) {
	work := func(ctx context.Context) (err error) {
		r, err = e.Render(ctx, data, h, o.Mark)
		return err
	}
	if o.Timeout == 0 {
		err = work(ctx)
		return r, err
	}
	limit := time.Duration(float64(o.Timeout) * e.Effort(h))
	if err = cputime.Run(ctx, limit, work); errors.Is(err, cputime.ErrExceeded) {
		if without, ok := h.WithoutAnimation(photo.AnimationTooExpensive, err); ok {
			return renderWithin(ctx, e, data, without, o)
		}
		err = &engine.Rejection{Refusal: photo.TooSlow(h.Format), Cause: err}
	}
	return r, err
}

// Reject makes m the manifest of a rejected photo if err is a Rejection, which it returns. It returns any other error
// as it is.
func Reject(m *photo.Manifest, r photo.Recipe, err error) (*engine.Rejection, error) {
	var rejection *engine.Rejection
	if !errors.As(err, &rejection) {
		return nil, err
	}
	m.Recipe = r.Name
	m.Reject(rejection.Refusal, r)
	return rejection, nil
}

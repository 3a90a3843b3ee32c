// Package develop turns one photo in memory into its variants and its manifest, or into a manifest that says why the
// photo was rejected. The worker does this to the originals that it downloads, and `worker render` to local files.
package develop

import (
	"context"
	"errors"

	"darkroom/worker/internal/engine"
	"darkroom/worker/photo"
)

// Engine renders photos. An error that is an [*engine.Rejection] is the photo's fault.
type Engine interface {
	Inspect(data []byte) (engine.Header, error)
	Memory(h engine.Header) int64
	Render(data []byte, h engine.Header, mark func(engine.Stage)) ([]engine.Image, engine.Preview, error)
}

// Options say how [Photo] works. Only Admit is required.
type Options struct {
	// Recipe identifies how the engine renders. The manifest names it.
	Recipe photo.Recipe
	// Check looks at the headers of the photo before anything is decoded. Its error rejects the photo or ends the
	// attempt. Nil checks nothing.
	Check func(engine.Header) error
	// Admit waits until the photo may be rendered, which takes that many bytes of memory. The caller calls release when
	// rendering has ended. An error is treated as one of Check.
	Admit func(ctx context.Context, h engine.Header, memory int64) (release func(), err error)
	// Mark is called at the start of each stage of rendering. Nil calls nothing.
	Mark func(engine.Stage)
}

// Photo renders the photo in data and completes m, the manifest of its original. The images are the files of the
// variants that m lists, in the same order.
//
// If the photo cannot be rendered, m says so, and Photo returns the Rejection instead of images. Any other error is not
// the photo's fault, and m is then of no use.
func Photo(ctx context.Context, e Engine, data []byte, m *photo.Manifest, o Options) ([]engine.Image, *engine.Rejection, error) {
	m.State, m.Recipe = photo.Ready, o.Recipe.Name
	images, err := render(ctx, e, data, m, o)
	if err != nil {
		rejection, err := Reject(m, o.Recipe, err)
		return nil, rejection, err
	}
	for _, img := range images {
		m.Variants = append(m.Variants, img.Entry(m.Ref()))
	}
	return images, nil, nil
}

func render(ctx context.Context, e Engine, data []byte, m *photo.Manifest, o Options) ([]engine.Image, error) {
	h, err := e.Inspect(data)
	if err != nil {
		return nil, err
	}
	info := h.Info()
	m.Photo = &info
	if o.Check != nil {
		if err := o.Check(h); err != nil {
			return nil, err
		}
	}
	release, err := o.Admit(ctx, h, e.Memory(h))
	if err != nil {
		return nil, err
	}
	defer release()
	images, preview, err := e.Render(data, h, o.Mark)
	preview.Describe(m.Photo)
	return images, err
}

// Reject makes m the manifest of a rejected photo if err is a Rejection, which it returns. It returns any other error as
// it is.
func Reject(m *photo.Manifest, r photo.Recipe, err error) (*engine.Rejection, error) {
	var rejection *engine.Rejection
	if !errors.As(err, &rejection) {
		return nil, err
	}
	m.Recipe = r.Name
	m.Reject(rejection.Refusal, r)
	return rejection, nil
}

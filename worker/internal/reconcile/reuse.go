package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// reusable holds the variants that a photo keeps although its recipe has changed: those of unchanged specs. They are
// neither rendered nor stored again.
//
// Nothing here checks that they exist. [Reconciler.deleteStale] does once the manifest is written, as for any photo
// that was rendered before. If a variant is missing, the worker starts the photo again. The photo then has a manifest
// of this recipe, from which nothing is reused.
type reusable struct {
	old      *photo.Manifest
	variants []photo.Variant
	complete bool // there is nothing to render
}

// variantsFor returns the variants to keep if s is the original that they were made from, and none otherwise.
func (r reusable) variantsFor(s photo.Source) []photo.Variant {
	if len(r.variants) == 0 || !r.old.Source.SameVersion(s) {
		return nil
	}
	return r.variants
}

// reusable returns what can be kept of a photo with this manifest. If the bytes are to be verified, it reads them.
func (r *Reconciler) reusable(ctx context.Context, t *target, old *photo.Manifest) (reusable, error) {
	variants, complete := old.Unchanged(r.cfg.Recipe)
	if !t.verify {
		return reusable{old, variants, complete}, nil
	}
	var changed []string // names of the specs with a file that has other bytes
	for _, v := range variants {
		same, err := sameBytes(ctx, r.variants, v)
		if err != nil {
			return reusable{}, err
		}
		if !same {
			changed = append(changed, v.Name)
		}
	}
	variants = slices.DeleteFunc(variants, func(v photo.Variant) bool { return slices.Contains(changed, v.Name) })
	return reusable{old, variants, complete && len(changed) == 0}, nil
}

// renew makes the manifest of a photo that is not up to date, and its missing variants. It does not read the original
// if no variant is missing, as when a spec was removed. known and the error are those of [Reconciler.develop].
func (r *Reconciler) renew(ctx context.Context, t *target, old *photo.Manifest, known *store.Object) (*developed, error) {
	reuse, err := r.reusable(ctx, t, old)
	if err != nil {
		return nil, err
	}
	if !reuse.complete {
		return r.develop(ctx, t, known, reuse)
	}
	head, err := r.originals.Head(ctx, t.ref.Key())
	switch {
	case errors.Is(err, store.ErrNotFound):
		return r.develop(ctx, t, nil, reuse) // see [Reconciler.current]
	case err != nil:
		return nil, fmt.Errorf("head original: %w", err)
	case !old.Source.SameVersion(newSource(head)):
		return r.develop(ctx, t, &head, reuse)
	}
	t.spans.begin(head.Metadata[photo.MetaTraceparent])
	m := *old
	m.Recipe, m.Variants = r.cfg.Recipe.Name, reuse.variants
	t.kept, t.cause = len(reuse.variants), nil
	return &developed{manifest: &m}, nil
}

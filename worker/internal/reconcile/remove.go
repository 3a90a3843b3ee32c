package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// removeVariants deletes the manifest and the variants of an original that is gone.
//
// removeVariants deletes the manifest first, because it promises the variants, and only if its ETag is still the
// condition. A newer manifest may say that a user has removed the photo, and must stay.
func (r *Reconciler) removeVariants(ctx context.Context, t *target, condition string) (Outcome, error) {
	r.enter(ctx, t, stageRemove)
	ref := t.ref
	sizes, err := r.list(ctx, ref)
	if err != nil {
		return "", err
	}
	if len(sizes) == 0 {
		return Unchanged, nil
	}
	if err := r.cfg.Confirm(ctx); err != nil {
		return "", fmt.Errorf("before deleting variants: %w", err)
	}
	variants := withoutManifest(sizes, ref)
	if len(variants) < len(sizes) {
		if condition == "" {
			return "", fmt.Errorf("a manifest appeared while the worker checked for its original: %w", store.ErrConflict)
		}
		if err := r.variants.DeleteIfMatch(ctx, ref.ManifestKey(), condition); err != nil {
			return "", fmt.Errorf("delete manifest: %w", err)
		}
	}
	if len(variants) > 0 {
		if err := r.variants.Delete(ctx, variants); err != nil {
			return "", fmt.Errorf("delete variants: %w", err)
		}
	}
	// If an original has arrived meanwhile, another worker may have written what was just deleted.
	if _, err := r.originals.Head(ctx, ref.Key()); err == nil {
		return "", fmt.Errorf("an original appeared while its variants were deleted: %w", store.ErrConflict)
	} else if !errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("head original: %w", err)
	}
	return Removed, nil
}

// withoutManifest returns the keys of a listing of the photo that are not its manifest's, in order.
func withoutManifest(sizes map[string]int64, ref photo.Ref) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(sizes)), func(k string) bool { return k == ref.ManifestKey() })
}

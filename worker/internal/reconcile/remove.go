package reconcile

import (
	"darkroom/worker/internal/store"

	"context"
	"errors"
	"fmt"
	"slices"

	"darkroom/worker/photo"
)

// bury deletes all that there is of a photo whose manifest says removed but the manifest: what is left of its variants,
// and an original, which somebody sent with a token from before the removal. Nobody makes variants once there is such a
// manifest, and who began earlier loses the race for the manifest and comes here, so there is no need to look again.
func (r *Reconciler) bury(ctx context.Context, ref photo.Ref) (Outcome, error) {
	r.cfg.Progress(ctx, ref.Key(), "removes")
	keys, err := r.list(ctx, ref)
	if err != nil {
		return "", err
	}
	outcome := Unchanged
	if rest := slices.DeleteFunc(keys, func(k string) bool { return k == ref.ManifestKey() }); len(rest) > 0 {
		if err := r.variants.Delete(ctx, rest); err != nil {
			return "", fmt.Errorf("delete variants: %w", err)
		}
		outcome = Removed
	}
	_, err = r.originals.Head(ctx, ref.Key())
	if errors.Is(err, store.ErrNotFound) {
		return outcome, nil
	}
	if err != nil {
		return "", fmt.Errorf("head original: %w", err)
	}
	if err := r.originals.Delete(ctx, []string{ref.Key()}); err != nil {
		return "", fmt.Errorf("delete original: %w", err)
	}
	r.cfg.Log.Info("an original of a removed photo was removed", "key", ref.Key())
	return Removed, nil
}

// remove deletes everything that was made of an original that is gone: the manifest first, since it promises the rest, and
// only the one that was read, whose ETag is the condition. Another may have come since, and say that a user has removed
// the photo, which must not be forgotten.
func (r *Reconciler) remove(ctx context.Context, ref photo.Ref, condition string) (Outcome, error) {
	r.cfg.Progress(ctx, ref.Key(), "removes")
	keys, err := r.list(ctx, ref)
	if err != nil {
		return "", err
	}
	if len(keys) == 0 {
		return Unchanged, nil
	}
	manifest := ref.ManifestKey()
	rest := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == manifest })
	if len(rest) < len(keys) {
		if condition == "" {
			return "", fmt.Errorf("manifest came while its original was looked for: %w", store.ErrConflict)
		}
		if err := r.variants.DeleteIfMatch(ctx, manifest, condition); err != nil {
			return "", fmt.Errorf("delete manifest: %w", err)
		}
	}
	if len(rest) > 0 {
		if err := r.variants.Delete(ctx, rest); err != nil {
			return "", fmt.Errorf("delete variants: %w", err)
		}
	}
	// If an original came meanwhile, another worker may have made what was just deleted.
	if _, err := r.originals.Head(ctx, ref.Key()); err == nil {
		return "", fmt.Errorf("original came while its variants were deleted: %w", store.ErrConflict)
	} else if !errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("head original: %w", err)
	}
	return Removed, nil
}

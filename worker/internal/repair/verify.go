package repair

import (
	"context"
	"errors"
	"fmt"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// verify compares the digests of the stored variants with those that their manifest names.
func (r *Repair) verify(ctx context.Context, m *photo.Manifest) (photo.Staleness, error) {
	for _, v := range m.Variants {
		digest, err := r.digest(ctx, v.Key)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return photo.MissingVariant, nil
		case err != nil:
			return "", fmt.Errorf("verify %s: %w", v.Key, err)
		case digest != v.SHA256:
			return photo.OtherDigest, nil
		}
	}
	return photo.UpToDate, nil
}

// digest returns the SHA-256 of an object in hexadecimal: the digest that the bucket checked when it stored the object,
// or else one computed from the bytes.
func (r *Repair) digest(ctx context.Context, key string) (string, error) {
	head, err := r.variants.Head(ctx, key)
	if err != nil || head.SHA256 != "" {
		return head.SHA256, err
	}
	return store.Digest(ctx, r.variants, key)
}

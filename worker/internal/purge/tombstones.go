package purge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"darkroom/worker/internal/store"
	"darkroom/worker/photo"
)

// Manifests is the variants bucket as [Bucket] uses it.
type Manifests interface {
	// Get is described at [store.Reader].
	Get(ctx context.Context, key, etag string) (store.Object, io.ReadCloser, error)
	// Put is described at [store.Writer].
	Put(ctx context.Context, key string, c store.Content) error
	// DeleteVersions is described at [store.Eraser].
	DeleteVersions(ctx context.Context, versions []store.Version) error
	// ListVersions is described at [store.VersionLister].
	ListVersions(ctx context.Context, prefix string) iter.Seq2[store.Version, error]
}

// Bucket is the [Tombstones] of a variants bucket.
type Bucket struct{ manifests Manifests }

// NewBucket returns the tombstones of a bucket.
func NewBucket(manifests Manifests) *Bucket { return &Bucket{manifests} }

// maxRaces bounds how often Purged starts again because someone else has written the tombstone.
const maxRaces = 5

// Purged implements [Tombstones].
func (b *Bucket) Purged(ctx context.Context, ref photo.Ref, began, at time.Time) (covered bool, err error) {
	for range maxRaces {
		if covered, err = b.purged(ctx, ref, began, at); !errors.Is(err, store.ErrConflict) {
			return covered, err
		}
	}
	return false, fmt.Errorf("lost %d races in a row: %w", maxRaces, err)
}

func (b *Bucket) purged(ctx context.Context, ref photo.Ref, began, at time.Time) (covered bool, err error) {
	object, body, err := b.manifests.Get(ctx, ref.ManifestKey(), "")
	if errors.Is(err, store.ErrNotFound) {
		return true, nil // the lifecycle of the bucket has removed it
	}
	if err != nil {
		return false, fmt.Errorf("get manifest: %w", err)
	}
	defer body.Close()
	m, err := photo.ReadManifest(ref, body)
	switch {
	case errors.Is(err, photo.ErrManifest) && !errors.Is(err, photo.ErrNewerManifest):
		return true, nil // it cannot hold a record, and the worker replaces it
	case err != nil:
		return false, err
	case m.State != photo.Removed:
		return true, nil
	case m.Newer():
		return false, fmt.Errorf("left to a worker of a newer release: %w", photo.ErrNewerManifest)
	}
	switch {
	case !m.Erased() || m.Erasure.Purge == nil || m.Erasure.Purge.RequestedAt.After(began):
		return false, nil
	case !m.PurgePending():
		return true, b.deleteReplaced(ctx, ref, object)
	}
	m.Erasure.Purge.PurgedAt = at
	text, err := m.MarshalIndented()
	if err != nil {
		return false, err
	}
	if err := b.manifests.Put(ctx, ref.ManifestKey(), store.Content{Type: photo.ManifestContentType, Cache: "no-cache", Body: text, IfMatch: &object.ETag,
		Tags: photo.RemovedTagging}); err != nil {
		return false, fmt.Errorf("put manifest: %w", err)
	}
	if object.VersionID == "" {
		return true, nil // the bucket has no versioning
	}
	if err := b.manifests.DeleteVersions(ctx, []store.Version{{Key: ref.ManifestKey(), ID: object.VersionID}}); err != nil {
		return false, fmt.Errorf("delete the replaced version of the tombstone: %w", err)
	}
	return true, nil
}

// deleteReplaced deletes the older versions of a tombstone. An attempt that died after it recorded the purge left one.
func (b *Bucket) deleteReplaced(ctx context.Context, ref photo.Ref, current store.Object) error {
	if current.VersionID == "" {
		return nil // the bucket has no versioning
	}
	var replaced []store.Version
	for v, err := range b.manifests.ListVersions(ctx, ref.ManifestKey()) {
		switch {
		case err != nil:
			return fmt.Errorf("list the versions of the tombstone: %w", err)
		case v.Key == ref.ManifestKey() && !v.Latest: // another key may begin with this one
			replaced = append(replaced, v)
		}
	}
	if len(replaced) == 0 {
		return nil
	}
	if err := b.manifests.DeleteVersions(ctx, replaced); err != nil {
		return fmt.Errorf("delete the replaced versions of the tombstone: %w", err)
	}
	return nil
}

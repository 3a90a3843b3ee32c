package s3store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"darkroom/worker/internal/store"
	"darkroom/worker/s3key"
)

// ListVersions implements [store.Bucket]. It needs the permission s3:ListBucketVersions. It pages by itself: the SDK's
// paginator sends the key of a page's end back as it came, which is encoded.
func (b *Bucket) ListVersions(ctx context.Context, prefix string) iter.Seq2[store.Version, error] {
	return func(yield func(store.Version, error) bool) {
		in := &s3.ListObjectVersionsInput{Bucket: &b.name, Prefix: &prefix, EncodingType: types.EncodingTypeUrl}
		for {
			page, err := b.client.ListObjectVersions(ctx, in)
			if err != nil {
				yield(store.Version{}, permission(b.wrap(ctx, "list versions", prefix, err), "s3:ListBucketVersions on the bucket"))
				return
			}
			versions, err := versionsOfPage(page)
			if err != nil {
				yield(store.Version{}, fmt.Errorf("list versions s3://%s/%s: %w", b.name, prefix, err))
				return
			}
			for _, v := range versions {
				if !yield(v, nil) {
					return
				}
			}
			if !aws.ToBool(page.IsTruncated) {
				return
			}
			next, err := s3key.Listed(page.NextKeyMarker, page.EncodingType)
			if err == nil && next == "" {
				err = errors.New("a page that is not the last does not say where the next begins")
			}
			if err != nil {
				yield(store.Version{}, fmt.Errorf("list versions s3://%s/%s: %w", b.name, prefix, err))
				return
			}
			in.KeyMarker, in.VersionIdMarker = &next, page.NextVersionIdMarker
		}
	}
}

// versionsOfPage returns the versions and delete markers of a page, sorted by key. S3 lists the two apart.
func versionsOfPage(page *s3.ListObjectVersionsOutput) ([]store.Version, error) {
	var all []store.Version
	for _, v := range page.Versions {
		key, err := s3key.Listed(v.Key, page.EncodingType)
		if err != nil {
			return nil, err
		}
		all = append(all, store.Version{Key: key, ID: versionID(v.VersionId), Latest: aws.ToBool(v.IsLatest), Bytes: aws.ToInt64(v.Size), ETag: aws.ToString(v.ETag)})
	}
	for _, m := range page.DeleteMarkers {
		key, err := s3key.Listed(m.Key, page.EncodingType)
		if err != nil {
			return nil, err
		}
		all = append(all, store.Version{Key: key, ID: versionID(m.VersionId), Latest: aws.ToBool(m.IsLatest), Marker: true})
	}
	slices.SortStableFunc(all, func(a, c store.Version) int { return strings.Compare(a.Key, c.Key) })
	return all, nil
}

// versionID returns the id of a version. A store without versioning may leave it out.
func versionID(id *string) string {
	if aws.ToString(id) == "" {
		return "null"
	}
	return *id
}

// DeleteVersions implements [store.Bucket]. It needs the permission s3:DeleteObjectVersion, in a bucket without
// versioning too. Markers go in requests of their own, after the versions that they hide.
func (b *Bucket) DeleteVersions(ctx context.Context, versions []store.Version) error {
	for _, markers := range []bool{false, true} {
		var plain []types.ObjectIdentifier
		for _, v := range versions {
			switch {
			case v.Marker != markers:
			case fitsXML(v.Key):
				plain = append(plain, types.ObjectIdentifier{Key: &v.Key, VersionId: &v.ID})
			default:
				if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &v.Key, VersionId: &v.ID}); err != nil {
					return b.wrapErase(ctx, v.Key, err)
				}
			}
		}
		for batch := range slices.Chunk(plain, deleteMax) {
			if err := b.deleteVersionBatch(ctx, batch); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *Bucket) deleteVersionBatch(ctx context.Context, ids []types.ObjectIdentifier) error {
	out, err := b.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &b.name, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
	if err != nil {
		return b.wrapErase(ctx, *ids[0].Key, err)
	}
	// A version that somebody else deletes at the same time may be reported as missing.
	failed := slices.DeleteFunc(out.Errors, func(e types.Error) bool {
		return aws.ToString(e.Code) == "NoSuchVersion" || aws.ToString(e.Code) == "NoSuchKey"
	})
	if len(failed) > 0 {
		e := failed[0]
		refusal := &smithy.GenericAPIError{Code: aws.ToString(e.Code), Message: aws.ToString(e.Message)}
		return b.wrapErase(ctx, aws.ToString(e.Key), fmt.Errorf("version %s: %w (%d of %d failed)", aws.ToString(e.VersionId), refusal, len(failed), len(ids)))
	}
	return nil
}

// wrapErase is [Bucket.wrap] for the deletion of versions.
func (b *Bucket) wrapErase(ctx context.Context, key string, err error) error {
	return permission(b.wrap(ctx, "delete versions", key, err),
		"s3:DeleteObjectVersion on its objects, neither a lock nor a legal hold on them, and no MFA delete on the bucket")
}

// permission adds what an operation needs to an error of a request that S3 refused.
func permission(err error, needed string) error {
	if errors.Is(err, store.ErrRefused) {
		return fmt.Errorf("%w: erasing needs %s", err, needed)
	}
	return err
}

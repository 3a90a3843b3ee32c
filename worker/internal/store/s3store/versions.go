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

	"darkroom/worker/internal/store"
	"darkroom/worker/s3key"
)

// ListVersions implements [store.Bucket]. It needs the permission s3:ListBucketVersions. It pages by itself, because
// the SDK's paginator sends the key at the end of a page back as it came, still encoded.
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

// permission adds what an operation needs to an error of a request that S3 refused.
func permission(err error, needed string) error {
	if errors.Is(err, store.ErrRefused) {
		return fmt.Errorf("%w: erasing needs %s", err, needed)
	}
	return err
}

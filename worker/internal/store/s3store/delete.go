package s3store

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"darkroom/worker/internal/store"
)

// deleteMax is the largest number of keys of one DeleteObjects request:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
const deleteMax = 1000

// Delete implements [store.Bucket].
func (b *Bucket) Delete(ctx context.Context, keys []string) error {
	ids := make([]types.ObjectIdentifier, len(keys))
	for i := range keys {
		ids[i].Key = &keys[i]
	}
	return b.deleteAll(ctx, "delete", ids)
}

// DeleteVersions implements [store.Bucket]. It needs the permission s3:DeleteObjectVersion, in a bucket without
// versioning too. Markers go in requests of their own, after the versions that they hide.
func (b *Bucket) DeleteVersions(ctx context.Context, versions []store.Version) error {
	for _, markers := range []bool{false, true} {
		var ids []types.ObjectIdentifier
		for _, v := range versions {
			if v.Marker == markers {
				ids = append(ids, types.ObjectIdentifier{Key: &v.Key, VersionId: &v.ID})
			}
		}
		if err := b.deleteAll(ctx, "delete versions", ids); err != nil {
			return permission(err, "s3:DeleteObjectVersion on its objects, neither a lock nor a legal hold on them, and no MFA delete on the bucket")
		}
	}
	return nil
}

// deleteAll deletes objects or, by their VersionIds, versions. It stops at the first request that fails. verb names the
// operation in errors. DeleteObjects sends keys as XML. A key that XML cannot hold is deleted by a request of its own,
// since the SDK would send another key in its place.
func (b *Bucket) deleteAll(ctx context.Context, verb string, ids []types.ObjectIdentifier) error {
	var plain []types.ObjectIdentifier
	for _, id := range ids {
		if fitsXML(*id.Key) {
			plain = append(plain, id)
			continue
		}
		if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: id.Key, VersionId: id.VersionId}); err != nil {
			return b.wrap(ctx, verb, *id.Key, err)
		}
	}
	for batch := range slices.Chunk(plain, deleteMax) {
		if err := b.deleteBatch(ctx, verb, batch); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bucket) deleteBatch(ctx context.Context, verb string, ids []types.ObjectIdentifier) error {
	out, err := b.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &b.name, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
	if err != nil {
		return b.wrap(ctx, verb, *ids[0].Key, err)
	}
	// What somebody else deletes at the same time may be reported as missing.
	failed := slices.DeleteFunc(out.Errors, func(e types.Error) bool {
		return aws.ToString(e.Code) == "NoSuchVersion" || aws.ToString(e.Code) == "NoSuchKey"
	})
	if len(failed) == 0 {
		return nil
	}
	e := failed[0]
	err = &smithy.GenericAPIError{Code: aws.ToString(e.Code), Message: aws.ToString(e.Message)}
	if e.VersionId != nil {
		err = fmt.Errorf("version %s: %w", *e.VersionId, err)
	}
	return b.wrap(ctx, verb, aws.ToString(e.Key), fmt.Errorf("%w (%d of %d failed)", err, len(failed), len(ids)))
}

// fitsXML reports whether XML 1.0 can hold a key: https://www.w3.org/TR/xml/#charsets
func fitsXML(key string) bool {
	for _, r := range key {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFFFE' || r == '\uFFFF' {
			return false
		}
	}
	return utf8.ValidString(key)
}

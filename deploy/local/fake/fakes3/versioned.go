package fakes3

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// nullVersion is the id of the only version of an object in a bucket without versioning.
const nullVersion = "null"

// PutBucketVersioning turns the versioning of a bucket on. It cannot be suspended.
func (n *notifying) PutBucketVersioning(_ context.Context, bucket string, status types.BucketVersioningStatus) error {
	if status != types.BucketVersioningStatusEnabled {
		return s3err.GetAPIError(s3err.ErrNotImplemented)
	}
	return n.attributes.setVersioned(bucket)
}

func (n *notifying) GetBucketVersioning(_ context.Context, bucket string) (s3response.GetBucketVersioningOutput, error) {
	if !n.attributes.isVersioned(bucket) {
		return s3response.GetBucketVersioningOutput{}, nil
	}
	enabled := types.BucketVersioningStatusEnabled
	return s3response.GetBucketVersioningOutput{Status: &enabled}, nil
}

// currentID returns the id of the version that a request without a version gets, or nil without versioning.
func (n *notifying) currentID(bucket, key *string) *string {
	if !n.attributes.isVersioned(text(bucket)) {
		return nil
	}
	held, ok := n.attributes.vault.current(text(bucket), text(key))
	if !ok {
		return nil
	}
	return &held.id
}

// locate returns the bucket and the key under which the gateway's disk holds a version of an object, and the id of that
// version.
func (n *notifying) locate(bucket, key, version *string) (*string, *string, *string) {
	current := n.currentID(bucket, key)
	id := text(version)
	if id == "" || current != nil && id == *current || !n.attributes.isVersioned(text(bucket)) && id == nullVersion {
		return bucket, key, current
	}
	folder, name := n.attributes.vault.folder(text(bucket)), n.attributes.vault.name(text(key), id)
	return &folder, &name, version
}

// missingVersion returns the answer to a request for a version that the bucket does not hold, or for a delete marker.
func missingVersion(version *string, err error) error {
	switch {
	case text(version) == "":
		return err
	case strings.HasPrefix(*version, markerPrefix):
		return s3err.GetAPIError(s3err.ErrMethodNotAllowed)
	case err != nil && plainCode(err) == "NoSuchKey" || plainCode(err) == "NoSuchBucket":
		return s3err.GetAPIError(s3err.ErrNoSuchVersion)
	}
	return err
}

// plainCode returns the code of an error of S3, or "".
func plainCode(err error) string {
	var answer s3err.APIError
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}

func (n *notifying) GetObject(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	one := *in
	var id *string
	one.Bucket, one.Key, id = n.locate(in.Bucket, in.Key, in.VersionId)
	one.VersionId = nil
	out, err := n.Posix.GetObject(ctx, &one)
	if err = missingVersion(in.VersionId, err); err != nil {
		return nil, err
	}
	out.VersionId = id
	return out, nil
}

func (n *notifying) HeadObject(ctx context.Context, in *s3.HeadObjectInput) (*s3.HeadObjectOutput, error) {
	one := *in
	var id *string
	one.Bucket, one.Key, id = n.locate(in.Bucket, in.Key, in.VersionId)
	one.VersionId = nil
	out, err := n.Posix.HeadObject(ctx, &one)
	if err = missingVersion(in.VersionId, err); err != nil {
		return nil, err
	}
	out.VersionId = id
	return out, nil
}

// deleteOne deletes an object or one of its versions.
func (n *notifying) deleteOne(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	bucket, key := text(in.Bucket), text(in.Key)
	if !n.attributes.isVersioned(bucket) {
		return n.Posix.DeleteObject(ctx, in)
	}
	if text(in.VersionId) != "" {
		return n.deleteVersion(ctx, in)
	}
	if err := n.attributes.vault.keep(bucket, key); err != nil {
		return nil, err
	}
	if _, err := n.Posix.DeleteObject(ctx, in); err != nil {
		return nil, err
	}
	id, err := n.attributes.vault.mark(bucket, key)
	if err != nil {
		return nil, err
	}
	marker := true
	return &s3.DeleteObjectOutput{DeleteMarker: &marker, VersionId: &id}, nil
}

// deleteVersion deletes a version of an object. As with S3, it is not an error if the version does not exist.
func (n *notifying) deleteVersion(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	one := *in
	one.Bucket, one.Key, _ = n.locate(in.Bucket, in.Key, in.VersionId)
	one.VersionId = nil
	if _, err := n.Posix.DeleteObject(ctx, &one); err != nil && plainCode(err) != "NoSuchKey" && plainCode(err) != "NoSuchBucket" {
		return nil, err
	}
	if err := n.attributes.vault.revive(text(in.Bucket), text(in.Key)); err != nil {
		return nil, err
	}
	marker := strings.HasPrefix(*in.VersionId, markerPrefix)
	return &s3.DeleteObjectOutput{DeleteMarker: &marker, VersionId: in.VersionId}, nil
}

// removal returns the name of the event of a deletion.
func (n *notifying) removal(bucket, version *string) string {
	if n.attributes.isVersioned(text(bucket)) && text(version) == "" {
		return removedMarker
	}
	return removedDelete
}

// ListObjectVersions lists the versions of a bucket with versioning. The gateway lists those of one without.
func (n *notifying) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput) (s3response.ListVersionsResult, error) {
	if !n.attributes.isVersioned(text(in.Bucket)) {
		return n.Posix.ListObjectVersions(ctx, in)
	}
	if text(in.Delimiter) != "" {
		return s3response.ListVersionsResult{}, s3err.GetAPIError(s3err.ErrNotImplemented)
	}
	all, err := n.attributes.vault.versions(text(in.Bucket), text(in.Prefix))
	if err != nil {
		return s3response.ListVersionsResult{}, err
	}
	out := s3response.ListVersionsResult{Name: in.Bucket, Prefix: in.Prefix, KeyMarker: in.KeyMarker, VersionIdMarker: in.VersionIdMarker, MaxKeys: in.MaxKeys}
	truncated, passed, count := false, text(in.KeyMarker) == "", 0
	for _, v := range all {
		if !passed {
			// The marker's own version may have been deleted since: then its whole key counts as listed.
			passed = v.key > *in.KeyMarker
			if !passed {
				passed = v.key == *in.KeyMarker && v.id == text(in.VersionIdMarker)
				continue
			}
		}
		if in.MaxKeys != nil && count == int(*in.MaxKeys) {
			truncated = true
			break
		}
		count++
		n.attributes.add(&out, text(in.Bucket), v)
		out.NextKeyMarker, out.NextVersionIdMarker = &v.key, &v.id
	}
	if out.IsTruncated = &truncated; !truncated {
		out.NextKeyMarker, out.NextVersionIdMarker = nil, nil
	}
	return out, nil
}

// add adds a version to a listing.
func (s *sidecar) add(out *s3response.ListVersionsResult, bucket string, v heldVersion) {
	if v.marker {
		out.DeleteMarkers = append(out.DeleteMarkers, types.DeleteMarkerEntry{Key: &v.key, VersionId: &v.id, IsLatest: &v.latest, LastModified: &v.time})
		return
	}
	folder, name := bucket, v.key
	if current, ok := s.vault.current(bucket, v.key); !ok || current.id != v.id {
		folder, name = s.vault.folder(bucket), s.vault.name(v.key, v.id)
	}
	etag := (mend{dirs: s.dirs}).attribute(folder, name, etagAttribute)
	out.Versions = append(out.Versions, s3response.ObjectVersion{Key: &v.key, VersionId: &v.id, IsLatest: &v.latest, LastModified: &v.time,
		Size: &v.size, ETag: &etag, StorageClass: types.ObjectVersionStorageClassStandard})
}

// setVersioned turns the versioning of a bucket on, also for later runs.
func (s *sidecar) setVersioned(bucket string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versioned[bucket] = true
	return os.MkdirAll(s.dirs.object(s.vault.folder(bucket), ""), 0o700)
}

// isVersioned reports whether a bucket has versioning.
func (s *sidecar) isVersioned(bucket string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.versioned[bucket]
}

// versionedBuckets returns the buckets that have versioning since an earlier run.
func (d folders) versionedBuckets() (map[string]bool, error) {
	found := map[string]bool{}
	entries, err := filepath.Glob(filepath.Join(d.objects, versionsFolder+"*"))
	for _, e := range entries {
		found[strings.TrimPrefix(filepath.Base(e), versionsFolder)] = true
	}
	return found, err
}

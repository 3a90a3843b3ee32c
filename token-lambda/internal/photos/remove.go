package photos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
)

const (
	// removals is how often Remove tries to replace a manifest that others keep writing. A worker does so once or twice;
	// of several removals at once, the first wins and the others find its manifest.
	removals = 8
	// firstPause and lastPause are the shortest and the longest pause between two tries.
	firstPause, lastPause = 20 * time.Millisecond, 500 * time.Millisecond
)

// Remove implements Backend. It writes the manifest first: once the manifest says removed, no worker writes another
// one, whatever becomes of this request. A photo that is removed already takes no write. In a versioned bucket a delete
// marker hides the original, and S3 keeps the old version as long as the bucket's lifecycle says.
func (s *Store) Remove(ctx context.Context, ref photo.Ref) error {
	already, err := s.writeTombstone(ctx, ref)
	if err != nil {
		return err
	}
	if already {
		// The earlier removal may have been cut off before it reached the original.
		if original, err := s.Original(ctx, ref); err != nil || original == nil {
			return err
		}
	}
	key := ref.Key()
	if _, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.cfg.UploadsBucket, Key: &key}); err != nil {
		return s.explain(http.MethodDelete, s.cfg.UploadsBucket, key, err)
	}
	return nil
}

// writeTombstone replaces the manifest of ref, if there is one, with one that says removed. It reports whether the
// manifest already did.
func (s *Store) writeTombstone(ctx context.Context, ref photo.Ref) (already bool, err error) {
	text, err := photo.Tombstone(ref, time.Now()).MarshalIndented()
	if err != nil {
		return false, err
	}
	between := firstPause
	for range removals {
		m, err := s.Manifest(ctx, ref, "")
		switch {
		case errors.Is(err, photo.ErrManifest): // it can still be replaced, whichever release wrote it
		case err != nil:
			return false, err
		case m.Manifest != nil && m.Manifest.State == photo.Removed:
			return true, nil
		}
		if err := s.putTombstone(ctx, ref, text, m.ETag, m.Manifest == nil && err == nil); !conditionFailed(err) {
			return false, err
		}
		if err := pause(ctx, between); err != nil {
			return false, s.explain(http.MethodPut, s.cfg.VariantsBucket, ref.ManifestKey(), err)
		}
		between = min(2*between, lastPause)
	}
	return false, &api.OutageError{Err: fmt.Errorf("PUT %s/%s: other writers replaced the manifest %d times in a row",
		s.cfg.VariantsBucket, ref.ManifestKey(), removals)}
}

// pause waits for half of d to all of it, at random, which keeps several requests apart. It returns an error if ctx
// ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d/2 + rand.N(d/2)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// putTombstone writes the manifest of a removed photo. It replaces the manifest with this ETag, or none if absent is
// true. The ETag is empty if S3 refuses to read the manifest: then it replaces whatever is there.
func (s *Store) putTombstone(ctx context.Context, ref photo.Ref, text []byte, etag string, absent bool) error {
	key := ref.ManifestKey()
	in := &s3.PutObjectInput{Bucket: &s.cfg.VariantsBucket, Key: &key, Body: bytes.NewReader(text),
		ContentType: aws.String(photo.ManifestContentType), Tagging: aws.String(photo.TagName + "=" + photo.TagRemoved)}
	switch {
	case absent:
		in.IfNoneMatch = aws.String("*")
	case etag != "":
		in.IfMatch = &etag
	}
	if _, err := s.client.PutObject(ctx, in); err != nil {
		return s.explain(http.MethodPut, s.cfg.VariantsBucket, key, err)
	}
	return nil
}

// conditionFailed reports whether S3 refused a conditional write: 412 if the condition is false, 409 if another write
// is in progress, 404 if If-Match found no object:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
func conditionFailed(err error) bool {
	var resp *awshttp.ResponseError
	if !errors.As(err, &resp) {
		return false
	}
	switch resp.HTTPStatusCode() {
	case http.StatusPreconditionFailed, http.StatusConflict:
		return true
	}
	var api smithy.APIError // not types.NoSuchKey, which is not documented for PUT
	return errors.As(err, &api) && api.ErrorCode() == "NoSuchKey"
}

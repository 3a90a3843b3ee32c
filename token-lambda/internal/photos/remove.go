package photos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"darkroom/worker/photo"
)

// removals is how often Remove tries to replace a manifest while a worker keeps writing it. A worker does so once or twice.
const removals = 5

// Remove implements api.Store. It writes the manifest first: once the manifest says removed, no worker writes another one,
// whatever becomes of this request. In a versioned bucket a delete marker hides the original.
func (s *Store) Remove(ctx context.Context, ref photo.Ref) error {
	if err := s.writeTombstone(ctx, ref); err != nil {
		return err
	}
	key := ref.Key()
	if _, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.cfg.UploadsBucket, Key: &key}); err != nil {
		return s.explain(http.MethodDelete, s.cfg.UploadsBucket, key, err)
	}
	return nil
}

// writeTombstone replaces the manifest of ref, if there is one, with one that says removed.
func (s *Store) writeTombstone(ctx context.Context, ref photo.Ref) error {
	text, err := photo.Tombstone(ref, time.Now()).MarshalIndented()
	if err != nil {
		return err
	}
	key := ref.ManifestKey()
	for range removals {
		in := &s3.PutObjectInput{Bucket: &s.cfg.VariantsBucket, Key: &key, Body: bytes.NewReader(text),
			ContentType: aws.String(photo.ManifestContentType), Tagging: aws.String(photo.TagName + "=" + photo.TagRemoved)}
		head, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.cfg.VariantsBucket, Key: &key})
		var absent *types.NotFound
		switch {
		case errors.As(err, &absent):
			in.IfNoneMatch = aws.String("*")
		case err != nil:
			return s.explain(http.MethodHead, s.cfg.VariantsBucket, key, err)
		default:
			in.IfMatch = head.ETag
		}
		if _, err = s.client.PutObject(ctx, in); err == nil {
			return nil
		}
		if !conditionFailed(err) {
			return s.explain(http.MethodPut, s.cfg.VariantsBucket, key, err)
		}
	}
	return fmt.Errorf("PUT %s/%s: another writer replaced the manifest %d times in a row", s.cfg.VariantsBucket, key, removals)
}

// conditionFailed reports whether S3 refused a conditional write: 412 if the condition is false, 409 if another write is
// in progress, 404 if If-Match found no object:
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

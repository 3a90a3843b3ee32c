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

// removals bounds how often a manifest is replaced again that a worker has written meanwhile, which it does once or twice.
const removals = 5

// Remove implements api.Store. The manifest goes first: once it says removed, no worker makes another, whatever becomes of
// this request. In a bucket that is versioned the original is hidden behind a delete marker.
func (s *Store) Remove(ctx context.Context, ref photo.Ref) error {
	if err := s.bury(ctx, ref); err != nil {
		return err
	}
	key := ref.Key()
	if _, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.cfg.UploadsBucket, Key: &key}); err != nil {
		return s.explain(http.MethodDelete, s.cfg.UploadsBucket, key, err)
	}
	return nil
}

// bury replaces the manifest of ref, or the lack of one, with one that says removed.
func (s *Store) bury(ctx context.Context, ref photo.Ref) error {
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
	return fmt.Errorf("PUT %s/%s: the manifest was replaced %d times in a row", s.cfg.VariantsBucket, key, removals)
}

// conditionFailed reports whether S3 refused a conditional write: 412 where the condition is false, 409 where another
// write is under way, 404 where If-Match found nothing:
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
	var api smithy.APIError // not types.NoSuchKey, which a PUT is not said to answer
	return errors.As(err, &api) && api.ErrorCode() == "NoSuchKey"
}

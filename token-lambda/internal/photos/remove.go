package photos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
	"darkroom/worker/removal"
)

// Remove implements Backend: see package removal.
func (s *Store) Remove(ctx context.Context, ref photo.Ref) error {
	err := removal.Remove(ctx, remover{s}, ref)
	if errors.Is(err, removal.ErrContended) {
		return &api.OutageError{Err: fmt.Errorf("PUT %s/%s: %w", s.cfg.VariantsBucket, ref.ManifestKey(), err)}
	}
	return err
}

// remover is a Store as package removal uses it.
type remover struct{ *Store }

// Manifest implements [removal.Store].
func (r remover) Manifest(ctx context.Context, ref photo.Ref) (removal.Stored, error) {
	m, err := r.Store.Manifest(ctx, ref, "")
	if err != nil && !errors.Is(err, photo.ErrManifest) {
		return removal.Stored{}, err
	}
	return removal.Stored{Manifest: m.Manifest, ETag: m.ETag, Exists: m.Manifest != nil || err != nil}, nil
}

// Bury implements [removal.Store]. If S3 refuses to read the manifest, its ETag is unknown: then Bury replaces whatever
// is there.
func (r remover) Bury(ctx context.Context, ref photo.Ref, text []byte, before removal.Stored) error {
	key := ref.ManifestKey()
	in := &s3.PutObjectInput{Bucket: &r.cfg.VariantsBucket, Key: &key, Body: bytes.NewReader(text),
		ContentType: aws.String(photo.ManifestContentType), Tagging: aws.String(photo.RemovedTagging)}
	switch {
	case !before.Exists:
		in.IfNoneMatch = aws.String("*")
	case before.ETag != "":
		in.IfMatch = &before.ETag
	}
	_, err := r.client.PutObject(ctx, in)
	switch {
	case conditionFailed(err):
		return fmt.Errorf("PUT %s/%s: %w: %w", r.cfg.VariantsBucket, key, removal.ErrReplaced, err)
	case err != nil:
		return r.explain(http.MethodPut, r.cfg.VariantsBucket, key, err)
	}
	return nil
}

// DeleteOriginal implements [removal.Store].
func (r remover) DeleteOriginal(ctx context.Context, ref photo.Ref) error {
	key := ref.Key()
	if _, err := r.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &r.cfg.UploadsBucket, Key: &key}); err != nil {
		return r.explain(http.MethodDelete, r.cfg.UploadsBucket, key, err)
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

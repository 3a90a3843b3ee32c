// Package s3store is the reconciler's buckets over Amazon S3.
package s3store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"darkroom/worker/internal/reconcile"
)

// Bucket is one bucket. Reading it needs the permissions s3:GetObject and s3:ListBucket (without the latter S3 says
// 403 of an object that is not there), writing it s3:PutObject and s3:DeleteObject.
type Bucket struct {
	client *s3.Client
	name   string
}

// New returns the bucket with this name.
func New(client *s3.Client, name string) *Bucket { return &Bucket{client: client, name: name} }

// Head implements [reconcile.Originals].
func (b *Bucket) Head(ctx context.Context, key string) (reconcile.Object, error) {
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return reconcile.Object{}, b.wrap("head", key, err)
	}
	return reconcile.Object{Bytes: aws.ToInt64(out.ContentLength), ETag: aws.ToString(out.ETag), VersionID: aws.ToString(out.VersionId),
		Modified: aws.ToTime(out.LastModified), Metadata: out.Metadata}, nil
}

// Get implements [reconcile.Originals] and [reconcile.Variants]. The SDK checks the bytes against the checksum that
// S3 stored with them.
func (b *Bucket) Get(ctx context.Context, key string) (reconcile.Object, io.ReadCloser, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		return reconcile.Object{}, nil, b.wrap("get", key, err)
	}
	return reconcile.Object{Bytes: aws.ToInt64(out.ContentLength), ETag: aws.ToString(out.ETag), VersionID: aws.ToString(out.VersionId),
		Modified: aws.ToTime(out.LastModified), Metadata: out.Metadata}, out.Body, nil
}

// Put implements [reconcile.Variants]. S3 checks what arrives against a SHA-256 and keeps that with the object.
func (b *Bucket) Put(ctx context.Context, key string, c reconcile.Content) error {
	sum := sha256.Sum256(c.Body)
	in := &s3.PutObjectInput{Bucket: &b.name, Key: &key, Body: bytes.NewReader(c.Body), ContentType: &c.Type,
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:]))}
	switch {
	case c.IfMatch == nil:
	case *c.IfMatch == "":
		in.IfNoneMatch = aws.String("*")
	default:
		in.IfMatch = c.IfMatch
	}
	if _, err := b.client.PutObject(ctx, in); err != nil {
		if c.IfMatch != nil && conditionFailed(err) {
			return fmt.Errorf("put s3://%s/%s: %w", b.name, key, reconcile.ErrConflict)
		}
		return b.wrap("put", key, err)
	}
	return nil
}

// conditionFailed reports whether S3 refused a conditional write: 412 where the condition is false, 409 where another
// write is under way, 404 where If-Match found nothing:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
func conditionFailed(err error) bool {
	switch status(err) {
	case 412, 409:
		return true
	case 404:
		return errors.Is(classify(err), reconcile.ErrNotFound)
	}
	return false
}

// List implements [reconcile.Variants].
func (b *Bucket) List(ctx context.Context, prefix string) ([]string, error) {
	var keys []string
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, b.wrap("list", prefix, err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	return keys, nil
}

// deleteMax is the most keys of one DeleteObjects:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
const deleteMax = 1000

// Delete implements [reconcile.Variants].
func (b *Bucket) Delete(ctx context.Context, keys []string) error {
	for len(keys) > 0 {
		n := min(len(keys), deleteMax)
		ids := make([]types.ObjectIdentifier, n)
		for i, k := range keys[:n] {
			ids[i].Key = aws.String(k)
		}
		out, err := b.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &b.name, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
		if err != nil {
			return b.wrap("delete", keys[0], err)
		}
		if len(out.Errors) > 0 {
			e := out.Errors[0]
			return fmt.Errorf("delete s3://%s/%s: %s: %s (%d keys failed)", b.name, aws.ToString(e.Key), aws.ToString(e.Code), aws.ToString(e.Message), len(out.Errors))
		}
		keys = keys[n:]
	}
	return nil
}

// wrap names the object in err and makes an absent one a [reconcile.ErrNotFound].
func (b *Bucket) wrap(verb, key string, err error) error {
	return fmt.Errorf("%s s3://%s/%s: %w", verb, b.name, key, classify(err))
}

// classify returns ErrNotFound for an absent object, and any other error as it is. A bucket that is not there also
// answers 404, and must not look like an object that was removed; but to a HEAD, which has no body, S3 says no more
// than 404.
func classify(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && (api.ErrorCode() == "NoSuchKey" || api.ErrorCode() == "NotFound") && status(err) == 404 {
		return reconcile.ErrNotFound
	}
	return err
}

func status(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// Package s3store implements the buckets of package store over Amazon S3.
package s3store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"darkroom/worker/internal/awsfault"
	"darkroom/worker/internal/store"
)

// Bucket is a bucket of S3 and implements [store.Bucket]. Reading needs the permissions s3:GetObject and s3:ListBucket,
// without which S3 answers 403 for an object that does not exist. Writing needs s3:PutObject, s3:PutObjectTagging for
// an object with tags, and s3:DeleteObject. Erasing needs s3:ListBucketVersions and s3:DeleteObjectVersion.
type Bucket struct {
	client  *s3.Client
	name    string
	written bool
}

// New returns the bucket with this name.
func New(client *s3.Client, name string) *Bucket { return &Bucket{client: client, name: name} }

// Written returns the same bucket for a program that writes to it. [Bucket.Check] then checks that too.
func (b *Bucket) Written() *Bucket { return &Bucket{client: b.client, name: b.name, written: true} }

// Head implements [store.Bucket].
func (b *Bucket) Head(ctx context.Context, key string) (store.Object, error) {
	out, err := b.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		return store.Object{}, b.wrap(ctx, "head", key, err)
	}
	return store.Object{Bytes: aws.ToInt64(out.ContentLength), ETag: aws.ToString(out.ETag), VersionID: aws.ToString(out.VersionId),
		SHA256: digest(aws.ToString(out.ChecksumSHA256)), Modified: aws.ToTime(out.LastModified), Metadata: out.Metadata}, nil
}

// Get implements [store.Bucket]. The SDK checks the bytes against the checksum that S3 stored with them.
func (b *Bucket) Get(ctx context.Context, key, etag string) (store.Object, io.ReadCloser, error) {
	in := &s3.GetObjectInput{Bucket: &b.name, Key: &key, ChecksumMode: types.ChecksumModeEnabled}
	if etag != "" {
		in.IfMatch = &etag
	}
	out, err := b.client.GetObject(ctx, in)
	if err != nil {
		if awsfault.Status(err) == 412 {
			return store.Object{}, nil, fmt.Errorf("get s3://%s/%s: %w", b.name, key, store.ErrConflict)
		}
		return store.Object{}, nil, b.wrap(ctx, "get", key, err)
	}
	return store.Object{Bytes: aws.ToInt64(out.ContentLength), ETag: aws.ToString(out.ETag), VersionID: aws.ToString(out.VersionId),
		SHA256: digest(aws.ToString(out.ChecksumSHA256)), Modified: aws.ToTime(out.LastModified), Metadata: out.Metadata}, out.Body, nil
}

// digest returns a checksum of S3 in hexadecimal. It returns "" for the checksum of a multipart upload, which covers
// the checksums of the parts and not the bytes.
func digest(checksum string) string {
	sum, err := base64.StdEncoding.DecodeString(checksum)
	if err != nil || len(sum) != sha256.Size {
		return ""
	}
	return hex.EncodeToString(sum)
}

// Put implements [store.Bucket]. S3 checks the bytes against their SHA-256 and stores it with the object.
func (b *Bucket) Put(ctx context.Context, key string, c store.Content) error {
	sum := sha256.Sum256(c.Body)
	in := &s3.PutObjectInput{Bucket: &b.name, Key: &key, Body: bytes.NewReader(c.Body), ContentType: &c.Type, CacheControl: optional(c.Cache),
		Metadata: c.Metadata, Tagging: optional(c.Tags),
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
			return fmt.Errorf("put s3://%s/%s: %w", b.name, key, store.ErrConflict)
		}
		return b.wrap(ctx, "put", key, err)
	}
	return nil
}

// optional returns a field that is left out if it is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// conditionFailed reports whether S3 refused a conditional put or delete: 412 if the condition is false, 409 if another
// write is in progress, 404 if If-Match found no object:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
func conditionFailed(err error) bool {
	switch awsfault.Status(err) {
	case 412, 409:
		return true
	case 404:
		return absent(err)
	}
	return false
}

// DeleteIfMatch implements [store.Bucket]. See
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
func (b *Bucket) DeleteIfMatch(ctx context.Context, key, etag string) error {
	if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key, IfMatch: &etag}); err != nil {
		if conditionFailed(err) {
			return fmt.Errorf("delete s3://%s/%s: %w", b.name, key, store.ErrConflict)
		}
		return b.wrap(ctx, "delete", key, err)
	}
	return nil
}

// Package system connects the soak to the system that it tests: its API, buckets, queues and workers.
package system

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"darkroom/worker/photo"
)

// Bucket is an S3 bucket.
type Bucket struct {
	client *s3.Client
	Name   string
}

var (
	// ErrNoObject reports that an object does not exist.
	ErrNoObject = errors.New("no such object")
	// ErrUnreadable reports that S3 answers but does not deliver a whole object with the right checksum.
	ErrUnreadable = errors.New("cannot be read")
)

// getTries is how often a GET is tried if its body ends early.
const getTries = 3

// Get returns an object's bytes and ETag, [ErrNoObject] or an error that wraps [ErrUnreadable].
func (b Bucket) Get(ctx context.Context, key string) (body []byte, etag string, err error) {
	for range getTries {
		body, etag, err = b.get(ctx, key)
		if !errors.Is(err, ErrUnreadable) || ctx.Err() != nil {
			break
		}
	}
	return body, etag, err
}

func (b Bucket) get(ctx context.Context, key string) ([]byte, string, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "NoSuchKey" {
		return nil, "", ErrNoObject
	}
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok && r.HTTPStatusCode() != 0 { // S3 answered
		err = fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if err != nil {
		return nil, "", fmt.Errorf("get s3://%s/%s: %w", b.Name, key, err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		return nil, "", fmt.Errorf("get s3://%s/%s: %w: %w", b.Name, key, ErrUnreadable, err)
	}
	return text, aws.ToString(out.ETag), nil
}

// List returns the keys that begin with prefix, sorted.
func (b Bucket) List(ctx context.Context, prefix string) ([]string, error) {
	var keys []string
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.Name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s: %w", b.Name, prefix, err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	return keys, nil
}

// Version is a version of an object. Delete markers are left out.
type Version struct{ Key, ID string }

// Versions returns the versions of the objects whose keys begin with prefix.
func (b Bucket) Versions(ctx context.Context, prefix string) (all []Version, err error) {
	pages := s3.NewListObjectVersionsPaginator(b.client, &s3.ListObjectVersionsInput{Bucket: &b.Name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the versions of s3://%s/%s: %w", b.Name, prefix, err)
		}
		for _, v := range page.Versions {
			all = append(all, Version{aws.ToString(v.Key), aws.ToString(v.VersionId)})
		}
	}
	return all, nil
}

// IsTombstone reports whether a version is a manifest that says that the photo was removed.
func (v Version) IsTombstone(ctx context.Context, b Bucket, ref photo.Ref) (bool, error) {
	if v.Key != ref.ManifestKey() {
		return false, nil
	}
	in := &s3.GetObjectInput{Bucket: &b.Name, Key: &v.Key}
	if v.ID != "" && v.ID != "null" { // a bucket without versioning
		in.VersionId = &v.ID
	}
	out, err := b.client.GetObject(ctx, in)
	if err != nil {
		return false, fmt.Errorf("get the version %q of s3://%s/%s: %w", v.ID, b.Name, v.Key, err)
	}
	defer out.Body.Close()
	m, err := photo.ReadManifest(ref, out.Body)
	if err != nil {
		return false, nil // the caller reports any other version
	}
	return m.State == photo.Removed, nil
}

// Put stores an object.
func (b Bucket) Put(ctx context.Context, key, contentType string, body []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.Name, Key: &key, ContentType: &contentType, Body: bytes.NewReader(body)})
	if err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", b.Name, key, err)
	}
	return nil
}

// DeleteObject deletes the newest version of an object.
func (b Bucket) DeleteObject(ctx context.Context, key string) error {
	if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.Name, Key: &key}); err != nil {
		return fmt.Errorf("delete s3://%s/%s: %w", b.Name, key, err)
	}
	return nil
}

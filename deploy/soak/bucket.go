package main

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

// bucket is an S3 bucket.
type bucket struct {
	client *s3.Client
	name   string
}

var (
	// errNoObject reports that an object does not exist.
	errNoObject = errors.New("no such object")
	// errUnreadable reports that S3 answers but does not deliver a whole object with the right checksum.
	errUnreadable = errors.New("cannot be read")
)

// reads is how often a GET is tried whose body ends early.
const reads = 3

// Get returns an object's bytes and ETag, or errNoObject, or an error that wraps errUnreadable.
func (b bucket) Get(ctx context.Context, key string) (body []byte, etag string, err error) {
	for range reads {
		body, etag, err = b.get(ctx, key)
		if !errors.Is(err, errUnreadable) || ctx.Err() != nil {
			break
		}
	}
	return body, etag, err
}

func (b bucket) get(ctx context.Context, key string) ([]byte, string, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "NoSuchKey" {
		return nil, "", errNoObject
	}
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok && r.HTTPStatusCode() != 0 { // S3 answered
		err = fmt.Errorf("%w: %w", errUnreadable, err)
	}
	if err != nil {
		return nil, "", fmt.Errorf("get s3://%s/%s: %w", b.name, key, err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		return nil, "", fmt.Errorf("get s3://%s/%s: %w: %w", b.name, key, errUnreadable, err)
	}
	return text, aws.ToString(out.ETag), nil
}

// List returns the keys that begin with prefix, sorted.
func (b bucket) List(ctx context.Context, prefix string) ([]string, error) {
	var keys []string
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list s3://%s/%s: %w", b.name, prefix, err)
		}
		for _, o := range page.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
	}
	return keys, nil
}

// version is a version of an object. A delete marker is none.
type version struct{ key, id string }

// versions returns the versions of the objects whose keys begin with prefix.
func (b bucket) versions(ctx context.Context, prefix string) (all []version, err error) {
	pages := s3.NewListObjectVersionsPaginator(b.client, &s3.ListObjectVersionsInput{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the versions of s3://%s/%s: %w", b.name, prefix, err)
		}
		for _, v := range page.Versions {
			all = append(all, version{aws.ToString(v.Key), aws.ToString(v.VersionId)})
		}
	}
	return all, nil
}

// tombstone reports whether a version is a manifest that says that the photo was removed.
func (v version) tombstone(ctx context.Context, b bucket, ref photo.Ref) (bool, error) {
	if v.key != ref.ManifestKey() {
		return false, nil
	}
	in := &s3.GetObjectInput{Bucket: &b.name, Key: &v.key}
	if v.id != "" && v.id != "null" { // a bucket without versioning
		in.VersionId = &v.id
	}
	out, err := b.client.GetObject(ctx, in)
	if err != nil {
		return false, fmt.Errorf("get the version %q of s3://%s/%s: %w", v.id, b.name, v.key, err)
	}
	defer out.Body.Close()
	m, err := photo.ReadManifest(ref, out.Body)
	if err != nil {
		return false, nil // it is a finding
	}
	return m.State == photo.Removed, nil
}

func (b bucket) put(ctx context.Context, key, contentType string, body []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &b.name, Key: &key, ContentType: &contentType, Body: bytes.NewReader(body)})
	if err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", b.name, key, err)
	}
	return nil
}

func (b bucket) deleteObject(ctx context.Context, key string) error {
	if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key}); err != nil {
		return fmt.Errorf("delete s3://%s/%s: %w", b.name, key, err)
	}
	return nil
}

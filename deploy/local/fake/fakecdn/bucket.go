package fakecdn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Bucket is the [Origin] of a bucket of S3.
type Bucket struct {
	client *s3.Client
	name   string
}

// NewBucket returns the bucket with this name.
func NewBucket(client *s3.Client, name string) *Bucket { return &Bucket{client, name} }

// Fetch implements [Origin].
func (b *Bucket) Fetch(ctx context.Context, key string) (Answer, error) {
	if key == "" {
		return Answer{}, ErrNoAnswer
	}
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	var none *types.NoSuchKey
	if errors.As(err, &none) {
		return Answer{}, fmt.Errorf("%s: %w", key, ErrNoAnswer)
	}
	if err != nil {
		return Answer{}, err
	}
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("read %s: %w", key, err)
	}
	h := http.Header{}
	for name, value := range map[string]*string{"Content-Type": out.ContentType, "Cache-Control": out.CacheControl, "ETag": out.ETag} {
		if v := aws.ToString(value); v != "" {
			h.Set(name, v)
		}
	}
	if at := aws.ToTime(out.LastModified); !at.IsZero() {
		h.Set("Last-Modified", at.UTC().Format(http.TimeFormat))
	}
	for name, value := range out.Metadata {
		h.Set("X-Amz-Meta-"+name, value)
	}
	return Answer{Header: h, Body: body}, nil
}

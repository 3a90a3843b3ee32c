package s3store

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// deleteMax is the largest number of keys of one DeleteObjects request:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
const deleteMax = 1000

// Delete implements [store.Bucket]. DeleteObjects sends keys as XML. A key that XML cannot hold is deleted by a request
// of its own, since the SDK would send another key in its place.
func (b *Bucket) Delete(ctx context.Context, keys []string) error {
	var plain []string
	for _, key := range keys {
		if fitsXML(key) {
			plain = append(plain, key)
			continue
		}
		if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key}); err != nil {
			return b.wrap(ctx, "delete", key, err)
		}
	}
	for batch := range slices.Chunk(plain, deleteMax) {
		if err := b.deleteBatch(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bucket) deleteBatch(ctx context.Context, keys []string) error {
	ids := make([]types.ObjectIdentifier, len(keys))
	for i, k := range keys {
		ids[i].Key = aws.String(k)
	}
	out, err := b.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &b.name, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)}})
	if err != nil {
		return b.wrap(ctx, "delete", keys[0], err)
	}
	if len(out.Errors) > 0 {
		e := out.Errors[0]
		failed := &smithy.GenericAPIError{Code: aws.ToString(e.Code), Message: aws.ToString(e.Message)}
		return b.wrap(ctx, "delete", aws.ToString(e.Key), fmt.Errorf("%w (%d failed)", failed, len(out.Errors)))
	}
	return nil
}

// fitsXML reports whether XML 1.0 can hold a key: https://www.w3.org/TR/xml/#charsets
func fitsXML(key string) bool {
	for _, r := range key {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\uFFFE' || r == '\uFFFF' {
			return false
		}
	}
	return utf8.ValidString(key)
}

package s3store

import (
	"context"
	"fmt"
	"iter"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"darkroom/worker/internal/store"
)

// List implements [store.Bucket]. It asks S3 to encode the keys of the answer, because XML 1.0 cannot hold every character
// that a key can: one such key would make its whole page unreadable.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
func (b *Bucket) List(ctx context.Context, prefix, after string) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		in := &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix, StartAfter: optional(after), EncodingType: types.EncodingTypeUrl}
		pages := s3.NewListObjectsV2Paginator(b.client, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(store.Entry{}, b.wrap(ctx, "list", prefix, err))
				return
			}
			for _, o := range page.Contents {
				key, err := decodeKey(aws.ToString(o.Key), page.EncodingType)
				if err != nil {
					yield(store.Entry{}, fmt.Errorf("list s3://%s/%s: %w", b.name, prefix, err))
					return
				}
				if !yield(store.Entry{Key: key, Object: store.Object{
					Bytes: aws.ToInt64(o.Size), ETag: aws.ToString(o.ETag), Modified: aws.ToTime(o.LastModified)}}, nil) {
					return
				}
			}
		}
	}
}

// decodeKey returns a key of a listing. A store that does not know the encoding leaves it out of its answer, and the keys
// are as they are. S3 writes a space as a plus sign.
func decodeKey(key string, encoding types.EncodingType) (string, error) {
	if encoding != types.EncodingTypeUrl {
		return key, nil
	}
	decoded, err := url.QueryUnescape(key)
	if err != nil {
		return "", fmt.Errorf("key %.120q is not URL-encoded: %w", key, err)
	}
	return decoded, nil
}

package s3store

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"darkroom/worker/internal/store"
	"darkroom/worker/s3key"
)

// List implements [store.Bucket]. It asks S3 to encode the keys of the answer: see package s3key.
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
				key, err := s3key.Listed(o.Key, page.EncodingType)
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

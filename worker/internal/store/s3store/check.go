package s3store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/worker/internal/store"
)

// checkKey is the key that [Bucket.Check] asks for. No photo can have it, since it names no board.
const checkKey = "darkroom-check"

// errUnconditional reports a store that ignores If-Match. Two workers would overwrite each other's manifests.
var errUnconditional = errors.New("the store ignored If-Match and stored the object: want one with conditional writes")

// Check implements [store.Bucket]. It reads an object, lists objects and versions, and writes if the bucket is
// [Bucket.Written]: a put on the condition that an object that does not exist has a certain ETag. S3 checks the
// permission first and then the condition, so a bucket that works refuses the put, and neither an object nor a version
// is left.
//
// S3 has no delete that is sure to leave a versioned bucket as it was, so Check does not notice a missing permission to
// delete.
func (b *Bucket) Check(ctx context.Context) error {
	if _, body, err := b.Get(ctx, checkKey, ""); err == nil {
		body.Close()
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if _, err := b.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: aws.String(checkKey), MaxKeys: aws.Int32(1)}); err != nil {
		return b.wrap(ctx, "list", checkKey, err)
	}
	for _, err := range b.ListVersions(ctx, checkKey) { // erasing needs it
		if err != nil {
			return err
		}
	}
	if !b.written {
		return nil
	}
	switch err := b.Put(ctx, checkKey, store.Content{Type: "text/plain", IfMatch: aws.String(`"00000000000000000000000000000000"`)}); {
	case errors.Is(err, store.ErrConflict):
		return nil
	case err != nil:
		return err
	}
	return errors.Join(fmt.Errorf("put s3://%s/%s: %w", b.name, checkKey, errUnconditional), b.Delete(ctx, []string{checkKey}))
}

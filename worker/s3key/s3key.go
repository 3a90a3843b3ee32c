// Package s3key reads the keys of S3's listings. XML 1.0 cannot hold every character that a key can, and a single such
// key makes its whole page unreadable. So programs ask for a listing with [types.EncodingTypeUrl], and decode its keys
// here. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
package s3key

import (
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Listed returns a key of a listing with this encoding. S3 writes a space as a plus sign. A store that does not know
// the encoding leaves it out of its answer; Listed then returns the key unchanged.
func Listed(key *string, encoding types.EncodingType) (string, error) {
	if encoding != types.EncodingTypeUrl {
		return aws.ToString(key), nil
	}
	decoded, err := url.QueryUnescape(aws.ToString(key))
	if err != nil {
		return "", fmt.Errorf("key %.120q is not URL-encoded: %w", aws.ToString(key), err)
	}
	return decoded, nil
}

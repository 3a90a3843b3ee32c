package s3key_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"darkroom/worker/s3key"
)

func TestListed(t *testing.T) {
	for _, tc := range []struct {
		key      string
		encoding types.EncodingType
		want     string
		fails    bool
	}{
		{"cats/a%01b", types.EncodingTypeUrl, "cats/a\x01b", false},
		{"cats/a+b%2Bc%25", types.EncodingTypeUrl, "cats/a b+c%", false},
		{"cats/a+b%2Bc%", "", "cats/a+b%2Bc%", false},
		{"cats/%zz", types.EncodingTypeUrl, "", true},
		{"", types.EncodingTypeUrl, "", false},
	} {
		if got, err := s3key.Listed(aws.String(tc.key), tc.encoding); got != tc.want || (err != nil) != tc.fails {
			t.Errorf("%q, %q: got %q, %v", tc.key, tc.encoding, got, err)
		}
	}
}

package presign

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// lifetime is a presigner that lets no URL outlive the credentials that sign it. Only here are both the credentials and
// the time of signing known: credentials retrieved beforehand could be older than those that sign.
//
// With a renewal, it signs at the latest multiple of the renewal. The signature, and with it the URL, is then the same
// until the next one or until the credentials change. S3 accepts a presigned request from the time in X-Amz-Date until
// X-Amz-Expires seconds later, however long ago that is:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
type lifetime struct {
	s3.HTTPPresignerV4
	ttl     time.Duration
	renewal time.Duration // 0: sign at the current time
}

func (l lifetime) PresignHTTP(ctx context.Context, creds aws.Credentials, r *http.Request,
	payloadHash, service, region string, now time.Time, opts ...func(*v4.SignerOptions)) (string, http.Header, error) {
	at, ttl := now, l.ttl
	if l.renewal > 0 {
		at = now.Truncate(l.renewal)
	}
	if creds.CanExpire {
		ttl = min(ttl, creds.Expires.Sub(at))
	}
	if at.Add(ttl).Sub(now) < time.Second {
		return "", nil, fmt.Errorf("the signing credentials expire at %s", creds.Expires.UTC().Format(time.RFC3339))
	}
	q := r.URL.Query()
	q.Set("X-Amz-Expires", strconv.FormatInt(int64(ttl/time.Second), 10))
	r.URL.RawQuery = q.Encode()
	return l.HTTPPresignerV4.PresignHTTP(ctx, creds, r, payloadHash, service, region, at, opts...)
}

package presign

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/token-lambda/internal/api"
)

// SignForm implements api.Signer. The policy states what must hold, and S3 demands that it names every field of the
// form except the file: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html. A policy
// cannot ask for if-none-match, so unlike a PUT a form can be sent again until it expires.
func (s *Signer) SignForm(ctx context.Context, f api.Form) (api.Presigned, error) {
	if s.anonymous { // the SDK would panic
		return api.Presigned{}, fmt.Errorf("presign POST %s: there are no credentials", f.Ref)
	}
	bound := map[string]string{
		"Content-Type":          f.ContentType,
		"success_action_status": "201", // with a body that names the object, as uploaders expect
	}
	for name, value := range f.UserMetadata() {
		bound[metaPrefix+name] = value
	}
	if f.SHA256 != "" {
		bound["x-amz-checksum-sha256"] = f.SHA256
	}
	conditions := []any{[]any{"content-length-range", f.MinLength, f.ContentLength}}
	for name, value := range bound {
		conditions = append(conditions, map[string]string{name: value})
	}
	in := &s3.PutObjectInput{Bucket: &s.cfg.UploadsBucket, Key: aws.String(f.Ref.Key())}
	req, err := s.presign.PresignPostObject(ctx, in, func(o *s3.PresignPostOptions) {
		o.Expires, o.Conditions = f.Lifetime, conditions
		o.PostPresigner = formLifetime{o.PostPresigner}
	})
	if err != nil {
		return api.Presigned{}, outage("POST", f.Ref.Key(), err)
	}
	maps.Copy(req.Values, bound)
	expires, err := expiryOf(req.Values)
	if err != nil {
		return api.Presigned{}, fmt.Errorf("presign POST %s: %w", f.Ref, err)
	}
	return api.Presigned{Method: http.MethodPost, URL: req.URL, Headers: map[string]string{}, Fields: req.Values,
		Expires: expires}, nil
}

// expiryOf returns when the signed policy expires.
func expiryOf(fields map[string]string) (time.Time, error) {
	doc, err := base64.StdEncoding.DecodeString(fields["policy"])
	if err != nil {
		return time.Time{}, fmt.Errorf("policy: %w", err)
	}
	var policy struct{ Expiration time.Time }
	if err := json.Unmarshal(doc, &policy); err != nil {
		return time.Time{}, fmt.Errorf("policy: %w", err)
	}
	return policy.Expiration, nil
}

// formLifetime lets no form outlive the credentials that sign it, as [lifetime] does for URLs.
type formLifetime struct{ signer s3.PresignPost }

func (l formLifetime) PresignPost(creds aws.Credentials, bucket, key, region, service string, at time.Time,
	conditions []any, expires time.Time, opts ...func(*v4.SignerOptions)) (map[string]string, error) {
	if creds.CanExpire && creds.Expires.Before(expires) {
		if expires = creds.Expires.UTC(); expires.Sub(at) < time.Second {
			return nil, fmt.Errorf("the signing credentials expire at %s", expires.Format(time.RFC3339))
		}
	}
	return l.signer.PresignPost(creds, bucket, key, region, service, at, conditions, expires, opts...)
}

// Package presign presigns the requests that clients send to S3 themselves, with Signature Version 4.
//
// A presigned URL accepts one PUT of one photo. S3 checks only the signed headers, so each requirement is one of them:
//
//	content-length           exact number of bytes
//	content-type             exact media type
//	x-amz-checksum-sha256    exact digest, if the client gave one
//	if-none-match: *         no object under the key yet: a second PUT gets 412
//	x-amz-meta-owner         the caller's subject
//	x-amz-meta-name          name of the file, if the client gave one
//	x-amz-meta-metadata      the client's metadata, if it gave any
//	x-amz-meta-limits        limits of the board, which the worker enforces
//	x-amz-meta-traceparent   the trace that the upload belongs to, if there is one
//
// The policy of a form demands the same, except if-none-match, which a policy cannot ask for: see [Signer.SignForm].
//
// S3 ignores such a header if it stands in the query instead, which is where SDKs have been moving signed headers. A
// token is therefore only issued after a check of what was signed. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
//
// The credentials that sign need s3:PutObject on the uploads bucket and s3:GetObject on the variants bucket. A
// presigned URL expires with them, so the reported expiry is the earlier one of the URL and the credentials. The
// credentials that AWS Lambda gives a function do not say when they expire; they live for hours.
package presign

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/token-lambda/contract"
	"darkroom/token-lambda/internal/api"
	"darkroom/worker/settings"
)

// Config says where photos are stored. The comment of a field starts with the name under which an operator sets it.
type Config struct {
	UploadsBucket  string // UPLOADS_BUCKET
	VariantsBucket string // VARIANTS_BUCKET: another bucket than UploadsBucket
	// PUBLIC_BASE_URL: public URL of the variants bucket, such as CloudFront's; default: presign variants
	PublicBaseURL string
}

// Validate returns an error about the first setting that cannot be used, by its name.
func (c Config) Validate() error {
	switch {
	case c.UploadsBucket == "":
		return errors.New("UPLOADS_BUCKET is not set: want the name of a bucket")
	case c.VariantsBucket == "":
		return errors.New("VARIANTS_BUCKET is not set: want the name of a bucket")
	case c.UploadsBucket == c.VariantsBucket:
		return fmt.Errorf("VARIANTS_BUCKET: %s is also UPLOADS_BUCKET; use two buckets", c.VariantsBucket)
	}
	if c.PublicBaseURL != "" {
		if _, err := settings.HTTPURL(c.PublicBaseURL); err != nil {
			return settings.Named("PUBLIC_BASE_URL", err)
		}
	}
	return nil
}

// Signer is the api.Signer of this package. It is safe for concurrent use.
type Signer struct {
	cfg       Config
	presign   *s3.PresignClient
	anonymous bool // the client has no credentials
}

// New returns a Signer that presigns with the region, endpoint and credentials of client. It sends nothing.
func New(client *s3.Client, cfg Config) (*Signer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	quiet := s3.WithPresignClientFromClientOptions(func(o *s3.Options) {
		// Otherwise the SDK also signs a checksum of an empty body, or a demand for one.
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})
	return &Signer{cfg: cfg, presign: s3.NewPresignClient(client, quiet),
		anonymous: client.Options().Credentials == nil}, nil
}

// expires limits the lifetime of a URL. If renewal is not 0, the URL is signed at the latest multiple of it.
func expires(ttl, renewal time.Duration) func(*s3.PresignOptions) {
	return func(o *s3.PresignOptions) {
		o.Expires = ttl
		o.Presigner = lifetime{o.Presigner, ttl, renewal}
	}
}

// SignUpload implements api.Signer.
func (s *Signer) SignUpload(ctx context.Context, u api.Upload) (api.Presigned, error) {
	in := &s3.PutObjectInput{
		Bucket:        &s.cfg.UploadsBucket,
		Key:           aws.String(u.Ref.Key()),
		ContentLength: &u.ContentLength,
		ContentType:   &u.ContentType,
		IfNoneMatch:   aws.String("*"),
		Metadata:      u.UserMetadata(),
	}
	bound := map[string]string{
		"content-length": strconv.FormatInt(u.ContentLength, 10),
		"content-type":   u.ContentType,
		"if-none-match":  "*",
	}
	for name, value := range in.Metadata {
		bound[metaPrefix+name] = value
	}
	if u.SHA256 != "" {
		in.ChecksumSHA256 = &u.SHA256
		bound["x-amz-checksum-sha256"] = u.SHA256
	}
	req, err := s.presign.PresignPutObject(ctx, in, expires(u.Lifetime, 0))
	if err != nil {
		return api.Presigned{}, outage("PUT", u.Ref.Key(), err)
	}
	p, err := presigned(req)
	if err != nil {
		return api.Presigned{}, fmt.Errorf("presign PUT %s: %w", u.Ref, err)
	}
	for name, want := range bound {
		if got, ok := p.Headers[name]; !ok || got != want {
			return api.Presigned{}, fmt.Errorf("presign PUT %s: header %s is not signed as %q", u.Ref, name, want)
		}
	}
	// Every client sends this header anyway, and a page may not set it:
	// https://fetch.spec.whatwg.org/#forbidden-request-header
	delete(p.Headers, "content-length")
	return p, nil
}

// metaPrefix begins the headers that carry an object's user metadata.
const metaPrefix = "x-amz-meta-"

// SignVariant implements api.Signer. With the same credentials it returns the same URL for [contract.VariantRenewal].
func (s *Signer) SignVariant(ctx context.Context, key string) (api.Presigned, error) {
	if s.cfg.PublicBaseURL != "" {
		return api.Presigned{Method: http.MethodGet, URL: strings.TrimSuffix(s.cfg.PublicBaseURL, "/") + "/" + key}, nil
	}
	in := &s3.GetObjectInput{Bucket: &s.cfg.VariantsBucket, Key: &key}
	req, err := s.presign.PresignGetObject(ctx, in, expires(contract.VariantTTL, contract.VariantRenewal))
	if err != nil {
		return api.Presigned{}, outage("GET", key, err)
	}
	p, err := presigned(req)
	if err != nil {
		return api.Presigned{}, fmt.Errorf("presign GET %s: %w", key, err)
	}
	return p, nil
}

// outage turns an error of the SDK into one of the API. Presigning sends nothing: it fails if no credentials are
// available, or if they are about to expire.
func outage(method, key string, err error) error {
	err = fmt.Errorf("presign %s %s: %w", method, key, err)
	if errors.Is(err, context.Canceled) { // the caller no longer needs the answer
		return err
	}
	return &api.OutageError{Err: err}
}

// presigned reads from req what was signed. It takes the expiry from the URL instead of calculating it again.
func presigned(req *v4.PresignedHTTPRequest) (api.Presigned, error) {
	u, err := url.Parse(req.URL)
	if err != nil {
		return api.Presigned{}, errors.New("the presigned URL does not parse") // err quotes the URL
	}
	q := u.Query()
	if q.Get("X-Amz-Signature") == "" {
		return api.Presigned{}, errors.New("not signed: there are no credentials")
	}
	at, err := time.Parse("20060102T150405Z", q.Get("X-Amz-Date"))
	if err != nil {
		return api.Presigned{}, fmt.Errorf("X-Amz-Date: %w", err)
	}
	seconds, err := strconv.Atoi(q.Get("X-Amz-Expires"))
	if err != nil {
		return api.Presigned{}, fmt.Errorf("X-Amz-Expires: %w", err)
	}
	p := api.Presigned{Method: req.Method, URL: req.URL, Headers: make(map[string]string, len(req.SignedHeader)),
		Expires: at.Add(time.Duration(seconds) * time.Second)}
	for name, values := range req.SignedHeader {
		if name != "Host" { // every client sends it anyway
			p.Headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	return p, nil
}

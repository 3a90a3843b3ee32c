// Package presign makes the requests that clients send to S3 themselves: presigned URLs of Signature Version 4.
//
// An upload is one PUT that fits one photo. A presigned URL binds what its signed headers say and nothing else, so
// everything that must hold is one of them:
//
//	content-length           S3 takes exactly as many bytes
//	content-type             of exactly this type
//	x-amz-checksum-sha256    with exactly this digest, when the client gave one
//	if-none-match: *         and only while there is no object under the key: a second PUT gets 412
//	x-amz-meta-owner         and records whose it is
//	x-amz-meta-limits        and what its board takes, which the worker holds it to
//	x-amz-meta-traceparent   and the trace that it belongs to, when there is one
//
// A form says the same in its policy, but for if-none-match, which no policy can ask for: see [Signer.SignForm].
//
// S3 ignores such a header when it stands in the query instead, which is where SDKs have been moving headers that they
// sign; so an upload is only handed out after a look at what was signed. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html and
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
//
// The credentials that sign need s3:PutObject on the uploads bucket and s3:GetObject on the variants bucket. A
// presigned URL dies with them: what expires earlier, the URL or the credentials, is the expiry that is reported.
// The credentials that AWS Lambda gives a function do not say when they expire; they live for hours.
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

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
)

const (
	// DefaultUploadTTL is how long a client may take by default to begin its upload.
	// It is the most: a token is good for no longer than its upload needs.
	DefaultUploadTTL = 5 * time.Minute
	// DefaultVariantTTL is how long the URL of a variant is good by default.
	DefaultVariantTTL = 15 * time.Minute
	// MaxTTL is the most that Signature Version 4 allows a presigned URL: 7 days.
	MaxTTL = 7 * 24 * time.Hour
)

// Config says where photos lie and how long URLs are good. The zero value of a duration stands for its default.
type Config struct {
	UploadsBucket  string
	VariantsBucket string
	UploadTTL      time.Duration // the most; 1 s to MaxTTL, whole seconds count
	VariantTTL     time.Duration // likewise
	PublicBaseURL  string        // where the variants bucket is served to all, such as by CloudFront; default: variants are presigned
}

// Validate reports the first setting that cannot work.
func (c Config) Validate() error {
	c = c.withDefaults()
	switch {
	case c.UploadsBucket == "":
		return errors.New("uploads bucket: no name")
	case c.VariantsBucket == "":
		return errors.New("variants bucket: no name")
	case c.UploadsBucket == c.VariantsBucket:
		return fmt.Errorf("uploads and variants bucket are the same: %s", c.UploadsBucket)
	}
	if c.PublicBaseURL != "" {
		if err := api.CheckBase(c.PublicBaseURL); err != nil {
			return fmt.Errorf("public base URL of the variants %q: %w", c.PublicBaseURL, err)
		}
	}
	for name, ttl := range map[string]time.Duration{"upload token": c.UploadTTL, "variant URL": c.VariantTTL} {
		if ttl < time.Second || ttl > MaxTTL {
			return fmt.Errorf("lifetime of an %s: %v, want 1s to %v", name, ttl, MaxTTL)
		}
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.UploadTTL == 0 {
		c.UploadTTL = DefaultUploadTTL
	}
	if c.VariantTTL == 0 {
		c.VariantTTL = DefaultVariantTTL
	}
	return c
}

// Signer is the api.Signer of this package. It is safe for concurrent use.
type Signer struct {
	cfg       Config
	presign   *s3.PresignClient
	anonymous bool // the client has no credentials
	variants  func(*s3.PresignOptions)
}

// New returns a Signer that presigns with the region, endpoint and credentials of client. It sends nothing.
func New(client *s3.Client, cfg Config) (*Signer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	quiet := s3.WithPresignClientFromClientOptions(func(o *s3.Options) {
		// Else a checksum of nothing, or a demand for one, becomes a part of what is signed.
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})
	return &Signer{cfg: cfg, presign: s3.NewPresignClient(client, quiet), anonymous: client.Options().Credentials == nil,
		variants: expires(cfg.VariantTTL)}, nil
}

func expires(ttl time.Duration) func(*s3.PresignOptions) {
	return func(o *s3.PresignOptions) {
		o.Expires = ttl
		o.Presigner = lifetime{o.Presigner, ttl}
	}
}

// life is how long the token of an upload is good.
func (s *Signer) life(u api.Upload) time.Duration {
	if u.Needs > 0 {
		return min(u.Needs, s.cfg.UploadTTL)
	}
	return s.cfg.UploadTTL
}

// SignUpload implements api.Signer.
func (s *Signer) SignUpload(ctx context.Context, u api.Upload) (api.Presigned, error) {
	in := &s3.PutObjectInput{
		Bucket:        &s.cfg.UploadsBucket,
		Key:           aws.String(u.Ref.Key()),
		ContentLength: &u.ContentLength,
		ContentType:   &u.ContentType,
		IfNoneMatch:   aws.String("*"),
		Metadata:      metadata(u),
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
	req, err := s.presign.PresignPutObject(ctx, in, expires(s.life(u)))
	if err != nil {
		return api.Presigned{}, fmt.Errorf("presign PUT %s: %w", u.Ref, err)
	}
	p, err := presigned(req)
	if err != nil {
		return api.Presigned{}, fmt.Errorf("presign PUT %s: %w", u.Ref, err)
	}
	for name, want := range bound {
		if got, ok := p.Headers[name]; !ok || got != want {
			return api.Presigned{}, fmt.Errorf("presign PUT %s: header %s is not among the signed ones as %q", u.Ref, name, want)
		}
	}
	// Every client sends it of its own accord, and a page may not set it:
	// https://fetch.spec.whatwg.org/#forbidden-request-header
	delete(p.Headers, "content-length")
	return p, nil
}

// metaPrefix begins the headers that carry an object's user metadata.
const metaPrefix = "x-amz-meta-"

// metadata is what the original of u is stored with.
func metadata(u api.Upload) map[string]string {
	m := map[string]string{photo.MetaOwner: url.PathEscape(u.Owner)}
	if limits := u.Limits.String(); limits != "" {
		m[photo.MetaLimits] = limits
	}
	if u.Traceparent != "" {
		m[photo.MetaTraceparent] = u.Traceparent
	}
	return m
}

// SignVariant implements api.Signer.
func (s *Signer) SignVariant(ctx context.Context, key string) (api.Presigned, error) {
	if s.cfg.PublicBaseURL != "" {
		return api.Presigned{Method: http.MethodGet, URL: strings.TrimSuffix(s.cfg.PublicBaseURL, "/") + "/" + key}, nil
	}
	in := &s3.GetObjectInput{Bucket: &s.cfg.VariantsBucket, Key: &key}
	req, err := s.presign.PresignGetObject(ctx, in, s.variants)
	if err != nil {
		return api.Presigned{}, fmt.Errorf("presign GET %s: %w", key, err)
	}
	p, err := presigned(req)
	if err != nil {
		return api.Presigned{}, fmt.Errorf("presign GET %s: %w", key, err)
	}
	return p, nil
}

// presigned reads from req what was signed. The expiry is the one in the URL, not one worked out beside it.
func presigned(req *v4.PresignedHTTPRequest) (api.Presigned, error) {
	u, err := url.Parse(req.URL)
	if err != nil {
		return api.Presigned{}, errors.New("the presigned URL does not parse") // err quotes the URL
	}
	q := u.Query()
	if q.Get("X-Amz-Signature") == "" {
		return api.Presigned{}, errors.New("nothing was signed: are there credentials?")
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
		if name != "Host" { // every client sends it of its own accord
			p.Headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	return p, nil
}

// lifetime is a presigner that lets no URL outlive the credentials that sign it. Only here are both the credentials
// and the time of signing known; asking for credentials beforehand could see older ones than those that sign.
type lifetime struct {
	s3.HTTPPresignerV4
	ttl time.Duration
}

func (l lifetime) PresignHTTP(ctx context.Context, creds aws.Credentials, r *http.Request, payloadHash, service, region string,
	at time.Time, opts ...func(*v4.SignerOptions)) (string, http.Header, error) {
	ttl := l.ttl
	if creds.CanExpire {
		ttl = min(ttl, creds.Expires.Sub(at))
	}
	seconds := int64(ttl / time.Second)
	if seconds < 1 {
		return "", nil, fmt.Errorf("the credentials that sign expire at %s", creds.Expires.UTC().Format(time.RFC3339))
	}
	q := r.URL.Query()
	q.Set("X-Amz-Expires", strconv.FormatInt(seconds, 10))
	r.URL.RawQuery = q.Encode()
	return l.HTTPPresignerV4.PresignHTTP(ctx, creds, r, payloadHash, service, region, at, opts...)
}

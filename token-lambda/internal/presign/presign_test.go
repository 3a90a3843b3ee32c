package presign

import (
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/internal/api"
	"darkroom/worker/photo"
)

var (
	testConfig = Config{UploadsBucket: "photos-up", VariantsBucket: "photos-var"}
	testDigest = base64.StdEncoding.EncodeToString(make([]byte, 32))
	testTrace  = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	testUpload = api.Upload{Ref: photo.Ref{Board: "cats", ID: "0123456789abcdef0123456789abcdef"}, Owner: "ann smith/ü+",
		ContentType: "image/jpeg", ContentLength: 12345, SHA256: testDigest,
		Limits: photo.Limits{MaxPixels: 24_000_000, Formats: []photo.Format{photo.JPEG}}, Labels: photo.Labels{Name: "é 1.jpg", Metadata: map[string]string{"b": "x y", "a": "ü&"}}, Traceparent: testTrace, Lifetime: 5 * time.Minute}
)

func newSigner(t testing.TB, cfg Config, set ...func(*s3.Options)) *Signer {
	t.Helper()
	s, err := New(s3.New(s3.Options{Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("AK", "SK", "TOK")}, set...), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func query(t testing.TB, rawURL string) (*url.URL, url.Values) {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return u, u.Query()
}

func TestUploadBindsItsHeaders(t *testing.T) {
	s := newSigner(t, testConfig)
	without := testUpload
	without.SHA256, without.Limits, without.Labels, without.Traceparent = "", photo.Limits{}, photo.Labels{}, ""
	for name, c := range map[string]struct {
		upload api.Upload
		signed string
	}{
		"with all":       {testUpload, "content-length;content-type;host;if-none-match;x-amz-checksum-sha256;x-amz-meta-limits;x-amz-meta-metadata;x-amz-meta-name;x-amz-meta-owner;x-amz-meta-traceparent"},
		"with the least": {without, "content-length;content-type;host;if-none-match;x-amz-meta-owner"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := s.SignUpload(t.Context(), c.upload)
			if err != nil {
				t.Fatal(err)
			}
			u, q := query(t, p.URL)
			if got := q.Get("X-Amz-SignedHeaders"); got != c.signed {
				t.Errorf("signed headers %s, want %s", got, c.signed)
			}
			want := map[string]string{"content-type": "image/jpeg", "if-none-match": "*", "x-amz-meta-owner": "ann%20smith%2F%C3%BC+"}
			if c.upload.SHA256 != "" {
				want["x-amz-checksum-sha256"], want["x-amz-meta-limits"], want["x-amz-meta-traceparent"] = testDigest, "format=jpeg&pixels=24000000", testTrace
				want["x-amz-meta-name"], want["x-amz-meta-metadata"] = "%C3%A9%201.jpg", "a=%C3%BC%26&b=x+y"
			}
			if diff := cmp.Diff(want, p.Headers); diff != "" {
				t.Errorf("headers to send: %s", diff)
			}
			// S3 might interpret any other parameter, or ignore one that must hold.
			known := map[string]bool{"X-Amz-Algorithm": true, "X-Amz-Credential": true, "X-Amz-Date": true, "X-Amz-Expires": true,
				"X-Amz-Security-Token": true, "X-Amz-Signature": true, "X-Amz-SignedHeaders": true, "x-id": true}
			for name := range q {
				if !known[name] {
					t.Errorf("%s is in the query", name)
				}
			}
			if p.Method != "PUT" || u.Host != "photos-up.s3.eu-central-1.amazonaws.com" || u.Path != "/cats/0123456789abcdef0123456789abcdef" {
				t.Errorf("%s %s%s", p.Method, u.Host, u.Path)
			}
		})
	}
}

func TestVariantNeedsNoHeader(t *testing.T) {
	s := newSigner(t, testConfig)
	p, err := s.SignVariant(t.Context(), "cats/1/large.jpg")
	if err != nil {
		t.Fatal(err)
	}
	u, q := query(t, p.URL)
	if p.Method != "GET" || len(p.Headers) != 0 || q.Get("X-Amz-SignedHeaders") != "host" || q.Get("X-Amz-Expires") != "900" || q.Has("x-amz-checksum-mode") {
		t.Errorf("%s, headers %v, query %v", p.Method, p.Headers, q)
	}
	if u.Host != "photos-var.s3.eu-central-1.amazonaws.com" || u.Path != "/cats/1/large.jpg" {
		t.Errorf("%s%s", u.Host, u.Path)
	}
}

func TestPublicVariants(t *testing.T) {
	for _, base := range []string{"https://cdn.example/photos", "https://cdn.example/photos/"} {
		cfg := testConfig
		cfg.PublicBaseURL = base
		p, err := newSigner(t, cfg).SignVariant(t.Context(), "cats/1/large.jpg")
		if want := (api.Presigned{Method: "GET", URL: "https://cdn.example/photos/cats/1/large.jpg"}); err != nil || !cmp.Equal(p, want) {
			t.Errorf("%+v, %v", p, err)
		}
	}
}

func TestOwnEndpoint(t *testing.T) {
	s := newSigner(t, testConfig, func(o *s3.Options) { o.BaseEndpoint, o.UsePathStyle = aws.String("http://localhost:9000"), true })
	p, err := s.SignUpload(t.Context(), testUpload)
	if err != nil || !strings.HasPrefix(p.URL, "http://localhost:9000/photos-up/cats/0123456789abcdef0123456789abcdef?") {
		t.Errorf("%s, %v", p.URL, err)
	}
}

// expiring provides credentials that say when they expire.
type expiring struct{ at time.Time }

func (e expiring) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AK", SecretAccessKey: "SK", CanExpire: true, Expires: e.at}, nil
}

func TestExpiry(t *testing.T) {
	for name, c := range map[string]struct {
		life    time.Duration
		creds   time.Duration // until they expire
		want    time.Duration // lifetime of the URL; 0: refused
		seconds string
	}{
		"whole seconds":              {5 * time.Minute, 0, 5 * time.Minute, "300"},
		"a part of a second":         {90*time.Second + 900*time.Millisecond, 0, 90 * time.Second, "90"},
		"the longest":                {api.MaxTokenTTL, 0, api.MaxTokenTTL, "604800"},
		"credentials expire later":   {time.Minute, time.Hour, time.Minute, "60"},
		"credentials expire earlier": {time.Hour, 61*time.Second + time.Millisecond, 61 * time.Second, "61"},
		"credentials expire at once": {time.Hour, 999 * time.Millisecond, 0, ""},
		"credentials have expired":   {time.Hour, -time.Minute, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSigner(t, testConfig, func(o *s3.Options) {
					if c.creds != 0 {
						o.Credentials = expiring{time.Now().Add(c.creds)}
					}
				})
				up := testUpload
				up.Lifetime = c.life
				p, err := s.SignUpload(t.Context(), up)
				if form, err := s.SignForm(t.Context(), api.Form{Upload: up, MinLength: 1}); err == nil && !form.Expires.Equal(p.Expires) {
					t.Errorf("the form expires at %v, the URL at %v", form.Expires, p.Expires)
				}
				if c.want == 0 {
					if outage := new(api.OutageError); !errors.As(err, &outage) || !strings.Contains(err.Error(), "expire") {
						t.Errorf("error %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				_, q := query(t, p.URL)
				if got := time.Until(p.Expires); got != c.want || q.Get("X-Amz-Expires") != c.seconds {
					t.Errorf("expires in %v and the URL in %s s, want %v", got, q.Get("X-Amz-Expires"), c.want)
				}
			})
		})
	}
}

func TestRefusesToLeaveAHeaderUnsigned(t *testing.T) {
	for _, lost := range []string{"Content-Length", "Content-Type", "If-None-Match", "X-Amz-Checksum-Sha256", "X-Amz-Meta-Owner", "X-Amz-Meta-Name", "X-Amz-Meta-Metadata", "X-Amz-Meta-Traceparent"} {
		s := newSigner(t, testConfig, func(o *s3.Options) {
			o.APIOptions = append(o.APIOptions, dropHeader(lost))
		})
		if p, err := s.SignUpload(t.Context(), testUpload); err == nil || !strings.Contains(err.Error(), strings.ToLower(lost)) {
			t.Errorf("without %s: %v, error %v", lost, p.Headers, err)
		}
	}
}

func TestNoCredentials(t *testing.T) {
	for name, creds := range map[string]aws.CredentialsProvider{
		"none": nil, "anonymous": aws.AnonymousCredentials{},
		"failing": aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("no role") }),
	} {
		s := newSigner(t, testConfig, func(o *s3.Options) { o.Credentials = creds })
		outage := new(api.OutageError) // credentials that cannot be had may be there later
		if p, err := s.SignUpload(t.Context(), testUpload); err == nil || p.URL != "" || name == "failing" && !errors.As(err, &outage) {
			t.Errorf("%s: upload %+v, %v", name, p, err)
		}
		if p, err := s.SignVariant(t.Context(), "k"); err == nil || p.URL != "" || name == "failing" && !errors.As(err, &outage) {
			t.Errorf("%s: variant %+v, %v", name, p, err)
		}
	}
}

func TestConfigValidate(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Config)
		want  string // beginning of the error: the name of the setting
	}{
		"no uploads bucket":  {func(c *Config) { c.UploadsBucket = "" }, "UPLOADS_BUCKET is not set"},
		"no variants bucket": {func(c *Config) { c.VariantsBucket = "" }, "VARIANTS_BUCKET is not set"},
		"one bucket":         {func(c *Config) { c.VariantsBucket = c.UploadsBucket }, "VARIANTS_BUCKET: "},
		"base without host":  {func(c *Config) { c.PublicBaseURL = "cdn.example" }, "PUBLIC_BASE_URL: "},
		"base with a query":  {func(c *Config) { c.PublicBaseURL = "https://cdn.example/?a" }, "PUBLIC_BASE_URL: "},
	} {
		cfg := testConfig
		c.spoil(&cfg)
		if _, err := New(s3.New(s3.Options{}), cfg); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
}

func BenchmarkSignUpload(b *testing.B) {
	s := newSigner(b, testConfig)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.SignUpload(context.Background(), testUpload); err != nil {
			b.Fatal(err)
		}
	}
}

package presign

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"darkroom/token-lambda/internal/api"
)

// policyOf returns the conditions of a form's policy by field, with a list as JSON under its first word, and the
// expiry.
func policyOf(t *testing.T, p api.Presigned) (map[string]string, time.Time) {
	t.Helper()
	doc, err := base64.StdEncoding.DecodeString(p.Fields["policy"])
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Expiration time.Time
		Conditions []json.RawMessage
	}
	if err := json.Unmarshal(doc, &policy); err != nil {
		t.Fatal(err)
	}
	conditions := map[string]string{}
	for _, c := range policy.Conditions {
		var exact map[string]string
		if json.Unmarshal(c, &exact) == nil {
			for k, v := range exact {
				conditions[k] = v
			}
			continue
		}
		var list []any
		if err := json.Unmarshal(c, &list); err != nil {
			t.Fatal(err)
		}
		conditions[fmt.Sprint(list[0])] = string(c)
	}
	return conditions, policy.Expiration
}

func TestFormBindsItsFields(t *testing.T) {
	s := newSigner(t, testConfig)
	without := testUpload
	without.SHA256 = ""
	for name, c := range map[string]struct {
		form  api.Form
		sum   string
		bytes string
	}{
		"with digest":     {api.Form{Upload: testUpload, MinLength: 12345}, testDigest, `["content-length-range",12345,12345]`},
		"of unknown size": {api.Form{Upload: without, MinLength: 1}, "", `["content-length-range",1,12345]`},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := s.SignForm(t.Context(), c.form)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"key": "cats/0123456789abcdef0123456789abcdef", "Content-Type": "image/jpeg", "x-amz-meta-owner": "ann%20smith%2F%C3%BC+",
				"x-amz-meta-limits": "format=jpeg&pixels=24000000", "x-amz-meta-traceparent": testTrace, "x-amz-meta-name": "%C3%A9%201.jpg", "x-amz-meta-metadata": "a=%C3%BC%26&b=x+y", "success_action_status": "201", "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Security-Token": "TOK"}
			if c.sum != "" {
				want["x-amz-checksum-sha256"] = c.sum
			}
			conditions, _ := policyOf(t, p)
			for name, value := range want {
				if p.Fields[name] != value || conditions[name] != value {
					t.Errorf("%s is %q in the form and %q in the policy, want %q", name, p.Fields[name], conditions[name], value)
				}
			}
			if conditions["bucket"] != "photos-up" || conditions["content-length-range"] != c.bytes {
				t.Errorf("conditions %v", conditions)
			}
			for name := range p.Fields { // S3 refuses a field that its policy does not name
				if _, ok := conditions[name]; !ok && name != "policy" && name != "X-Amz-Signature" {
					t.Errorf("%s is not in the policy", name)
				}
			}
			if p.Method != "POST" || strings.TrimSuffix(p.URL, "/") != "https://photos-up.s3.eu-central-1.amazonaws.com" || len(p.Headers) != 0 || p.Headers == nil {
				t.Errorf("%s %s, headers %v", p.Method, p.URL, p.Headers)
			}
		})
	}
}

func TestFormAtOwnEndpoint(t *testing.T) {
	s := newSigner(t, testConfig, func(o *s3.Options) { o.BaseEndpoint, o.UsePathStyle = aws.String("http://localhost:9000"), true })
	if p, err := s.SignForm(t.Context(), api.Form{Upload: testUpload}); err != nil || p.URL != "http://localhost:9000/photos-up" {
		t.Errorf("%s, %v", p.URL, err)
	}
}

func TestFormExpiry(t *testing.T) {
	for name, c := range map[string]struct {
		creds, want time.Duration
	}{
		"configured":                 {0, 5 * time.Minute},
		"credentials expire earlier": {61*time.Second + time.Millisecond, 61 * time.Second},
		"credentials expire at once": {999 * time.Millisecond, 0},
		"credentials have expired":   {-time.Minute, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSigner(t, testConfig, func(o *s3.Options) {
					if c.creds != 0 {
						o.Credentials = expiring{time.Now().Add(c.creds)}
					}
				})
				p, err := s.SignForm(t.Context(), api.Form{Upload: testUpload})
				if c.want == 0 {
					if err == nil || !strings.Contains(err.Error(), "expire") {
						t.Errorf("error %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				_, end := policyOf(t, p)
				if left := time.Until(p.Expires); left != c.want || !end.Equal(p.Expires) {
					t.Errorf("expires in %v and the policy in %v, want %v", left, time.Until(end), c.want)
				}
			})
		})
	}
}

func TestFormWithoutCredentials(t *testing.T) {
	for name, creds := range map[string]aws.CredentialsProvider{
		"none": nil, "anonymous": aws.AnonymousCredentials{},
		"failing": aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, errors.New("no role") }),
	} {
		s := newSigner(t, testConfig, func(o *s3.Options) { o.Credentials = creds })
		outage := new(api.OutageError)
		if p, err := s.SignForm(t.Context(), api.Form{Upload: testUpload}); err == nil || len(p.Fields) != 0 || name == "failing" && !errors.As(err, &outage) {
			t.Errorf("%s: %v, %v", name, cmp.Diff(api.Presigned{}, p), err)
		}
	}
}

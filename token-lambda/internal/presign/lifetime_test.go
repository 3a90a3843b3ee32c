package presign

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/token-lambda/contract"
	"darkroom/token-lambda/internal/api"
)

const variantKey = "0/cats/1/large.jpg"

// TestVariantURLLasts: caches can use a URL, because it changes only once in a renewal, and is always valid for the
// rest of its lifetime.
func TestVariantURLLasts(t *testing.T) {
	for name, provider := range map[string]func() aws.CredentialsProvider{
		"credentials that last":   func() aws.CredentialsProvider { return credentials.NewStaticCredentialsProvider("AK", "SK", "TOK") },
		"credentials that expire": func() aws.CredentialsProvider { return expiring{time.Now().Add(6 * time.Hour)} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				creds := provider()
				s := newSigner(t, testConfig, func(o *s3.Options) { o.Credentials = creds })
				// Sleep until a period starts.
				time.Sleep(contract.VariantRenewal - time.Since(time.Now().Truncate(contract.VariantRenewal)))
				var first string
				for _, c := range []struct {
					wait time.Duration
					same bool
				}{{0, false}, {time.Millisecond, true}, {contract.VariantRenewal/2 + 7*time.Millisecond, true}, {contract.VariantRenewal / 3, true}, {contract.VariantRenewal, false}, {time.Second, true}} {
					time.Sleep(c.wait)
					p, err := s.SignVariant(t.Context(), variantKey)
					if err != nil {
						t.Fatal(err)
					}
					if same := p.URL == first; same != c.same {
						t.Errorf("%v later: the same URL: %v, want %v", c.wait, same, c.same)
					}
					first = p.URL
					if left := time.Until(p.Expires); left < contract.VariantTTL-contract.VariantRenewal || left > contract.VariantTTL {
						t.Errorf("expires in %v", left)
					}
				}
			})
		})
	}
}

// TestVariantURLAndCredentials: a URL never outlives the credentials, and new credentials sign another URL.
func TestVariantURLAndCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Sleep until the middle of a period.
		time.Sleep(contract.VariantRenewal - time.Since(time.Now().Truncate(contract.VariantRenewal)) + 4*time.Minute)
		for name, c := range map[string]struct {
			creds time.Duration // until they expire
			want  time.Duration // until the URL expires; 0: refused
		}{
			"later than the URL":  {11*time.Minute + time.Millisecond, 11 * time.Minute},
			"before the URL":      {10 * time.Minute, 10 * time.Minute},
			"in part of a second": {time.Minute + 900*time.Millisecond, time.Minute},
			"at once":             {999 * time.Millisecond, 0},
			"since the signature": {-time.Minute, 0}, // after the time that is signed, but before now
		} {
			s := newSigner(t, testConfig, func(o *s3.Options) { o.Credentials = expiring{time.Now().Add(c.creds)} })
			p, err := s.SignVariant(t.Context(), variantKey)
			if c.want == 0 {
				if outage := new(api.OutageError); !errors.As(err, &outage) || !strings.Contains(err.Error(), "expire") {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if err != nil || time.Until(p.Expires) != c.want {
				t.Errorf("%s: expires in %v, %v; want %v", name, time.Until(p.Expires), err, c.want)
			}
		}
		urls := map[string]bool{}
		for _, key := range []string{"AK", "AK2"} {
			s := newSigner(t, testConfig, func(o *s3.Options) { o.Credentials = credentials.NewStaticCredentialsProvider(key, "SK", "") })
			p, err := s.SignVariant(t.Context(), variantKey)
			if err != nil {
				t.Fatal(err)
			}
			urls[p.URL] = true
		}
		if len(urls) != 2 {
			t.Error("other credentials signed the same URL")
		}
	})
}

package photos

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/token-lambda/internal/api"
)

// operations are those of a Store, by name.
var operations = map[string]func(context.Context, *Store) error{
	opManifest: func(ctx context.Context, s *Store) error { _, err := s.Manifest(ctx, testRef, ""); return err },
	opOriginal: func(ctx context.Context, s *Store) error { _, err := s.Original(ctx, testRef); return err },
	opList:     func(ctx context.Context, s *Store) error { _, err := s.List(ctx, "cats", "", 1); return err },
	opRemove:   func(ctx context.Context, s *Store) error { return s.Remove(ctx, testRef) },
}

// TestOutages: every operation distinguishes a failure that may end soon from one that an operator must correct.
func TestOutages(t *testing.T) {
	for answer, outage := range map[string]bool{
		"500 InternalError": true, "502 BadGateway": true, "503 SlowDown": true, "503 ServiceUnavailable": true, "507 InsufficientStorage": true,
		"429 TooManyRequests": true, "408 RequestTimeout": true, "400 RequestTimeout": true, "400 ThrottlingException": true, "400 KMS.ThrottlingException": true,
		"400 ExpiredToken": true, "400 InvalidToken": true, "400 TokenRefreshRequired": true, "403 InvalidAccessKeyId": true,
		"403 SignatureDoesNotMatch": true, "403 RequestTimeTooSkewed": true,
		"403 AccessDenied": false, "403 AllAccessDisabled": false, "404 NoSuchBucket": false, "501 NotImplemented": false,
		"301 PermanentRedirect": false, "400 AuthorizationHeaderMalformed": false, "400 KMS.DisabledException": false,
	} {
		status, code, _ := strings.Cut(answer, " ")
		number := map[string]int{"301": 301, "400": 400, "403": 403, "404": 404, "408": 408, "429": 429, "500": 500, "501": 501, "502": 502, "503": 503, "507": 507}[status]
		for name, do := range operations {
			if name == opOriginal && number < 500 && number != 408 && number != 429 {
				continue // the answer to a HEAD has no code
			}
			m := newMemoryS3()
			m.fault = func(*http.Request) (int, string) { return number, code }
			err := do(t.Context(), m.store(t))
			var got *api.OutageError
			if err == nil || errors.As(err, &got) != outage {
				t.Errorf("%s, %s: %v; want an outage: %v", answer, name, err, outage)
			}
		}
	}
}

// TestNoAnswer: S3 cannot be reached, or does not answer in time.
func TestNoAnswer(t *testing.T) {
	for name, lost := range map[string]error{
		"connection refused": &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED},
		"no such host":       &net.DNSError{Err: "no such host", IsNotFound: true},
		"connection reset":   io.ErrUnexpectedEOF,
	} {
		for op, do := range operations {
			m := newMemoryS3()
			m.lost = func(context.Context, string, string) error { return lost }
			var got *api.OutageError
			if err := do(t.Context(), m.store(t)); !errors.As(err, &got) {
				t.Errorf("%s, %s: %v", name, op, err)
			}
		}
	}
	for op, do := range operations {
		synctest.Test(t, func(t *testing.T) {
			m := newMemoryS3()
			m.lost = func(ctx context.Context, _, _ string) error { <-ctx.Done(); return ctx.Err() }
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			var got *api.OutageError
			if err := do(ctx, m.store(t)); !errors.As(err, &got) {
				t.Errorf("%s times out: %v", op, err)
			}
			ctx, cancel = context.WithCancel(t.Context())
			cancel()
			if err := do(ctx, m.store(t)); !errors.Is(err, context.Canceled) || errors.As(err, &got) {
				t.Errorf("%s is cancelled: %v", op, err)
			}
		})
	}
}

// TestNoCredentials: the credentials cannot be retrieved.
func TestNoCredentials(t *testing.T) {
	for op, do := range operations {
		client := s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://s3.example"), HTTPClient: newMemoryS3(), Retryer: aws.NopRetryer{},
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{}, errors.New("the metadata service does not answer")
			})})
		s, err := New(client, Config{UploadsBucket: "photos-up", VariantsBucket: "photos-var"})
		if err != nil {
			t.Fatal(err)
		}
		var got *api.OutageError
		if err := do(t.Context(), s); !errors.As(err, &got) || !strings.Contains(err.Error(), "metadata service") {
			t.Errorf("%s: %v", op, err)
		}
	}
}

// brokenOff answers the first GETs with a body that ends too early.
type brokenOff struct {
	*memoryS3
	left *int
}

func (b brokenOff) Do(r *http.Request) (*http.Response, error) {
	resp, err := b.memoryS3.Do(r)
	if err == nil && r.Method == http.MethodGet && *b.left > 0 {
		*b.left--
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader([]byte("<ListBucketResult>{")), errReader{}))
	}
	return resp, err
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestAnswerBreaksOff: an answer whose end is missing says nothing about the photo. A manifest is read again.
func TestAnswerBreaksOff(t *testing.T) {
	for _, op := range []string{opManifest, opList, opRemove} {
		for times, outage := range map[int]bool{0: false, 1: op == opList, bodyReads - 1: op == opList, bodyReads: true} {
			synctest.Test(t, func(t *testing.T) {
				m := newMemoryS3()
				m.objects[manifestPath] = tombstone(t)
				client := s3.New(s3.Options{Region: "us-east-1", BaseEndpoint: aws.String("http://s3.example"), UsePathStyle: true, Retryer: aws.NopRetryer{},
					Credentials: aws.AnonymousCredentials{}, HTTPClient: brokenOff{m, &times}})
				s, err := New(client, Config{UploadsBucket: "photos-up", VariantsBucket: "photos-var"})
				if err != nil {
					t.Fatal(err)
				}
				left := times
				var got *api.OutageError
				if err := operations[op](t.Context(), s); errors.As(err, &got) != outage || (err != nil) != outage {
					t.Errorf("%s, broken off %d times: %v", op, left, err)
				}
			})
		}
	}
}

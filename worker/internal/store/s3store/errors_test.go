package s3store

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/worker/internal/store"
)

// answers is an HTTP client that answers by itself.
type answers func(r *http.Request) (*http.Response, error)

func (f answers) Do(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, body string) answers {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Request: r,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}, nil
	}
}

func s3Error(status int, code string) answers {
	return answer(status, "<Error><Code>"+code+"</Code><Message>m</Message></Error>")
}

// faked is a bucket over client with the options of the worker's, and with so many attempts.
func faked(client answers, attempts int) *Bucket {
	return New(awss3.New(awss3.Options{Region: "us-east-1", HTTPClient: client, BaseEndpoint: aws.String("http://s3.invalid"), RetryMaxAttempts: attempts,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test-secret", "")}, Options), "b")
}

func refuse(err error) answers {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func TestAnswers(t *testing.T) {
	for status, want := range map[int]bool{200: true, 301: true, 403: true, 404: false, 500: false, 503: false} {
		if err := faked(answer(status, ""), 1).Check(t.Context()); (err == nil) != want {
			t.Errorf("status %d: %v", status, err)
		}
	}
	if faked(refuse(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}), 1).Check(t.Context()) == nil {
		t.Error("nobody listens, and S3 answers")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if faked(refuse(context.Canceled), 1).Check(ctx) == nil {
		t.Error("nobody waited for an answer, and there is one")
	}
}

func TestWhatIsAnOutage(t *testing.T) {
	for name, tc := range map[string]struct {
		client answers
		want   bool
	}{
		"connection refused":     {refuse(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}), true},
		"connection reset":       {refuse(&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}), true},
		"no such host":           {refuse(&net.DNSError{Err: "no such host", Name: "s3.invalid", IsNotFound: true}), true},
		"timeout":                {refuse(&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}), true},
		"closed without a word":  {refuse(io.ErrUnexpectedEOF), true},
		"503 SlowDown":           {s3Error(503, "SlowDown"), true},
		"503":                    {answer(503, ""), true},
		"500 InternalError":      {s3Error(500, "InternalError"), true},
		"502 of a proxy":         {answer(502, "<html>Bad Gateway</html>"), true},
		"429":                    {s3Error(429, "TooManyRequestsException"), true},
		"expired credentials":    {s3Error(400, "ExpiredToken"), true},
		"unknown credentials":    {s3Error(403, "InvalidAccessKeyId"), true},
		"no bucket":              {s3Error(404, "NoSuchBucket"), true},
		"no object":              {s3Error(404, "NoSuchKey"), false},
		"not this object":        {s3Error(403, "AccessDenied"), false},
		"in an archive":          {s3Error(403, "InvalidObjectState"), false},
		"not implemented":        {s3Error(501, "NotImplemented"), false},
		"nonsense for a listing": {answer(200, "<ListBucketResult><Contents>"), false},
	} {
		t.Run(name, func(t *testing.T) {
			errs := map[string]error{}
			for _, err := range faked(tc.client, 1).List(t.Context(), "p/", "") {
				errs["list"] = err
			}
			if name != "nonsense for a listing" {
				_, _, errs["get"] = faked(tc.client, 1).Get(t.Context(), "k", "")
				errs["put"] = faked(tc.client, 1).Put(t.Context(), "k", store.Content{Type: "text/plain", Body: []byte("x")})
				errs["remove"] = faked(tc.client, 1).DeleteIfMatch(t.Context(), "k", `"e"`)
				errs["delete"] = faked(tc.client, 1).Delete(t.Context(), []string{"k"})
			}
			for op, err := range errs {
				if err == nil || errors.Is(err, store.ErrUnavailable) != tc.want {
					t.Errorf("%s: %v; an outage: want %v", op, err, tc.want)
				}
			}
		})
	}
}

func TestAnOutageOfOneKeyOfADelete(t *testing.T) {
	for code, want := range map[string]bool{"SlowDown": true, "InternalError": true, "AccessDenied": false} {
		b := faked(answer(200, "<DeleteResult><Error><Key>k</Key><Code>"+code+"</Code><Message>m</Message></Error></DeleteResult>"), 1)
		err := b.Delete(t.Context(), []string{"k"})
		if err == nil || errors.Is(err, store.ErrUnavailable) != want || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v; an outage: want %v", code, err, want)
		}
	}
}

func TestCredentialsThatCannotBeHadAreAnOutage(t *testing.T) {
	b := New(awss3.New(awss3.Options{Region: "us-east-1", HTTPClient: answer(200, ""), BaseEndpoint: aws.String("http://s3.invalid"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("the metadata service does not answer")
		})}, Options), "b")
	if _, err := b.Head(t.Context(), "k"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

// TestAnErrorIsTriedAgain in a bubble, which has no real pauses between attempts.
func TestAnErrorIsTriedAgain(t *testing.T) {
	for failures, want := range map[int]error{2: nil, 3: store.ErrUnavailable} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			b := faked(func(r *http.Request) (*http.Response, error) {
				if requests++; requests <= failures {
					return s3Error(500, "InternalError")(r)
				}
				return answer(200, "")(r)
			}, 0)
			if err := b.Put(t.Context(), "k", store.Content{Type: "text/plain", Body: []byte("x")}); !errors.Is(err, want) {
				t.Errorf("after %d failures: %v, want %v", failures, err, want)
			}
			if requests != 3 {
				t.Errorf("%d requests, want 3", requests)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	o := awss3.Options{HTTPClient: awshttp.NewBuildableClient()}
	Options(&o)
	if tr := o.HTTPClient.(*awshttp.BuildableClient).GetTransport(); tr.ResponseHeaderTimeout != answerTimeout || tr.MaxIdleConnsPerHost != idleConnections {
		t.Errorf("an answer may take %v, %d connections are kept", tr.ResponseHeaderTimeout, tr.MaxIdleConnsPerHost)
	}
	if o.Retryer != nil {
		t.Errorf("retries by %T, want what the environment says", o.Retryer)
	}
	if o.UsePathStyle {
		t.Error("AWS's own endpoint wants the bucket in its host name")
	}
	o.BaseEndpoint = aws.String("http://127.0.0.1:1")
	if Options(&o); !o.UsePathStyle {
		t.Error("another endpoint wants the bucket in the path")
	}
}

func TestDigest(t *testing.T) {
	for checksum, want := range map[string]string{
		"n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=":   "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=-3": "",
		"": "",
	} {
		if got := digest(checksum); got != want {
			t.Errorf("%q: %q, want %q", checksum, got, want)
		}
	}
}

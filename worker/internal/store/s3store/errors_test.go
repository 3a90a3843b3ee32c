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

// faked returns a bucket over client with the options of the worker and the given number of attempts.
func faked(client answers, attempts int) *Bucket {
	return New(awss3.New(awss3.Options{Region: "us-east-1", HTTPClient: client, BaseEndpoint: aws.String("http://s3.invalid"), RetryMaxAttempts: attempts,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test-secret", "")}, Options), "b")
}

func refuse(err error) answers {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// TestKindsOfErrors gives every answer to every operation.
func TestKindsOfErrors(t *testing.T) {
	outage, refusal, other := store.ErrUnavailable, store.ErrRefused, error(nil)
	for name, tc := range map[string]struct {
		client answers
		want   error
	}{
		"connection refused":      {refuse(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}), outage},
		"connection reset":        {refuse(&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}), outage},
		"no such host":            {refuse(&net.DNSError{Err: "no such host", Name: "s3.invalid", IsNotFound: true}), outage},
		"timeout":                 {refuse(&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}), outage},
		"closed without a word":   {refuse(io.ErrUnexpectedEOF), outage},
		"503 SlowDown":            {s3Error(503, "SlowDown"), outage},
		"503":                     {answer(503, ""), outage},
		"500 InternalError":       {s3Error(500, "InternalError"), outage},
		"502 of a proxy":          {answer(502, "<html>Bad Gateway</html>"), outage},
		"505":                     {answer(505, ""), outage},
		"507":                     {answer(507, ""), outage},
		"507 with a code":         {s3Error(507, "InsufficientStorage"), outage},
		"520 of a proxy":          {answer(520, ""), outage},
		"429":                     {s3Error(429, "TooManyRequestsException"), outage},
		"401 of a proxy":          {answer(401, ""), outage},
		"expired credentials":     {s3Error(400, "ExpiredToken"), outage},
		"token to be refreshed":   {s3Error(400, "TokenRefreshRequired"), outage},
		"unknown credentials":     {s3Error(403, "InvalidAccessKeyId"), outage},
		"another secret":          {s3Error(403, "SignatureDoesNotMatch"), outage},
		"clock skew":              {s3Error(403, "RequestTimeTooSkewed"), outage},
		"another region":          {s3Error(301, "PermanentRedirect"), outage},
		"another region for now":  {s3Error(307, "TemporaryRedirect"), outage},
		"301":                     {answer(301, ""), outage},
		"region of the signature": {s3Error(400, "AuthorizationHeaderMalformed"), outage},
		"account":                 {s3Error(403, "AccountProblem"), outage},
		"no bucket":               {s3Error(404, "NoSuchBucket"), outage},
		"no name of a bucket":     {s3Error(400, "InvalidBucketName"), outage},
		"throttled key":           {s3Error(400, "KMS.ThrottlingException"), outage},
		"not allowed":             {s3Error(403, "AccessDenied"), refusal},
		"not allowed to anybody":  {s3Error(403, "AllAccessDisabled"), refusal},
		"403":                     {answer(403, ""), refusal},
		"403 of a proxy":          {answer(403, "<html>Forbidden</html>"), refusal},
		"400":                     {answer(400, ""), refusal},
		"404 without a code":      {answer(404, ""), refusal},
		"404 of a proxy":          {answer(404, "404 page not found"), refusal},
		"405 of a proxy":          {answer(405, "<html>Not Allowed</html>"), refusal},
		"421 of a proxy":          {answer(421, "<html>Misdirected</html>"), refusal},
		"451":                     {answer(451, ""), refusal},
		"payment":                 {s3Error(402, "PaymentRequired"), refusal},
		"any other request":       {s3Error(400, "InvalidRequest"), refusal},
		"disabled key":            {s3Error(400, "KMS.DisabledException"), refusal},
		"pending key":             {s3Error(400, "KMS.KMSInvalidStateException"), refusal},
		"no key":                  {s3Error(400, "KMS.NotFoundException"), refusal},
		"no object":               {s3Error(404, "NoSuchKey"), other},
		"in an archive":           {s3Error(403, "InvalidObjectState"), other},
		"not implemented":         {s3Error(501, "NotImplemented"), other},
		"damaged body":            {s3Error(400, "BadDigest"), other},
		"nonsense for a listing":  {answer(200, "<ListBucketResult><Contents>"), other},
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
				if err == nil || errors.Is(err, store.ErrNotFound) && name != "no object" || errors.Is(err, outage) != (tc.want == outage) || errors.Is(err, refusal) != (tc.want == refusal) {
					t.Errorf("%s: %v, want %v", op, err, tc.want)
				}
			}
		})
	}
}

// TestKindsOfErrorsOfAHead has answers without a body, and so without a code.
func TestKindsOfErrorsOfAHead(t *testing.T) {
	for status, want := range map[int]error{301: store.ErrUnavailable, 307: store.ErrUnavailable, 400: store.ErrRefused, 401: store.ErrUnavailable,
		403: store.ErrRefused, 405: store.ErrRefused, 451: store.ErrRefused, 404: store.ErrNotFound, 500: store.ErrUnavailable, 503: store.ErrUnavailable, 507: store.ErrUnavailable, 501: nil} {
		_, err := faked(answer(status, ""), 1).Head(t.Context(), "k")
		for _, kind := range []error{store.ErrUnavailable, store.ErrRefused, store.ErrNotFound} {
			if err == nil || errors.Is(err, kind) != (kind == want) {
				t.Errorf("%d: %v, want %v", status, err, want)
			}
		}
	}
}

// TestKindsOfErrorsOfOneKeyOfADelete has answers with status 200 that list what failed.
func TestKindsOfErrorsOfOneKeyOfADelete(t *testing.T) {
	for code, want := range map[string]error{"SlowDown": store.ErrUnavailable, "InternalError": store.ErrUnavailable, "ServiceUnavailable": store.ErrUnavailable,
		"AccessDenied": store.ErrRefused, "MethodNotAllowed": nil} {
		b := faked(answer(200, "<DeleteResult><Error><Key>k</Key><Code>"+code+"</Code><Message>m</Message></Error></DeleteResult>"), 1)
		err := b.Delete(t.Context(), []string{"k"})
		if err == nil || errors.Is(err, store.ErrUnavailable) != (want == store.ErrUnavailable) || errors.Is(err, store.ErrRefused) != (want == store.ErrRefused) ||
			!strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v, want %v", code, err, want)
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

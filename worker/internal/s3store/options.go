package s3store

import (
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	// answerTimeout is the longest wait for an answer to begin once a request is sent. S3 answers within
	// milliseconds; the SDK alone would wait for ever.
	answerTimeout = 15 * time.Second
	// idleConnections to one host are kept for the next request. A photo's variants are sent at once, and a TLS
	// handshake takes longer than a small PUT.
	idleConnections = 100
)

// Options sets what the worker needs of a client of S3, in [s3.NewFromConfig]. Each bucket has a client of its own:
// throttling slows a client down as a whole, by the SDK's adaptive mode, and it is a bucket that S3 throttles. A
// retry of each request by itself would keep the bucket overloaded. The number of attempts is the SDK's, 3, or
// AWS_MAX_ATTEMPTS.
func Options(o *s3.Options) {
	// A bucket has no host name of its own at an endpoint that is not AWS's.
	o.UsePathStyle = o.BaseEndpoint != nil
	o.Retryer = retry.NewAdaptiveMode()
	// Where S3 has no checksum the length is still checked.
	o.DisableLogOutputChecksumValidationSkipped = true
	if client, ok := o.HTTPClient.(*awshttp.BuildableClient); ok {
		o.HTTPClient = client.WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = answerTimeout
			t.MaxIdleConnsPerHost = idleConnections
		})
	}
}

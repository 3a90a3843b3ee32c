package s3store

import (
	"net/http"
	"time"

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

// Options sets what the worker needs of a client of S3, in [s3.NewFromConfig].
//
// How a client retries is the SDK's to say: 3 attempts with a jittered back-off, or as AWS_MAX_ATTEMPTS and AWS_RETRY_MODE
// have it. Its adaptive mode, which slows a client down as a whole when it is throttled, is not the default: where 5 % of
// the requests were throttled it held each worker at about two photos a second, with idle processors, while the plain
// back-off of each request by itself went on at full speed. What is asked of S3 at once is bounded by the slots, and a
// worker that is throttled beyond its retries pauses as in an outage. Each bucket has a client of its own all the same:
// it is a bucket that S3 throttles, and retries have a budget for each client.
func Options(o *s3.Options) {
	// A bucket has no host name of its own at an endpoint that is not AWS's.
	o.UsePathStyle = o.BaseEndpoint != nil
	// Where S3 has no checksum the length is still checked.
	o.DisableLogOutputChecksumValidationSkipped = true
	if client, ok := o.HTTPClient.(*awshttp.BuildableClient); ok {
		o.HTTPClient = client.WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = answerTimeout
			t.MaxIdleConnsPerHost = idleConnections
		})
	}
}

package s3store

import (
	"net/http"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	// answerTimeout is the longest wait for the first byte of an answer once a request is sent. S3 answers within
	// milliseconds; the SDK by default waits forever.
	answerTimeout = 15 * time.Second
	// idleConnections is how many connections to one host are kept for later requests. The variants of a photo are sent
	// at the same time, and a TLS handshake takes longer than a small PUT.
	idleConnections = 100
)

// Options sets the options of an S3 client that a worker needs. Pass it to [s3.NewFromConfig], once for each bucket: S3
// throttles a bucket, and the SDK has a retry budget for each client.
//
// Retries are left to the SDK: 3 attempts with a jittered back-off unless AWS_MAX_ATTEMPTS and AWS_RETRY_MODE say
// otherwise. Its adaptive mode, which slows the whole client down when it is throttled, is not the default. With 5 % of
// the requests throttled, it held each worker at about two photos a second with idle processors, while the back-off of
// single requests went on at full speed. The worker's slots bound the number of concurrent requests. A worker that is
// throttled beyond its retries pauses as in an outage.
func Options(o *s3.Options) {
	// Only AWS's own endpoint has a host name for each bucket.
	o.UsePathStyle = o.BaseEndpoint != nil
	// An object without a checksum needs no log line: its length is still checked.
	o.DisableLogOutputChecksumValidationSkipped = true
	if client, ok := o.HTTPClient.(*awshttp.BuildableClient); ok {
		o.HTTPClient = client.WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = answerTimeout
			t.MaxIdleConnsPerHost = idleConnections
		})
	}
}

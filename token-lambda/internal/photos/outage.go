package photos

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// isOutage reports whether a request to S3 failed for a reason that may be gone soon, whatever the photo: S3 did not
// answer, or broke its answer off; it is overloaded; or it does not accept the credentials, which are replaced from
// time to time. A refusal such as AccessDenied or NoSuchBucket is no outage: it lasts until an operator changes
// something.
func isOutage(err error) bool {
	if errors.Is(err, context.Canceled) { // the caller no longer needs the answer
		return false
	}
	var resp *awshttp.ResponseError
	if !errors.As(err, &resp) {
		return true
	}
	switch status := resp.HTTPStatusCode(); {
	case status < http.StatusMultipleChoices: // 0 without an answer; 2xx if the body is incomplete
		return true
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return true
	case status >= http.StatusInternalServerError:
		return status != http.StatusNotImplemented
	}
	var api smithy.APIError
	// The suffix is that of KMS.
	if errors.As(err, &api) &&
		(credentialCodes[api.ErrorCode()] || strings.HasSuffix(api.ErrorCode(), ".ThrottlingException")) {
		return true
	}
	return throttled.IsErrorThrottle(err) == aws.TrueTernary
}

// throttled knows the SDK's codes of throttling, whatever the status that they come with.
var throttled = retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}

// credentialCodes are the codes with which S3 refuses credentials. They come with 400 or 403:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
var credentialCodes = map[string]bool{
	"ExpiredToken": true, "InvalidAccessKeyId": true, "InvalidToken": true, "TokenRefreshRequired": true,
	"SignatureDoesNotMatch": true, "RequestExpired": true, "RequestTimeTooSkewed": true, "RequestTimeout": true,
}

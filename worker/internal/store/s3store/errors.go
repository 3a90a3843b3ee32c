package s3store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"darkroom/worker/internal/store"
)

// wrap names the object in err and makes it the reconciler's kind of error.
func (b *Bucket) wrap(ctx context.Context, verb, key string, err error) error {
	switch {
	case ctx.Err() != nil:
		// Whatever it says, the caller wanted no more.
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	case absent(err):
		err = store.ErrNotFound
	case unavailable(err):
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return fmt.Errorf("%s s3://%s/%s: %w", verb, b.name, key, err)
}

// absent reports whether there is no object. A bucket that is not there also answers 404, and must not look like an
// object that was removed; but to a HEAD, which has no body, S3 says no more than 404.
func absent(err error) bool {
	code := code(err)
	return (code == "NoSuchKey" || code == "NotFound") && status(err) == 404
}

// everybody are errors that have nothing to do with the object that was asked for: whoever asks for another gets them
// too. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
var everybody = []string{"NoSuchBucket", "InternalError", "ServiceUnavailable", "ExpiredToken", "InvalidToken", "InvalidAccessKeyId",
	"TokenRefreshRequired", "RequestTimeTooSkewed", "RequestExpired", "AccountProblem"}

// throttles are the codes that the SDK slows down for, SlowDown among them.
var throttles = retry.IsErrorThrottles(retry.DefaultThrottles)

// unavailable reports whether it is S3 that cannot be had, after all retries, and not an object.
func unavailable(err error) bool {
	switch status(err) {
	case 429, 500, 502, 503, 504:
		return true
	}
	if code := code(err); code != "" {
		return slices.Contains(everybody, code) || throttles.IsErrorThrottle(err) == aws.TrueTernary
	}
	// An answer that broke off or is not of S3's form is one connection's trouble. Without any answer there is no
	// connection at all, or no credentials to sign a request with.
	var garbled *smithy.DeserializationError
	return status(err) == 0 && !errors.As(err, &garbled)
}

// code returns the code of S3's answer, or "" if there was none or it has none.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// status returns the HTTP status of S3's answer, or 0 if there was none.
func status(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

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

// wrap names the object in err and wraps the error of package store that it is.
func (b *Bucket) wrap(ctx context.Context, verb, key string, err error) error {
	switch {
	case ctx.Err() != nil:
		// Whatever the error says, the caller has given up.
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	case absent(err):
		err = store.ErrNotFound
	case unavailable(err):
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return fmt.Errorf("%s s3://%s/%s: %w", verb, b.name, key, err)
}

// absent reports whether the object does not exist. A bucket that does not exist also answers 404, and must not look like
// a deleted object. Only the answer to a HEAD, which has no body, does not tell them apart.
func absent(err error) bool {
	code := code(err)
	return (code == "NoSuchKey" || code == "NotFound") && status(err) == 404
}

// outageCodes are the codes of errors that a request for any other object would get too:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
var outageCodes = []string{"NoSuchBucket", "InternalError", "ServiceUnavailable", "ExpiredToken", "InvalidToken", "InvalidAccessKeyId",
	"TokenRefreshRequired", "RequestTimeTooSkewed", "RequestExpired", "AccountProblem"}

// throttles are the codes for which the SDK slows down, such as SlowDown.
var throttles = retry.IsErrorThrottles(retry.DefaultThrottles)

// unavailable reports whether the error, which was returned after all retries, is S3's and not the object's.
func unavailable(err error) bool {
	switch status(err) {
	case 429, 500, 502, 503, 504:
		return true
	}
	if code := code(err); code != "" {
		return slices.Contains(outageCodes, code) || throttles.IsErrorThrottle(err) == aws.TrueTernary
	}
	// An answer that broke off or cannot be parsed is a fault of one connection. If there is no answer at all, there is no
	// connection, or there are no credentials to sign a request with.
	var garbled *smithy.DeserializationError
	return status(err) == 0 && !errors.As(err, &garbled)
}

// code returns the error code of S3's answer, or "" if there was no answer or it has no code.
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

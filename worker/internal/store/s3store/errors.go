package s3store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"darkroom/worker/internal/awsfault"
	"darkroom/worker/internal/store"
)

// wrap adds the object to err, and wraps the error of package store that applies.
func (b *Bucket) wrap(ctx context.Context, verb, key string, err error) error {
	switch {
	case ctx.Err() != nil:
		// Whatever the error says, the caller has given up.
		err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
	case absent(err), verb == "head" && awsfault.Status(err) == 404:
		err = store.ErrNotFound
	case unavailable(err):
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	case refused(err):
		err = fmt.Errorf("%w: %w", store.ErrRefused, err)
	}
	return fmt.Errorf("%s s3://%s/%s: %w", verb, b.name, key, err)
}

// absent reports whether the object does not exist. A bucket that does not exist also answers 404, and so does a load
// balancer that has lost S3. Neither must look like a deleted object. Only the answer to a HEAD, which has no body,
// does not tell them apart.
func absent(err error) bool {
	return awsfault.Code(err) == "NoSuchKey" && awsfault.Status(err) == 404
}

// outageCodes are the codes of errors that a request for any other object of the bucket would get too. The codes for
// the client's settings are in package awsfault: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
var outageCodes = []string{"NoSuchBucket", "InvalidBucketName", "NoSuchAccessPoint", "InternalError", "InternalServerError",
	"ServiceUnavailable", "ServiceFailure", "InvalidBucketState"}

// throttles are the codes for which the SDK slows down, such as SlowDown.
var throttles = retry.IsErrorThrottles(retry.DefaultThrottles)

// unavailable reports whether the error, which was returned after all retries, is about S3 and not about the object.
func unavailable(err error) bool {
	status, code := awsfault.Status(err), awsfault.Code(err)
	switch {
	case status == 429, status >= 500 && status != 501, awsfault.Settings(err):
		return true
	case code != "":
		return slices.Contains(outageCodes, code) || throttles.IsErrorThrottle(err) == aws.TrueTernary || strings.Contains(code, "Throttling")
	}
	// An answer that broke off or cannot be parsed is a fault of one connection. Without any answer, there is no
	// connection, or there are no credentials to sign the request with.
	var garbled *smithy.DeserializationError
	return status == 0 && !errors.As(err, &garbled)
}

// ownCodes are the codes of refusals that concern only one object or its bytes.
var ownCodes = []string{"InvalidObjectState", "BadDigest", "InvalidDigest", "IncompleteBody", "RequestTimeout", "EntityTooLarge", "KeyTooLongError"}

// refused reports whether a request was denied for a reason that may concern one object or all of them: a permission,
// the key that encrypts, or something between here and S3 that answers in its place. Such an answer has a status but no
// code of S3, and so does the answer to a HEAD.
func refused(err error) bool {
	code := awsfault.Code(err)
	if status := awsfault.Status(err); status >= 400 && status < 500 {
		return !slices.Contains(ownCodes, code)
	}
	return code == "AccessDenied" || code == "AllAccessDisabled" || awsfault.KeyFault(code)
}

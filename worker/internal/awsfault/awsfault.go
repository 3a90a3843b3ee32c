// Package awsfault reads the errors of the AWS SDK: what the service answered, and which setting an operator should
// check.
package awsfault

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Code returns the error code of the service's answer, or "" if there was no answer or it has no code.
func Code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// Status returns the HTTP status of the service's answer, or 0 if there was none.
func Status(err error) int {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// Codes by which a service refuses every request that is made with these settings:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
var (
	credentialCodes = []string{"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException",
		"InvalidToken", "TokenRefreshRequired", "MissingSecurityHeader", "MissingSecurityElement",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "InvalidSecurity", "NotSignedUp",
		"InvalidClientTokenId", "UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignature",
		"IncompleteSignatureException", "CredentialsNotSupported", "OptInRequired", "AccountProblem",
		"UnauthorizedAccess", "UnauthorizedAccessError",
		"XAdminUserNotFound"} // versitygw, with status 404
	regionCodes = []string{"PermanentRedirect", "Redirect", "TemporaryRedirect", "MovedPermanently",
		"AuthorizationHeaderMalformed", "AuthorizationQueryParametersError", "IllegalLocationConstraintException",
		"IncorrectEndpoint", "InvalidRegion"}
	clockCodes = []string{"RequestTimeTooSkewed", "RequestExpired"}
)

// Settings reports whether the service refuses the credentials, the region or the clock of the client. It then refuses
// every request until one of them is changed.
func Settings(err error) bool {
	status := Status(err)
	return anyOf(Code(err), credentialCodes, regionCodes, clockCodes) || status >= 300 && status < 400 || status == 401 || status == 407
}

func anyOf(code string, lists ...[]string) bool {
	return code != "" && slices.ContainsFunc(lists, func(l []string) bool { return slices.Contains(l, code) })
}

// Advice returns what to check first after err. named is the setting with the bucket or queue of the request. endpoint
// is the setting with the address of the service.
func Advice(err error, named, endpoint string) string {
	code, status := Code(err), Status(err)
	switch {
	case anyOf(code, credentialCodes), status == 401:
		return "the AWS credentials"
	case anyOf(code, regionCodes), status >= 300 && status < 400:
		return "AWS_REGION and " + named
	case anyOf(code, clockCodes):
		return "the clock of this machine"
	case status == 0 && strings.Contains(err.Error(), "get identity"):
		// The SDK has no error type for the case that no provider has credentials.
		return "the AWS credentials"
	case status == 0 && code == "":
		return "the network, AWS_REGION and " + endpoint
	case status >= 500 && status != 501:
		return named + ", or wait: the service fails"
	case status == 403 || strings.HasPrefix(code, "AccessDenied") || KeyFault(code):
		return named + " and the permissions of the worker"
	}
	return named
}

// KeyFault reports whether a code says that the encryption key in AWS KMS refused to work.
func KeyFault(code string) bool {
	return strings.HasPrefix(code, "KMS") || strings.HasPrefix(code, "Kms")
}

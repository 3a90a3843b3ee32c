package awsfault

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func answered(status int, code string) error {
	err := error(errors.New("no code"))
	if code != "" {
		err = &smithy.GenericAPIError{Code: code}
	}
	return fmt.Errorf("operation: %w", &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err})
}

func TestAdvice(t *testing.T) {
	for _, tc := range []struct {
		err      error
		want     string
		settings bool
	}{
		{answered(403, "InvalidAccessKeyId"), "the AWS credentials", true},
		{answered(404, "XAdminUserNotFound"), "the AWS credentials", true},
		{answered(401, ""), "the AWS credentials", true},
		{errors.New("operation error SQS: GetQueueAttributes, get identity: get credentials: none"), "the AWS credentials", false},
		{answered(301, "PermanentRedirect"), "AWS_REGION and BUCKET", true},
		{answered(400, "AuthorizationHeaderMalformed"), "AWS_REGION and BUCKET", true},
		{answered(403, "RequestTimeTooSkewed"), "the clock of this machine", true},
		{errors.New("dial tcp: no such host"), "the network, AWS_REGION and ENDPOINT", false},
		{answered(403, "AccessDenied"), "BUCKET and the permissions of the worker", false},
		{answered(400, "KMS.DisabledException"), "BUCKET and the permissions of the worker", false},
		{answered(404, "NoSuchBucket"), "BUCKET", false},
		{answered(400, "AWS.SimpleQueueService.NonExistentQueue"), "BUCKET", false},
		{answered(503, "SlowDown"), "BUCKET, or wait: the service fails", false},
	} {
		if got := Advice(tc.err, "BUCKET", "ENDPOINT"); got != tc.want {
			t.Errorf("%v: check %s, want %s", tc.err, got, tc.want)
		}
		if got := Settings(tc.err); got != tc.settings {
			t.Errorf("%v: a matter of the settings: %v", tc.err, got)
		}
	}
}

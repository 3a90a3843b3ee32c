package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"darkroom/token-lambda/contract"
	"darkroom/token-lambda/internal/api"
	"darkroom/token-lambda/internal/receipt"
	"darkroom/token-lambda/internal/receipt/keyfile"
	"darkroom/token-lambda/internal/receipt/kmskey"
	"darkroom/worker/settings"
)

// receipts returns what signs the receipts of erasures, or nil without ERASURE_KEY. calls connects to KMS; it is nil
// when the settings are only checked.
func (c *serveCommand) receipts(calls func() kmskey.Calls) (api.Receipts, error) {
	var keys []receipt.Key
	for _, name := range c.ErasureKeys {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		key, err := erasureKey(name, calls)
		if err != nil {
			return nil, settings.Named("ERASURE_KEY", err)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	signer, err := receipt.New(keys...)
	return unavailable{signer}, err
}

// erasureKey returns the key with this ARN or in this file.
func erasureKey(name string, calls func() kmskey.Calls) (receipt.Key, error) {
	if !arn.IsARN(name) {
		return keyfile.Read(name)
	}
	parsed, err := arn.Parse(name)
	if err != nil || parsed.Service != "kms" || !strings.HasPrefix(parsed.Resource, "key/") && !strings.HasPrefix(parsed.Resource, "alias/") {
		return nil, errors.New("the ARN is not that of a KMS key or alias")
	}
	if calls == nil {
		return kmskey.New(kmskey.Calls{}, name), nil
	}
	return kmskey.New(calls(), name), nil
}

// unavailable marks the errors of an outage of KMS as the API's.
type unavailable struct{ next *receipt.Signer }

// Sign implements [api.Receipts].
func (u unavailable) Sign(ctx context.Context, payload []byte) (string, error) {
	signed, err := u.next.Sign(ctx, payload)
	return signed, outage(err)
}

// Keys implements [api.Receipts].
func (u unavailable) Keys(ctx context.Context) (contract.KeySet, error) {
	set, err := u.next.Keys(ctx)
	return set, outage(err)
}

// throttled knows the SDK's codes of throttling.
var throttled = retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}

// outage returns an [*api.OutageError] if KMS did not answer, failed or throttled, so that another attempt may succeed.
func outage(err error) error {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) || errors.Is(err, context.Canceled) {
		return err
	}
	var resp *awshttp.ResponseError
	if !errors.As(err, &resp) || resp.HTTPStatusCode() < http.StatusMultipleChoices || resp.HTTPStatusCode() >= http.StatusInternalServerError ||
		resp.HTTPStatusCode() == http.StatusTooManyRequests || throttled.IsErrorThrottle(err) == aws.TrueTernary {
		return &api.OutageError{Err: err}
	}
	return err
}

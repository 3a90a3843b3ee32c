package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"darkroom/worker/settings"
)

// awsFlags are the settings of the AWS SDK. It reads its own variables and files, as in every AWS program, so they have
// no flags here.
type awsFlags struct{}

// Validate reports an endpoint that is not a URL. The SDK would accept it and fail at every request.
func (awsFlags) Validate() error { return settings.AWSEndpoints() }

// load reads the SDK's configuration.
func (awsFlags) load(ctx context.Context) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return cfg, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return cfg, errors.New("no AWS region is set: set AWS_REGION")
	}
	return cfg, nil
}

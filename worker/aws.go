package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"darkroom/worker/settings"
)

// awsFlags are the settings of the AWS SDK. It reads its own variables and files, as in every AWS program, so they have no
// flags here.
type awsFlags struct{}

// Validate reports an endpoint that is not a URL. The SDK would take it, and fail at every request.
func (awsFlags) Validate() error {
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_ECS"} {
		value := os.Getenv(name)
		if value == "" {
			continue
		}
		if _, err := settings.HTTPURL(value); err != nil {
			return settings.Named(name, err)
		}
	}
	return nil
}

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

// Package ecsservice sets how many tasks an ECS service has: the adapter of the scaler. It needs the permissions
// ecs:DescribeServices and ecs:UpdateService on the service.
package ecsservice

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"darkroom/worker/internal/scaler"
)

// Service is one ECS service.
type Service struct {
	client        *ecs.Client
	cluster, name string
}

// New returns the service of a cluster, each by its name or ARN.
func New(client *ecs.Client, cluster, name string) *Service {
	return &Service{client, cluster, name}
}

// Count implements [scaler.Workers]. A task that runs receives within a second or two of that.
func (s *Service) Count(ctx context.Context) (scaler.Count, error) {
	out, err := s.client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &s.cluster, Services: []string{s.name}})
	if err != nil {
		return scaler.Count{}, fmt.Errorf("describe the ECS service %s: %w", s.name, err)
	}
	for _, f := range out.Failures {
		return scaler.Count{}, fmt.Errorf("describe the ECS service %s: %s", s.name, aws.ToString(f.Reason))
	}
	if len(out.Services) != 1 {
		return scaler.Count{}, fmt.Errorf("describe the ECS service %s: %d services", s.name, len(out.Services))
	}
	return scaler.Count{Desired: int(out.Services[0].DesiredCount), Running: int(out.Services[0].RunningCount)}, nil
}

// SetDesired implements [scaler.Workers].
func (s *Service) SetDesired(ctx context.Context, n int) error {
	_, err := s.client.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: &s.name, DesiredCount: aws.Int32(int32(n))})
	if err != nil {
		return fmt.Errorf("set the desired count of the ECS service %s: %w", s.name, err)
	}
	return nil
}

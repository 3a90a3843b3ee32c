// Package ecsservice implements [scaler.Workers] with the tasks of one Amazon ECS service. It needs the permissions
// ecs:DescribeServices and ecs:UpdateService on the service.
package ecsservice

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"darkroom/worker/internal/scaler"
	"darkroom/worker/plural"
)

// Service is one ECS service.
type Service struct {
	client        *ecs.Client
	cluster, name string
}

// New returns a service of a cluster. Both are given by name or ARN.
func New(client *ecs.Client, cluster, name string) *Service {
	return &Service{client, cluster, name}
}

// Count implements [scaler.Workers]. A task receives messages within a second or two of its state RUNNING.
func (s *Service) Count(ctx context.Context) (scaler.Tasks, error) {
	out, err := s.client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &s.cluster, Services: []string{s.name}})
	if err != nil {
		return scaler.Tasks{}, fmt.Errorf("describe the ECS service %s: %w", s.name, err)
	}
	if len(out.Failures) > 0 {
		return scaler.Tasks{}, fmt.Errorf("describe the ECS service %s: %s", s.name, aws.ToString(out.Failures[0].Reason))
	}
	if len(out.Services) != 1 {
		return scaler.Tasks{}, fmt.Errorf("describe the ECS service %s: the answer has %s, want 1", s.name,
			plural.Count(len(out.Services), "service"))
	}
	return scaler.Tasks{Desired: int(out.Services[0].DesiredCount), Running: int(out.Services[0].RunningCount)}, nil
}

// SetDesired implements [scaler.Workers].
func (s *Service) SetDesired(ctx context.Context, n int) error {
	_, err := s.client.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &s.cluster, Service: &s.name,
		DesiredCount: aws.Int32(int32(n))})
	if err != nil {
		return fmt.Errorf("set the desired count of the ECS service %s: %w", s.name, err)
	}
	return nil
}

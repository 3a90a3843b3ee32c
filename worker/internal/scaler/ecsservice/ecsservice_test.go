package ecsservice

import (
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"darkroom/worker/internal/scaler"
	"darkroom/worker/internal/scaler/ecsservice/ecsservicetest"
	"darkroom/worker/internal/scaler/scalertest"
)

func client(t *testing.T) (*ecs.Client, *ecsservicetest.Server) {
	t.Helper()
	fake := &ecsservicetest.Server{}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	return ecs.New(ecs.Options{Region: "us-east-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("test", "test-secret", "")}), fake
}

func TestConforms(t *testing.T) {
	scalertest.Conformance(t, func(t *testing.T) scaler.Workers {
		c, fake := client(t)
		fake.Set(3, 2)
		return New(c, ecsservicetest.Cluster, ecsservicetest.Service)
	})
}

func TestNoSuchService(t *testing.T) {
	c, fake := client(t)
	for name, s := range map[string]*Service{"cluster": New(c, "other", ecsservicetest.Service), "service": New(c, ecsservicetest.Cluster, "other")} {
		if n, err := s.Count(t.Context()); err == nil {
			t.Errorf("%s: %+v and no error", name, n)
		}
		if err := s.SetDesired(t.Context(), 5); err == nil || fake.Desired() != 0 {
			t.Errorf("%s: set to %d, %v", name, fake.Desired(), err)
		}
	}
}

// Package ecsservicetest is an ECS with one service, for tests. It answers DescribeServices and UpdateService in the
// protocol AWS JSON 1.1: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/
package ecsservicetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// Names of the only cluster and the only service.
const (
	Cluster = "darkroom"
	Service = "workers"
)

// Server is an [http.Handler]. The zero Server has a service without tasks.
type Server struct {
	mu               sync.Mutex
	desired, running int
}

// Set changes the counts of the service.
func (s *Server) Set(desired, running int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.desired, s.running = desired, running
}

// Desired returns the desired count.
func (s *Server) Desired() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.desired
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var in struct {
		Cluster, Service string
		Services         []string
		DesiredCount     *int
		CapacityProviderStrategy, NetworkConfiguration,
		TaskDefinition, DeploymentConfiguration, ForceNewDeployment any
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		fail(w, "InvalidParameterException", err.Error())
		return
	}
	if in.Cluster != Cluster {
		fail(w, "ClusterNotFoundException", "Cluster not found.")
		return
	}
	switch strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonEC2ContainerServiceV20141113.") {
	case "DescribeServices":
		out := map[string]any{"services": []any{}, "failures": []any{}}
		for _, name := range in.Services {
			if name == Service {
				out["services"] = []any{s.service()}
			} else {
				out["failures"] = []any{map[string]any{"arn": name, "reason": "MISSING"}}
			}
		}
		json.NewEncoder(w).Encode(out)
	case "UpdateService":
		switch {
		case in.Service != Service:
			fail(w, "ServiceNotFoundException", "Service not found.")
		case in.DesiredCount == nil || in.CapacityProviderStrategy != nil || in.NetworkConfiguration != nil || in.TaskDefinition != nil ||
			in.DeploymentConfiguration != nil || in.ForceNewDeployment != nil:
			fail(w, "InvalidParameterException", "Only the desired count may change: any other change starts a deployment.")
		default:
			s.desired = *in.DesiredCount
			json.NewEncoder(w).Encode(map[string]any{"service": s.service()})
		}
	default:
		fail(w, "UnknownOperationException", "There is no such operation.")
	}
}

func (s *Server) service() map[string]any {
	return map[string]any{"serviceName": Service, "status": "ACTIVE", "desiredCount": s.desired,
		"runningCount": s.running, "pendingCount": max(0, s.desired-s.running)}
}

func fail(w http.ResponseWriter, kind, message string) {
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"__type":%q,"message":%q}`, kind, message)
}

// Package ecsmetadata reads which task of Amazon ECS this program runs in, from the task metadata endpoint:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
package ecsmetadata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Variable names the environment variable that ECS sets to the URI of the endpoint.
const Variable = "ECS_CONTAINER_METADATA_URI_V4"

// maxMetadata is the longest metadata that is read, in bytes.
const maxMetadata = 1 << 20

// Task is a task of ECS.
type Task struct {
	Cluster string // name or ARN
	ARN     string `json:"TaskARN"`
}

// ID returns the task's id, the last part of its ARN.
func (t Task) ID() string { return t.ARN[strings.LastIndexByte(t.ARN, '/')+1:] }

// Read returns the task whose metadata is at a URI, the value of [Variable].
func Read(ctx context.Context, client *http.Client, uri string) (Task, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(uri, "/")+"/task", nil)
	if err != nil {
		return Task{}, fmt.Errorf("task metadata: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return Task{}, fmt.Errorf("task metadata: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Task{}, fmt.Errorf("task metadata: %s", resp.Status)
	}
	var t Task
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxMetadata)).Decode(&t); err != nil {
		return Task{}, fmt.Errorf("task metadata: %w", err)
	}
	if t.Cluster == "" || t.ID() == "" {
		return Task{}, errors.New("task metadata: it names no cluster or no task")
	}
	return t, nil
}

// Package ecstask finds out whether Amazon ECS is replacing the task that this program runs in.
//
// It reads the task's ARN and its cluster from the task metadata endpoint at $ECS_CONTAINER_METADATA_URI_V4, and then
// asks ECS, with the permissions ecs:DescribeTasks on the tasks of the cluster, ecs:DescribeServices on its services,
// and ecs:ListTasks in the cluster.
package ecstask

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"darkroom/worker/ecsmetadata"
	"darkroom/worker/plural"
)

// callTimeout limits all requests of one call of [Task.Replaced] together.
const callTimeout = 5 * time.Second

// Task is the task that this program runs in. Its methods must not be called at the same time.
type Task struct {
	client *ecs.Client
	http   *http.Client
	uri    string // URL of the task's metadata

	cluster, arn        string // empty before the first call of Replaced
	service, deployment string // the task's service, and the deployment that has started it
}

// New returns the task whose metadata is at a URI: $ECS_CONTAINER_METADATA_URI_V4.
func New(client *ecs.Client, httpClient *http.Client, metadataURI string) *Task {
	return &Task{client: client, http: httpClient, uri: metadataURI}
}

// Replaced reports whether a deployment replaces this task now: a newer deployment is the service's primary one, it has
// not failed, and this task is one of the surplus. The surplus is the number of tasks above the desired count, in which
// new tasks count only if they are healthy. It is made up of the old tasks whose ARNs sort first. So at most as many
// old tasks end as new ones work, and none ends for a revision that never becomes healthy.
//
// A task of the primary deployment is not being replaced, even if ECS refuses to protect it: that also happens when
// more tasks are protected than the desired count, as after scale-in.
func (t *Task) Replaced(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := t.identify(ctx); err != nil {
		return false, err
	}
	out, err := t.client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &t.cluster,
		Services: []string{t.service}})
	if err != nil {
		return false, fmt.Errorf("describe the ECS service %s: %w", t.service, err)
	}
	if len(out.Services) != 1 {
		return false, fmt.Errorf("describe the ECS service %s: the answer has %s, want 1", t.service,
			plural.Count(len(out.Services), "service"))
	}
	service := out.Services[0]
	i := slices.IndexFunc(service.Deployments, func(d types.Deployment) bool { return aws.ToString(d.Status) == "PRIMARY" })
	if i < 0 {
		return false, fmt.Errorf("the ECS service %s has no primary deployment", t.service)
	}
	primary := service.Deployments[i]
	if aws.ToString(primary.Id) == t.deployment || primary.RolloutState == types.DeploymentRolloutStateFailed {
		return false, nil
	}
	old, err := t.startedBy(ctx, t.deployment)
	if err != nil {
		return false, err
	}
	rank, above := slices.Index(old, t.arn), len(old)-int(service.DesiredCount)
	if rank < 0 || rank >= int(primary.RunningCount)+above {
		return false, nil
	}
	n, err := t.healthy(ctx, aws.ToString(primary.Id))
	return err == nil && rank < n+above, err
}

// maxDescribed is the most tasks of one call of DescribeTasks.
const maxDescribed = 100

// healthy returns how many tasks of a deployment are healthy. If this task has no health status, its service has no
// health check, and all running tasks count.
func (t *Task) healthy(ctx context.Context, deployment string) (int, error) {
	arns, err := t.startedBy(ctx, deployment)
	if err != nil {
		return 0, err
	}
	checked, healthy, running := false, 0, 0
	for batch := range slices.Chunk(append(arns, t.arn), maxDescribed) {
		out, err := t.client.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &t.cluster, Tasks: batch})
		if err != nil {
			return 0, fmt.Errorf("describe the ECS tasks of the deployment %s: %w", deployment, err)
		}
		for _, task := range out.Tasks {
			switch {
			case aws.ToString(task.TaskArn) == t.arn:
				checked = task.HealthStatus == types.HealthStatusHealthy || task.HealthStatus == types.HealthStatusUnhealthy
			case aws.ToString(task.LastStatus) == "RUNNING":
				running++
				if task.HealthStatus == types.HealthStatusHealthy {
					healthy++
				}
			}
		}
	}
	if checked {
		return healthy, nil
	}
	return running, nil
}

// identify finds out which task this is, and which deployment has started it. None of that ever changes.
func (t *Task) identify(ctx context.Context) error {
	if t.deployment != "" {
		return nil
	}
	task, err := ecsmetadata.Read(ctx, t.http, t.uri)
	if err != nil {
		return err
	}
	t.cluster, t.arn = task.Cluster, task.ARN
	out, err := t.client.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &t.cluster, Tasks: []string{t.arn}})
	if err != nil {
		return fmt.Errorf("describe the ECS task %s: %w", t.arn, err)
	}
	if len(out.Tasks) != 1 {
		return fmt.Errorf("describe the ECS task %s: the answer has %s, want 1", t.arn, plural.Count(len(out.Tasks), "task"))
	}
	service, ok := strings.CutPrefix(aws.ToString(out.Tasks[0].Group), "service:")
	deployment := aws.ToString(out.Tasks[0].StartedBy)
	if !ok || deployment == "" {
		return fmt.Errorf("the ECS task %s belongs to no service", t.arn)
	}
	t.service, t.deployment = service, deployment
	return nil
}

// startedBy returns the sorted ARNs of the tasks that a deployment has started and that ECS has not asked to stop.
func (t *Task) startedBy(ctx context.Context, deployment string) (arns []string, err error) {
	pages := ecs.NewListTasksPaginator(t.client, &ecs.ListTasksInput{Cluster: &t.cluster, StartedBy: &deployment})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the ECS tasks of the deployment %s: %w", deployment, err)
		}
		arns = append(arns, page.TaskArns...)
	}
	slices.Sort(arns)
	return arns, nil
}

// Package doctor examines a deployed stack and prints what only a real account can tell. It only reads. If it cannot
// read something, it says so and goes on. The page first-day.md says what each answer decides.
package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"darkroom/worker/plural"
)

// Cloud answers read-only calls of the AWS CLI.
type Cloud interface {
	// Ask makes a call and decodes its answer, JSON, into out.
	Ask(ctx context.Context, out any, args ...string) error
}

// Doctor examines one stack.
type Doctor struct {
	Cloud
	Stack   string            // name
	Outputs map[string]string // outputs of the stack
	Dry     bool              // the cloud answers nothing and only prints the calls
	Out     io.Writer
	Now     time.Time

	outputs map[string]string // Outputs, or shell variables in a dry run
	rules   []string          // names of the EventBridge rules
	queue   string            // name
}

// watchPause is the time between two requests for the metrics.
const watchPause = 15 * time.Second

func (d *Doctor) say(question, format string, args ...any) {
	if !d.Dry {
		fmt.Fprintf(d.Out, "%-18s %s\n", question, fmt.Sprintf(format, args...))
	}
}

// Examine answers the questions of first-day.md, one after the other. It repeats the request for the metrics for as
// long as watch, until they show how missing data counts.
func (d *Doctor) Examine(ctx context.Context, watch time.Duration) error {
	if err := d.stack(ctx); err != nil {
		return err
	}
	decided, err := d.metrics(ctx)
	for end := d.Now.Add(watch); err == nil && !decided && !d.Dry && d.Now.Before(end); {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(watchPause):
		}
		d.Now = d.Now.Add(watchPause)
		decided, err = d.metrics(ctx)
	}
	checks := []struct {
		question string
		ask      func(context.Context) error
	}{
		{"late data", func(context.Context) error { return err }},
		{"events", d.events}, {"deployments", d.service}, {"fargate start", d.tasks}, {"blocked", d.blocked}, {"graviton", d.graviton},
	}
	failed := 0
	for _, c := range checks {
		if err := c.ask(ctx); err != nil {
			failed++
			d.say(c.question, "not known: %v", err)
		}
	}
	if failed == len(checks) && !d.Dry {
		return errors.New("none of the questions could be answered")
	}
	return ctx.Err()
}

// stack checks the outputs of the stack, and reads its rules.
func (d *Doctor) stack(ctx context.Context) error {
	d.outputs = d.Outputs
	if d.Dry {
		d.outputs = map[string]string{"Cluster": "$Cluster", "Service": "$Service", "QueueUrl": "$QueueUrl", "WorkerLogs": "$WorkerLogs"}
		d.rules = []string{"$Rule"}
	}
	for _, name := range []string{"Cluster", "Service", "QueueUrl", "WorkerLogs"} {
		if d.outputs[name] == "" {
			return fmt.Errorf("the stack %s has no output %s", d.Stack, name)
		}
	}
	d.queue = path.Base(d.outputs["QueueUrl"])
	var resources struct {
		StackResourceSummaries []struct{ ResourceType, PhysicalResourceId string }
	}
	if err := d.Ask(ctx, &resources, "cloudformation", "list-stack-resources", "--stack-name", d.Stack); err != nil {
		return err
	}
	for _, r := range resources.StackResourceSummaries {
		if r.ResourceType == "AWS::Events::Rule" {
			d.rules = append(d.rules, r.PhysicalResourceId)
		}
	}
	return nil
}

// service prints the placement of the tasks, and the state of the deployments.
func (d *Doctor) service(ctx context.Context) error {
	var out struct {
		Services []struct {
			DesiredCount, RunningCount int
			CapacityProviderStrategy   []struct {
				CapacityProvider string
				Weight, Base     int
			}
			Deployments []struct{ Status, RolloutState string }
		}
	}
	if err := d.Ask(ctx, &out, "ecs", "describe-services", "--cluster", d.outputs["Cluster"], "--services", d.outputs["Service"]); err != nil {
		return err
	}
	if len(out.Services) != 1 {
		return fmt.Errorf("ECS knows %s of that name", plural.Count(len(out.Services), "service"))
	}
	s := out.Services[0]
	var strategy, deployments []string
	for _, p := range s.CapacityProviderStrategy {
		strategy = append(strategy, fmt.Sprintf("%s weight %d base %d", p.CapacityProvider, p.Weight, p.Base))
	}
	for _, p := range s.Deployments {
		deployments = append(deployments, strings.TrimSpace(p.Status+" "+p.RolloutState))
	}
	d.say("placement", "%s; %d desired, %d running", strings.Join(strategy, ", "), s.DesiredCount, s.RunningCount)
	d.say("deployments", "%s", strings.Join(deployments, ", "))
	return nil
}

// tasks prints how long the workers took to start, and where they run.
func (d *Doctor) tasks(ctx context.Context) error {
	var starts []time.Duration
	running := map[string]int{}
	for _, status := range []string{"RUNNING", "STOPPED"} {
		var listed struct{ TaskArns []string }
		if err := d.Ask(ctx, &listed, "ecs", "list-tasks", "--cluster", d.outputs["Cluster"], "--service-name", d.outputs["Service"], "--desired-status", status); err != nil {
			return err
		}
		for arns := range slices.Chunk(listed.TaskArns, 100) {
			var described struct {
				Tasks []struct {
					CreatedAt, StartedAt time.Time
					CapacityProviderName string
				}
			}
			if err := d.Ask(ctx, &described, append([]string{"ecs", "describe-tasks", "--cluster", d.outputs["Cluster"], "--tasks"}, arns...)...); err != nil {
				return err
			}
			for _, task := range described.Tasks {
				if !task.StartedAt.IsZero() {
					starts = append(starts, task.StartedAt.Sub(task.CreatedAt))
				}
				if status == "RUNNING" {
					running[cmp.Or(task.CapacityProviderName, "FARGATE")]++
				}
			}
		}
	}
	if len(starts) == 0 {
		return errors.New("no task has started in the last hour")
	}
	slices.Sort(starts)
	d.say("fargate start", "%s: shortest %v, median %v, longest %v; running on FARGATE %d, on FARGATE_SPOT %d", plural.Count(len(starts), "task"), starts[0].Round(time.Second),
		starts[len(starts)/2].Round(time.Second), starts[len(starts)-1].Round(time.Second), running["FARGATE"], running["FARGATE_SPOT"])
	return nil
}

// blocked counts the lines about blocked deployments in the workers' log of the last day.
func (d *Doctor) blocked(ctx context.Context) error {
	var out struct {
		Events []struct{ Message string }
	}
	since := strconv.FormatInt(d.Now.Add(-24*time.Hour).UnixMilli(), 10)
	if err := d.Ask(ctx, &out, "logs", "filter-log-events", "--log-group-name", d.outputs["WorkerLogs"], "--start-time", since,
		"--filter-pattern", `?"a deployment replaces this task" ?DEPLOYMENT_BLOCKED`, "--max-items", "100"); err != nil {
		return err
	}
	d.say("blocked", "%d lines of the workers' log in the last day are about blocked deployments; without a deployment, none may say that a worker drains", len(out.Events))
	return nil
}

// number formats a value for a table.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// compact returns v as JSON, for an argument of the CLI.
func compact(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

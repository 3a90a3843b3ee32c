package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"darkroom/worker/plural"
)

// cloud answers read-only calls of the AWS CLI.
type cloud interface {
	// query makes a call and decodes its answer, JSON, into out.
	query(ctx context.Context, out any, args []string) error
}

type doctorCommand struct {
	Target stackFlags    `embed:""`
	Watch  time.Duration `default:"0s" placeholder:"DURATION" help:"Ask for the metrics again every 15 s for this long, until a minute shows how missing data counts."`
	Show   bool          `name:"show-calls" help:"Print the calls of the AWS CLI."`
}

// Help is shown by --help.
func (*doctorCommand) Help() string {
	return `It only reads. deploy/aws/first-day.md says what each answer decides. Upload photos before: many answers need metrics and tasks of the last hour. It needs aws (version 2) with credentials.`
}

// Run examines the stack.
func (c *doctorCommand) Run(ctx context.Context) error {
	var calls io.Writer = io.Discard
	if c.Show {
		calls = os.Stdout
	}
	d := &doctor{stackFlags: c.Target, cloud: &shell{dir: ".", out: calls}, out: os.Stdout, now: time.Now()}
	return d.examine(ctx, c.Watch)
}

// doctor examines a deployed stack. What it cannot read it says, and goes on.
type doctor struct {
	stackFlags
	cloud
	out io.Writer
	now time.Time

	outputs map[string]string
	rules   []string // names of the EventBridge rules
	queue   string   // name
}

// watchPause is the time between two requests for the metrics.
const watchPause = 15 * time.Second

func (d *doctor) say(question, format string, args ...any) {
	fmt.Fprintf(d.out, "%-18s %s\n", question, fmt.Sprintf(format, args...))
}

// examine answers the questions of first-day.md, one after the other.
func (d *doctor) examine(ctx context.Context, watch time.Duration) error {
	if err := d.stack(ctx); err != nil {
		return err
	}
	decided, err := d.metrics(ctx)
	for end := d.now.Add(watch); err == nil && !decided && d.now.Before(end); {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(watchPause):
		}
		d.now = d.now.Add(watchPause)
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
	if failed == len(checks) {
		return errors.New("none of the questions could be answered")
	}
	return ctx.Err()
}

// stack reads the outputs and the rules of the stack.
func (d *doctor) stack(ctx context.Context) error {
	var stacks struct {
		Stacks []struct {
			Outputs []struct{ OutputKey, OutputValue string }
		}
	}
	if err := d.query(ctx, &stacks, d.aws("cloudformation", "describe-stacks", "--stack-name", d.Stack)); err != nil {
		return err
	}
	d.outputs = map[string]string{}
	for _, s := range stacks.Stacks {
		for _, o := range s.Outputs {
			d.outputs[o.OutputKey] = o.OutputValue
		}
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
	if err := d.query(ctx, &resources, d.aws("cloudformation", "list-stack-resources", "--stack-name", d.Stack)); err != nil {
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
func (d *doctor) service(ctx context.Context) error {
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
	if err := d.query(ctx, &out, d.aws("ecs", "describe-services", "--cluster", d.outputs["Cluster"], "--services", d.outputs["Service"])); err != nil {
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
func (d *doctor) tasks(ctx context.Context) error {
	var starts []time.Duration
	running := map[string]int{}
	for _, status := range []string{"RUNNING", "STOPPED"} {
		var listed struct{ TaskArns []string }
		if err := d.query(ctx, &listed, d.aws("ecs", "list-tasks", "--cluster", d.outputs["Cluster"], "--service-name", d.outputs["Service"], "--desired-status", status)); err != nil {
			return err
		}
		for arns := range slices.Chunk(listed.TaskArns, 100) {
			var described struct {
				Tasks []struct {
					CreatedAt, StartedAt time.Time
					CapacityProviderName string
				}
			}
			if err := d.query(ctx, &described, d.aws(append([]string{"ecs", "describe-tasks", "--cluster", d.outputs["Cluster"], "--tasks"}, arns...)...)); err != nil {
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
		return errors.New("no task of the last hour has started")
	}
	slices.Sort(starts)
	d.say("fargate start", "%s: shortest %v, median %v, longest %v; running on FARGATE %d, on FARGATE_SPOT %d", plural.Count(len(starts), "task"), starts[0].Round(time.Second),
		starts[len(starts)/2].Round(time.Second), starts[len(starts)-1].Round(time.Second), running["FARGATE"], running["FARGATE_SPOT"])
	return nil
}

// blocked counts the lines about blocked deployments in the workers' log of the last day.
func (d *doctor) blocked(ctx context.Context) error {
	var out struct {
		Events []struct{ Message string }
	}
	since := strconv.FormatInt(d.now.Add(-24*time.Hour).UnixMilli(), 10)
	if err := d.query(ctx, &out, d.aws("logs", "filter-log-events", "--log-group-name", d.outputs["WorkerLogs"], "--start-time", since,
		"--filter-pattern", `?"a deployment replaces this task" ?DEPLOYMENT_BLOCKED`, "--max-items", "100")); err != nil {
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

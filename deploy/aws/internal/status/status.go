// Package status reports the state of a system: its stack, the revision that runs, the messages in its queues, its
// workers, its alarms, and the errors of its API. It only reads. A report names what could not be read, and has the
// rest.
package status

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"darkroom/deploy/aws/internal/deployment"
	"darkroom/deploy/aws/internal/revision"
	"darkroom/deploy/aws/internal/stack"
	"darkroom/worker/plural"
)

// Report is the state of a system. The JSON of the command status has the same fields.
type Report struct {
	Stack    string             `json:"stack"`
	Region   string             `json:"region"`
	Time     time.Time          `json:"time"`
	State    string             `json:"state"`              // CloudFormation's, such as UPDATE_COMPLETE
	Reason   string             `json:"reason,omitempty"`   // why the stack is in that state
	Changed  time.Time          `json:"changed"`            // last change of the stack
	Revision *revision.Revision `json:"revision,omitempty"` // nil if it was deployed without this program
	Queues   []Queue            `json:"queues"`
	Workers  *Workers           `json:"workers,omitempty"`
	Alarms   []string           `json:"alarms"`           // names of those in the state ALARM
	Errors   *float64           `json:"errors,omitempty"` // answers of the API with a 5xx in the last [ErrorMinutes]
	Unknown  []string           `json:"unknown"`          // what could not be read, and why
	Healthy  bool               `json:"healthy"`          // no alarm, no failed stack, and everything was read
}

// Queue has the approximate numbers of messages in a queue.
type Queue struct {
	Name     string `json:"name"`
	Visible  int    `json:"visible"`  // waiting
	InFlight int    `json:"inFlight"` // received and not yet deleted
	Delayed  int    `json:"delayed"`
}

// Messages returns all messages of the queue.
func (q Queue) Messages() int { return q.Visible + q.InFlight + q.Delayed }

// Workers has the numbers of the workers' service.
type Workers struct {
	Desired    int    `json:"desired"`
	Running    int    `json:"running"`
	Pending    int    `json:"pending"`
	Deployment string `json:"deployment"` // state of the newest deployment, such as COMPLETED
}

// ErrorMinutes is the time over which the errors of the API are counted.
const ErrorMinutes = 15

// queues are the names of the queues, with the outputs of the stack that have their URLs.
var queues = []struct{ name, output string }{
	{"events", "QueueUrl"}, {"photos", "PhotosQueueUrl"}, {"events-dead-letters", "DeadLetterQueueUrl"}, {"photos-dead-letters", "PhotosDeadLetterQueueUrl"},
}

// Reader reads the state of systems.
type Reader struct {
	stack.Client
	Work string // folder for temporary files
}

// Read reads the state of a system. Only a stack that does not exist or cannot be read is an error.
func (r Reader) Read(ctx context.Context, name string, now time.Time) (Report, error) {
	s, err := r.Describe(ctx, name)
	if err != nil {
		return Report{}, err
	}
	if s.Status == "" && !r.Dry {
		return Report{}, r.NotFound(name)
	}
	report := Report{Stack: name, Region: r.Region, Time: now.UTC(), State: s.Status, Reason: s.Reason, Changed: s.Changed.UTC(), Queues: []Queue{}, Alarms: []string{}, Unknown: []string{}}
	if r.Dry {
		s.Outputs = map[string]string{"Cluster": "$Cluster", "Service": "$Service", "QueueUrl": "$QueueUrl", "PhotosQueueUrl": "$PhotosQueueUrl", "DeadLetterQueueUrl": "$DeadLetterQueueUrl", "PhotosDeadLetterQueueUrl": "$PhotosDeadLetterQueueUrl"}
	}
	var mu sync.Mutex // guards the report
	var group sync.WaitGroup
	ask := func(what string, read func() (done func(), err error)) {
		group.Go(func() {
			done, err := read()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				report.Unknown = append(report.Unknown, what+": "+err.Error())
			} else {
				done()
			}
		})
	}
	if s.Completed() || r.Dry {
		ask("queues", func() (func(), error) {
			all, err := r.Queues(ctx, s)
			return func() { report.Queues = all }, err
		})
		ask("workers", func() (func(), error) {
			w, err := r.workers(ctx, s)
			return func() { report.Workers = w }, err
		})
		ask("alarms and errors", func() (func(), error) {
			alarms, count, err := r.alarms(ctx, name, now)
			return func() { report.Alarms, report.Errors = alarms, count }, err
		})
		ask("revision", func() (func(), error) {
			running, err := r.running(ctx, s)
			return func() { report.Revision = running }, err
		})
	}
	group.Wait()
	slices.Sort(report.Unknown)
	report.Healthy = len(report.Alarms) == 0 && len(report.Unknown) == 0 && s.Completed() && !strings.HasSuffix(s.Status, "_FAILED")
	return report, ctx.Err()
}

// Queues counts the messages in the queues of a stack.
func (r Reader) Queues(ctx context.Context, s stack.Stack) ([]Queue, error) {
	all := []Queue{}
	for _, q := range queues {
		url := s.Outputs[q.output]
		if url == "" {
			continue // a stack of a release with one queue
		}
		var out struct{ Attributes map[string]string }
		if err := r.Ask(ctx, &out, "sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"); err != nil {
			return nil, err
		}
		number := func(name string) int {
			n, _ := strconv.Atoi(out.Attributes["ApproximateNumberOfMessages"+name]) // SQS always answers with a number
			return n
		}
		all = append(all, Queue{Name: q.name, Visible: number(""), InFlight: number("NotVisible"), Delayed: number("Delayed")})
	}
	return all, nil
}

func (r Reader) workers(ctx context.Context, s stack.Stack) (*Workers, error) {
	var out struct {
		Services []struct {
			DesiredCount, RunningCount, PendingCount int
			Deployments                              []struct{ Status, RolloutState string }
		}
	}
	if err := r.Ask(ctx, &out, "ecs", "describe-services", "--cluster", s.Outputs["Cluster"], "--services", s.Outputs["Service"]); err != nil {
		return nil, err
	}
	if len(out.Services) != 1 {
		if r.Dry {
			return nil, nil
		}
		return nil, fmt.Errorf("ECS describes %s named %s, want 1", plural.Count(len(out.Services), "service"), s.Outputs["Service"])
	}
	is := out.Services[0]
	w := &Workers{Desired: is.DesiredCount, Running: is.RunningCount, Pending: is.PendingCount}
	for _, d := range is.Deployments {
		if d.Status == "PRIMARY" {
			w.Deployment = d.RolloutState
		}
	}
	return w, nil
}

// alarms returns the alarms of the stack that are in the state ALARM, and the errors of its API.
func (r Reader) alarms(ctx context.Context, name string, now time.Time) (raised []string, count *float64, err error) {
	resources, err := r.Resources(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	own := map[string]bool{}
	api := "$Api"
	for _, resource := range resources {
		switch resource.Type {
		case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm":
			own[resource.Physical] = true
		case "AWS::ApiGatewayV2::Api":
			api = resource.Physical
		}
	}
	var alarms struct {
		MetricAlarms, CompositeAlarms []struct{ AlarmName string }
	}
	if err := r.Ask(ctx, &alarms, "cloudwatch", "describe-alarms", "--state-value", "ALARM", "--alarm-types", "MetricAlarm", "CompositeAlarm", "--alarm-name-prefix", name+"-"); err != nil {
		return nil, nil, err
	}
	raised = []string{}
	for _, a := range slices.Concat(alarms.MetricAlarms, alarms.CompositeAlarms) {
		if own[a.AlarmName] { // the names of another system may begin with the same words
			raised = append(raised, strings.TrimPrefix(a.AlarmName, name+"-"))
		}
	}
	slices.Sort(raised)
	count, err = r.apiErrors(ctx, api, now)
	return raised, count, err
}

// apiErrors sums the answers of an API with a 5xx.
func (r Reader) apiErrors(ctx context.Context, api string, now time.Time) (*float64, error) {
	query := fmt.Sprintf(`[{"Id": "errors", "MetricStat": {"Metric": {"Namespace": "AWS/ApiGateway", "MetricName": "5xx", "Dimensions": [{"Name": "ApiId", "Value": %q}]}, "Period": 60, "Stat": "Sum"}}]`, api)
	var out struct{ MetricDataResults []struct{ Values []float64 } }
	end := now.UTC().Truncate(time.Minute).Add(time.Minute)
	err := r.Ask(ctx, &out, "cloudwatch", "get-metric-data", "--start-time", end.Add(-ErrorMinutes*time.Minute).Format(time.RFC3339), "--end-time", end.Format(time.RFC3339), "--metric-data-queries", query)
	sum := 0.0
	for _, result := range out.MetricDataResults {
		for _, v := range result.Values {
			sum += v
		}
	}
	return &sum, err
}

// running returns the revision that the stack runs, or nil if it was not recorded.
func (r Reader) running(ctx context.Context, s stack.Stack) (*revision.Revision, error) {
	bucket := "$CodeBucket"
	if !r.Dry {
		artifacts, err := r.Describe(ctx, deployment.Artifacts(s.Name))
		if err != nil {
			return nil, err
		}
		if bucket = artifacts.Outputs["CodeBucket"]; bucket == "" {
			return nil, nil
		}
	}
	all, err := revision.Store{CLI: r.CLI, Bucket: bucket, Work: r.Work}.List(ctx, 1)
	if err != nil || len(all) == 0 || all[0].Image != s.Parameters["WorkerImage"] || all[0].Code != s.Parameters["CodeKey"] {
		return nil, err
	}
	return &all[0], nil
}

// Err returns an error that says what is not healthy, or nil.
func (r Report) Err() error {
	var bad []string
	if len(r.Alarms) > 0 {
		bad = append(bad, "in alarm: "+strings.Join(r.Alarms, ", "))
	}
	if !r.Healthy && len(r.Alarms) == 0 && len(r.Unknown) == 0 {
		bad = append(bad, "the stack is in the state "+r.State)
	}
	if len(r.Unknown) > 0 {
		bad = append(bad, "not everything could be read")
	}
	if len(bad) == 0 {
		return nil
	}
	return errors.New(r.Stack + ": " + strings.Join(bad, "; "))
}

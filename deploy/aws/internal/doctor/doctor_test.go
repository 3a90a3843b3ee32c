package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// fakeCloud answers calls by their service and operation. A call that it does not know fails.
type fakeCloud struct {
	answers map[string]string
	calls   []string
}

func (f *fakeCloud) Ask(_ context.Context, out any, args ...string) error {
	call := strings.Join(args[:2], " ")
	f.calls = append(f.calls, call)
	if call == "cloudwatch get-metric-data" {
		for part, answer := range f.answers {
			if strings.Contains(strings.Join(args, " "), part) && strings.HasPrefix(answer, `{"MetricDataResults"`) {
				return json.Unmarshal([]byte(answer), out)
			}
		}
	}
	if call == "ecs list-tasks" {
		call += " " + args[len(args)-1]
	}
	answer, ok := f.answers[call]
	if !ok {
		return errors.New("AccessDenied: " + call)
	}
	return json.Unmarshal([]byte(answer), out)
}

// minute returns the time n minutes after noon.
func minute(n int) string {
	return time.Date(2026, 11, 28, 12, n, 0, 0, time.UTC).Format(time.RFC3339)
}

// seriesOf returns the answer to GetMetricData, each series with a value of 1 in some minutes.
func seriesOf(series map[string][]int) string {
	var results []string
	for id, minutes := range series {
		var stamps, values []string
		for _, m := range minutes {
			stamps, values = append(stamps, `"`+minute(m)+`"`), append(values, "1")
		}
		results = append(results, fmt.Sprintf(`{"Id": %q, "Timestamps": [%s], "Values": [%s]}`, id, strings.Join(stamps, ","), strings.Join(values, ",")))
	}
	return `{"MetricDataResults": [` + strings.Join(results, ",") + "]}"
}

// deployed is a stack that answers everything.
func deployed() map[string]string {
	return map[string]string{
		"cloudformation list-stack-resources": `{"StackResourceSummaries": [{"ResourceType": "AWS::Events::Rule", "PhysicalResourceId": "outcomes"},
			{"ResourceType": "AWS::Events::Rule", "PhysicalResourceId": "deployments"}, {"ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "q"}]}`,
		"visible + tasks": seriesOf(map[string][]int{"visible": {1, 2, 3}, "tasks": {1, 2, 3, 4}, "cpu": {1, 2}, "sum": {1, 2, 3, 4}}),
		"TriggeredRules":  seriesOf(map[string][]int{"triggered0": {0}, "failed0": {0}, "triggered1": {0}}),
		"Average":         seriesOf(map[string][]int{"s0": {0}}),
		"ecs describe-services": `{"services": [{"desiredCount": 3, "runningCount": 2, "deployments": [{"status": "PRIMARY", "rolloutState": "COMPLETED"}],
			"capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 0, "base": 1}]}]}`,
		"ecs list-tasks RUNNING": `{"taskArns": ["a", "b"]}`, "ecs list-tasks STOPPED": `{"taskArns": []}`,
		"ecs describe-tasks": `{"tasks": [{"createdAt": "2026-11-28T12:00:00.5+00:00", "startedAt": "2026-11-28T12:00:40.5+00:00", "capacityProviderName": "FARGATE_SPOT"},
			{"createdAt": "2026-11-28T12:00:00+00:00"}]}`,
		"logs filter-log-events":  `{"events": [{"message": "a"}]}`,
		"cloudwatch list-metrics": `{"Metrics": [{"Dimensions": [{"Name": "stack", "Value": "x"}, {"Name": "stage", "Value": "decode"}]}, {"Dimensions": [{"Name": "stage", "Value": "download"}]}]}`,
	}
}

// outputs returns what the doctor needs of a stack's outputs.
func outputs() map[string]string {
	return map[string]string{"Cluster": "c", "Service": "s", "QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/photos", "WorkerLogs": "/darkroom/x/worker"}
}

func examine(t *testing.T, outputs, answers map[string]string) (string, *fakeCloud, error) {
	t.Helper()
	var out bytes.Buffer
	fake := &fakeCloud{answers: answers}
	d := &Doctor{Cloud: fake, Stack: "x", Outputs: outputs, Out: &out, Now: time.Date(2026, 11, 28, 12, 6, 0, 0, time.UTC)}
	err := d.Examine(t.Context(), 0)
	return out.String(), fake, err
}

func TestDoctor(t *testing.T) {
	for name, c := range map[string]struct {
		change func(answers map[string]string)
		want   []string
	}{
		"all": {func(map[string]string) {}, []string{
			"1 minutes have one of two metrics, and 1 of these have a sum: a missing value counts as 0 (zero)",
			"FILL of a metric without points has no value",
			"visible messages: the newest minute ended 2m0s ago", "tasks: the newest minute ended 1m0s ago",
			"at 12:01 UTC, the service's memory metric has 1 samples in a minute, and its CPU metric 1",
			"outcomes: triggered 1 times, failed 1 times in a day: ITS TARGET REFUSES", "deployments: triggered 1 times, failed 0 times in a day: its target accepts",
			"FARGATE weight 0 base 1; 3 desired, 2 running", "PRIMARY COMPLETED", "1 task: shortest 40s, median 40s, longest 40s; running on FARGATE 1, on FARGATE_SPOT 1",
			"1 lines of the workers' log", "SecondsPerPhoto is about 1.000, as the sum of the means of its stages: decode 1.000 s",
		}},
		"gap": {func(a map[string]string) {
			a["visible + tasks"] = seriesOf(map[string][]int{"visible": {1}, "tasks": {1, 2}, "sum": {1}, "filled": {1, 2, 3}})
		}, []string{"1 minutes have one of two metrics, and 0 of these have a sum: the result has no value (gap)", "has 3 values"}},
		"quiet": {func(a map[string]string) {
			a["visible + tasks"], a["TriggeredRules"], a["cloudwatch list-metrics"] = seriesOf(nil), seriesOf(nil), "{}"
		}, []string{"not decided: look again", "visible messages: no point in the last quarter of an hour", "outcomes: triggered 0 times, failed 0 times in a day: not known", "no collector sends"}},
		"no permissions": {func(a map[string]string) {
			for call := range a {
				if !strings.HasPrefix(call, "cloudformation") && call != "ecs describe-services" {
					delete(a, call)
				}
			}
		}, []string{"late data          not known: AccessDenied", "fargate start      not known: AccessDenied", "3 desired, 2 running"}},
	} {
		answers := deployed()
		c.change(answers)
		out, fake, err := examine(t, outputs(), answers)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", name, want, out)
			}
		}
		for _, call := range fake.calls {
			operation := call[strings.Index(call, " ")+1:]
			if verb, _, _ := strings.Cut(operation, "-"); verb != "describe" && verb != "list" && verb != "get" && verb != "filter" {
				t.Errorf("%s: %s does not only read", name, call)
			}
		}
	}
}

func TestDoctorFails(t *testing.T) {
	answers := deployed()
	if _, _, err := examine(t, map[string]string{"Cluster": "c"}, answers); err == nil || !strings.Contains(err.Error(), "no output Service") {
		t.Errorf("a stack without outputs: error %v", err)
	}
	for call := range answers {
		if !strings.HasPrefix(call, "cloudformation list") {
			delete(answers, call)
		}
	}
	if _, _, err := examine(t, outputs(), answers); err == nil {
		t.Error("nothing can be read: no error")
	}
}

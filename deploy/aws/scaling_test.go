package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// existing are the metrics that exist, with the names of their dimensions:
//
//	AWS/SQS         https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
//	AWS/ECS         https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
//	AWS/Lambda      https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
//	AWS/ApiGateway  https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
//	AWS/Scheduler   https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
//	Darkroom        the token Lambda's own; TestDashboardShowsLambdaMetrics compares them with its source
var existing = map[string]struct {
	dimensions []string
	metrics    []string
}{
	"AWS/SQS": {[]string{"QueueName"}, []string{"ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
		"ApproximateAgeOfOldestMessage", "NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted", "NumberOfEmptyReceives", "SentMessageSize"}},
	"AWS/ECS":        {[]string{"ClusterName", "ServiceName"}, []string{"CPUUtilization", "MemoryUtilization"}},
	"AWS/Lambda":     {[]string{"FunctionName"}, []string{"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"}},
	"AWS/ApiGateway": {[]string{"ApiId"}, []string{"Count", "4xx", "5xx", "Latency", "IntegrationLatency", "DataProcessed"}},
	"AWS/Scheduler":  {[]string{"ScheduleGroup"}, []string{"InvocationAttemptCount", "TargetErrorCount", "InvocationDroppedCount"}},
	"Darkroom":       {[]string{"FunctionName"}, ownMetrics},
}

var ownMetrics = []string{"TokensIssued", "Refused", "Latency", "StoreFailures", "Faults", "UnusableManifests"}

var scalingRules = []rule{
	{"metric math", func(s *stack) (bad []string) {
		all := s.queries()
		for _, where := range slices.Sorted(maps.Keys(all)) {
			bad = append(bad, mathFaults(where, all[where])...)
		}
		return bad
	}},
	{"one result", func(s *stack) (bad []string) {
		all := s.queries()
		for _, kind := range []string{"AWS::CloudWatch::Alarm", "AWS::ApplicationAutoScaling::ScalingPolicy"} {
			for name := range s.ofType(kind) {
				n := 0
				for _, q := range all[name] {
					if q.returns {
						n++
					}
				}
				if n != 1 && !(n == 0 && cfn.Lookup(s.properties(name), "StepScalingPolicyConfiguration") != nil) {
					bad = append(bad, fmt.Sprintf("%s returns %d series", name, n))
				}
			}
		}
		return bad
	}},
	{"metrics", func(s *stack) (bad []string) {
		all := s.queries()
		for _, where := range slices.Sorted(maps.Keys(all)) {
			if len(all[where]) == 0 && cfn.Lookup(s.properties(where), "StepScalingPolicyConfiguration") == nil {
				bad = append(bad, where+" has no metrics")
			}
			for _, q := range all[where] {
				if q.expression == "" && (!slices.Contains(existing[q.namespace].metrics, q.metric) || !slices.Equal(existing[q.namespace].dimensions, q.dimensions)) {
					bad = append(bad, fmt.Sprintf("%s: metric %s %s with dimensions %v does not exist", where, q.namespace, q.metric, q.dimensions))
				}
			}
		}
		return bad
	}},
	// A worker that renders uses all of its processors at any load. Of two policies the larger number wins, so a policy on CPU
	// would keep workers that no photo needs. The CPU metric only serves to count tasks, by its number of samples.
	{"no CPU", func(s *stack) (bad []string) {
		all := s.queries()
		for name, p := range s.ofType("AWS::ApplicationAutoScaling::ScalingPolicy") {
			if cfn.Lookup(p, "TargetTrackingScalingPolicyConfiguration", "PredefinedMetricSpecification") != nil {
				bad = append(bad, name+" follows a predefined metric")
			}
			queries := slices.Clone(all[name])
			for alarm, a := range s.ofType("AWS::CloudWatch::Alarm") {
				if slices.Contains(textsAt(a, "AlarmActions"), "${"+name+"}") {
					queries = append(queries, all[alarm]...)
				}
			}
			for _, q := range queries {
				if q.namespace == "AWS/ECS" && q.stat != "SampleCount" {
					bad = append(bad, fmt.Sprintf("%s follows %s", name, q.metric))
				}
			}
		}
		return bad
	}},
	{"scaling", func(s *stack) (bad []string) {
		target := s.properties("Scaling")
		if textAt(target, "ResourceId") != "service/${Cluster}/${WorkerService.Name}" || numberAt(target, "MaxCapacity") < 1 {
			bad = append(bad, "the target is not the service of the workers")
		}
		p := cfn.Lookup(s.properties("BacklogScaling"), "TargetTrackingScalingPolicyConfiguration")
		if numberAt(p, "TargetValue") != 30 || numberAt(p, "ScaleInCooldown") < numberAt(p, "ScaleOutCooldown") || numberAt(p, "ScaleOutCooldown") < 0 || cfn.Lookup(p, "DisableScaleIn") == true {
			bad = append(bad, "the target is not the acceptable wait, or workers are removed sooner than added")
		}
		for alarm, policy := range map[string]string{"BurstAlarm": "BurstScaling", "WakeAlarm": "WakeScaling"} {
			if s.resources[alarm] == nil && alarm == "WakeAlarm" {
				continue // the rule "waking" decides when it must exist
			}
			if !slices.Equal(textsAt(s.properties(alarm), "AlarmActions"), []string{"${" + policy + "}"}) || s.resources[policy] == nil {
				bad = append(bad, alarm+" does not start its policy")
			}
			last := -1.0
			for _, step := range listAt(s.properties(policy), "StepScalingPolicyConfiguration", "StepAdjustments") {
				if numberAt(step, "ScalingAdjustment") <= max(last, 0) {
					bad = append(bad, policy+" does not add more with each step")
				}
				last = numberAt(step, "ScalingAdjustment")
			}
		}
		return bad
	}},
	// The results of the expressions. A worker renders two photos at once in 0.1 s each, so 600 messages are 30 s of work.
	{"sums", func(s *stack) (bad []string) {
		if s.parameters["TaskVcpu"] != "" {
			return nil // the numbers below are for two processors
		}
		all := s.queries()
		for _, c := range []struct {
			where  string
			values map[string]float64
			want   float64
		}{
			{"BacklogScaling", map[string]float64{"visible": 600, "inflight": 8, "tasks": 1}, 30},
			{"BacklogScaling", map[string]float64{"visible": 6000, "inflight": 80, "tasks": 5}, 60},
			{"BacklogScaling", map[string]float64{"visible": 600, "inflight": 0}, 30}, // no worker counts as one
			{"BacklogScaling", map[string]float64{"visible": 0, "inflight": 5, "tasks": 5}, 15},
			{"BacklogScaling", map[string]float64{"visible": 0, "inflight": 400, "tasks": 5}, 30}, // keeps the workers, but adds none
			{"BacklogScaling", map[string]float64{"visible": 0, "inflight": 0, "tasks": 5}, 0},
			{"BacklogScaling", map[string]float64{"visible": 0, "inflight": 0, "tasks": 1}, 30}, // the fewest workers are kept
			{"BacklogScaling", map[string]float64{"visible": 1200, "inflight": 0, "tasks": 1}, 60},
			{"BurstAlarm", map[string]float64{"visible": 1200, "tasks": 1}, 2},
			{"BurstAlarm", map[string]float64{"visible": 1200, "tasks": 2}, 1},
			{"NoWorkersAlarm", map[string]float64{"visible": 1}, 1},
			{"NoWorkersAlarm", map[string]float64{"visible": 1, "tasks": 1}, 0},
			{"NoWorkersAlarm", map[string]float64{"visible": 0}, 0},
			{"AtMaximumAlarm", map[string]float64{"visible": 1e6, "tasks": 20}, 1},
			{"AtMaximumAlarm", map[string]float64{"visible": 1e6, "tasks": 19}, 0},
			{"AtMaximumAlarm", map[string]float64{"visible": 1, "tasks": 20}, 0},
			{"ApiErrorsAlarm", map[string]float64{"errors": 10, "requests": 100}, 10},
			{"ApiErrorsAlarm", map[string]float64{"errors": 2, "requests": 2}, 0},
		} {
			qs := all[c.where]
			if !sound(qs) {
				continue // other rules report it
			}
			got, err := evaluate(qs, c.values)
			if err != nil || math.Abs(got-c.want) > 1e-9 {
				bad = append(bad, fmt.Sprintf("%s with %v = %v, want %v (error: %v)", c.where, c.values, got, c.want, err))
			}
		}
		return bad
	}},
	{"waking", func(s *stack) (bad []string) {
		zero := s.parameters["MinTasks"] == "0"
		if (s.resources["WakeAlarm"] != nil) != zero || (s.resources["WakeScaling"] != nil) != zero {
			return []string{fmt.Sprintf("scales to zero: %v, wakes: %v", zero, s.resources["WakeAlarm"] != nil)}
		}
		if !zero || !sound(s.queries()["WakeAlarm"]) {
			return nil
		}
		for _, c := range []struct {
			values map[string]float64
			want   float64
		}{
			{map[string]float64{"visible": 1, "inflight": 0}, 1}, {map[string]float64{"visible": 0, "inflight": 0}, 0},
			{map[string]float64{"visible": 9, "inflight": 0, "tasks": 1}, 0}, {map[string]float64{"visible": 9, "inflight": 8}, 0},
		} {
			if got, err := evaluate(s.queries()["WakeAlarm"], c.values); err != nil || got != c.want {
				bad = append(bad, fmt.Sprintf("with %v = %v, want %v (error: %v)", c.values, got, c.want, err))
			}
		}
		return bad
	}},
	// Each alarm and its end notify people, except for the two alarms that scale.
	{"alarms", func(s *stack) (bad []string) {
		for name, a := range s.ofType("AWS::CloudWatch::Alarm") {
			actions := textsAt(a, "AlarmActions")
			scales := name == "BurstAlarm" || name == "WakeAlarm"
			notifies := slices.Equal(actions, []string{"${Alarms}"}) && slices.Equal(textsAt(a, "OKActions"), []string{"${Alarms}"})
			if !scales && !notifies || textAt(a, "AlarmDescription") == "" || textAt(a, "TreatMissingData") != "notBreaching" {
				bad = append(bad, fmt.Sprintf("%s: actions %v, or no description, or missing data breaches", name, actions))
			}
		}
		var publishers []string
		for _, st := range listAt(s.properties("AlarmsPolicy"), "PolicyDocument", "Statement") {
			if textAt(st, "Effect") == "Allow" {
				publishers = append(publishers, textAt(st, "Principal", "Service")+" "+textAt(st, "Condition", "StringEquals", "aws:SourceAccount")+textAt(st, "Condition", "ArnEquals", "aws:SourceArn"))
			}
		}
		if !slices.Equal(publishers, []string{"cloudwatch.amazonaws.com 123456789012", "events.amazonaws.com ${DeploymentFailed.Arn}", "events.amazonaws.com ${OperatorFailed.Arn}"}) {
			bad = append(bad, fmt.Sprintf("these may publish: %q", publishers))
		}
		for name, r := range s.ofType("AWS::Events::Rule") {
			if to := textAt(r, "Targets", 0, "Arn"); to != "${Alarms}" && to != "${OutcomeLogs.Arn}" {
				bad = append(bad, name+" sends to "+to)
			}
		}
		return bad
	}},
}

// TestEvaluate shows that the rule "sums" can fail.
func TestEvaluate(t *testing.T) {
	for expression, want := range map[string]float64{"IF(a > 1, a, b) * 2 / (b - 1)": 8, "FILL(c, 7) + 1": 8} {
		qs := []query{{id: "a"}, {id: "b"}, {id: "c"}, {id: "x", expression: expression, returns: true}}
		if got, err := evaluate(qs, map[string]float64{"a": 4, "b": 2}); got != want || err != nil {
			t.Errorf("%s = %v, %v, want %v", expression, got, err, want)
		}
	}
	for _, expression := range []string{"FILL(c, REPEAT)", "a / 0", "d", "MAX(a)"} {
		qs := []query{{id: "a"}, {id: "c"}, {id: "x", expression: expression, returns: true}}
		if got, err := evaluate(qs, map[string]float64{"a": 4}); err == nil {
			t.Errorf("%s = %v, want an error", expression, got)
		}
	}
}

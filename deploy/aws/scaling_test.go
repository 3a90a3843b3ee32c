package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// exist are the metrics that there are, with the names of the dimensions that each is looked at by:
//
//	AWS/SQS         https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
//	AWS/ECS         https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
//	AWS/Lambda      https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
//	AWS/ApiGateway  https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
//	Darkroom        the token Lambda's own, which TestOwnMetricsExist compares with its source
var exist = map[string]struct {
	dimensions []string
	metrics    []string
}{
	"AWS/SQS": {[]string{"QueueName"}, []string{"ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
		"ApproximateAgeOfOldestMessage", "NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted", "NumberOfEmptyReceives", "SentMessageSize"}},
	"AWS/ECS":        {[]string{"ClusterName", "ServiceName"}, []string{"CPUUtilization", "MemoryUtilization"}},
	"AWS/Lambda":     {[]string{"FunctionName"}, []string{"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"}},
	"AWS/ApiGateway": {[]string{"ApiId"}, []string{"Count", "4xx", "5xx", "Latency", "IntegrationLatency", "DataProcessed"}},
	"Darkroom":       {[]string{"FunctionName"}, ownMetrics},
}

var ownMetrics = []string{"TokensIssued", "Refused", "Latency"}

var scalingRules = []rule{
	{"metric math", func(s *stack) (bad []string) {
		all := s.queries()
		for _, where := range slices.Sorted(maps.Keys(all)) {
			bad = append(bad, mathFaults(where, all[where])...)
		}
		return bad
	}},
	{"one answer", func(s *stack) (bad []string) {
		all := s.queries()
		for _, kind := range []string{"AWS::CloudWatch::Alarm", "AWS::ApplicationAutoScaling::ScalingPolicy"} {
			for name := range s.of(kind) {
				n := 0
				for _, q := range all[name] {
					if q.returns {
						n++
					}
				}
				if n != 1 && !(n == 0 && cfn.At(s.properties(name), "StepScalingPolicyConfiguration") != nil) {
					bad = append(bad, fmt.Sprintf("%s returns %d series", name, n))
				}
			}
		}
		return bad
	}},
	{"metrics", func(s *stack) (bad []string) {
		all := s.queries()
		for _, where := range slices.Sorted(maps.Keys(all)) {
			if len(all[where]) == 0 && cfn.At(s.properties(where), "StepScalingPolicyConfiguration") == nil {
				bad = append(bad, where+" looks at nothing")
			}
			for _, q := range all[where] {
				if q.expression == "" && (!slices.Contains(exist[q.namespace].metrics, q.metric) || !slices.Equal(exist[q.namespace].dimensions, q.dimensions)) {
					bad = append(bad, fmt.Sprintf("%s: there is no %s %s by %v", where, q.namespace, q.metric, q.dimensions))
				}
			}
		}
		return bad
	}},
	// A worker that renders uses all of its processors at any load, and where there are two policies the larger wins: one on
	// CPU would keep workers that nobody waits for. The CPU metric is good for counting tasks alone.
	{"no CPU", func(s *stack) (bad []string) {
		all := s.queries()
		for name, p := range s.of("AWS::ApplicationAutoScaling::ScalingPolicy") {
			if cfn.At(p, "TargetTrackingScalingPolicyConfiguration", "PredefinedMetricSpecification") != nil {
				bad = append(bad, name+" follows a metric of AWS's choice")
			}
			queries := slices.Clone(all[name])
			for alarm, a := range s.of("AWS::CloudWatch::Alarm") {
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
			bad = append(bad, "it is not the workers that are scaled")
		}
		p := cfn.At(s.properties("BacklogScaling"), "TargetTrackingScalingPolicyConfiguration")
		if numberAt(p, "TargetValue") != 30 || numberAt(p, "ScaleInCooldown") < numberAt(p, "ScaleOutCooldown") || numberAt(p, "ScaleOutCooldown") < 0 || cfn.At(p, "DisableScaleIn") == true {
			bad = append(bad, "the target is not the acceptable wait, or workers go sooner than they come")
		}
		for alarm, policy := range map[string]string{"BurstAlarm": "BurstScaling", "WakeAlarm": "WakeScaling"} {
			if s.resources[alarm] == nil && alarm == "WakeAlarm" {
				continue // the rule about waking says when it has to be there
			}
			if !slices.Equal(textsAt(s.properties(alarm), "AlarmActions"), []string{"${" + policy + "}"}) || s.resources[policy] == nil {
				bad = append(bad, alarm+" does not scale")
			}
			last := -1.0
			for _, step := range listAt(s.properties(policy), "StepScalingPolicyConfiguration", "StepAdjustments") {
				if numberAt(step, "ScalingAdjustment") <= max(last, 0) {
					bad = append(bad, policy+" does not scale out ever more")
				}
				last = numberAt(step, "ScalingAdjustment")
			}
		}
		return bad
	}},
	// What the expressions say, in numbers: with two photos at once on a worker and 0.1 s for each, 30 s are 600 messages.
	{"sums", func(s *stack) (bad []string) {
		if s.parameters["TaskVcpu"] != "" {
			return nil // counted with two processors
		}
		all := s.queries()
		for _, c := range []struct {
			where  string
			values map[string]float64
			want   float64
		}{
			{"BacklogScaling", map[string]float64{"visible": 600, "inflight": 8, "tasks": 1}, 30},
			{"BacklogScaling", map[string]float64{"visible": 6000, "inflight": 80, "tasks": 5}, 60},
			{"BacklogScaling", map[string]float64{"visible": 600, "inflight": 0}, 30}, // with no worker as with one
			{"BacklogScaling", map[string]float64{"visible": 0, "inflight": 5, "tasks": 5}, 15},
			{"BacklogScaling", map[string]float64{"visible": 0, "inflight": 400, "tasks": 5}, 30}, // holds, and adds none
			{"BacklogScaling", map[string]float64{"visible": 0, "inflight": 0, "tasks": 5}, 0},
			{"BacklogScaling", map[string]float64{"visible": 0, "inflight": 0, "tasks": 1}, 30}, // the fewest hold themselves
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
				continue // which other rules say
			}
			got, err := evaluate(qs, c.values)
			if err != nil || math.Abs(got-c.want) > 1e-9 {
				bad = append(bad, fmt.Sprintf("%s with %v is %v, want %v (%v)", c.where, c.values, got, c.want, err))
			}
		}
		return bad
	}},
	{"waking", func(s *stack) (bad []string) {
		zero := s.parameters["MinTasks"] == "0"
		if (s.resources["WakeAlarm"] != nil) != zero || (s.resources["WakeScaling"] != nil) != zero {
			return []string{fmt.Sprintf("scale to zero: %v, wakes: %v", zero, s.resources["WakeAlarm"] != nil)}
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
				bad = append(bad, fmt.Sprintf("with %v it is %v, want %v (%v)", c.values, got, c.want, err))
			}
		}
		return bad
	}},
	// Somebody is told of each alarm and of its end, but for the two that scale.
	{"alarms", func(s *stack) (bad []string) {
		for name, a := range s.of("AWS::CloudWatch::Alarm") {
			actions := textsAt(a, "AlarmActions")
			scales := name == "BurstAlarm" || name == "WakeAlarm"
			told := slices.Equal(actions, []string{"${Alarms}"}) && slices.Equal(textsAt(a, "OKActions"), []string{"${Alarms}"})
			if !scales && !told || textAt(a, "AlarmDescription") == "" || textAt(a, "TreatMissingData") != "notBreaching" {
				bad = append(bad, fmt.Sprintf("%s: %v", name, actions))
			}
		}
		var may []string
		for _, st := range listAt(s.properties("AlarmsPolicy"), "PolicyDocument", "Statement") {
			if textAt(st, "Effect") == "Allow" {
				may = append(may, textAt(st, "Principal", "Service")+" "+textAt(st, "Condition", "StringEquals", "aws:SourceAccount")+textAt(st, "Condition", "ArnEquals", "aws:SourceArn"))
			}
		}
		if !slices.Equal(may, []string{"cloudwatch.amazonaws.com 123456789012", "events.amazonaws.com ${DeploymentFailed.Arn}"}) {
			bad = append(bad, fmt.Sprintf("who may publish: %q", may))
		}
		for name, r := range s.of("AWS::Events::Rule") {
			if to := textAt(r, "Targets", 0, "Arn"); to != "${Alarms}" && to != "${OutcomeLogs.Arn}" {
				bad = append(bad, name+" goes to "+to)
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

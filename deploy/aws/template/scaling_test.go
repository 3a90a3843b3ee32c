package template

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"darkroom/deploy/testkit/cfn"
	"darkroom/deploy/testkit/metricmath"
)

// existing are the metrics that exist, with the names of their dimensions:
//
//	AWS/SQS         https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
//	AWS/ECS         https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
//	AWS/Lambda      https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
//	AWS/ApiGateway  https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
//	AWS/Events      https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
//	AWS/Scheduler   https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
//	Darkroom        the token Lambda's own; TestDashboardShowsLambdaMetrics compares them with its source
//	Darkroom/Workers  the worker's own, which only the collector sends; the rule "collector" reads its settings
var existing = map[string]struct {
	dimensions []string
	metrics    []string
}{
	"AWS/SQS": {[]string{"QueueName"}, []string{"ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
		"ApproximateAgeOfOldestMessage", "NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted", "NumberOfEmptyReceives", "SentMessageSize"}},
	"AWS/ECS":        {[]string{"ClusterName", "ServiceName"}, []string{"CPUUtilization", "MemoryUtilization"}},
	"AWS/Lambda":     {[]string{"FunctionName"}, []string{"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"}},
	"AWS/ApiGateway": {[]string{"ApiId"}, []string{"Count", "4xx", "5xx", "Latency", "IntegrationLatency", "DataProcessed"}},
	"AWS/Events":     {[]string{"RuleName"}, []string{"Invocations", "FailedInvocations", "TriggeredRules", "MatchedEvents", "ThrottledRules"}},
	"AWS/Scheduler":  {[]string{"ScheduleGroup"}, []string{"InvocationAttemptCount", "TargetErrorCount", "InvocationDroppedCount"}},
	"Darkroom":       {[]string{"FunctionName"}, ownMetrics},

	"Darkroom/Purges":  {nil, []string{"stack-name-overdue"}}, // from the workers' log, by the filter OverduePurges
	"Darkroom/Workers": {[]string{"stack", "way"}, []string{"darkroom_intake_photos_total"}},
}

var ownMetrics = []string{"TokensIssued", "TokenBytes", "Refused", "Latency", "StoreFailures", "Faults", "UnusableManifests", "QuotaFailures"}

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
				if cfn.Lookup(s.properties(name), "TargetTrackingScalingPolicyConfiguration", "PredefinedMetricSpecification") != nil {
					n++
				}
				if n != 1 && !(n == 0 && slices.Contains([]string{"StepScaling", "PredictiveScaling"}, textAt(s.properties(name), "PolicyType"))) {
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
	// A worker that renders uses all of its processors at any load. Of two policies the larger number wins, so a policy
	// on CPU would keep workers that no photo needs. Only CpuTarget adds one. Of ECS's metrics, only that of memory
	// serves, and only to count tasks by its samples: one for each task and minute. The CPU metric has three of them at
	// a resolution of 20 s.
	{"no CPU", func(s *stack) (bad []string) {
		all := s.queries()
		for where, qs := range all {
			for _, q := range qs {
				if q.namespace == "AWS/ECS" && q.stat == "SampleCount" && q.metric != "MemoryUtilization" {
					bad = append(bad, fmt.Sprintf("%s counts tasks by %s", where, q.metric))
				}
			}
		}
		for name, p := range s.ofType("AWS::ApplicationAutoScaling::ScalingPolicy") {
			if cfn.Lookup(p, "TargetTrackingScalingPolicyConfiguration", "PredefinedMetricSpecification") != nil && name != "CpuScaling" {
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
		if textAt(target, "ResourceId") != "service/${Cluster}/${WorkerService.Name}" || textAt(target, "ServiceNamespace") != "ecs" || textAt(target, "ScalableDimension") != "ecs:service:DesiredCount" || numberAt(target, "MaxCapacity") < 1 {
			bad = append(bad, "the target is not the service of the workers")
		}
		p := cfn.Lookup(s.properties("BacklogScaling"), "TargetTrackingScalingPolicyConfiguration")
		if numberAt(p, "TargetValue") != 30 || numberAt(p, "ScaleInCooldown") < numberAt(p, "ScaleOutCooldown") || numberAt(p, "ScaleOutCooldown") < 0 || cfn.Lookup(p, "DisableScaleIn") == true {
			bad = append(bad, "the target is not the acceptable wait, or workers are removed sooner than added")
		}
		for _, c := range []struct {
			alarm, policy, adjustment  string
			threshold, periods, needed float64
			steps                      string
		}{
			{"BurstAlarm", "BurstScaling", "PercentChangeInCapacity", 2, 1, -1, "0 to 3: 100, 3 to : 300, "},
			{"WakeAlarm", "WakeScaling", "ChangeInCapacity", 1, 3, 1, "0 to : 1, "},
			{"WakeForEventsAlarm", "WakeScaling", "ChangeInCapacity", 1, 3, 1, "0 to : 1, "},
		} {
			if s.resources[c.alarm] == nil && slices.Contains(wakeAlarms, c.alarm) {
				continue // the rule "waking" decides when it must exist
			}
			a, policy := s.properties(c.alarm), cfn.Lookup(s.properties(c.policy), "StepScalingPolicyConfiguration")
			if !slices.Equal(textsAt(a, "AlarmActions"), []string{"${" + c.policy + "}"}) || policy == nil || cfn.Lookup(a, "ActionsEnabled") == false {
				bad = append(bad, c.alarm+" does not start its policy")
			}
			if numberAt(a, "Threshold") != c.threshold || numberAt(a, "EvaluationPeriods") != c.periods || textAt(a, "ComparisonOperator") != "GreaterThanOrEqualToThreshold" ||
				numberAt(a, "DatapointsToAlarm") != c.needed {
				bad = append(bad, fmt.Sprintf("%s fires %s %v after %v minutes", c.alarm, textAt(a, "ComparisonOperator"), textAt(a, "Threshold"), textAt(a, "EvaluationPeriods")))
			}
			steps := ""
			for _, step := range listAt(policy, "StepAdjustments") {
				steps += fmt.Sprintf("%s to %s: %s, ", textAt(step, "MetricIntervalLowerBound"), textAt(step, "MetricIntervalUpperBound"), textAt(step, "ScalingAdjustment"))
			}
			if steps != c.steps || textAt(policy, "AdjustmentType") != c.adjustment || numberAt(policy, "Cooldown") > 300 || textAt(s.properties(c.policy), "ScalingTargetId") != "${Scaling}" {
				bad = append(bad, fmt.Sprintf("%s adds %s of %s", c.policy, steps, textAt(policy, "AdjustmentType")))
			}
		}
		if numberAt(s.template.Section("Parameters"), "LatencySeconds", "MinValue") < 1 || cfn.CheckValue(s.template.Section("Parameters")["MaxTasks"].(object), "0") == nil {
			bad = append(bad, "an acceptable wait or a maximum of 0 is accepted")
		}
		if textAt(s.properties("BacklogScaling"), "ScalingTargetId") != "${Scaling}" {
			bad = append(bad, "BacklogScaling scales something else")
		}
		return bad
	}},
	// The results of the expressions. A worker renders two photos at once in 0.1 s each, so 600 messages are 30 s of work.
	{"sums", func(s *stack) (bad []string) {
		if s.parameters["TaskVcpu"] != "" {
			return nil // the numbers below are for two processors
		}
		all := s.queries()
		most, held := float64(s.number("MaxTasks")), 30.0
		if s.number("MinTasks") == 0 {
			held = 0
		}
		for _, c := range []struct {
			where  string
			values map[string]float64
			want   float64
		}{
			{"BacklogScaling", map[string]float64{"visible": 600, "arriving": 0, "inflight": 8, "routing": 0, "tasks": 1}, 30},
			{"BacklogScaling", map[string]float64{"visible": 0, "arriving": 600, "inflight": 8, "routing": 0, "tasks": 1}, 30},
			{"BacklogScaling", map[string]float64{"visible": 5000, "arriving": 1000, "inflight": 80, "routing": 0, "tasks": 5}, 60},
			{"BacklogScaling", map[string]float64{"visible": 0, "arriving": 0, "inflight": 5, "routing": 0, "tasks": 5}, 15},
			{"BacklogScaling", map[string]float64{"visible": 0, "arriving": 0, "inflight": 2, "routing": 5, "tasks": 5}, 15}, // the larger number counts
			// Messages in flight keep the workers, but add none.
			{"BacklogScaling", map[string]float64{"visible": 0, "arriving": 0, "inflight": 300, "routing": 100, "tasks": 5}, 30},
			// Without work it is exactly 0, or the last worker stays, but the fewest workers are kept.
			{"BacklogScaling", map[string]float64{"visible": 0, "arriving": 0, "inflight": 0, "routing": 0, "tasks": 5}, 0},
			{"BacklogScaling", map[string]float64{"visible": 0, "arriving": 0, "inflight": 0, "routing": 0, "tasks": 1}, held},
			{"BacklogScaling", map[string]float64{"visible": 1200, "arriving": 0, "inflight": 0, "routing": 0, "tasks": 1}, 60},
			{"BurstAlarm", map[string]float64{"visible": 1200, "arriving": 0, "tasks": 1}, 2},
			{"BurstAlarm", map[string]float64{"visible": 0, "arriving": 1200, "tasks": 1}, 2},
			{"BurstAlarm", map[string]float64{"visible": 800, "arriving": 400, "tasks": 2}, 1},
			{"NoWorkersAlarm", map[string]float64{"arriving": 1, "routed": 0, "idle": 0}, 1},
			{"NoWorkersAlarm", map[string]float64{"arriving": 1, "routed": 3, "idle": 0}, 0},
			{"NoWorkersAlarm", map[string]float64{"arriving": 1, "routed": 0, "idle": 3}, 0},
			{"NoWorkersAlarm", map[string]float64{"arriving": 0, "routed": 0, "idle": 0}, 0},
			{"PhotosStrandedAlarm", map[string]float64{"visible": 1, "received": 0, "empty": 0}, 1},
			{"PhotosStrandedAlarm", map[string]float64{"visible": 1, "received": 3, "empty": 0}, 0},
			{"PhotosStrandedAlarm", map[string]float64{"visible": 1, "received": 0, "empty": 3}, 0},
			{"PhotosStrandedAlarm", map[string]float64{"visible": 0, "received": 0, "empty": 0}, 0},
			{"ScalerAlarm", map[string]float64{"invocations": 5, "errors": 2}, 3},
			{"AtMaximumAlarm", map[string]float64{"visible": 1e6, "arriving": 0, "tasks": most}, 1},
			{"AtMaximumAlarm", map[string]float64{"visible": 0, "arriving": 1e6, "tasks": most}, 1},
			{"AtMaximumAlarm", map[string]float64{"visible": 1e6, "arriving": 1e6, "tasks": most - 1}, 0},
			{"AtMaximumAlarm", map[string]float64{"visible": 1, "arriving": 1, "tasks": most}, 0},
			{"ApiErrorsAlarm", map[string]float64{"errors": 10, "requests": 100}, 10},
			{"ApiErrorsAlarm", map[string]float64{"errors": 2, "requests": 2}, 0},
		} {
			qs := all[c.where]
			if !sound(qs) {
				continue // other rules report it
			}
			got, err := evaluate(qs, c.values, metricmath.Gap)
			if err != nil || math.Abs(got-c.want) > 0.01 || c.want == 0 && got != 0 { // a thousandth of a message is added
				bad = append(bad, fmt.Sprintf("%s with %v = %v, want %v (error: %v)", c.where, c.values, got, c.want, err))
			}
		}
		return bad
	}},
	// Each alarm and its end notify people, except for those that scale.
	{"alarms", func(s *stack) (bad []string) {
		for name, a := range s.ofType("AWS::CloudWatch::Alarm") {
			actions := textsAt(a, "AlarmActions")
			scales := name == "BurstAlarm" || slices.Contains(wakeAlarms, name)
			notifies := slices.Equal(actions, []string{"${Alarms}"}) && slices.Equal(textsAt(a, "OKActions"), []string{"${Alarms}"})
			missing := "notBreaching"
			if name == "ScalerAlarm" { // no invocation is what it warns of
				missing = "breaching"
			}
			if !scales && !notifies || textAt(a, "AlarmDescription") == "" || textAt(a, "TreatMissingData") != missing {
				bad = append(bad, fmt.Sprintf("%s: actions %v, or no description, or missing data breaches", name, actions))
			}
		}
		return bad
	}},
}

// TestEvaluate shows that the rule "sums" can fail.
func TestEvaluate(t *testing.T) {
	for expression, want := range map[string]float64{"IF(a > 1, a, b) * 2 / (b - 1)": 8, "FILL(c, 7) + 1": 8} {
		qs := []query{{id: "a"}, {id: "b"}, {id: "c"}, {id: "x", expression: expression, returns: true}}
		if got, err := evaluate(qs, map[string]float64{"a": 4, "b": 2}, metricmath.Gap); got != want || err != nil {
			t.Errorf("%s = %v, %v, want %v", expression, got, err, want)
		}
	}
	for _, expression := range []string{"FILL(c, REPEAT)", "a / 0", "d", "MAX(a)"} {
		qs := []query{{id: "a"}, {id: "c"}, {id: "x", expression: expression, returns: true}}
		if got, err := evaluate(qs, map[string]float64{"a": 4}, metricmath.Gap); err == nil {
			t.Errorf("%s = %v, want an error", expression, got)
		}
	}
}

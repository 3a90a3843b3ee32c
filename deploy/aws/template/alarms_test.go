package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// alarm is what one alarm must watch. An alarm on several metrics has no metric here: alarmMetrics lists them.
type alarm struct {
	metric     string // its namespace is in existing
	of         string // the value of each dimension, in order
	statistic  string
	comparison string
	threshold  string // or the parameter that holds it
	period     int    // seconds
	periods    int
	needed     int // periods that must breach, 0 for all
	needs      func(s *stack) bool
}

const (
	above   = "GreaterThanThreshold"
	atLeast = "GreaterThanOrEqualToThreshold"
)

func param(name, value string) func(*stack) bool {
	return func(s *stack) bool { return s.param(name) == value }
}

// alarms are the alarms that notify people, with their conditions. A single point is enough where a second would only
// delay the news of something certain. Several are needed where a single one is usual and repairs itself.
var alarms = map[string]alarm{
	// A message in a dead-letter queue is a photo without variants. Five minutes let a redrive empty the queue again.
	"EventsDeadLettersAlarm": {metric: "ApproximateNumberOfMessagesVisible", of: "${EventsDeadLetters.QueueName}", statistic: "Maximum", comparison: above, threshold: "0", period: 60, periods: 5},
	"DeadLettersAlarm":       {metric: "ApproximateNumberOfMessagesVisible", of: "${DeadLetters.QueueName}", statistic: "Maximum", comparison: above, threshold: "0", period: 60, periods: 5},
	// The age is that of a message that waits, or is tried again. An old event means that the workers do not forward.
	"OldestEventAlarm":   {metric: "ApproximateAgeOfOldestMessage", of: "${EventsQueue.QueueName}", statistic: "Maximum", comparison: above, threshold: "OldestMessageSeconds", period: 60, periods: 5},
	"OldestMessageAlarm": {metric: "ApproximateAgeOfOldestMessage", of: "${PhotosQueue.QueueName}", statistic: "Maximum", comparison: above, threshold: "OldestMessageSeconds", period: 60, periods: 5},
	// The worker itself says that a purge is overdue, after 15 minutes of tries. If no worker receives, it cannot.
	"PurgesOverdueAlarm": {metric: "stack-name-overdue", of: "", statistic: "Sum", comparison: above, threshold: "0", period: 300, periods: 1, needs: param("PublicVariants", "yes")},
	"OldestPurgeAlarm":   {metric: "ApproximateAgeOfOldestMessage", of: "${PurgeQueue.QueueName}", statistic: "Maximum", comparison: above, threshold: "900", period: 60, periods: 5, needs: param("PublicVariants", "yes")},
	// A failed batch of ten is tried again, and needs nobody. Only the collector sends the metric.
	"ForwardingFailsAlarm": {metric: "darkroom_intake_photos_total", of: "stack-name failed", statistic: "Sum", comparison: above, threshold: "10", period: 300, periods: 1,
		needs: func(s *stack) bool { return s.param("CollectorImage") != "" }},
	// A worker uses its budget of 60 %, and briefly more.
	"WorkerMemoryAlarm": {metric: "MemoryUtilization", of: "${Cluster} ${WorkerService.Name}", statistic: "Maximum", comparison: above, threshold: "95", period: 60, periods: 10},
	// A crash of one instance fails requests only briefly.
	"TokenErrorsAlarm":    {metric: "Errors", of: "${TokenFunction}", statistic: "Sum", comparison: above, threshold: "2", period: 60, periods: 3},
	"TokenThrottlesAlarm": {metric: "Throttles", of: "${TokenFunction}", statistic: "Sum", comparison: above, threshold: "0", period: 60, periods: 3},
	"WaitErrorsAlarm":     {metric: "Errors", of: "${WaitFunction}", statistic: "Sum", comparison: above, threshold: "2", period: 60, periods: 3},
	"WaitThrottlesAlarm":  {metric: "Throttles", of: "${WaitFunction}", statistic: "Sum", comparison: above, threshold: "0", period: 60, periods: 3},
	// Faults that no retry repairs, and unusable manifests, are certain from the first one.
	"ApiFaultsAlarm":             {metric: "Faults", of: "${TokenFunction}", statistic: "Sum", comparison: above, threshold: "0", period: 300, periods: 1},
	"UnusableManifestsAlarm":     {metric: "UnusableManifests", of: "${TokenFunction}", statistic: "Sum", comparison: above, threshold: "0", period: 300, periods: 1},
	"WaitFaultsAlarm":            {metric: "Faults", of: "${WaitFunction}", statistic: "Sum", comparison: above, threshold: "0", period: 300, periods: 1},
	"WaitUnusableManifestsAlarm": {metric: "UnusableManifests", of: "${WaitFunction}", statistic: "Sum", comparison: above, threshold: "0", period: 300, periods: 1},
	// The first request of an instance opens a connection, for which there may be too little time.
	"QuotaFailuresAlarm": {metric: "QuotaFailures", of: "${TokenFunction}", statistic: "Sum", comparison: above, threshold: "10", period: 300, periods: 1, needs: hasQuotas},
	// A burst may have as many in a minute. Five in a row are a flood, or a system that has grown.
	"TokensManyAlarm":       {metric: "TokensIssued", of: "${TokenFunction}", statistic: "Sum", comparison: above, threshold: "TokensPerMinute", period: 60, periods: 5},
	"RefusalsManyAlarm":     {metric: "Refused", of: "${TokenFunction}", statistic: "Sum", comparison: above, threshold: "RefusalsPerMinute", period: 60, periods: 5},
	"WaitRefusalsManyAlarm": {metric: "Refused", of: "${WaitFunction}", statistic: "Sum", comparison: above, threshold: "RefusalsPerMinute", period: 60, periods: 5},
	"UploadBytesAlarm":      {metric: "TokenBytes", of: "${TokenFunction}", statistic: "Sum", comparison: above, threshold: "UploadBytesPerDay", period: 86400, periods: 1},
	// Scheduler drops a start after an hour of tries. An event that is not delivered is not tried again either.
	"SweepAlarm":                {metric: "InvocationDroppedCount", of: "${SweepGroup}", statistic: "Sum", comparison: above, threshold: "0", period: 300, periods: 1, needs: param("Sweep", "yes")},
	"OutcomesLostAlarm":         {metric: "FailedInvocations", of: "${OutcomeRule}", statistic: "Sum", comparison: above, threshold: "0", period: 300, periods: 1, needs: param("OutcomeEvents", "yes")},
	"DeploymentNoticeLostAlarm": {metric: "FailedInvocations", of: "${DeploymentFailed}", statistic: "Sum", comparison: above, threshold: "0", period: 300, periods: 1},
	"OperatorNoticeLostAlarm":   {metric: "FailedInvocations", of: "${OperatorFailed}", statistic: "Sum", comparison: above, threshold: "0", period: 300, periods: 1},
	// Their expressions give 1, a number, or percent; the rule "sums" has examples. A quarter of an hour is the longest
	// start of a task, and the newest minutes may be missing. The scaler starts every minute, so one success in five
	// minutes is too few.
	"NoWorkersAlarm":      {comparison: atLeast, threshold: "1", periods: 15, needed: 12},
	"PhotosStrandedAlarm": {comparison: atLeast, threshold: "1", periods: 15, needed: 12},
	"ScalerAlarm":         {comparison: "LessThanThreshold", threshold: "1", periods: 2, needs: param("FastScaler", "yes")},
	"AtMaximumAlarm":      {comparison: atLeast, threshold: "1", periods: 15, needed: 12},
	"ApiErrorsAlarm":      {comparison: above, threshold: "5", periods: 5},
}

// alarmMetrics are the metrics of alarms and policies with expressions, by their ids: metric, statistic and dimensions.
// An alarm whose name comes before an id has its own.
var alarmMetrics = map[string]string{
	"visible":  "AWS/SQS ApproximateNumberOfMessagesVisible Maximum ${PhotosQueue.QueueName}",
	"inflight": "AWS/SQS ApproximateNumberOfMessagesNotVisible Maximum ${PhotosQueue.QueueName}",
	"arriving": "AWS/SQS ApproximateNumberOfMessagesVisible Maximum ${EventsQueue.QueueName}",
	"routing":  "AWS/SQS ApproximateNumberOfMessagesNotVisible Maximum ${EventsQueue.QueueName}",
	"tasks":    "AWS/ECS MemoryUtilization SampleCount ${Cluster} ${WorkerService.Name}", // a sample per task and minute
	"received": "AWS/SQS NumberOfMessagesReceived Sum ${PhotosQueue.QueueName}",
	"empty":    "AWS/SQS NumberOfEmptyReceives Sum ${PhotosQueue.QueueName}",
	"routed":   "AWS/SQS NumberOfMessagesReceived Sum ${EventsQueue.QueueName}",
	"idle":     "AWS/SQS NumberOfEmptyReceives Sum ${EventsQueue.QueueName}",
	"errors":   "AWS/ApiGateway 5xx Sum ${Api}",
	"requests": "AWS/ApiGateway Count Sum ${Api}",

	"ScalerAlarm invocations": "AWS/Lambda Invocations Sum ${ScalerFunction}",
	"ScalerAlarm errors":      "AWS/Lambda Errors Sum ${ScalerFunction}",
}

// dimensionValues returns the values of a metric's dimensions, in the order of their names.
func dimensionValues(v any) string {
	byName := map[string]string{}
	for _, d := range listAt(v, "Dimensions") {
		byName[textAt(d, "Name")] += textAt(d, "Value")
	}
	var values []string
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		values = append(values, byName[name])
	}
	return strings.Join(values, " ")
}

// alarmProperties are the properties that an alarm may have. Others change what it does: ActionsEnabled, Unit,
// ThresholdMetricId, EvaluateLowSampleCountPercentile and more.
var alarmProperties = []string{"AlarmName", "AlarmDescription", "Namespace", "MetricName", "Dimensions", "Statistic", "Period", "EvaluationPeriods", "DatapointsToAlarm",
	"ComparisonOperator", "Threshold", "TreatMissingData", "AlarmActions", "OKActions", "Metrics"}

var alarmRules = []rule{
	{"what alarms watch", func(s *stack) (bad []string) {
		for name, want := range alarms {
			a := s.properties(name)
			needed := want.needs == nil || want.needs(s)
			if (a != nil) != needed {
				bad = append(bad, fmt.Sprintf("%s exists: %v, want %v", name, a != nil, needed))
				continue
			}
			if !needed {
				continue
			}
			threshold := want.threshold
			if p := s.param(threshold); p != "" {
				threshold = p
			}
			points := ""
			if want.needed > 0 {
				points = fmt.Sprint(want.needed)
			}
			need := object{"comparison": want.comparison, "threshold": threshold, "periods": fmt.Sprint(want.periods), "points": points}
			is := object{"comparison": textAt(a, "ComparisonOperator"), "threshold": textAt(a, "Threshold"), "periods": textAt(a, "EvaluationPeriods"), "points": textAt(a, "DatapointsToAlarm")}
			if want.metric != "" {
				namespace := ""
				for n, e := range existing {
					if slices.Contains(e.metrics, want.metric) {
						namespace = n
					}
				}
				for key, v := range map[string]string{"metric": namespace + " " + want.metric, "of": want.of, "statistic": want.statistic, "period": fmt.Sprint(want.period)} {
					need[key] = v
				}
				for key, v := range map[string]string{"metric": textAt(a, "Namespace") + " " + textAt(a, "MetricName"), "of": dimensionValues(a), "statistic": textAt(a, "Statistic"), "period": textAt(a, "Period")} {
					is[key] = v
				}
			}
			if d := cmp.Diff(need, is); d != "" {
				bad = append(bad, fmt.Sprintf("%s: -needed +is\n%s", name, d))
			}
		}
		return bad
	}},
	// Metrics of expressions, once a minute. A policy averages within a minute, in which SQS has one point.
	{"metrics of expressions", func(s *stack) (bad []string) {
		check := func(where string, metrics []any, policy bool) {
			for _, m := range metrics {
				stat, ok := m.(object)["MetricStat"].(object)
				if !ok {
					continue
				}
				want, period := alarmMetrics[where+" "+textAt(m, "Id")], "300"
				if want == "" {
					want, period = alarmMetrics[textAt(m, "Id")], "60"
				}
				got := strings.Join([]string{textAt(stat, "Metric", "Namespace"), textAt(stat, "Metric", "MetricName"), textAt(stat, "Stat"), dimensionValues(stat["Metric"])}, " ")
				if policy {
					want = strings.Replace(want, " Maximum ", " Average ", 1)
				} else if textAt(stat, "Period") != period {
					bad = append(bad, fmt.Sprintf("%s: %s has a period of %s s, want %s", where, textAt(m, "Id"), textAt(stat, "Period"), period))
				}
				if got != want {
					bad = append(bad, fmt.Sprintf("%s: %s is %q, want %q", where, textAt(m, "Id"), got, want))
				}
				if stat["Unit"] != nil {
					bad = append(bad, where+": a unit hides points of another one")
				}
			}
		}
		for name, a := range s.ofType("AWS::CloudWatch::Alarm") {
			check(name, listAt(a, "Metrics"), false)
		}
		for name, p := range s.ofType("AWS::ApplicationAutoScaling::ScalingPolicy") {
			check(name, listAt(p, "TargetTrackingScalingPolicyConfiguration", "CustomizedMetricSpecification", "Metrics"), true)
		}
		return bad
	}},
	// How far and how often the policies scale. The rule "scaling" has their steps.
	{"scaling policies", func(s *stack) (bad []string) {
		for name, need := range map[string]object{
			"BacklogScaling": {"type": "TargetTrackingScaling", "out": s.param("ScaleOutCooldown"), "in": s.param("ScaleInCooldown")},
			// At least one worker more, even if it doubles none, and no further step before the last one shows.
			"BurstScaling": {"type": "StepScaling", "cooldown": s.param("ScaleOutCooldown"), "of": "Maximum", "least": "1"},
			"WakeScaling":  {"type": "StepScaling", "cooldown": "180", "of": "Maximum", "least": ""},
		} {
			p := s.properties(name)
			if p == nil && name == "WakeScaling" {
				continue // the rule "waking" decides when it must exist
			}
			is := object{"type": textAt(p, "PolicyType")}
			if step := p["StepScalingPolicyConfiguration"]; name != "BacklogScaling" {
				is["cooldown"], is["of"], is["least"] = textAt(step, "Cooldown"), textAt(step, "MetricAggregationType"), textAt(step, "MinAdjustmentMagnitude")
			} else {
				track := p["TargetTrackingScalingPolicyConfiguration"]
				is["out"], is["in"] = textAt(track, "ScaleOutCooldown"), textAt(track, "ScaleInCooldown")
			}
			if d := cmp.Diff(need, is); d != "" {
				bad = append(bad, fmt.Sprintf("%s: -needed +is\n%s", name, d))
			}
		}
		for _, name := range wakeAlarms {
			if wake := s.properties(name); wake != nil && textAt(wake, "Period") != "60" {
				bad = append(bad, name+" waits longer than the metric's minute")
			}
		}
		return bad
	}},
	// The dashboard shows this stack: its workers, its queues, its API, once a minute.
	{"dashboard", func(s *stack) (bad []string) {
		own := map[string][]string{"AWS/ECS": {"${Cluster}", "${WorkerService.Name}"}, "AWS/ApiGateway": {"${Api}"},
			"AWS/Lambda": {"${TokenFunction}"}, "Darkroom": {"${TokenFunction}"}}
		waits := []string{"${WaitFunction}"}
		shown := map[string]int{}
		for where, qs := range s.queries() {
			if !strings.HasPrefix(where, "Dashboard: ") {
				continue
			}
			for _, q := range qs {
				if q.expression != "" {
					continue
				}
				shown[q.metric]++
				ofWaits := (q.namespace == "AWS/Lambda" || q.namespace == "Darkroom") && slices.Equal(q.of, waits)
				queue := slices.IndexFunc(workQueues, func(w workQueue) bool { return slices.Equal(q.of, []string{"${" + w.queue + ".QueueName}"}) })
				dead := slices.IndexFunc(workQueues, func(w workQueue) bool { return slices.Equal(q.of, []string{"${" + w.dead + ".QueueName}"}) })
				switch {
				case q.namespace == "AWS/SQS" && queue >= 0:
					shown[q.metric+" of "+workQueues[queue].suffix]++
				case q.metric == "ApproximateNumberOfMessagesVisible" && dead >= 0:
					shown["dead letters of "+workQueues[dead].suffix]++
				case ofWaits:
					shown[q.metric+" of waits"]++
				case !slices.Equal(q.of, own[q.namespace]):
					bad = append(bad, fmt.Sprintf("%s shows %s of %v", where, q.metric, q.of))
				}
			}
		}
		for _, w := range workQueues {
			for _, metric := range []string{"dead letters", "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible", "ApproximateAgeOfOldestMessage", "NumberOfMessagesSent", "NumberOfMessagesDeleted"} {
				if shown[metric+" of "+w.suffix] == 0 {
					bad = append(bad, "the dashboard does not show "+metric+" of "+w.suffix)
				}
			}
		}
		for _, metric := range []string{"CPUUtilization", "MemoryUtilization", "5xx", "Errors", "Throttles", "Faults", "QuotaFailures",
			"ConcurrentExecutions of waits", "Errors of waits", "Throttles of waits", "Faults of waits"} {
			if shown[metric] == 0 {
				bad = append(bad, "the dashboard does not show "+metric)
			}
		}
		var body any
		if err := json.Unmarshal([]byte(textAt(s.properties("Dashboard"), "DashboardBody")), &body); err != nil {
			return append(bad, err.Error())
		}
		for _, w := range listAt(body, "widgets") {
			if textAt(w, "properties", "region") != "us-east-1" || numberAt(w, "properties", "period") != 60 || textAt(w, "properties", "title") == "" {
				bad = append(bad, fmt.Sprintf("widget %s shows another region or other minutes", textAt(w, "properties", "title")))
			}
		}
		return bad
	}},
	{"nothing else in alarms", func(s *stack) (bad []string) {
		for name, a := range s.ofType("AWS::CloudWatch::Alarm") {
			for property := range a {
				if !slices.Contains(alarmProperties, property) {
					bad = append(bad, name+" has "+property)
				}
			}
			if _, known := alarms[name]; !known && slices.Contains(textsAt(a, "AlarmActions"), "${Alarms}") {
				bad = append(bad, name+" notifies people, and nothing says when it must")
			}
		}
		return bad
	}},
}

package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"darkroom/deploy/testkit/cfn"
	"darkroom/deploy/testkit/metricmath"
)

// wakeAlarms are the alarms that start the first worker, in the order of workQueues.
var wakeAlarms = []string{"WakeForEventsAlarm", "WakeAlarm"}

var scalingQueueRules = []rule{
	// What scales follows both queues and the workers' tasks, in minutes.
	{"what scaling follows", func(s *stack) (bad []string) {
		followed := map[string]map[string]int{} // times, by what scales, then by metric and queue
		follows := func(where string, m any, period string) {
			var values []string
			for _, d := range listAt(m, "Dimensions") {
				values = append(values, textAt(d, "Value"))
			}
			isQueue := func(w workQueue) bool { return slices.Equal(values, []string{"${" + w.queue + ".QueueName}"}) }
			known := slices.ContainsFunc(workQueues, isQueue)
			if textAt(m, "Namespace") == "AWS/ECS" {
				known = slices.Equal(values, []string{"${Cluster}", "${WorkerService.Name}"})
			}
			if followed[where] == nil {
				followed[where] = map[string]int{}
			}
			followed[where][textAt(m, "MetricName")+" "+strings.Join(values, " ")]++
			if !known || period != "" && period != "60" {
				bad = append(bad, fmt.Sprintf("%s follows %s of %v every %s s", where, textAt(m, "MetricName"), values, period))
			}
		}
		backlog := cfn.Lookup(s.properties("BacklogScaling"), "TargetTrackingScalingPolicyConfiguration", "CustomizedMetricSpecification")
		for where, p := range map[string]any{"BacklogScaling": backlog, "BurstAlarm": s.properties("BurstAlarm"), "NoWorkersAlarm": s.properties("NoWorkersAlarm"),
			"PhotosStrandedAlarm": s.properties("PhotosStrandedAlarm"), "AtMaximumAlarm": s.properties("AtMaximumAlarm")} {
			for _, q := range listAt(p, "Metrics") {
				if m := cfn.Lookup(q, "MetricStat"); m != nil {
					follows(where, cfn.Lookup(m, "Metric"), textAt(m, "Period"))
				}
			}
		}
		for i, name := range wakeAlarms {
			if wake := s.properties(name); wake != nil {
				follows(name, wake, textAt(wake, "Period"))
				if dimensionValues(wake) != "${"+workQueues[i].queue+".QueueName}" {
					bad = append(bad, name+" follows another queue than "+workQueues[i].queue)
				}
			}
		}
		for _, w := range workQueues {
			for where, metrics := range map[string][]string{"BacklogScaling": {"ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"},
				"BurstAlarm": {"ApproximateNumberOfMessagesVisible"}, "AtMaximumAlarm": {"ApproximateNumberOfMessagesVisible"}} {
				for _, metric := range metrics {
					if followed[where][metric+" ${"+w.queue+".QueueName}"] != 1 {
						bad = append(bad, fmt.Sprintf("%s does not count %s of %s once", where, metric, w.queue))
					}
				}
			}
		}
		return bad
	}},
	// Metrics arrive late, each at its own time, or not at all. Under both readings of a missing value, what scales
	// must then have no value, or one that is as high: a lower one would end the alarm that adds workers.
	{"late metrics", func(s *stack) (bad []string) {
		full := map[string]float64{"visible": 5000, "arriving": 1000, "inflight": 60, "routing": 20, "tasks": 5}
		names := slices.Sorted(maps.Keys(full))
		for _, where := range []string{"BacklogScaling", "BurstAlarm"} {
			qs := s.queries()[where]
			if !sound(qs) {
				continue // other rules report it
			}
			for _, missing := range []metricmath.Missing{metricmath.Gap, metricmath.Zero} {
				want, err := evaluate(qs, full, missing)
				if err != nil {
					bad = append(bad, fmt.Sprintf("%s has no value: %v", where, err))
				}
				for subset := 1; subset < 1<<len(names); subset++ {
					values := maps.Clone(full)
					for i, name := range names {
						if subset>>i&1 == 1 {
							delete(values, name)
						}
					}
					if got, err := evaluate(qs, values, missing); err == nil && got < want-1e-9 {
						bad = append(bad, fmt.Sprintf("%s is %.2f with only %v, where a missing value is a %v, and %.2f with all", where, got, values, missing, want))
					}
				}
			}
		}
		return bad
	}},
	// No alarm can be relied on to start the first worker, so a service without one needs the fast scaler.
	{"waking", func(s *stack) (bad []string) {
		zero := s.param("MinTasks") == "0"
		for _, name := range append([]string{"WakeScaling"}, wakeAlarms...) {
			if (s.resources[name] != nil) != zero {
				bad = append(bad, fmt.Sprintf("scales to zero: %v, has %s: %v", zero, name, s.resources[name] != nil))
			}
		}
		for _, name := range wakeAlarms {
			if qs := s.queries()[name]; zero && (len(qs) != 1 || qs[0].metric != "ApproximateNumberOfMessagesVisible" || qs[0].stat != "Maximum") {
				bad = append(bad, name+" does not follow the visible messages alone")
			}
		}
		rule := cfn.Lookup(s.template.Section("Rules"), "WakingNeedsTheFastScaler")
		for _, c := range []struct {
			path []any
			want string
		}{
			{[]any{"RuleCondition"}, `map[Fn::Or:[map[Fn::Equals:[map[Ref:MinTasks] 0]] map[Fn::And:[map[Fn::Equals:[map[Ref:MinTasks] ]] map[Fn::Equals:[map[Ref:Preset] small]]]]]]`},
			{[]any{"Assertions", 0, "Assert"}, `map[Fn::Equals:[map[Ref:FastScaler] yes]]`},
		} {
			if got := textAt(rule, c.path...); got != c.want {
				bad = append(bad, fmt.Sprintf("no rule of CloudFormation refuses MinTasks=0 without the fast scaler: %s", got))
			}
		}
		return bad
	}},
}

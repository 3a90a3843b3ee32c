package template

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/testkit/cfn"
	"darkroom/deploy/testkit/metricmath"
	"darkroom/worker/scaling"
)

// policies reads the scalable target with its policies and the alarms of those. Whether they can be is for the engine to say.
func (r *reader) policies(s *System) {
	target := r.one("AWS::ApplicationAutoScaling::ScalableTarget")
	s.Policies.Bounds = scaling.Bounds{Min: int(r.number(cfn.At(target, "MinCapacity"), "MinCapacity")), Max: int(r.number(cfn.At(target, "MaxCapacity"), "MaxCapacity"))}
	s.Metrics = map[string]simulation.Metric{}
	all := r.of("AWS::ApplicationAutoScaling::ScalingPolicy")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := all[name]
		switch kind := cfn.At(p, "PolicyType"); kind {
		case "TargetTrackingScaling":
			c := cfn.At(p, "TargetTrackingScalingPolicyConfiguration")
			s.Policies.TargetTracking = append(s.Policies.TargetTracking, autoscaling.TargetTracking{
				Name: name, Target: r.number(cfn.At(c, "TargetValue"), name+": TargetValue"),
				ScaleOutCooldown: r.cooldown(cfn.At(c, "ScaleOutCooldown"), name), ScaleInCooldown: r.cooldown(cfn.At(c, "ScaleInCooldown"), name),
				NoScaleIn: fmt.Sprint(cfn.At(c, "DisableScaleIn")) == "true",
			})
			s.Metrics[name] = r.metric(name, cfn.At(c, "CustomizedMetricSpecification"))
		case "StepScaling":
			s.Policies.StepScaling = append(s.Policies.StepScaling, r.stepping(name, cfn.At(p, "StepScalingPolicyConfiguration"), s.Metrics))
		default:
			r.fail("%s: a policy of type %v is not known here", name, kind)
		}
	}
}

// cooldown is as AWS has it for ECS where nothing is said: 300 s.
func (r *reader) cooldown(v any, name string) time.Duration {
	return time.Duration(r.numberOr(v, name+": cooldown", 300) * float64(time.Second))
}

func (r *reader) stepping(name string, c any, metrics map[string]simulation.Metric) autoscaling.StepScaling {
	p := autoscaling.StepScaling{Name: name, Type: autoscaling.AdjustmentType(fmt.Sprint(cfn.At(c, "AdjustmentType"))),
		MinMagnitude: int(r.numberOr(cfn.At(c, "MinAdjustmentMagnitude"), name+": MinAdjustmentMagnitude", 0)), Cooldown: r.cooldown(cfn.At(c, "Cooldown"), name)}
	for _, step := range list(cfn.At(c, "StepAdjustments")) {
		p.Steps = append(p.Steps, autoscaling.Step{
			Lower:      r.numberOr(cfn.At(step, "MetricIntervalLowerBound"), name+": lower bound", math.Inf(-1)),
			Upper:      r.numberOr(cfn.At(step, "MetricIntervalUpperBound"), name+": upper bound", math.Inf(1)),
			Adjustment: int(r.number(cfn.At(step, "ScalingAdjustment"), name+": ScalingAdjustment")),
		})
	}
	alarms := 0
	for alarm, a := range r.of("AWS::CloudWatch::Alarm") {
		for _, action := range list(cfn.At(a, "AlarmActions")) {
			if of, _ := r.named(action); of != name {
				continue
			}
			alarms++
			if missing := fmt.Sprint(cfn.At(a, "TreatMissingData")); missing != "notBreaching" {
				r.fail("%s: TreatMissingData %s is not known here", alarm, missing)
			}
			p.Alarm = autoscaling.Alarm{Threshold: r.number(cfn.At(a, "Threshold"), alarm+": Threshold"), Comparison: autoscaling.Comparison(fmt.Sprint(cfn.At(a, "ComparisonOperator"))),
				Periods:    int(r.number(cfn.At(a, "EvaluationPeriods"), alarm+": EvaluationPeriods")),
				Datapoints: int(r.numberOr(cfn.At(a, "DatapointsToAlarm"), alarm+": DatapointsToAlarm", 0))}
			metrics[name] = r.metric(alarm, a)
		}
	}
	if alarms != 1 {
		r.fail("%s has %d alarms, want 1", name, alarms)
	}
	return p
}

// source is where a metric of AWS is in what is measured.
func source(m any) func(simulation.Measured) autoscaling.Series {
	stat := cfn.At(m, "Stat")
	switch fmt.Sprint(cfn.At(m, "Metric", "Namespace"), " ", cfn.At(m, "Metric", "MetricName")) {
	case "AWS/SQS ApproximateNumberOfMessagesVisible":
		if stat == "Average" || stat == "Maximum" { // of one sample
			return func(m simulation.Measured) autoscaling.Series { return m.Visible }
		}
	case "AWS/SQS ApproximateNumberOfMessagesNotVisible":
		if stat == "Average" || stat == "Maximum" {
			return func(m simulation.Measured) autoscaling.Series { return m.InFlight }
		}
	case "AWS/ECS CPUUtilization":
		if stat == "SampleCount" {
			return func(m simulation.Measured) autoscaling.Series { return m.Tasks }
		}
	}
	return nil
}

// metric returns the function that computes what an alarm or a policy follows, from its queries.
func (r *reader) metric(where string, v any) simulation.Metric {
	sources, expressions := map[string]func(simulation.Measured) autoscaling.Series{}, map[string]metricmath.Expression{}
	var ids []string   // of all queries so far
	var order []string // of the expressions
	returned := ""
	for _, q := range list(cfn.At(v, "Metrics")) {
		id := fmt.Sprint(cfn.At(q, "Id"))
		if text := cfn.At(q, "Expression"); text != nil {
			e, err := metricmath.Parse(fmt.Sprint(text), ids)
			if err != nil {
				r.fail("%s: %w", where, err)
			}
			expressions[id] = e
			order = append(order, id)
		} else {
			m := cfn.At(q, "MetricStat")
			if sources[id] = source(m); sources[id] == nil || r.numberOr(cfn.At(m, "Period"), where+": Period", 60) != 60 {
				r.fail("%s: the simulator does not know the metric %v", where, m)
			}
		}
		ids = append(ids, id)
		if fmt.Sprint(cfn.At(q, "ReturnData")) != "false" {
			if returned != "" {
				r.fail("%s returns both %s and %s: want one series", where, returned, id)
			}
			returned = id
		}
	}
	if returned == "" {
		r.fail("%s returns no series", where)
	}
	return func(m simulation.Measured) autoscaling.Series {
		series := map[string][]float64{}
		for id, read := range sources {
			series[id] = read(m)
		}
		for _, id := range order {
			series[id] = expressions[id].Evaluate(len(m.Visible), series)
		}
		return series[returned]
	}
}

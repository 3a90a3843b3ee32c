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
	"darkroom/worker/scaling"
)

// policies reads the scalable target, its policies and their alarms. The simulation validates them.
func (r *reader) policies(s *System) {
	target := r.onlyResource("AWS::ApplicationAutoScaling::ScalableTarget")
	s.Policies.Bounds = scaling.Bounds{Min: int(r.number(cfn.Lookup(target, "MinCapacity"), "MinCapacity")), Max: int(r.number(cfn.Lookup(target, "MaxCapacity"), "MaxCapacity"))}
	s.Metrics = map[string]simulation.Metric{}
	all := r.resourcesOfType("AWS::ApplicationAutoScaling::ScalingPolicy")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := all[name]
		switch kind := cfn.Lookup(p, "PolicyType"); kind {
		case "TargetTrackingScaling":
			c := cfn.Lookup(p, "TargetTrackingScalingPolicyConfiguration")
			s.Policies.TargetTracking = append(s.Policies.TargetTracking, autoscaling.TargetTracking{
				Name: name, Target: r.number(cfn.Lookup(c, "TargetValue"), name+": TargetValue"),
				ScaleOutCooldown: r.cooldown(cfn.Lookup(c, "ScaleOutCooldown"), name), ScaleInCooldown: r.cooldown(cfn.Lookup(c, "ScaleInCooldown"), name),
				NoScaleIn: fmt.Sprint(cfn.Lookup(c, "DisableScaleIn")) == "true",
			})
			track := &s.Policies.TargetTracking[len(s.Policies.TargetTracking)-1]
			if predefined := cfn.Lookup(c, "PredefinedMetricSpecification", "PredefinedMetricType"); predefined != nil {
				track.HighResolution = r.highResolutionCPU(name, predefined)
				s.Metrics[name] = func(m simulation.Measured) autoscaling.Series { return m.CPU }
			} else {
				s.Metrics[name] = r.metric(name, cfn.Lookup(c, "CustomizedMetricSpecification"))
			}
		case "StepScaling":
			s.Policies.StepScaling = append(s.Policies.StepScaling, r.stepScaling(name, cfn.Lookup(p, "StepScalingPolicyConfiguration"), s.Metrics))
		case "PredictiveScaling":
			s.Policies.Predictive = append(s.Policies.Predictive,
				r.predictive(name, cfn.Lookup(p, "PredictiveScalingPolicyConfiguration")))
		default:
			r.fail("%s: the simulator does not know policies of type %v", name, kind)
		}
	}
}

// highResolutionCPU checks that a predefined metric is the CPU at high resolution, and that the service publishes it.
func (r *reader) highResolutionCPU(name string, predefined any) bool {
	if predefined != "ECSServiceAverageCPUUtilizationHighResolution" {
		r.fail("%s: the simulator does not know the metric %v", name, predefined)
	}
	for _, c := range list(cfn.Lookup(r.scaledService(), "MonitoringConfiguration", "MetricConfigurations")) {
		if slices.Contains(list(cfn.Lookup(c, "MetricNames")), any("CPUUtilization")) &&
			r.number(cfn.Lookup(c, "ResolutionSeconds"), "ResolutionSeconds") == 20 {
			return true
		}
	}
	r.fail("%s follows the CPU every 20 s, which the service does not publish", name)
	return true
}

// predictive reads a predictive scaling policy. The load of its metric pair is the CPU utilization of all tasks
// together, and its target one of their average.
func (r *reader) predictive(name string, c any) autoscaling.PredictiveScaling {
	p := autoscaling.PredictiveScaling{Name: name,
		Buffer: time.Duration(r.numberOr(cfn.Lookup(c, "SchedulingBufferTime"), name+": SchedulingBufferTime", 300)) * time.Second}
	switch mode := cfn.Lookup(c, "Mode"); mode {
	case "ForecastAndScale":
		p.Scales = true
	case "ForecastOnly", nil:
	default:
		r.fail("%s: unknown mode %v", name, mode)
	}
	if breach := cfn.Lookup(c, "MaxCapacityBreachBehavior"); breach != nil && breach != "HonorMaxCapacity" {
		r.fail("%s: the simulator does not know MaxCapacityBreachBehavior %v", name, breach)
	}
	specifications := list(cfn.Lookup(c, "MetricSpecifications"))
	if len(specifications) != 1 {
		r.fail("%s has %d metric specifications, want 1", name, len(specifications))
		return p
	}
	p.Target = r.number(cfn.Lookup(specifications[0], "TargetValue"), name+": TargetValue")
	pair := cfn.Lookup(specifications[0], "PredefinedMetricPairSpecification", "PredefinedMetricType")
	if pair != "ECSServiceCPUUtilization" {
		r.fail("%s: the simulator does not know the metric pair %v", name, pair)
	}
	return p
}

// cooldown reads a cooldown in seconds. AWS's default for ECS is 300 s.
func (r *reader) cooldown(v any, name string) time.Duration {
	return time.Duration(r.numberOr(v, name+": cooldown", 300) * float64(time.Second))
}

// stepScaling reads a step scaling policy with its alarm, and adds its metric.
func (r *reader) stepScaling(name string, c any, metrics map[string]simulation.Metric) autoscaling.StepScaling {
	p := autoscaling.StepScaling{Name: name, Type: autoscaling.AdjustmentType(fmt.Sprint(cfn.Lookup(c, "AdjustmentType"))),
		MinMagnitude: int(r.numberOr(cfn.Lookup(c, "MinAdjustmentMagnitude"), name+": MinAdjustmentMagnitude", 0)), Cooldown: r.cooldown(cfn.Lookup(c, "Cooldown"), name)}
	for _, step := range list(cfn.Lookup(c, "StepAdjustments")) {
		p.Steps = append(p.Steps, autoscaling.Step{
			Lower:      r.numberOr(cfn.Lookup(step, "MetricIntervalLowerBound"), name+": lower bound", math.Inf(-1)),
			Upper:      r.numberOr(cfn.Lookup(step, "MetricIntervalUpperBound"), name+": upper bound", math.Inf(1)),
			Adjustment: int(r.number(cfn.Lookup(step, "ScalingAdjustment"), name+": ScalingAdjustment")),
		})
	}
	alarms, all := 0, r.resourcesOfType("AWS::CloudWatch::Alarm")
	for _, alarm := range slices.Sorted(maps.Keys(all)) {
		a := all[alarm]
		for _, action := range list(cfn.Lookup(a, "AlarmActions")) {
			if policy, _ := r.referenced(action); policy != name {
				continue
			}
			if alarms++; alarms > 2 {
				r.fail("%s has more than two alarms", name)
			}
			if missing := fmt.Sprint(cfn.Lookup(a, "TreatMissingData")); missing != "notBreaching" {
				r.fail("%s: the simulator does not know TreatMissingData %s", alarm, missing)
			}
			first := p.Alarm
			p.Alarm = autoscaling.Alarm{Threshold: r.number(cfn.Lookup(a, "Threshold"), alarm+": Threshold"), Comparison: autoscaling.Comparison(fmt.Sprint(cfn.Lookup(a, "ComparisonOperator"))),
				Periods:    int(r.number(cfn.Lookup(a, "EvaluationPeriods"), alarm+": EvaluationPeriods")),
				Datapoints: int(r.numberOr(cfn.Lookup(a, "DatapointsToAlarm"), alarm+": DatapointsToAlarm", 0))}
			metric := r.singleMetric
			if cfn.Lookup(a, "Metrics") != nil {
				metric = r.metric
			}
			if follows := metric(alarm, a); alarms == 1 {
				metrics[name] = follows
			} else {
				metrics[name] = eitherMetric(metrics[name], follows)
				if p.Alarm != first || p.Alarm.Datapoints != 1 || p.Alarm.Comparison != autoscaling.AtOrAbove {
					r.fail("%s: the simulator knows a second alarm of a policy only if one point at or above the threshold of the first is enough", alarm)
				}
			}
		}
	}
	if alarms == 0 {
		r.fail("%s has no alarm", name)
	}
	return p
}

// fastScaler reads the settings of the function that polls the queue: a Lambda function of the template that runs the
// command scale.
func (r *reader) fastScaler() *scaling.Fast {
	for name, f := range r.resourcesOfType("AWS::Lambda::Function") {
		if command := list(cfn.Lookup(f, "ImageConfig", "Command")); len(command) != 1 || command[0] != "scale" {
			continue
		}
		env := cfn.Lookup(f, "Environment", "Variables")
		return &scaling.Fast{
			Bounds:    scaling.Bounds{Min: int(r.number(cfn.Lookup(env, "MIN_TASKS"), name+": MIN_TASKS")), Max: int(r.number(cfn.Lookup(env, "MAX_TASKS"), name+": MAX_TASKS"))},
			Objective: r.duration(cfn.Lookup(env, "SCALE_OBJECTIVE"), name+": SCALE_OBJECTIVE"), PhotoTime: r.seconds(cfn.Lookup(env, "SECONDS_PER_PHOTO"), name+": SECONDS_PER_PHOTO"),
			Processors: int(r.number(cfn.Lookup(env, "RENDERS"), name+": RENDERS")),
		}
	}
	return nil
}

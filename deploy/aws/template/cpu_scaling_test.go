package template

import "darkroom/deploy/testkit/cfn"

// cpuAt20Seconds is the service's monitoring configuration with CpuTarget. The memory metric keeps its minutes, because
// its samples count the workers.
var cpuAt20Seconds = object{"MetricConfigurations": []any{object{"MetricNames": []any{"CPUUtilization"}, "ResolutionSeconds": 20}}}

var cpuScalingRules = []rule{
	// The policy adds workers soon after their CPU rises, and leaves their removal to the one that follows the queue:
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/target-tracking-faster-auto-scaling.html
	{"CPU scaling", func(s *stack) (bad []string) {
		target, _ := s.template.Section("Parameters")["CpuTarget"].(object)
		for _, percent := range []string{"5", "95", "100", "-10"} {
			if cfn.CheckValue(target, percent) == nil {
				bad = append(bad, "CpuTarget accepts "+percent)
			}
		}
		if s.param("CpuTarget") == "0" {
			return bad // the rule "existence" reports what is there
		}
		return append(bad, s.lackNumbers("CpuScaling", object{"PolicyName": "stack-name-cpu", "PolicyType": "TargetTrackingScaling", "ScalingTargetId": "${Scaling}",
			"TargetTrackingScalingPolicyConfiguration": object{"TargetValue": s.number("CpuTarget"), "ScaleOutCooldown": s.number("ScaleOutCooldown"), "DisableScaleIn": true,
				"PredefinedMetricSpecification": object{"PredefinedMetricType": "ECSServiceAverageCPUUtilizationHighResolution"}}})...)
	}},
}

func init() {
	mutants["CPU scaling"] = []mutant{
		{"removes workers", setProperty("CpuScaling", nil, "TargetTrackingScalingPolicyConfiguration", "DisableScaleIn")},
		{"once a minute", replaced("CpuScaling", "CPUUtilizationHighResolution", "CPUUtilization")},
		{"follows memory", replaced("CpuScaling", "AverageCPU", "AverageMemory")},
		{"any target", setAt(nil, "Parameters", "CpuTarget", "AllowedValues")},
	}
	freePlaces = append(freePlaces, freePlace{"CpuScaling.Metadata*", "for cfn-lint"})
	always := object{"Fn::Equals": []any{"a", "a"}}
	mutants["existence"] = append(mutants["existence"], mutant{"CPU scaling for everybody", setAt(always, "Conditions", "ScalesOutOnCpu")})
	mutants["services"] = append(mutants["services"],
		mutant{"CPU once a minute with a target", replaced("WorkerService", `"ResolutionSeconds":20`, `"ResolutionSeconds":60`)},
		mutant{"memory every 20 s, which triples the workers", replaced("WorkerService", `"CPUUtilization"`, `"CPUUtilization","MemoryUtilization"`)},
		mutant{"CPU every 20 s for everybody", setAt(always, "Conditions", "ScalesOutOnCpu")})
}

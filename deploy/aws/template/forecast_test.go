package template

var forecastRules = []rule{
	// The forecast adds workers before a peak, within MaxTasks, and removes none:
	// https://docs.aws.amazon.com/autoscaling/application/userguide/aas-create-predictive-scaling-policy.html
	{"forecast", func(s *stack) []string {
		mode := map[string]string{"forecast": "ForecastOnly", "scale": "ForecastAndScale"}[s.param("PredictiveScaling")]
		if mode == "" {
			return nil // the rule "existence" reports what is there
		}
		return s.lack("ForecastScaling", object{"PolicyName": "stack-name-forecast", "PolicyType": "PredictiveScaling", "ScalingTargetId": "${Scaling}",
			"PredictiveScalingPolicyConfiguration": object{"Mode": mode, "SchedulingBufferTime": 300, "MaxCapacityBreachBehavior": "HonorMaxCapacity",
				"MetricSpecifications": []any{object{"TargetValue": 70, "PredefinedMetricPairSpecification": object{"PredefinedMetricType": "ECSServiceCPUUtilization"}}}}})
	}},
}

func init() {
	mutants["forecast"] = []mutant{
		{"beyond the maximum", setProperty("ForecastScaling", "IncreaseMaxCapacity", "PredictiveScalingPolicyConfiguration", "MaxCapacityBreachBehavior")},
		{"always scales", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "FollowsForecast")},
		{"follows memory", replaced("ForecastScaling", "ECSServiceCPUUtilization", "ECSServiceMemoryUtilization")},
	}
	mutants["services"] = append(mutants["services"],
		mutant{"ends with half of the workers", replaced("WorkerService", `"HealthyPercent":100`, `"HealthyPercent":50`)},
		mutant{"always ends early", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "EndsDeploymentsEarly")})
	freePlaces = append(freePlaces, freePlace{"WorkerService.Metadata*", "for cfn-lint"})
}

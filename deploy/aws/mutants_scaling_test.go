package main

// scalingMutants are faults in scaling policies, alarms, names and parameters.
var scalingMutants = map[string][]mutant{
	"metric math": {
		{"unknown id", setProperty("BacklogScaling", "1 / IF(rate < held, rate, held)", backlog, "CustomizedMetricSpecification", "Metrics", 7, "Expression")},
		{"twice", replaced("AtMaximumAlarm", `"Id":"waiting"`, `"Id":"tasks"`)},
		{"capital", replaced("ApiErrorsAlarm", `"Id":"part"`, `"Id":"Part"`)},
		{"dashboard", replaced("Dashboard", `* tasks)`, `* tusks)`)},
	},
	"one result": {
		{"two", setProperty("BacklogScaling", true, backlog, "CustomizedMetricSpecification", "Metrics", 1, "ReturnData")},
		{"none", setProperty("ApiErrorsAlarm", false, "Metrics", 2, "ReturnData")},
		{"all", replaced("NoWorkersAlarm", `"ReturnData":false`, `"ReturnData":true`)},
	},
	"metrics": {
		{"name", replaced("DeadLettersAlarm", "ApproximateNumberOfMessagesVisible", "MessagesVisible")},
		{"dimension", setProperty("TokenErrorsAlarm", "Function", "Dimensions", 0, "Name")},
		{"namespace", setProperty("WorkerMemoryAlarm", "ECS/ContainerInsights", "Namespace")},
		{"in a policy", replaced("BurstAlarm", "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessages")},
		{"Lambda's own metric, on the dashboard", replaced("Dashboard", "TokensIssued", "Tokens")},
		{"Lambda's own metric, of all stacks", replaced("Dashboard", `\"Latency\", \"FunctionName\", \"${TokenFunction}\"`, `\"Latency\"`)},
		{"dashboard is not JSON", replaced("Dashboard", `{\"widgets\": [`, `{\"widgets\": `)},
	},
	"no CPU": {
		{"CPU policy as well", setAt(object{"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": object{"PolicyName": object{"Fn::Sub": "${AWS::StackName}-cpu"},
			"PolicyType": "TargetTrackingScaling", "ScalingTargetId": ref("Scaling"), backlog: object{"TargetValue": 60, "CustomizedMetricSpecification": object{"Metrics": []any{
				object{"Id": "cpu", "ReturnData": true, "MetricStat": object{"Stat": "Average", "Metric": object{"Namespace": "AWS/ECS", "MetricName": "CPUUtilization",
					"Dimensions": []any{object{"Name": "ClusterName", "Value": "c"}, object{"Name": "ServiceName", "Value": "s"}}}}}}}}}}, "Resources", "CpuScaling")},
		{"CPU instead of the number of tasks", setProperty("BurstAlarm", "Average", "Metrics", 1, "MetricStat", "Stat")},
	},
	"scaling": {
		{"target is a number of messages", setProperty("BacklogScaling", 100, backlog, "TargetValue")},
		{"never scales in", setProperty("BacklogScaling", true, backlog, "DisableScaleIn")},
		{"scales in faster than out", setAt(10, "Parameters", "ScaleInCooldown", "Default")},
		{"burst alarm notifies people instead", setProperty("BurstAlarm", []any{ref("Alarms")}, "AlarmActions")},
		{"burst scales in", setProperty("BurstScaling", -50, "StepScalingPolicyConfiguration", "StepAdjustments", 1, "ScalingAdjustment")},
		{"another service", replaced("Scaling", "service/${Cluster}", "service/other")},
		{"no wait at all", setAt(0, "Parameters", "LatencySeconds", "MinValue")},
		{"burst threshold", setProperty("BurstAlarm", 200, "Threshold")},
		{"burst after ten minutes", setProperty("BurstAlarm", 10, "EvaluationPeriods")},
		{"burst below the threshold", setProperty("BurstAlarm", "LessThanThreshold", "ComparisonOperator")},
		{"burst without actions", setProperty("BurstAlarm", false, "ActionsEnabled")},
		{"burst adds one", setProperty("BurstScaling", "ChangeInCapacity", "StepScalingPolicyConfiguration", "AdjustmentType")},
		{"burst once an hour", setProperty("BurstScaling", 3600, "StepScalingPolicyConfiguration", "Cooldown")},
		{"waking at many messages", setProperty("WakeAlarm", 1000, "Threshold")},
		{"policy of another target", setProperty("BacklogScaling", "other", "ScalingTargetId")},
	},
	"what scaling follows": {
		{"dead letters", replaced("BurstAlarm", `["PhotosQueue","QueueName"]`, `["DeadLetters","QueueName"]`)},
		{"dead letters in target tracking", replaced("BacklogScaling", `["PhotosQueue","QueueName"]`, `["DeadLetters","QueueName"]`)},
		{"dead letters wake", replaced("WakeAlarm", `["PhotosQueue","QueueName"]`, `["DeadLetters","QueueName"]`)},
		{"tasks of another service", replaced("AtMaximumAlarm", `["WorkerService","Name"]`, `["Cluster","Arn"]`)},
		{"five minutes", replaced("BurstAlarm", `"Period":60`, `"Period":300`)},
	},
	"late metrics": {
		{"filled", setProperty("BurstAlarm", "FILL(visible, 0) + 0.001", "Metrics", 2, "Expression")},
		{"messages in a numerator", func(root object) {
			setProperty("BurstAlarm", object{"Fn::Sub": "${SecondsPerPhoto} * visible / (2 * tasks)"}, "Metrics", 3, "Expression")(root)
			setProperty("BurstAlarm", object{"Fn::Sub": "rate / ${LatencySeconds}"}, "Metrics", 4, "Expression")(root)
		}},
		{"the larger of both", setProperty("BacklogScaling", "IF(1 / rate > 1 / hold, 1 / rate, 1 / hold)", backlog, "CustomizedMetricSpecification", "Metrics", 7, "Expression")},
	},
	"sums": {
		{"messages in flight add workers", setProperty("BacklogScaling", object{"Fn::Sub": "2 * tasks / (taken * ${LatencySeconds})"}, backlog, "CustomizedMetricSpecification", "Metrics", 6, "Expression")},
		{"messages in flight hold no workers", setProperty("BacklogScaling", "1 / rate", backlog, "CustomizedMetricSpecification", "Metrics", 7, "Expression")},
		{"never exactly 0", setProperty("BacklogScaling", "IF(exact < 0, 0, exact)", backlog, "CustomizedMetricSpecification", "Metrics", 8, "Expression")},
		{"workers not counted", replaced("BacklogScaling", "${Renders} * tasks / (", "${Renders} * (tasks / tasks) / (")},
		{"alarm below the maximum", replaced("AtMaximumAlarm", ">= ${MaxTasks}", ">= 1")},
		{"no workers while they receive", replaced("NoWorkersAlarm", "received + empty", "empty")},
		{"failures as successes", setProperty("ScalerAlarm", "invocations", "Metrics", 2, "Expression")},
	},
	"waking": {
		{"at the oldest message", setProperty("WakeAlarm", "ApproximateAgeOfOldestMessage", "MetricName")},
		{"without MinTasks=0", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "ToZero")},
		{"never", setAt(nil, "Resources", "WakeAlarm")},
		{"without the fast scaler", setAt(nil, "Rules", "WakingNeedsTheFastScaler")},
		{"whatever the fast scaler", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Rules", "WakingNeedsTheFastScaler", "Assertions", 0, "Assert")},
	},
	"alarms": {
		{"no notification", setProperty("DeadLettersAlarm", nil, "AlarmActions")},
		{"no notification of the end", setProperty("TokenThrottlesAlarm", nil, "OKActions")},
		{"missing data is an alarm", setProperty("OldestMessageAlarm", "breaching", "TreatMissingData")},
	},
	"names": {
		{"fixed", setProperty("WorkerLogs", "/darkroom/worker", "LogGroupName")},
		{"fixed, of a role", setProperty("WorkerRole", "worker", "RoleName")},
		{"the same twice", setProperty("TokenLogs", object{"Fn::Sub": "/darkroom/${AWS::StackName}/worker"}, "LogGroupName")},
		{"same bucket in every region", setProperty("VariantsBucket", object{"Fn::Sub": "${AWS::StackName}-variants"}, "BucketName")},
		{"fixed, of an alarm", setProperty("BurstAlarm", "burst", "AlarmName")},
	},
	"parameters": {
		{"description too short", setAt("Most.", "Parameters", "MaxTasks", "Description")},
		{"default where none may be", setAt(object{"Type": "String", "Default": "x", "Description": "Image of the worker, some image."}, "Parameters", "WorkerImage")},
		{"in no group", setAt([]any{"AuthIssuer"}, "Metadata", "AWS::CloudFormation::Interface", "ParameterGroups", 1, "Parameters")},
	},
}

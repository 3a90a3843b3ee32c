package main

// mutant is a fault in a template.
type mutant struct {
	name string
	edit func(root object)
}

func ref(name string) object { return object{"Ref": name} }

const (
	backlog   = "TargetTrackingScalingPolicyConfiguration"
	container = "ContainerDefinitions"
)

// mutants are faults, by the rule that must find them.
var mutants = map[string][]mutant{
	"buckets": {
		{"not encrypted", of("UploadsBucket", nil, "BucketEncryption")},
		{"public policy", of("VariantsBucket", false, "PublicAccessBlockConfiguration", "BlockPublicPolicy")},
		{"no block at all", of("VariantsBucket", nil, "PublicAccessBlockConfiguration")},
		{"access lists", of("UploadsBucket", "ObjectWriter", "OwnershipControls", "Rules", 0, "ObjectOwnership")},
		{"goes with the stack", put("Delete", "Resources", "UploadsBucket", "DeletionPolicy")},
		{"without TLS", of("UploadsPolicy", "true", "PolicyDocument", "Statement", 0, "Condition", "Bool", "aws:SecureTransport")},
		{"objects without TLS", of("VariantsPolicy", []any{object{"Fn::GetAtt": []any{"VariantsBucket", "Arn"}}}, "PolicyDocument", "Statement", 0, "Resource")},
		{"no policy", put(nil, "Resources", "UploadsPolicy", "Properties", "Bucket")},
	},
	"abandoned uploads": {{"rule is off", of("UploadsBucket", "Disabled", "LifecycleConfiguration", "Rules", 0, "Status")}},
	"old versions": {
		{"kept", of("UploadsBucket", nil, "LifecycleConfiguration", "Rules", 1, "NoncurrentVersionExpiration")},
		{"markers kept", of("UploadsBucket", false, "LifecycleConfiguration", "Rules", 1, "ExpiredObjectDeleteMarker")},
	},
	"removed photos": {
		{"other tag", of("VariantsBucket", "gone", "LifecycleConfiguration", "Rules", 1, "TagFilters", 0, "Value")},
		{"shorter than tokens", put(2000000, "Parameters", "TokenMinutes", "MaxValue")},
		{"at once", put(0, "Parameters", "RemovedDays", "MinValue")},
	},
	"once": {
		{"no rule", of("UploadsPolicy", []any{object{"Sid": "OnlyTLS", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
			"Resource":  []any{object{"Fn::GetAtt": []any{"UploadsBucket", "Arn"}}, object{"Fn::Sub": "${UploadsBucket.Arn}/*"}},
			"Condition": object{"Bool": object{"aws:SecureTransport": "false"}}}}, "PolicyDocument", "Statement")},
		{"parts too", of("UploadsPolicy", nil, "PolicyDocument", "Statement", 1, "Fn::If", 2, "Condition", "Bool")},
		{"the other way round", of("UploadsPolicy", "false", "PolicyDocument", "Statement", 1, "Fn::If", 2, "Condition", "Null", "s3:if-none-match")},
	},
	"CORS": {
		{"no PUT", of("UploadsBucket", []any{"POST"}, "CorsConfiguration", "Fn::If", 1, "CorsRules", 0, "AllowedMethods")},
		{"ETag hidden", of("UploadsBucket", []any{"Location"}, "CorsConfiguration", "Fn::If", 1, "CorsRules", 0, "ExposedHeaders")},
		{"for all", put(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "HasOrigins")},
		{"API without DELETE", of("Api", []any{"GET", "POST"}, "CorsConfiguration", "Fn::If", 1, "AllowMethods")},
	},
	"public variants": {
		{"always", put(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "Public")},
		{"any distribution", replaced("VariantsPolicy", "distribution/${Distribution}", "distribution/other")},
		{"manifests too", replaced("VariantsPolicy", "/*/manifest.json", "/*/manifest.txt")},
		{"without TLS", of("Distribution", "allow-all", "DistributionConfig", "DefaultCacheBehavior", "ViewerProtocolPolicy")},
		{"URL is told though they are not", of("TokenFunction", "https://photos.example", "Environment", "Variables", "PUBLIC_BASE_URL", "Fn::If", 2)},
	},
	"outcome events": {
		{"bucket does not tell", of("VariantsBucket", nil, "NotificationConfiguration")},
		{"every object", of("OutcomeRule", nil, "EventPattern", "detail", "object")},
	},
	"wildcards": {
		{"action", of("WorkerRole", "s3:*", "Policies", 0, "PolicyDocument", "Statement", 0, "Action")},
		{"part of an action", of("TokenRole", []any{"s3:Put*"}, "Policies", 0, "PolicyDocument", "Statement", 1, "Action")},
		{"resource", of("WorkerRole", "*", "Policies", 0, "PolicyDocument", "Statement", 3, "Resource")},
		{"resource of one that could name it", of("ExecutionRole", "*", "Policies", 0, "PolicyDocument", "Statement", 1, "Resource")},
		{"any bucket", of("OperatorRole", "arn:aws:s3:::*", "Policies", 0, "PolicyDocument", "Statement", 0, "Resource")},
		{"topic", of("AlarmsPolicy", "*", "PolicyDocument", "Statement", 0, "Resource")},
		{"endpoint", of("S3Endpoint", "*", "PolicyDocument", "Statement", 0, "Resource")},
		{"log group", replaced("OutcomeLogsPolicy", "${OutcomeLogs.Arn}", "*")},
		{"managed policy", of("ExecutionRole", []any{"arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"}, "ManagedPolicyArns")},
	},
	"permissions": {
		{"token may delete variants", replaced("TokenRole", "s3:PutObjectTagging", "s3:DeleteObject")},
		{"token may replace variants", replaced("TokenRole", "/*/manifest.json", "/*")},
		{"worker may write originals", replaced("WorkerRole", `["s3:GetObject","s3:DeleteObject"]`, `["s3:GetObject","s3:DeleteObject","s3:PutObject"]`)},
		{"worker may purge", replaced("WorkerRole", "sqs:DeleteMessage", "sqs:PurgeQueue")},
		{"worker cannot protect itself", replaced("WorkerRole", "ecs:UpdateTaskProtection", "ecs:DescribeTasks")},
		{"scaler may scale others", of("ScalerRole", ref("Cluster"), "Policies", 0, "PolicyDocument", "Statement", 1, "Resource")},
		{"operator may write variants", of("OperatorRole", "s3:PutObject", "Policies", 0, "PolicyDocument", "Statement", 1, "Action")},
		{"tasks of any cluster", replaced("WorkerRole", "task/${Cluster}/*", "task/*")},
	},
	"trust": {
		{"any account's task", of("WorkerRole", nil, "AssumeRolePolicyDocument", "Statement", 0, "Condition")},
		{"another service", of("TokenRole", "ec2.amazonaws.com", "AssumeRolePolicyDocument", "Statement", 0, "Principal", "Service")},
	},
	"network": {
		{"ingress", of("WorkerAccess", []any{object{"IpProtocol": "tcp", "FromPort": 9102, "ToPort": 9102, "CidrIp": "0.0.0.0/0"}}, "SecurityGroupIngress")},
		{"egress to all ports", of("WorkerAccess", 0, "SecurityGroupEgress", 0, "FromPort")},
		{"NAT", put(object{"Type": "AWS::EC2::NatGateway", "Properties": object{"SubnetId": ref("SubnetA")}}, "Resources", "Nat")},
		{"no way to S3", of("S3Endpoint", "Interface", "VpcEndpointType")},
		{"no address and no endpoints", of("WorkerService", "DISABLED", "NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp")},
		{"endpoint is not found", of("SqsEndpoint", false, "PrivateDnsEnabled")},
	},
	"queues": {
		{"not encrypted", of("PhotosQueue", false, "SqsManagedSseEnabled")},
		{"dead letters not encrypted", of("DeadLetters", nil, "SqsManagedSseEnabled")},
		{"without TLS", of("DeadLettersPolicy", "Allow", "PolicyDocument", "Statement", 0, "Condition", "Bool", "aws:SecureTransport")},
	},
	"dead letters": {
		{"as short as the queue", of("DeadLetters", 864000, "MessageRetentionPeriod")},
		{"never", of("PhotosQueue", nil, "RedrivePolicy")},
		{"at the first failure", of("PhotosQueue", 1, "RedrivePolicy", "maxReceiveCount")},
		{"of any queue", of("DeadLetters", nil, "RedriveAllowPolicy")},
		{"of another queue", replaced("DeadLetters", "-photos", "-others")},
	},
	"leases": {
		{"queue's own is short", of("PhotosQueue", 30, "VisibilityTimeout")},
		{"queue's own does not fit the longest job", of("PhotosQueue", 1800, "VisibilityTimeout")},
		{"no time for a heartbeat", put(3, "Parameters", "VisibilitySeconds", "MinValue")},
		{"no time for a job", put(1, "Parameters", "JobSeconds", "MinValue")},
	},
	"retention": {{"an hour", put(3600, "Mappings", "Seconds", "Days", "2")}},
	"events": {
		{"removals are not told", of("UploadsBucket", []any{object{"Event": "s3:ObjectCreated:*", "Queue": object{"Fn::GetAtt": []any{"PhotosQueue", "Arn"}}}}, "NotificationConfiguration", "QueueConfigurations")},
		{"any bucket may send", of("PhotosQueuePolicy", nil, "PolicyDocument", "Statement", 0, "Condition", "ArnEquals")},
		{"another account's bucket may send", of("PhotosQueuePolicy", nil, "PolicyDocument", "Statement", 0, "Condition", "StringEquals")},
		{"bucket comes first", put(nil, "Resources", "UploadsBucket", "DependsOn")},
		{"other bucket", replaced("PhotosQueuePolicy", "-uploads-", "-variants-")},
	},
	"function": {
		{"amd64", of("TokenFunction", []any{"x86_64"}, "Architectures")},
		{"no reserve", of("TokenFunction", nil, "ReservedConcurrentExecutions")},
		{"wrapped lines", of("TokenFunction", "JSON", "LoggingConfig", "LogFormat")},
	},
	"timeouts": {
		{"shorter than a wait", put(10, "Parameters", "TokenTimeout", "MinValue")},
		{"longer than the gateway's", put(60, "Parameters", "TokenTimeout", "MaxValue")},
		{"gateway gives up early", of("ApiIntegration", 5000, "TimeoutInMillis")},
	},
	"routes": {
		{"open to all", of("ApiPost", "NONE", "AuthorizationType")},
		{"no authorizer", of("ApiGet", nil, "AuthorizerId")},
		{"no removals", put(nil, "Resources", "ApiDelete")},
		{"another audience", of("ApiAuthorizer", []any{"other"}, "JwtConfiguration", "Audience")},
		{"format 1.0", of("ApiIntegration", "1.0", "PayloadFormatVersion")},
	},
	"throttling": {{"none", of("ApiStage", nil, "DefaultRouteSettings")}},
	"stopping": {
		{"killed while it drains", of("WorkerTask", 60, container, 0, "StopTimeout")},
		{"longer than Fargate", of("WorkerTask", 300, container, 0, "StopTimeout")},
		{"by default", of("OperatorTask", nil, container, 0, "StopTimeout")},
		{"drain longer than that", put(120, "Parameters", "DrainSeconds", "MaxValue")},
		{"polls cut off", put(10, "Parameters", "DrainSeconds", "MinValue")},
	},
	"containers": {
		{"root", of("WorkerTask", "0:0", container, 0, "User")},
		{"user of the image", of("OperatorTask", nil, container, 0, "User")},
		{"writes", of("WorkerTask", false, container, 0, "ReadonlyRootFilesystem")},
		{"collector writes", of("WorkerTask", false, container, 1, "Fn::If", 1, "ReadonlyRootFilesystem")},
		{"capabilities", of("WorkerTask", []any{"NET_RAW"}, container, 0, "LinuxParameters", "Capabilities", "Drop")},
		{"amd64", of("WorkerTask", "X86_64", "RuntimePlatform", "CpuArchitecture")},
		{"more memory than there is", put(4096, "Mappings", "Task", "1", "WorkerBesideCollector")},
	},
	"size": {
		{"more photos than processors", put("16", "Mappings", "Task", "8", "Renders")},
		{"slots of another size", put("4", "Mappings", "Task", "8", "Slots")},
	},
	"service": {
		{"no rollback", of("WorkerService", false, "DeploymentConfiguration", "DeploymentCircuitBreaker", "Rollback")},
		{"no breaker", of("WorkerService", nil, "DeploymentConfiguration", "DeploymentCircuitBreaker")},
		{"desired count", of("WorkerService", 2, "DesiredCount")},
		{"only Spot", of("WorkerService", []any{object{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}}, "CapacityProviderStrategy")},
		{"shell", of("WorkerService", true, "EnableExecuteCommand")},
	},
	"one scaler": {
		{"two in a deployment", of("ScalerService", 200, "DeploymentConfiguration", "MaximumPercent")},
		{"two", of("ScalerService", 2, "DesiredCount")},
		{"on Spot", of("ScalerService", nil, "LaunchType")},
		{"beyond the most", of("ScalerTask", 1000, container, 0, "Environment", 4, "Value")},
		{"another service", of("ScalerTask", "other", container, 0, "Environment", 2, "Value")},
		{"none", func(root object) { delete(root["Resources"].(object), "ScalerService") }},
	},
	"logs": {
		{"for ever", of("TokenLogs", nil, "RetentionInDays")},
		{"workers' for ever", of("WorkerLogs", nil, "RetentionInDays")},
		{"elsewhere", of("WorkerTask", "/ecs/worker", container, 0, "LogConfiguration", "Options", "awslogs-group")},
		{"Lambda's own group", of("TokenFunction", nil, "LoggingConfig", "LogGroup")},
		{"no access log", of("ApiStage", nil, "AccessLogSettings")},
		{"tokens", of("ApiStage", "$context.authorizer.claims.sub", "AccessLogSettings", "Format")},
	},
	"one recipe": {
		{"operators without variants", of("OperatorTask", "", container, 0, "Environment", 4, "Value")},
		{"API takes more", of("TokenFunction", "999999999", "Environment", "Variables", "MAX_PIXELS")},
		{"buckets mixed up", of("TokenFunction", ref("UploadsBucket"), "Environment", "Variables", "VARIANTS_BUCKET")},
	},
	"metric math": {
		{"unknown id", of("BacklogScaling", "IF(waiting > hold, waiting, waiting)", backlog, "CustomizedMetricSpecification", "Metrics", 8, "Expression")},
		{"twice", replaced("AtMaximumAlarm", `"Id":"recent"`, `"Id":"tasks"`)},
		{"capital", replaced("ApiErrorsAlarm", `"Id":"part"`, `"Id":"Part"`)},
		{"dashboard", replaced("Dashboard", `FILL(recent, 1)`, `FILL(tusks, 1)`)},
	},
	"one answer": {
		{"two", of("BacklogScaling", true, backlog, "CustomizedMetricSpecification", "Metrics", 1, "ReturnData")},
		{"none", of("ApiErrorsAlarm", false, "Metrics", 2, "ReturnData")},
		{"all", replaced("WakeAlarm", `"ReturnData":false`, `"ReturnData":true`)},
	},
	"metrics": {
		{"name", replaced("DeadLettersAlarm", "ApproximateNumberOfMessagesVisible", "MessagesVisible")},
		{"dimension", of("TokenErrorsAlarm", "Function", "Dimensions", 0, "Name")},
		{"namespace", of("WorkerMemoryAlarm", "ECS/ContainerInsights", "Namespace")},
		{"in a policy", replaced("BurstAlarm", "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessages")},
		{"of the API's own, on the dashboard", replaced("Dashboard", "TokensIssued", "Tokens")},
		{"of the API's own, of all stacks", replaced("Dashboard", `\"Latency\", \"FunctionName\", \"${TokenFunction}\"`, `\"Latency\"`)},
		{"dashboard is no JSON", replaced("Dashboard", `{\"widgets\": [`, `{\"widgets\": `)},
	},
	"no CPU": {
		{"beside it", put(object{"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": object{"PolicyName": object{"Fn::Sub": "${AWS::StackName}-cpu"},
			"PolicyType": "TargetTrackingScaling", "ScalingTargetId": ref("Scaling"), backlog: object{"TargetValue": 60, "CustomizedMetricSpecification": object{"Metrics": []any{
				object{"Id": "cpu", "ReturnData": true, "MetricStat": object{"Stat": "Average", "Metric": object{"Namespace": "AWS/ECS", "MetricName": "CPUUtilization",
					"Dimensions": []any{object{"Name": "ClusterName", "Value": "c"}, object{"Name": "ServiceName", "Value": "s"}}}}}}}}}}, "Resources", "CpuScaling")},
		{"CPU for tasks", of("BurstAlarm", "Average", "Metrics", 1, "MetricStat", "Stat")},
	},
	"scaling": {
		{"target is a number of messages", of("BacklogScaling", 100, backlog, "TargetValue")},
		{"never in", of("BacklogScaling", true, backlog, "DisableScaleIn")},
		{"in faster than out", put(10, "Parameters", "ScaleInCooldown", "Default")},
		{"burst alarm tells people instead", of("BurstAlarm", []any{ref("Alarms")}, "AlarmActions")},
		{"burst scales in", of("BurstScaling", -50, "StepScalingPolicyConfiguration", "StepAdjustments", 1, "ScalingAdjustment")},
		{"another service", replaced("Scaling", "service/${Cluster}", "service/other")},
	},
	"sums": {
		{"in flight adds workers", of("BacklogScaling", object{"Fn::Sub": "busy * ${LatencySeconds}"}, backlog, "CustomizedMetricSpecification", "Metrics", 7, "Expression")},
		{"nothing holds", of("BacklogScaling", "waiting", backlog, "CustomizedMetricSpecification", "Metrics", 8, "Expression")},
		{"workers not counted", replaced("BacklogScaling", "${Renders} * workers", "${Renders} * 1")},
		{"alarm below the maximum", replaced("AtMaximumAlarm", ">= ${MaxTasks}", ">= 1")},
	},
	"waking": {
		{"not at the first", replaced("WakeAlarm", "visible > 0", "visible > 10")},
		{"though somebody works", replaced("WakeAlarm", "none < 1 AND ", "")},
		{"though their count comes late", replaced("WakeAlarm", "inflight < 1 AND ", "")},
		{"without being asked", put(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "ToZero")},
		{"never", put(nil, "Resources", "WakeAlarm")},
	},
	"alarms": {
		{"nobody is told", of("DeadLettersAlarm", nil, "AlarmActions")},
		{"nobody is told of the end", of("TokenThrottlesAlarm", nil, "OKActions")},
		{"no data is an alarm", of("OldestMessageAlarm", "breaching", "TreatMissingData")},
		{"anybody's alarms", of("AlarmsPolicy", nil, "PolicyDocument", "Statement", 0, "Condition")},
		{"events may not be told", of("AlarmsPolicy", "lambda.amazonaws.com", "PolicyDocument", "Statement", 1, "Principal", "Service")},
		{"deployment fails in silence", of("DeploymentFailed", "elsewhere", "Targets", 0, "Arn")},
	},
	"names": {
		{"fixed", of("WorkerLogs", "/darkroom/worker", "LogGroupName")},
		{"of a role", of("WorkerRole", "worker", "RoleName")},
		{"the same twice", of("TokenLogs", object{"Fn::Sub": "/darkroom/${AWS::StackName}/worker"}, "LogGroupName")},
		{"bucket of all stacks of the name", of("VariantsBucket", object{"Fn::Sub": "${AWS::StackName}-variants"}, "BucketName")},
		{"alarm", of("BurstAlarm", "burst", "AlarmName")},
	},
	"parameters": {
		{"not described", put("Most.", "Parameters", "MaxTasks", "Description")},
		{"no default", put(object{"Type": "String", "Default": "x", "Description": "Image of the worker, some image."}, "Parameters", "WorkerImage")},
		{"in no group", put([]any{"AuthIssuer"}, "Metadata", "AWS::CloudFormation::Interface", "ParameterGroups", 1, "Parameters")},
	},
}

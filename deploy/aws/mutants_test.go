package main

// mutant is a fault in the template.
type mutant struct {
	name string
	edit func(root object)
}

func ref(name string) object { return object{"Ref": name} }

const (
	backlog   = "TargetTrackingScalingPolicyConfiguration"
	container = "ContainerDefinitions"
)

// mutants are faults, by the rule that must report them.
var mutants = map[string][]mutant{
	"buckets": {
		{"not encrypted", setProperty("UploadsBucket", nil, "BucketEncryption")},
		{"public policy", setProperty("VariantsBucket", false, "PublicAccessBlockConfiguration", "BlockPublicPolicy")},
		{"no public access block", setProperty("VariantsBucket", nil, "PublicAccessBlockConfiguration")},
		{"access lists", setProperty("UploadsBucket", "ObjectWriter", "OwnershipControls", "Rules", 0, "ObjectOwnership")},
		{"deleted with the stack", setAt("Delete", "Resources", "UploadsBucket", "DeletionPolicy")},
		{"without TLS", setProperty("UploadsPolicy", "true", "PolicyDocument", "Statement", 0, "Condition", "Bool", "aws:SecureTransport")},
		{"objects without TLS", setProperty("VariantsPolicy", []any{object{"Fn::GetAtt": []any{"VariantsBucket", "Arn"}}}, "PolicyDocument", "Statement", 0, "Resource")},
		{"no policy", setAt(nil, "Resources", "UploadsPolicy", "Properties", "Bucket")},
	},
	"abandoned uploads": {{"rule disabled", setProperty("UploadsBucket", "Disabled", "LifecycleConfiguration", "Rules", 0, "Status")}},
	"old versions": {
		{"kept", setProperty("UploadsBucket", nil, "LifecycleConfiguration", "Rules", 1, "NoncurrentVersionExpiration")},
		{"delete markers kept", setProperty("UploadsBucket", false, "LifecycleConfiguration", "Rules", 1, "ExpiredObjectDeleteMarker")},
	},
	"removed photos": {
		{"other tag", setProperty("VariantsBucket", "gone", "LifecycleConfiguration", "Rules", 1, "TagFilters", 0, "Value")},
		{"shorter than tokens", setAt(2000000, "Parameters", "TokenMinutes", "MaxValue")},
		{"at once", setAt(0, "Parameters", "RemovedDays", "MinValue")},
	},
	"once": {
		{"no rule", setProperty("UploadsPolicy", []any{object{"Sid": "OnlyTLS", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
			"Resource":  []any{object{"Fn::GetAtt": []any{"UploadsBucket", "Arn"}}, object{"Fn::Sub": "${UploadsBucket.Arn}/*"}},
			"Condition": object{"Bool": object{"aws:SecureTransport": "false"}}}}, "PolicyDocument", "Statement")},
		{"also for parts", setProperty("UploadsPolicy", nil, "PolicyDocument", "Statement", 1, "Fn::If", 2, "Condition", "Bool")},
		{"inverted", setProperty("UploadsPolicy", "false", "PolicyDocument", "Statement", 1, "Fn::If", 2, "Condition", "Null", "s3:if-none-match")},
	},
	"CORS": {
		{"no PUT", setProperty("UploadsBucket", []any{"POST"}, "CorsConfiguration", "Fn::If", 1, "CorsRules", 0, "AllowedMethods")},
		{"ETag hidden", setProperty("UploadsBucket", []any{"Location"}, "CorsConfiguration", "Fn::If", 1, "CorsRules", 0, "ExposedHeaders")},
		{"without origins", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "HasOrigins")},
		{"API without DELETE", setProperty("Api", []any{"GET", "POST"}, "CorsConfiguration", "Fn::If", 1, "AllowMethods")},
	},
	"public variants": {
		{"always", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "Public")},
		{"any distribution", replaced("VariantsPolicy", "distribution/${Distribution}", "distribution/other")},
		{"manifests as well", replaced("VariantsPolicy", "/*/manifest.json", "/*/manifest.txt")},
		{"without TLS", setProperty("Distribution", "allow-all", "DistributionConfig", "DefaultCacheBehavior", "ViewerProtocolPolicy")},
		{"URL set though variants are private", setProperty("TokenFunction", "https://photos.example", "Environment", "Variables", "PUBLIC_BASE_URL", "Fn::If", 2)},
	},
	"outcome events": {
		{"bucket sends no events", setProperty("VariantsBucket", nil, "NotificationConfiguration")},
		{"every object", setProperty("OutcomeRule", nil, "EventPattern", "detail", "object")},
	},
	"wildcards": {
		{"action", setProperty("WorkerRole", "s3:*", "Policies", 0, "PolicyDocument", "Statement", 0, "Action")},
		{"part of an action", setProperty("TokenRole", []any{"s3:Put*"}, "Policies", 0, "PolicyDocument", "Statement", 1, "Action")},
		{"resource", setProperty("WorkerRole", "*", "Policies", 0, "PolicyDocument", "Statement", 3, "Resource")},
		{"resource of an action that could name it", setProperty("ExecutionRole", "*", "Policies", 0, "PolicyDocument", "Statement", 1, "Resource")},
		{"any bucket", setProperty("OperatorRole", "arn:aws:s3:::*", "Policies", 0, "PolicyDocument", "Statement", 0, "Resource")},
		{"topic", setProperty("AlarmsPolicy", "*", "PolicyDocument", "Statement", 0, "Resource")},
		{"endpoint", setProperty("S3Endpoint", "*", "PolicyDocument", "Statement", 0, "Resource")},
		{"log group", replaced("OutcomeLogsPolicy", "${OutcomeLogs.Arn}", "*")},
		{"managed policy", setProperty("ExecutionRole", []any{"arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"}, "ManagedPolicyArns")},
	},
	"permissions": {
		{"token may delete variants", replaced("TokenRole", "s3:PutObjectTagging", "s3:DeleteObject")},
		{"token may replace variants", replaced("TokenRole", "/*/manifest.json", "/*")},
		{"worker may write originals", replaced("WorkerRole", `["s3:GetObject","s3:DeleteObject"]`, `["s3:GetObject","s3:DeleteObject","s3:PutObject"]`)},
		{"worker may purge", replaced("WorkerRole", "sqs:DeleteMessage", "sqs:PurgeQueue")},
		{"worker cannot protect itself", replaced("WorkerRole", "ecs:UpdateTaskProtection", "ecs:DescribeTasks")},
		{"scaler may scale others", setProperty("ScalerRole", ref("Cluster"), "Policies", 0, "PolicyDocument", "Statement", 1, "Resource")},
		{"operator may write variants", setProperty("OperatorRole", "s3:PutObject", "Policies", 0, "PolicyDocument", "Statement", 1, "Action")},
		{"images of any repository", setProperty("ExecutionRole", object{"Fn::Sub": "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/*"}, "Policies", 0, "PolicyDocument", "Statement", 1, "Resource")},
		{"a digest taken for a part of the repository's name", replaced("ExecutionRole", `["@",`, `["#",`)},
		{"tasks of any cluster", replaced("WorkerRole", "task/${Cluster}/*", "task/*")},
	},
	"endpoint policy": {
		{"no notifications", replaced("S3Endpoint", "s3:GetBucketNotification", "s3:GetBucketLocation")},
		{"no deletes", replaced("S3Endpoint", ",\"s3:DeleteObject\"", "")},
	},
	"trust": {
		{"task of any account", setProperty("WorkerRole", nil, "AssumeRolePolicyDocument", "Statement", 0, "Condition")},
		{"another service", setProperty("TokenRole", "ec2.amazonaws.com", "AssumeRolePolicyDocument", "Statement", 0, "Principal", "Service")},
	},
	"network": {
		{"ingress", setProperty("WorkerAccess", []any{object{"IpProtocol": "tcp", "FromPort": 9102, "ToPort": 9102, "CidrIp": "0.0.0.0/0"}}, "SecurityGroupIngress")},
		{"egress to all ports", setProperty("WorkerAccess", 0, "SecurityGroupEgress", 0, "FromPort")},
		{"NAT", setAt(object{"Type": "AWS::EC2::NatGateway", "Properties": object{"SubnetId": ref("SubnetA")}}, "Resources", "Nat")},
		{"no gateway to S3", setProperty("S3Endpoint", "Interface", "VpcEndpointType")},
		{"no address and no endpoints", setProperty("WorkerService", "DISABLED", "NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp")},
	},
	"sweep": {
		{"always", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "Sweeps")},
		{"never", setAt(nil, "Resources", "SweepTimer")},
		{"another command", replaced("SweepTimer", "sweep\\\"", "backfill\\\"")},
		{"all manifests each day", replaced("SweepTimer", ", \\\"--changed-within\\\", \\\"72h\\\"", "")},
		{"another container", replaced("SweepTimer", "\\\"operator\\\"", "\\\"worker\\\"")},
		{"overrides are not JSON", replaced("SweepTimer", "{\\\"containerOverrides", "\\\"containerOverrides")},
		{"the workers' task", setProperty("SweepTimer", ref("WorkerTask"), "Target", "EcsParameters", "TaskDefinitionArn")},
		{"two at once", setProperty("SweepTimer", 2, "Target", "EcsParameters", "TaskCount")},
		{"no way out of the network", setProperty("SweepTimer", "DISABLED", "Target", "EcsParameters", "NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp")},
		{"tries for a day", setProperty("SweepTimer", 86400, "Target", "RetryPolicy", "MaximumEventAgeInSeconds")},
		{"another group", setProperty("SweepTimer", "default", "GroupName")},
		{"any schedule may assume the role", setProperty("SweepRole", nil, "AssumeRolePolicyDocument", "Statement", 0, "Condition", "ArnEquals")},
		{"tasks in any cluster", setProperty("SweepRole", nil, "Policies", 0, "PolicyDocument", "Statement", 0, "Condition")},
		{"roles for any service", setProperty("SweepRole", nil, "Policies", 0, "PolicyDocument", "Statement", 1, "Condition")},
		{"failures of other tasks", setProperty("OperatorFailed", []any{ref("WorkerTask")}, "EventPattern", "detail", "taskDefinitionArn")},
		{"exit status not watched", setProperty("OperatorFailed", nil, "EventPattern", "detail", "$or")},
		{"alarm on another group", setProperty("SweepAlarm", "default", "Dimensions", 0, "Value")},
		{"no alarm", setAt(nil, "Resources", "SweepAlarm")},
	},
	"queues": {
		{"not encrypted", setProperty("PhotosQueue", false, "SqsManagedSseEnabled")},
		{"dead letters not encrypted", setProperty("DeadLetters", nil, "SqsManagedSseEnabled")},
		{"without TLS", setProperty("DeadLettersPolicy", "Allow", "PolicyDocument", "Statement", 0, "Condition", "Bool", "aws:SecureTransport")},
	},
	"dead letters": {
		{"as short as the queue", setProperty("DeadLetters", 864000, "MessageRetentionPeriod")},
		{"never", setProperty("PhotosQueue", nil, "RedrivePolicy")},
		{"at the first failure", setProperty("PhotosQueue", 1, "RedrivePolicy", "maxReceiveCount")},
		{"of any queue", setProperty("DeadLetters", nil, "RedriveAllowPolicy")},
		{"of another queue", replaced("DeadLetters", "-photos", "-others")},
	},
	"visibility timeouts": {
		{"queue's timeout short", setProperty("PhotosQueue", 30, "VisibilityTimeout")},
		{"queue's timeout below the longest JOB_TIMEOUT", setProperty("PhotosQueue", 1800, "VisibilityTimeout")},
		{"no time for a heartbeat", setAt(3, "Parameters", "VisibilitySeconds", "MinValue")},
		{"JOB_TIMEOUT too short", setAt(1, "Parameters", "JobSeconds", "MinValue")},
	},
	"retention": {{"an hour", setAt(3600, "Mappings", "Seconds", "Days", "2")}},
	"events": {
		{"no events of removals", setProperty("UploadsBucket", []any{object{"Event": "s3:ObjectCreated:*", "Queue": object{"Fn::GetAtt": []any{"PhotosQueue", "Arn"}}}}, "NotificationConfiguration", "QueueConfigurations")},
		{"any bucket may send", setProperty("PhotosQueuePolicy", nil, "PolicyDocument", "Statement", 0, "Condition", "ArnEquals")},
		{"another account's bucket may send", setProperty("PhotosQueuePolicy", nil, "PolicyDocument", "Statement", 0, "Condition", "StringEquals")},
		{"bucket before its policy", setAt(nil, "Resources", "UploadsBucket", "DependsOn")},
		{"other bucket", replaced("PhotosQueuePolicy", "-uploads-", "-variants-")},
	},
	"function": {
		{"amd64", setProperty("TokenFunction", []any{"x86_64"}, "Architectures")},
		{"no reserved concurrency", setProperty("TokenFunction", nil, "ReservedConcurrentExecutions")},
		{"wrapped log lines", setProperty("TokenFunction", "JSON", "LoggingConfig", "LogFormat")},
	},
	"timeouts": {
		{"function shorter than a wait", setAt(10, "Parameters", "TokenTimeout", "MinValue")},
		{"function longer than the gateway", setAt(60, "Parameters", "TokenTimeout", "MaxValue")},
		{"gateway gives up early", setProperty("ApiIntegration", 5000, "TimeoutInMillis")},
	},
	"routes": {
		{"route open to all", setProperty("ApiPost", "NONE", "AuthorizationType")},
		{"no authorizer", setProperty("ApiGet", nil, "AuthorizerId")},
		{"no DELETE route", setAt(nil, "Resources", "ApiDelete")},
		{"another audience", setProperty("ApiAuthorizer", []any{"other"}, "JwtConfiguration", "Audience")},
		{"format 1.0", setProperty("ApiIntegration", "1.0", "PayloadFormatVersion")},
	},
	"throttling": {{"none", setProperty("ApiStage", nil, "DefaultRouteSettings")}},
	"stopping": {
		{"killed during the drain", setProperty("WorkerTask", 60, container, 0, "StopTimeout")},
		{"longer than Fargate allows", setProperty("WorkerTask", 300, container, 0, "StopTimeout")},
		{"default", setProperty("OperatorTask", nil, container, 0, "StopTimeout")},
		{"drain longer than the stop timeout", setAt(120, "Parameters", "DrainSeconds", "MaxValue")},
		{"polls cut off", setAt(10, "Parameters", "DrainSeconds", "MinValue")},
	},
	"containers": {
		{"root", setProperty("WorkerTask", "0:0", container, 0, "User")},
		{"user not set", setProperty("OperatorTask", nil, container, 0, "User")},
		{"root file system writable", setProperty("WorkerTask", false, container, 0, "ReadonlyRootFilesystem")},
		{"collector's root file system writable", setProperty("WorkerTask", false, container, 1, "Fn::If", 1, "ReadonlyRootFilesystem")},
		{"capabilities", setProperty("WorkerTask", []any{"NET_RAW"}, container, 0, "LinuxParameters", "Capabilities", "Drop")},
		{"amd64", setProperty("WorkerTask", "X86_64", "RuntimePlatform", "CpuArchitecture")},
		{"more memory than the task has", func(root object) {
			setAt(4096, "Mappings", "Task", "1", "WorkerBesideCollector")(root)
			setAt("2576980377", "Mappings", "Task", "1", "BudgetBesideCollector")(root)
		}},
	},
	"size": {
		{"more photos than processors", setAt("16", "Mappings", "Task", "8", "Renders")},
		{"slots for another size", setAt("4", "Mappings", "Task", "8", "Slots")},
		{"promises for another size", setAt("1288490187", "Mappings", "Task", "2", "BudgetAlone")},
		{"promises for another size beside a collector", setAt("1288490187", "Mappings", "Task", "1", "BudgetBesideCollector")},
	},
	"service": {
		{"no rollback", setProperty("WorkerService", false, "DeploymentConfiguration", "DeploymentCircuitBreaker", "Rollback")},
		{"no breaker", setProperty("WorkerService", nil, "DeploymentConfiguration", "DeploymentCircuitBreaker")},
		{"desired count", setProperty("WorkerService", 2, "DesiredCount")},
		{"only Spot", setProperty("WorkerService", []any{object{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}}, "CapacityProviderStrategy")},
		{"shell", setProperty("WorkerService", true, "EnableExecuteCommand")},
		{"no time to start", setProperty("WorkerTask", 15, container, 0, "HealthCheck", "StartPeriod")},
		{"a failed start is noticed late", setProperty("WorkerTask", 300, container, 0, "HealthCheck", "StartPeriod")},
		{"no health check", setProperty("WorkerTask", nil, container, 0, "HealthCheck")},
		{"old tasks are stopped first", setProperty("WorkerService", 50, "DeploymentConfiguration", "MinimumHealthyPercent")},
	},
	"fast scaler": {
		{"never starts", setProperty("ScalerTimer", "elsewhere", "Targets", 0, "Arn")},
		{"may not be started", setProperty("ScalerMayStart", "lambda.amazonaws.com", "Principal")},
		{"objective within the start of a worker", setAt(10, "Parameters", "FastSeconds", "MinValue")},
		{"rarely", setProperty("ScalerTimer", "rate(5 minutes)", "ScheduleExpression")},
		{"for a few seconds", setProperty("ScalerFunction", 10, "Timeout")},
		{"repeats old invocations", setProperty("ScalerRetries", 2, "MaximumRetryAttempts")},
		{"another command", setProperty("ScalerFunction", []any{"run"}, "ImageConfig", "Command")},
		{"amd64", setProperty("ScalerFunction", []any{"x86_64"}, "Architectures")},
		{"above the maximum", setProperty("ScalerFunction", 1000, "Environment", "Variables", "MAX_TASKS")},
		{"another service", setProperty("ScalerFunction", "other", "Environment", "Variables", "ECS_SERVICE")},
		{"another queue", setProperty("ScalerFunction", ref("DeadLetters"), "Environment", "Variables", "QUEUE_URL")},
		{"alarm on another function", replaced("ScalerAlarm", `"Ref":"ScalerFunction"`, `"Ref":"TokenFunction"`)},
		{"alarm at many", setProperty("ScalerAlarm", "GreaterThanThreshold", "ComparisonOperator")},
		{"none", setAt(object{"Fn::Equals": []any{"a", "b"}}, "Conditions", "Fast")},
	},
	"logs": {
		{"kept for ever", setProperty("TokenLogs", nil, "RetentionInDays")},
		{"worker's kept for ever", setProperty("WorkerLogs", nil, "RetentionInDays")},
		{"elsewhere", setProperty("WorkerTask", "/ecs/worker", container, 0, "LogConfiguration", "Options", "awslogs-group")},
		{"Lambda's own group", setProperty("TokenFunction", nil, "LoggingConfig", "LogGroup")},
		{"no access log", setProperty("ApiStage", nil, "AccessLogSettings")},
		{"tokens", setProperty("ApiStage", "$context.authorizer.claims.sub", "AccessLogSettings", "Format")},
	},
	"one recipe": {
		{"operators with another policy for damaged files", setProperty("OperatorTask", "accept", container, 0, "Environment", 7, "Value")},
		{"operators without variants", setProperty("OperatorTask", "", container, 0, "Environment", 4, "Value")},
		{"API accepts larger photos", setProperty("TokenFunction", "999999999", "Environment", "Variables", "MAX_PIXELS")},
		{"buckets mixed up", setProperty("TokenFunction", ref("UploadsBucket"), "Environment", "Variables", "VARIANTS_BUCKET")},
	},
}

package main

import (
	"maps"
	"slices"
)

func getAtt(resource, attribute string) object {
	return object{"Fn::GetAtt": []any{resource, attribute}}
}

// appended returns an edit that adds an element to a list.
func appended(resource string, v any, path ...any) func(object) {
	return func(root object) {
		at := append([]any{"Resources", resource, "Properties"}, path...)
		setAt(append(slices.Clone(listAt(root, at...)), v), at...)(root)
	}
}

// both returns an edit that makes two.
func both(edits ...func(object)) func(object) {
	return func(root object) {
		for _, e := range edits {
			e(root)
		}
	}
}

func init() {
	for _, group := range []map[string][]mutant{scalingMutants, needMutants} {
		for name, more := range group {
			mutants[name] = append(mutants[name], more...)
		}
	}
	maps.DeleteFunc(mutants, func(_ string, all []mutant) bool { return len(all) == 0 })
}

// needMutants are faults that leave the template in good order but the system without something that it needs.
var needMutants = map[string][]mutant{
	"resource policies": {
		{"alarms of any account", setProperty("AlarmsPolicy", nil, "PolicyDocument", "Statement", 0, "Condition")},
		{"events may not publish", setProperty("AlarmsPolicy", "lambda.amazonaws.com", "PolicyDocument", "Statement", 1, "Principal", "Service")},
		{"a condition for EventBridge", setProperty("AlarmsPolicy", object{"ArnEquals": object{"aws:SourceArn": getAtt("DeploymentFailed", "Arn")}}, "PolicyDocument", "Statement", 1, "Condition")},
		{"topic refuses TLS", setProperty("AlarmsPolicy", "true", "PolicyDocument", "Statement", 2, "Condition", "Bool", "aws:SecureTransport")},
		{"topic refuses all", setProperty("AlarmsPolicy", nil, "PolicyDocument", "Statement", 2, "Condition")},
		{"policy of another topic", setProperty("AlarmsPolicy", []any{"arn:aws:sns:us-east-1:123456789012:other"}, "Topics")},
		{"queue refuses TLS", setProperty("PhotosQueuePolicy", "true", "PolicyDocument", "Statement", 1, "Condition", "Bool", "aws:SecureTransport")},
		{"S3 may only receive", setProperty("PhotosQueuePolicy", "sqs:ReceiveMessage", "PolicyDocument", "Statement", 0, "Action")},
		{"S3 may send to the dead-letter queue", setProperty("PhotosQueuePolicy", getAtt("DeadLetters", "Arn"), "PolicyDocument", "Statement", 0, "Resource")},
		{"anyone may send", appended("PhotosQueuePolicy", object{"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": getAtt("PhotosQueue", "Arn")}, "PolicyDocument", "Statement")},
		{"the queue's policy applied to the dead-letter queue", setProperty("PhotosQueuePolicy", []any{ref("DeadLetters")}, "Queues")},
		{"nobody may read originals", appended("UploadsPolicy", object{"Sid": "Closed", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": object{"Fn::Sub": "${UploadsBucket.Arn}/*"}}, "PolicyDocument", "Statement")},
		{"another account may read variants", appended("VariantsPolicy", object{"Sid": "Partner", "Effect": "Allow", "Principal": object{"AWS": "arn:aws:iam::210987654321:root"}, "Action": "s3:GetObject", "Resource": object{"Fn::Sub": "${VariantsBucket.Arn}/*"}}, "PolicyDocument", "Statement")},
		{"CloudFront may list instead of read", replaced("VariantsPolicy", `"Action":"s3:GetObject","Condition"`, `"Action":"s3:ListBucket","Condition"`)},
		{"logs not writable by EventBridge", replaced("OutcomeLogsPolicy", `\"events.amazonaws.com\", `, "")},
		{"logs of another service", replaced("OutcomeLogsPolicy", "delivery.logs.amazonaws.com", "es.amazonaws.com")},
		{"streams cannot be created", replaced("OutcomeLogsPolicy", `\"logs:CreateLogStream\", `, "")},
		{"lost events are lost", setProperty("LostEventsPolicy", "Deny", "PolicyDocument", "Statement", 0, "Effect")},
	},
	"role statements": {
		{"a refusal in place of a permission", setProperty("WorkerRole", "Deny", "Policies", 0, "PolicyDocument", "Statement", 0, "Effect")},
		{"a condition that no request meets", setProperty("TokenRole", object{"StringEquals": object{"aws:PrincipalTag/team": "photos"}}, "Policies", 0, "PolicyDocument", "Statement", 1, "Condition")},
		{"tasks of another region", replaced("WorkerRole", "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:*", "arn:${AWS::Partition}:ecs:eu-west-3:${AWS::AccountId}:*")},
		{"a boundary", setProperty("OperatorRole", "arn:aws:iam::aws:policy/ReadOnlyAccess", "PermissionsBoundary")},
		{"any service of AWS may assume it", setProperty("ExecutionRole", object{"AWS": "*"}, "AssumeRolePolicyDocument", "Statement", 0, "Principal")},
	},
	"network": {{"workers in one zone", setProperty("WorkerService", []any{ref("SubnetA")}, "NetworkConfiguration", "AwsvpcConfiguration", "Subnets")},
		{"workers behind the rules of the endpoints", setProperty("WorkerService", []any{getAtt("Vpc", "DefaultSecurityGroup")}, "NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups")}},
	"network routes": {
		{"default route to nowhere", setProperty("RouteOut", "10.0.0.0/8", "DestinationCidrBlock")},
		{"route in another table", setProperty("RouteOut", getAtt("Vpc", "DefaultRouteTable"), "RouteTableId")},
		{"second zone without routes", setProperty("RoutesB", ref("SubnetA"), "SubnetId")},
		{"gateway not attached", setProperty("InternetAttachment", "vpc-0123", "VpcId")},
		{"route before the gateway", setAt(nil, "Resources", "RouteOut", "DependsOn")},
		{"no DNS", setProperty("Vpc", false, "EnableDnsSupport")},
		{"no private DNS", setProperty("Vpc", nil, "EnableDnsHostnames")},
		{"another route to S3", setAt(object{"Type": "AWS::EC2::Route", "Properties": object{"RouteTableId": ref("Routes"), "DestinationCidrBlock": "52.216.0.0/15", "GatewayId": "local"}}, "Resources", "Detour")},
		{"network ACL", setAt(object{"Type": "AWS::EC2::NetworkAcl", "Properties": object{"VpcId": ref("Vpc")}}, "Resources", "Acl")},
	},
	"subnets": {
		{"both in one zone", setProperty("SubnetB", object{"Fn::Select": []any{0, object{"Fn::GetAZs": ""}}}, "AvailabilityZone")},
		{"both with one range", setProperty("SubnetB", object{"Fn::Select": []any{0, object{"Fn::Cidr": []any{ref("VpcCidr"), 2, 10}}}}, "CidrBlock")},
		{"room for 27 workers", setProperty("SubnetA", object{"Fn::Select": []any{0, object{"Fn::Cidr": []any{ref("VpcCidr"), 2, 5}}}}, "CidrBlock")},
		{"zones swapped", both(setProperty("SubnetA", ref("ZoneB"), "AvailabilityZone", "Fn::If", 1), setProperty("SubnetB", ref("ZoneA"), "AvailabilityZone", "Fn::If", 1))},
	},
	"firewalls": {
		{"egress to a private range", setProperty("WorkerAccess", "10.0.0.0/8", "SecurityGroupEgress", 0, "CidrIp")},
		{"egress of UDP", setProperty("WorkerAccess", "udp", "SecurityGroupEgress", 0, "IpProtocol")},
		{"endpoints refuse workers", setProperty("EndpointAccess", ref("EndpointAccess"), "SecurityGroupIngress", 0, "SourceSecurityGroupId")},
		{"endpoints listen at another port", setProperty("EndpointAccess", 80, "SecurityGroupIngress", 0, "FromPort")},
	},
	"endpoints": {
		{"endpoint without private DNS", setProperty("SqsEndpoint", false, "PrivateDnsEnabled")},
		{"no endpoint of the registry", setProperty("EcrDkrEndpoint", object{"Fn::Sub": "com.amazonaws.${AWS::Region}.ecr.api"}, "ServiceName")},
		{"of one zone", setProperty("LogsEndpoint", []any{ref("SubnetA")}, "SubnetIds")},
		{"behind the workers' rules", setProperty("EcrApiEndpoint", []any{ref("WorkerAccess")}, "SecurityGroupIds")},
		{"policy that refuses the queue", setProperty("SqsEndpoint", object{"Statement": []any{object{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}}, "PolicyDocument")},
		{"S3 in another table", setProperty("S3Endpoint", []any{getAtt("Vpc", "DefaultRouteTable")}, "RouteTableIds")},
	},
	"endpoint of S3": {
		{"image layers refused", replaced("S3Endpoint", "starport-layer-bucket", "starport-layers")},
		{"image layers listed, not read", setProperty("S3Endpoint", "s3:ListBucket", "PolicyDocument", "Statement", 4, "Action")},
		{"uploads refused", setProperty("S3Endpoint", []any{object{"Fn::Sub": "${VariantsBucket.Arn}/*"}}, "PolicyDocument", "Statement", 0, "Resource")},
		{"only for one role", setProperty("S3Endpoint", object{"AWS": getAtt("WorkerRole", "Arn")}, "PolicyDocument", "Statement", 0, "Principal")},
	},
	"tasks wait for the network": {
		{"not for the endpoints", setProperty("Cluster", nil, "Tags")},
		{"not for the route", both(setAt([]any{"RoutesA", "RoutesB", "S3Endpoint"}, "Resources", "WorkerService", "DependsOn"))},
		{"the sweep does not", setAt(nil, "Resources", "SweepTimer", "DependsOn")},
	},
	"delivery of events": {
		{"failed deployment not reported", setProperty("DeploymentFailed", "elsewhere", "Targets", 0, "Arn")},
		{"log group with a star", setProperty("OutcomeRule", getAtt("OutcomeLogs", "Arn"), "Targets", 0, "Arn")},
		{"another event", setProperty("DeploymentFailed", []any{"SERVICE_DEPLOYMENT_COMPLETED"}, "EventPattern", "detail", "eventName")},
		{"disabled", setProperty("OperatorFailed", "DISABLED", "State")},
		{"on another bus", setProperty("OutcomeRule", "photos", "EventBusName")},
		{"a role that SNS does not take", setProperty("DeploymentFailed", getAtt("SweepRole", "Arn"), "Targets", 0, "RoleArn")},
		{"nothing keeps lost events", setProperty("OperatorFailed", nil, "Targets", 0, "DeadLetterConfig")},
		{"nobody hears of a failure", setProperty("DeploymentNoticeLostAlarm", ref("OperatorFailed"), "Dimensions", 0, "Value")},
		{"the uploads' events", setProperty("OutcomeRule", []any{ref("UploadsBucket")}, "EventPattern", "detail", "bucket", "name")},
	},
	"topic": {
		{"encrypted with a key that services may not use", setProperty("Alarms", "alias/aws/sns", "KmsMasterKeyId")},
		{"mail as SMS", setProperty("AlarmsByMail", "sms", "Protocol")},
		{"a filter", setProperty("AlarmsByMail", object{"severity": []any{"high"}}, "FilterPolicy")},
	},
	"log groups": {
		{"kept for a day", setProperty("WorkerLogs", 1, "RetentionInDays")},
		{"without the prefix that EventBridge requires", setProperty("OutcomeLogs", object{"Fn::Sub": "/darkroom/${AWS::StackName}/outcomes"}, "LogGroupName")},
		{"logs block the worker", setProperty("WorkerTask", "blocking", container, 0, "LogConfiguration", "Options", "mode")},
		{"another region", setProperty("WorkerTask", "us-west-2", container, 0, "LogConfiguration", "Options", "awslogs-region")},
		{"a key without permissions", setProperty("TokenLogs", "arn:aws:kms:us-east-1:123456789012:key/1", "KmsKeyId")},
	},
	"what alarms watch": {
		{"dead letters of the wrong queue", setProperty("DeadLettersAlarm", getAtt("PhotosQueue", "QueueName"), "Dimensions", 0, "Value")},
		{"age of the wrong queue", setProperty("OldestMessageAlarm", getAtt("DeadLetters", "QueueName"), "Dimensions", 0, "Value")},
		{"dead letters above 1000", setProperty("DeadLettersAlarm", 1000, "Threshold")},
		{"dead letters after four hours", setProperty("DeadLettersAlarm", 240, "EvaluationPeriods")},
		{"fewer than", setProperty("TokenErrorsAlarm", "LessThanThreshold", "ComparisonOperator")},
		{"average of errors", setProperty("TokenErrorsAlarm", "Average", "Statistic")},
		{"invocations instead of throttles", setProperty("TokenThrottlesAlarm", "Invocations", "MetricName")},
		{"memory of 9500 %", setProperty("WorkerMemoryAlarm", 9500, "Threshold")},
		{"age in minutes", setProperty("OldestMessageAlarm", 10, "Threshold")},
		{"5 % of an hour", setProperty("ApiErrorsAlarm", 60, "EvaluationPeriods")},
		{"one point of many", setProperty("TokenErrorsAlarm", 1, "DatapointsToAlarm")},
		{"no workers for a day", setProperty("NoWorkersAlarm", 1440, "EvaluationPeriods")},
	},
	"metrics of expressions": {
		{"errors of a day", setProperty("ApiErrorsAlarm", 86400, "Metrics", 0, "MetricStat", "Period")},
		{"4xx for 5xx", setProperty("ApiErrorsAlarm", "4xx", "Metrics", 0, "MetricStat", "Metric", "MetricName")},
		{"dead letters for photos", setProperty("NoWorkersAlarm", getAtt("DeadLetters", "QueueName"), "Metrics", 0, "MetricStat", "Metric", "Dimensions", 0, "Value")},
		{"sum for a maximum", setProperty("AtMaximumAlarm", "Sum", "Metrics", 0, "MetricStat", "Stat")},
	},
	"scaling policies": {
		{"a step an hour", setProperty("BurstScaling", 3600, "StepScalingPolicyConfiguration", "Cooldown")},
		{"cooldowns swapped", both(setProperty("BacklogScaling", ref("ScaleInCooldown"), backlog, "ScaleOutCooldown"), setProperty("BacklogScaling", ref("ScaleOutCooldown"), backlog, "ScaleInCooldown"))},
		{"the least of a minute", setProperty("BurstScaling", "Minimum", "StepScalingPolicyConfiguration", "MetricAggregationType")},
		{"wakes after an hour", setProperty("WakeAlarm", 3600, "Period")},
	},
	"dashboard": {
		{"another queue", replaced("Dashboard", `\"ApproximateAgeOfOldestMessage\", \"QueueName\", \"${PhotosQueue.QueueName}\"`, `\"ApproximateAgeOfOldestMessage\", \"QueueName\", \"${DeadLetters.QueueName}\"`)},
		{"another region", replaced("Dashboard", `\"region\": \"${AWS::Region}\"`, `\"region\": \"eu-west-1\"`)},
		{"no dead letters", replaced("Dashboard", "${DeadLetters.QueueName}", "${PhotosQueue.QueueName}")},
	},
	"nothing else in alarms": {
		{"actions off", setProperty("DeadLettersAlarm", false, "ActionsEnabled")},
		{"extended statistic", setProperty("TokenErrorsAlarm", "p99", "ExtendedStatistic")},
		{"a unit that no point has", setProperty("OldestMessageAlarm", "Count", "Unit")},
	},
	"tasks": {
		{"the operators' role for workers", setProperty("WorkerTask", getAtt("OperatorRole", "Arn"), "TaskRoleArn")},
		{"the execution role for operators", setProperty("OperatorTask", getAtt("ExecutionRole", "Arn"), "TaskRoleArn")},
		{"another command", setProperty("WorkerTask", []any{"backfill"}, container, 0, "Command")},
		{"an entry point", setProperty("WorkerTask", []any{"/bin/sh"}, container, 0, "EntryPoint")},
		{"a size that Fargate does not offer", both(setProperty("OperatorTask", "4096", "Memory"), setProperty("OperatorTask", 4096, container, 0, "Memory"))},
		{"not essential", setProperty("WorkerTask", false, container, 0, "Essential")},
		{"Windows", setProperty("WorkerTask", "WINDOWS_SERVER_2022_CORE", "RuntimePlatform", "OperatingSystemFamily")},
		{"EC2", setProperty("OperatorTask", []any{"EC2"}, "RequiresCompatibilities")},
	},
	"collector": {
		{"scrapes another port", replaced("WorkerTask", "targets: [\\\"127.0.0.1:9102\\\"]", "targets: [\\\"127.0.0.1:9100\\\"]")},
		{"its failure stops the worker", setProperty("WorkerTask", true, container, 1, "Fn::If", 1, "Essential")},
		{"no traces", replaced("WorkerTask", "exporters: [awsxray]", "exporters: []")},
	},
	"health check": {
		{"every two minutes", both(setProperty("WorkerTask", 120, container, 0, "HealthCheck", "Interval"))},
		{"a single failure", setProperty("WorkerTask", 1, container, 0, "HealthCheck", "Retries")},
		{"no time to answer", setProperty("WorkerTask", 1, container, 0, "HealthCheck", "Timeout")},
	},
	"services": {
		{"MinimumHealthyPercent 0", setProperty("WorkerService", 0, "DeploymentConfiguration", "MinimumHealthyPercent")},
		{"no room for new tasks", setProperty("WorkerService", 100, "DeploymentConfiguration", "MaximumPercent")},
		{"zone rebalancing", setProperty("WorkerService", nil, "AvailabilityZoneRebalancing")},
		{"the operators' task", setProperty("WorkerService", ref("OperatorTask"), "TaskDefinition")},
		{"weights swapped", both(setProperty("WorkerService", ref("SpotWeight"), "CapacityProviderStrategy", 0, "Weight"), setProperty("WorkerService", ref("OnDemandWeight"), "CapacityProviderStrategy", 1, "Weight"))},
		{"the base on Spot", both(setProperty("WorkerService", nil, "CapacityProviderStrategy", 0, "Base"), setProperty("WorkerService", ref("OnDemandBase"), "CapacityProviderStrategy", 1, "Base"))},
		{"cluster without Spot", setProperty("Cluster", []any{"FARGATE"}, "CapacityProviders")},
		{"a task on each host", setProperty("WorkerService", "DAEMON", "SchedulingStrategy")},
	},
	"schedule": {
		{"another schedule", setProperty("SweepTimer", "rate(365 days)", "ScheduleExpression")},
		{"off", setProperty("SweepTimer", "DISABLED", "State")},
		{"without a retry", setProperty("SweepTimer", 0, "Target", "RetryPolicy", "MaximumRetryAttempts")},
	},
	"variables": {
		{"token lifetime in seconds", setProperty("TokenFunction", object{"Fn::Sub": "${TokenMinutes}s"}, "Environment", "Variables", "TOKEN_TTL")},
		{"rejected originals are kept", setProperty("OperatorTask", "0", container, 0, "Environment", 8, "Value")},
		{"token lifetime without a unit", setProperty("TokenFunction", ref("TokenMinutes"), "Environment", "Variables", "TOKEN_TTL")},
		{"issuer and audience swapped", both(setProperty("TokenFunction", ref("AuthAudience"), "Environment", "Variables", "AUTH_ISSUER"), setProperty("TokenFunction", ref("AuthIssuer"), "Environment", "Variables", "AUTH_AUDIENCE"))},
		{"scopes swapped", both(setProperty("TokenFunction", ref("AuthReadScope"), "Environment", "Variables", "AUTH_WRITE_SCOPE"), setProperty("TokenFunction", ref("AuthWriteScope"), "Environment", "Variables", "AUTH_READ_SCOPE"))},
		{"the admin scope is the write scope", setProperty("TokenFunction", ref("AuthWriteScope"), "Environment", "Variables", "AUTH_ADMIN_SCOPE")},
		{"anyone may delete", setProperty("TokenFunction", "anyone", "Environment", "Variables", "BOARD_DELETE")},
		{"visibility timeout in minutes", setProperty("WorkerTask", object{"Fn::Sub": "${VisibilitySeconds}m"}, container, 0, "Environment", 10, "Value")},
		{"drain as long as a photo", setProperty("WorkerTask", object{"Fn::Sub": "${JobSeconds}s"}, container, 0, "Environment", 12, "Value")},
		{"the dead-letter queue as the queue", both(setProperty("WorkerTask", ref("DeadLetters"), container, 0, "Environment", 0, "Value"), setProperty("WorkerTask", ref("PhotosQueue"), container, 0, "Environment", 1, "Value"))},
		{"listens on all addresses", replaced("WorkerTask", `"127.0.0.1:9102"`, `"0.0.0.0:9102"`)},
		{"no metrics of the API", setProperty("TokenFunction", "false", "Environment", "Variables", "METRICS_EMF")},
		{"log of text", setProperty("TokenFunction", "text", "Environment", "Variables", "LOG_FORMAT")},
		{"plain http for public variants", setProperty("TokenFunction", object{"Fn::Sub": "http://${Distribution.DomainName}"}, "Environment", "Variables", "PUBLIC_BASE_URL", "Fn::If", 1)},
		{"the bucket in place of the CDN", setProperty("TokenFunction", object{"Fn::Sub": "https://${VariantsBucket.RegionalDomainName}"}, "Environment", "Variables", "PUBLIC_BASE_URL", "Fn::If", 1)},
		{"digest not required", setProperty("TokenFunction", ref("AllowForm"), "Environment", "Variables", "REQUIRE_SHA256")},
	},
	"API": {
		{"API Gateway may not call the function", setAt(nil, "Resources", "ApiMayCall")},
		{"only another stage may call", setProperty("ApiMayCall", object{"Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/prod/*"}, "SourceArn")},
		{"another service may call", setProperty("ApiMayCall", "elasticloadbalancing.amazonaws.com", "Principal")},
		{"any API may call", setProperty("ApiMayCall", nil, "SourceArn")},
		{"gateway may not call waits", setAt(nil, "Resources", "ApiMayCallWait")},
		{"any API may call waits", setProperty("ApiMayCallWait", nil, "SourceArn")},
		{"waits call the function for tokens", setProperty("ApiWaitIntegration", getAtt("TokenFunction", "Arn"), "IntegrationUri")},
		{"function URL permission", setProperty("ApiMayCall", "lambda:InvokeFunctionUrl", "Action")},
		{"issuer and audience swapped", both(setProperty("ApiAuthorizer", ref("AuthAudience"), "JwtConfiguration", "Issuer"), setProperty("ApiAuthorizer", []any{ref("AuthIssuer")}, "JwtConfiguration", "Audience"))},
		{"token in a query", setProperty("ApiAuthorizer", []any{"$request.querystring.token"}, "IdentitySource")},
		{"stage with a name", setProperty("ApiStage", "prod", "StageName")},
		{"changes not deployed", setProperty("ApiStage", false, "AutoDeploy")},
		{"HTTP proxy", setProperty("ApiIntegration", "HTTP_PROXY", "IntegrationType")},
		{"WebSocket", setProperty("Api", "WEBSOCKET", "ProtocolType")},
		{"a scope that no token has", setProperty("ApiPost", []any{"admin"}, "AuthorizationScopes")},
		{"default endpoint off", setProperty("Api", true, "DisableExecuteApiEndpoint")},
		{"rate and burst swapped", both(setProperty("ApiStage", ref("ThrottleBurst"), "DefaultRouteSettings", "ThrottlingRateLimit"), setProperty("ApiStage", ref("ThrottleRate"), "DefaultRouteSettings", "ThrottlingBurstLimit"))},
		{"access log without the status", replaced("ApiStage", "$context.status", "$context.stage")},
	},
	"function's properties": {
		{"waits with the concurrency of tokens", setProperty("WaitFunction", ref("TokenConcurrency"), "ReservedConcurrentExecutions", "Fn::If", 1)},
		{"waits with the worker's role", setProperty("WaitFunction", getAtt("WorkerRole", "Arn"), "Role")},
		{"waits with an extension", setProperty("WaitFunction", object{"SubnetIds": []any{ref("SubnetA")}}, "VpcConfig")},
		{"the worker's role", setProperty("TokenFunction", getAtt("WorkerRole", "Arn"), "Role")},
		{"timeout in milliseconds", setProperty("TokenFunction", 900, "Timeout")},
		{"memory and timeout swapped", both(setProperty("TokenFunction", ref("TokenMemory"), "Timeout"), setProperty("TokenFunction", ref("TokenTimeout"), "MemorySize"))},
		{"in the network without a way out", setProperty("TokenFunction", object{"SubnetIds": []any{ref("SubnetA")}, "SecurityGroupIds": []any{ref("WorkerAccess")}}, "VpcConfig")},
		{"bucket and key swapped", both(setProperty("TokenFunction", ref("CodeKey"), "Code", "S3Bucket"), setProperty("TokenFunction", ref("CodeBucket"), "Code", "S3Key"))},
	},
	"CORS of the API": {
		{"no bearer token", setProperty("Api", []any{"content-type"}, "CorsConfiguration", "Fn::If", 1, "AllowHeaders")},
		{"location hidden", setProperty("Api", []any{"etag"}, "CorsConfiguration", "Fn::If", 1, "ExposeHeaders")},
		{"any origin", setProperty("Api", []any{"*"}, "CorsConfiguration", "Fn::If", 1, "AllowOrigins")},
	},
	"existence": {
		{"endpoint of ECS only with a collector", setAt("Collects", "Resources", "EcsEndpoint", "Condition")},
		{"forms always", setAt("Public", "Resources", "OutcomeRule", "Condition")},
		{"alarm on the sweep without a sweep", setAt(nil, "Resources", "SweepAlarm", "Condition")},
		{"the authorizer only without authorization", setAt(object{"Fn::Equals": []any{ref("JwtAuthorizer"), "no"}}, "Conditions", "Authorizes")},
	},
	"bucket contents": {
		{"originals expire", appended("UploadsBucket", object{"Id": "old", "Status": "Enabled", "ExpirationInDays": 30}, "LifecycleConfiguration", "Rules")},
		{"all variants expire", setProperty("VariantsBucket", nil, "LifecycleConfiguration", "Rules", 1, "TagFilters")},
		{"originals go to the archive", appended("UploadsBucket", object{"Id": "cold", "Status": "Enabled", "Transitions": []any{object{"StorageClass": "DEEP_ARCHIVE", "TransitionInDays": 1}}}, "LifecycleConfiguration", "Rules")},
		{"a key that no role may use", setProperty("UploadsBucket", "aws:kms", "BucketEncryption", "ServerSideEncryptionConfiguration", 0, "ServerSideEncryptionByDefault", "SSEAlgorithm")},
		{"versioning off", setProperty("UploadsBucket", "Suspended", "VersioningConfiguration", "Status")},
		{"object lock", setProperty("UploadsBucket", true, "ObjectLockEnabled")},
		{"variants only for PUT", setProperty("VariantsBucket", []any{"PUT"}, "CorsConfiguration", "Fn::If", 1, "CorsRules", 0, "AllowedMethods")},
		{"any origin may upload", setProperty("UploadsBucket", []any{"*"}, "CorsConfiguration", "Fn::If", 1, "CorsRules", 0, "Fn::If", 1, "AllowedOrigins")},
	},
	"notifications": {
		{"only of JPEG", setProperty("UploadsBucket", object{"S3Key": object{"Rules": []any{object{"Name": "suffix", "Value": ".jpg"}}}}, "NotificationConfiguration", "QueueConfigurations", 0, "Filter")},
		{"only of PUT", setProperty("UploadsBucket", "s3:ObjectCreated:Put", "NotificationConfiguration", "QueueConfigurations", 0, "Event")},
		{"to the dead-letter queue", setProperty("UploadsBucket", getAtt("DeadLetters", "Arn"), "NotificationConfiguration", "QueueConfigurations", 1, "Queue")},
		{"EventBridge off", setProperty("VariantsBucket", false, "NotificationConfiguration", "Fn::If", 1, "EventBridgeConfiguration", "EventBridgeEnabled")},
	},
	"queue properties": {
		{"delayed", setProperty("PhotosQueue", 900, "DelaySeconds")},
		{"first in, first out", setProperty("PhotosQueue", true, "FifoQueue")},
		{"ten thousand receives", setProperty("PhotosQueue", 1000, "RedrivePolicy", "maxReceiveCount")},
		{"messages of 1 KB", setProperty("PhotosQueue", 1024, "MaximumMessageSize")},
		{"a key that S3 may not use", both(setProperty("PhotosQueue", nil, "SqsManagedSseEnabled"), setProperty("PhotosQueue", "alias/aws/sqs", "KmsMasterKeyId"))},
		{"dead letters for a day", setProperty("DeadLetters", 86400, "MessageRetentionPeriod")},
	},
	"CloudFront": {
		{"never signs", setProperty("DistributionAccess", "never", "OriginAccessControlConfig", "SigningBehavior")},
		{"signs only without a header", setProperty("DistributionAccess", "no-override", "OriginAccessControlConfig", "SigningBehavior")},
		{"for another kind of origin", setProperty("DistributionAccess", "mediastore", "OriginAccessControlConfig", "OriginAccessControlOriginType")},
		{"the uploads", setProperty("Distribution", getAtt("UploadsBucket", "RegionalDomainName"), "DistributionConfig", "Origins", 0, "DomainName")},
		{"off", setProperty("Distribution", false, "DistributionConfig", "Enabled")},
		{"never caches", setProperty("Distribution", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "DistributionConfig", "DefaultCacheBehavior", "CachePolicyId")},
		{"DELETE allowed", setProperty("Distribution", []any{"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}, "DistributionConfig", "DefaultCacheBehavior", "AllowedMethods")},
	},
	"known properties": {
		{"a policy for redeliveries of the topic", setProperty("AlarmsByMail", object{"healthyRetryPolicy": object{"numRetries": 0}}, "DeliveryPolicy")},
		{"hidden below", setProperty("WorkerTask", []any{object{"SourceVolume": "v", "ContainerPath": "/"}}, container, 0, "MountPoints")},
		{"tracing with other permissions", setProperty("TokenFunction", object{"Mode": "Active"}, "TracingConfig")},
	},
}

package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// known are the names of properties, at any depth, by type. The rules ask for what these say. Any other property
// changes the system in a way that no rule asks about, so it is a fault until it is listed here and a rule asks for its
// value.
var known = map[string]string{
	"AWS::ApiGatewayV2::Api":         `AllowHeaders AllowMethods AllowOrigins CorsConfiguration ExposeHeaders MaxAge Name ProtocolType`,
	"AWS::ApiGatewayV2::ApiMapping":  `ApiId DomainName Stage`,
	"AWS::ApiGatewayV2::DomainName":  `CertificateArn DomainName DomainNameConfigurations EndpointType SecurityPolicy`,
	"AWS::ApiGatewayV2::Authorizer":  `ApiId Audience AuthorizerType IdentitySource Issuer JwtConfiguration Name`,
	"AWS::ApiGatewayV2::Integration": `ApiId IntegrationType IntegrationUri PayloadFormatVersion TimeoutInMillis`,
	"AWS::ApiGatewayV2::Route":       `ApiId AuthorizationType AuthorizerId RouteKey Target`,
	"AWS::ApiGatewayV2::Stage": `AccessLogSettings ApiId AutoDeploy DefaultRouteSettings DestinationArn DetailedMetricsEnabled
		Format StageName ThrottlingBurstLimit ThrottlingRateLimit`,
	"AWS::ApplicationAutoScaling::ScalableTarget": `MaxCapacity MinCapacity ResourceId ScalableDimension ServiceNamespace`,
	"AWS::ApplicationAutoScaling::ScalingPolicy": `MaxCapacityBreachBehavior MetricSpecifications Mode PredefinedMetricPairSpecification PredefinedMetricType
		PredictiveScalingPolicyConfiguration SchedulingBufferTime AdjustmentType Cooldown CustomizedMetricSpecification Dimensions Expression
		Id Label Metric MetricAggregationType MetricIntervalLowerBound MetricIntervalUpperBound MetricName MetricStat Metrics
		MinAdjustmentMagnitude Name Namespace PolicyName PolicyType ReturnData ScaleInCooldown ScaleOutCooldown ScalingAdjustment
		DisableScaleIn PredefinedMetricSpecification
		ScalingTargetId Stat StepAdjustments StepScalingPolicyConfiguration TargetTrackingScalingPolicyConfiguration TargetValue
		Value`,
	"AWS::CloudFront::Function": `AutoPublish Comment FunctionCode FunctionConfig Name Runtime`,
	"AWS::CloudFront::Distribution": `EventType FunctionARN FunctionAssociations CacheTagConfig HeaderName AcmCertificateArn Aliases MinimumProtocolVersion SslSupportMethod ViewerCertificate WebACLId AllowedMethods CacheBehaviors CachePolicyId Comment Compress CustomOriginConfig DefaultCacheBehavior
		DefaultRootObject DistributionConfig DomainName Enabled HttpVersion IPV6Enabled Id OriginAccessControlId OriginAccessIdentity
		OriginProtocolPolicy OriginRequestPolicyId OriginSSLProtocols Origins PathPattern PriceClass ResponseHeadersPolicyId
		S3OriginConfig TargetOriginId ViewerProtocolPolicy`,
	"AWS::CloudFront::OriginAccessControl": `Name OriginAccessControlConfig OriginAccessControlOriginType SigningBehavior
		SigningProtocol`,
	"AWS::CloudFront::ResponseHeadersPolicy": `AccessControlMaxAgeSec ContentSecurityPolicy ContentTypeOptions CustomHeadersConfig
		Header Items Name Override ReferrerPolicy ResponseHeadersPolicyConfig SecurityHeadersConfig StrictTransportSecurity Value`,
	"AWS::CloudWatch::Alarm": `AlarmActions AlarmDescription AlarmName ComparisonOperator DatapointsToAlarm Dimensions
		EvaluationPeriods Expression Id Label Metric MetricName MetricStat Metrics Name Namespace OKActions Period ReturnData
		Stat Statistic Threshold TreatMissingData Value`,
	"AWS::CloudWatch::Dashboard": `DashboardBody DashboardName`,
	"AWS::DynamoDB::Table":       `AttributeDefinitions AttributeName AttributeType BillingMode Enabled KeySchema KeyType TimeToLiveSpecification`,
	"AWS::EC2::InternetGateway":  ``,
	"AWS::EC2::Route":            `DestinationCidrBlock GatewayId RouteTableId`,
	"AWS::EC2::RouteTable":       `VpcId`,
	"AWS::EC2::SecurityGroup": `CidrIp Description FromPort GroupDescription IpProtocol SecurityGroupEgress SecurityGroupIngress
		SourceSecurityGroupId ToPort VpcId`,
	"AWS::EC2::Subnet":                      `AvailabilityZone CidrBlock Fn::Cidr Fn::GetAZs Fn::Select VpcId`,
	"AWS::EC2::SubnetRouteTableAssociation": `RouteTableId SubnetId`,
	"AWS::EC2::VPC":                         `CidrBlock EnableDnsHostnames EnableDnsSupport Key Tags Value`,
	"AWS::EC2::VPCEndpoint": `Action Effect PolicyDocument Principal PrivateDnsEnabled Resource RouteTableIds SecurityGroupIds
		ServiceName Sid Statement SubnetIds Version VpcEndpointType VpcId`,
	"AWS::EC2::VPCGatewayAttachment": `InternetGatewayId VpcId`,
	"AWS::ECR::Repository": `Action Condition Effect EncryptionConfiguration EncryptionType ImageScanningConfiguration
		ImageTagMutability LifecyclePolicy LifecyclePolicyText Principal RepositoryPolicyText ScanOnPush Service Sid Statement
		StringEquals Version aws:SourceAccount`,
	"AWS::ECS::Cluster": `CapacityProviders ClusterSettings Name Value`,
	"AWS::ECS::Service": `EarlySuccessCriteria HealthyPercent SourceServiceRevisionCleanup AssignPublicIp AvailabilityZoneRebalancing AwsvpcConfiguration Base CapacityProvider CapacityProviderStrategy
		Cluster DeploymentCircuitBreaker DeploymentConfiguration Enable EnableECSManagedTags EnableExecuteCommand MaximumPercent
		MetricConfigurations MetricNames MinimumHealthyPercent MonitoringConfiguration NetworkConfiguration PropagateTags ResolutionSeconds Rollback SecurityGroups Subnets TaskDefinition Weight`,
	"AWS::ECS::TaskDefinition": `Capabilities Command ContainerDefinitions Cpu CpuArchitecture Drop Environment Essential
		ExecutionRoleArn Family HealthCheck Image Interval LinuxParameters LogConfiguration LogDriver Memory Name NetworkMode
		OperatingSystemFamily Options ReadonlyRootFilesystem RequiresCompatibilities Retries RuntimePlatform StartPeriod StopTimeout
		TaskRoleArn Timeout User Value`,
	"AWS::Events::Rule": `Arn DeadLetterConfig Description EventPattern Id ScheduleExpression Targets`,
	"AWS::IAM::Role": `PermissionsBoundary Action ArnEquals ArnLike AssumeRolePolicyDocument Condition Effect Policies PolicyDocument PolicyName
		Principal Resource Service Sid Statement StringEquals Version aws:SourceAccount aws:SourceArn ecs:cluster iam:PassedToService`,
	"AWS::Lambda::EventInvokeConfig": `FunctionName MaximumEventAgeInSeconds MaximumRetryAttempts Qualifier`,
	"AWS::Lambda::Function": `Architectures Code Command Description Environment Handler ImageConfig ImageUri LogFormat
		LogGroup LoggingConfig MemorySize PackageType ReservedConcurrentExecutions Role Runtime S3Bucket S3Key Timeout Variables`,
	"AWS::Lambda::Permission":   `Action FunctionName Principal SourceArn`,
	"AWS::Logs::LogGroup":       `LogGroupName RetentionInDays`,
	"AWS::Logs::MetricFilter":   `FilterPattern LogGroupName MetricName MetricNamespace MetricTransformations MetricValue`,
	"AWS::Logs::ResourcePolicy": `PolicyDocument PolicyName`,
	"AWS::S3::Bucket": `BucketKeyEnabled KMSMasterKeyID AbortIncompleteMultipartUpload AllowedHeaders AllowedMethods AllowedOrigins BlockPublicAcls BlockPublicPolicy
		BucketEncryption BucketName CorsConfiguration CorsRules DaysAfterInitiation Event EventBridgeConfiguration EventBridgeEnabled
		ExpirationInDays ExpiredObjectDeleteMarker ExposedHeaders Id IgnorePublicAcls Key LifecycleConfiguration MaxAge NoncurrentDays
		NoncurrentVersionExpiration NotificationConfiguration ObjectOwnership OwnershipControls PublicAccessBlockConfiguration
		Queue QueueConfigurations RestrictPublicBuckets Rules SSEAlgorithm ServerSideEncryptionByDefault ServerSideEncryptionConfiguration
		Status TagFilters Value VersioningConfiguration`,
	"AWS::S3::BucketPolicy": `Action Bool Bucket Condition Effect Null PolicyDocument Principal Resource Service Sid Statement
		StringEquals Version aws:SecureTransport aws:SourceArn s3:ObjectCreationOperation s3:if-none-match`,
	"AWS::SecretsManager::Secret": `Description ExcludePunctuation GenerateSecretString Name PasswordLength`,
	"AWS::SNS::Subscription":      `Endpoint Protocol TopicArn`,
	"AWS::SNS::Topic":             `DisplayName`,
	"AWS::SNS::TopicPolicy": `Action Bool Condition Effect PolicyDocument Principal Resource Service Sid Statement StringEquals
		Topics Version aws:SecureTransport aws:SourceAccount`,
	"AWS::SQS::Queue": `KmsMasterKeyId MessageRetentionPeriod QueueName ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy SqsManagedSseEnabled VisibilityTimeout
		deadLetterTargetArn maxReceiveCount redrivePermission sourceQueueArns`,
	"AWS::SQS::QueuePolicy": `Action ArnEquals ArnNotEquals Bool Condition Effect PolicyDocument Principal Queues Resource Service Sid
		Statement StringEquals Version aws:PrincipalArn aws:SecureTransport aws:SourceAccount aws:SourceArn`,
	"AWS::Scheduler::Schedule": `Arn AssignPublicIp AwsvpcConfiguration EcsParameters FlexibleTimeWindow GroupName Input
		LaunchType MaximumEventAgeInSeconds MaximumRetryAttempts Mode NetworkConfiguration RetryPolicy RoleArn ScheduleExpression
		SecurityGroups Subnets Target TaskCount TaskDefinitionArn`,
	"AWS::Scheduler::ScheduleGroup": `Name`,
}

// freeKeys are properties below which the names are not CloudFormation's.
var freeKeys = []string{"Variables", "EventPattern", "Options"}

var knownRules = []rule{
	{"known properties", func(s *stack) (bad []string) {
		for _, name := range slices.Sorted(maps.Keys(s.resources)) {
			kind := textAt(s.resources, name, "Type")
			allowed := strings.Fields(known[kind])
			var visit func(v any, path string)
			visit = func(v any, path string) {
				switch v := v.(type) {
				case object:
					for key, e := range v {
						if !slices.Contains(allowed, key) {
							bad = append(bad, fmt.Sprintf("%s%s.%s", name, path, key))
						}
						if !slices.Contains(freeKeys, key) {
							visit(e, path+"."+key)
						}
					}
				case []any:
					for i, e := range v {
						visit(e, fmt.Sprintf("%s[%d]", path, i))
					}
				}
			}
			visit(s.properties(name), "")
		}
		return bad
	}},
}

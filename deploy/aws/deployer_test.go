package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"darkroom/deploy/testkit/cfn"
)

// handlers are the actions that CloudFormation needs to create, read, update and delete a resource of a type, as the
// handlers of the type's schema name them:
// https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html Actions for properties that
// the templates do not set are left out, such as those of KMS keys, file systems and replication.
//
// The types in compared were checked against AWS's schemas, as
// https://github.com/pulumi/pulumi-aws-native/tree/master/aws-cloudformation-schema has them. The others were not:
// their copies there name no handlers, or nobody has looked. Their actions follow from the API references of the
// services.
var handlers = map[string]string{
	"AWS::ApiGatewayV2::Api":         "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST apigateway:PUT apigateway:TagResource apigateway:UntagResource",
	"AWS::ApiGatewayV2::ApiMapping":  "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST",
	"AWS::ApiGatewayV2::DomainName":  "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST apigateway:PUT",
	"AWS::ApiGatewayV2::Authorizer":  "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST",
	"AWS::ApiGatewayV2::Integration": "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST",
	"AWS::ApiGatewayV2::Route":       "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST",
	"AWS::ApiGatewayV2::Stage": "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups " +
		"logs:DescribeResourcePolicies logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery",
	"AWS::ApplicationAutoScaling::ScalableTarget": "application-autoscaling:DeregisterScalableTarget application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScheduledActions " +
		"application-autoscaling:ListTagsForResource application-autoscaling:RegisterScalableTarget application-autoscaling:TagResource application-autoscaling:UntagResource iam:CreateServiceLinkedRole ecs:DescribeServices ecs:UpdateService " +
		"cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:PutMetricAlarm",
	"AWS::ApplicationAutoScaling::ScalingPolicy": "application-autoscaling:DeleteScalingPolicy application-autoscaling:DescribeScalingPolicies application-autoscaling:PutScalingPolicy",
	"AWS::CloudFront::Distribution": "cloudfront:CreateDistribution cloudfront:DeleteDistribution cloudfront:GetDistribution cloudfront:GetDistributionConfig cloudfront:ListTagsForResource " +
		"cloudfront:TagResource cloudfront:UntagResource cloudfront:UpdateDistribution",
	"AWS::CloudFront::Function": "cloudfront:CreateFunction cloudfront:DeleteFunction cloudfront:DescribeFunction cloudfront:GetFunction cloudfront:ListTagsForResource cloudfront:PublishFunction " +
		"cloudfront:TagResource cloudfront:UntagResource cloudfront:UpdateFunction",
	"AWS::CloudFront::OriginAccessControl":   "cloudfront:CreateOriginAccessControl cloudfront:DeleteOriginAccessControl cloudfront:GetOriginAccessControl cloudfront:UpdateOriginAccessControl",
	"AWS::CloudFront::ResponseHeadersPolicy": "cloudfront:CreateResponseHeadersPolicy cloudfront:DeleteResponseHeadersPolicy cloudfront:GetResponseHeadersPolicy cloudfront:UpdateResponseHeadersPolicy",
	"AWS::CloudWatch::Alarm":                 "cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource cloudwatch:PutMetricAlarm cloudwatch:TagResource cloudwatch:UntagResource",
	"AWS::CloudWatch::Dashboard":             "cloudwatch:DeleteDashboards cloudwatch:GetDashboard cloudwatch:PutDashboard",
	"AWS::DynamoDB::Table": "dynamodb:CreateTable dynamodb:DeleteTable dynamodb:DescribeContinuousBackups dynamodb:DescribeContributorInsights dynamodb:DescribeKinesisStreamingDestination " +
		"dynamodb:DescribeTable dynamodb:DescribeTimeToLive dynamodb:GetResourcePolicy dynamodb:ListTagsOfResource dynamodb:TagResource dynamodb:UntagResource dynamodb:UpdateTable dynamodb:UpdateTimeToLive",
	"AWS::EC2::InternetGateway": "ec2:CreateInternetGateway ec2:CreateTags ec2:DeleteInternetGateway ec2:DeleteTags ec2:DescribeInternetGateways",
	"AWS::EC2::Route":           "ec2:CreateRoute ec2:DeleteRoute ec2:DescribeRouteTables ec2:ReplaceRoute",
	"AWS::EC2::RouteTable":      "ec2:CreateRouteTable ec2:CreateTags ec2:DeleteRouteTable ec2:DescribeRouteTables",
	"AWS::EC2::SecurityGroup": "ec2:AuthorizeSecurityGroupEgress ec2:AuthorizeSecurityGroupIngress ec2:CreateSecurityGroup ec2:CreateTags ec2:DeleteSecurityGroup ec2:DeleteTags ec2:DescribeInstances ec2:DescribeSecurityGroups " +
		"ec2:DescribeSecurityGroupRules ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress",
	"AWS::EC2::Subnet":                      "ec2:CreateSubnet ec2:CreateTags ec2:DeleteSubnet ec2:DescribeSubnets ec2:DescribeAvailabilityZones",
	"AWS::EC2::SubnetRouteTableAssociation": "ec2:AssociateRouteTable ec2:DescribeRouteTables ec2:DisassociateRouteTable",
	"AWS::EC2::VPC":                         "ec2:CreateTags ec2:CreateVpc ec2:DeleteVpc ec2:DescribeVpcAttribute ec2:DescribeVpcs ec2:ModifyVpcAttribute ec2:DescribeSecurityGroups ec2:DescribeNetworkAcls ec2:DescribeRouteTables",
	"AWS::EC2::VPCEndpoint": "ec2:CreateVpcEndpoint ec2:DeleteVpcEndpoints ec2:DescribeVpcEndpoints ec2:ModifyVpcEndpoint ec2:CreateTags ec2:DescribeVpcEndpointServices ec2:DescribePrefixLists " +
		"route53:AssociateVPCWithHostedZone",
	"AWS::EC2::VPCGatewayAttachment": "ec2:AttachInternetGateway ec2:DescribeInternetGateways ec2:DetachInternetGateway",
	"AWS::ECR::Repository": "ecr:CreateRepository ecr:DeleteLifecyclePolicy ecr:DeleteRepository ecr:DeleteRepositoryPolicy ecr:DescribeRepositories ecr:GetLifecyclePolicy ecr:GetRepositoryPolicy ecr:ListTagsForResource " +
		"ecr:PutImageScanningConfiguration ecr:PutImageTagMutability ecr:PutLifecyclePolicy ecr:SetRepositoryPolicy ecr:TagResource ecr:UntagResource",
	"AWS::ECS::Cluster": "ecs:CreateCluster ecs:DeleteCluster ecs:DescribeClusters ecs:ListTagsForResource ecs:PutClusterCapacityProviders ecs:TagResource ecs:UntagResource ecs:UpdateCluster ecs:UpdateClusterSettings " +
		"iam:CreateServiceLinkedRole",
	"AWS::ECS::Service": "ecs:CreateService ecs:DeleteService ecs:DescribeServices ecs:ListServiceDeployments ecs:DescribeServiceDeployments ecs:ListTagsForResource ecs:StopServiceDeployment " +
		"ecs:TagResource ecs:UntagResource ecs:UpdateService iam:PassRole",
	"AWS::ECS::TaskDefinition": "ecs:DeregisterTaskDefinition ecs:DescribeTaskDefinition ecs:ListTagsForResource ecs:RegisterTaskDefinition ecs:TagResource ecs:UntagResource iam:GetRole iam:PassRole",
	"AWS::Events::Rule":        "events:DeleteRule events:DescribeRule events:ListTargetsByRule events:PutRule events:PutTargets events:RemoveTargets events:TagResource",
	"AWS::IAM::Role": "iam:CreateRole iam:DeleteRole iam:DeleteRolePermissionsBoundary iam:DeleteRolePolicy iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies iam:PutRolePermissionsBoundary iam:PutRolePolicy iam:TagRole iam:UntagRole " +
		"iam:UpdateAssumeRolePolicy iam:UpdateRole iam:UpdateRoleDescription",
	"AWS::Lambda::EventInvokeConfig": "lambda:DeleteFunctionEventInvokeConfig lambda:GetFunctionEventInvokeConfig lambda:PutFunctionEventInvokeConfig lambda:UpdateFunctionEventInvokeConfig",
	"AWS::Lambda::Function": "lambda:CreateFunction lambda:DeleteFunction lambda:DeleteFunctionConcurrency lambda:GetFunction lambda:GetFunctionCodeSigningConfig lambda:GetFunctionConfiguration " +
		"lambda:GetRuntimeManagementConfig lambda:ListTags lambda:PutFunctionConcurrency lambda:TagResource lambda:UntagResource lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration iam:PassRole s3:GetObject ecr:BatchGetImage ecr:GetDownloadUrlForLayer ecr:GetRepositoryPolicy ecr:SetRepositoryPolicy",
	"AWS::Lambda::Permission":   "lambda:AddPermission lambda:GetPolicy lambda:RemovePermission",
	"AWS::Logs::LogGroup":       "logs:CreateLogGroup logs:DeleteLogGroup logs:DescribeLogGroups logs:GetDataProtectionPolicy logs:ListTagsForResource logs:PutRetentionPolicy logs:TagResource logs:UntagResource",
	"AWS::Logs::MetricFilter":   "logs:DeleteMetricFilter logs:DescribeMetricFilters logs:PutMetricFilter",
	"AWS::Logs::ResourcePolicy": "logs:DeleteResourcePolicy logs:DescribeResourcePolicies logs:PutResourcePolicy",
	"AWS::S3::Bucket": "s3:CreateBucket s3:DeleteBucket s3:GetAccelerateConfiguration s3:GetAnalyticsConfiguration s3:GetIntelligentTieringConfiguration s3:GetInventoryConfiguration s3:GetMetricsConfiguration " +
		"s3:GetReplicationConfiguration s3:GetBucketLogging s3:GetBucketMetadataTableConfiguration s3:GetBucketObjectLockConfiguration s3:GetBucketTagging s3:GetBucketWebsite s3:GetBucketCORS s3:GetBucketLocation s3:GetBucketNotification s3:GetBucketOwnershipControls s3:GetBucketPublicAccessBlock s3:GetBucketVersioning " +
		"s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration s3:ListBucket s3:PutBucketCORS s3:PutBucketNotification s3:PutBucketOwnershipControls s3:PutBucketPublicAccessBlock s3:PutBucketTagging " +
		"s3:PutBucketVersioning s3:PutEncryptionConfiguration s3:PutLifecycleConfiguration",
	"AWS::S3::BucketPolicy": "s3:DeleteBucketPolicy s3:GetBucketPolicy s3:PutBucketPolicy",
	"AWS::SecretsManager::Secret": "secretsmanager:CreateSecret secretsmanager:DeleteSecret secretsmanager:DescribeSecret secretsmanager:GetRandomPassword secretsmanager:GetSecretValue " +
		"secretsmanager:TagResource secretsmanager:UntagResource secretsmanager:UpdateSecret",
	"AWS::SNS::Subscription":        "sns:GetSubscriptionAttributes sns:ListSubscriptionsByTopic sns:Subscribe sns:Unsubscribe",
	"AWS::SNS::Topic":               "sns:CreateTopic sns:DeleteTopic sns:GetDataProtectionPolicy sns:GetTopicAttributes sns:ListSubscriptionsByTopic sns:ListTagsForResource sns:SetTopicAttributes sns:TagResource sns:UntagResource",
	"AWS::SNS::TopicPolicy":         "sns:SetTopicAttributes",
	"AWS::SQS::Queue":               "sqs:CreateQueue sqs:DeleteQueue sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue",
	"AWS::SQS::QueuePolicy":         "sqs:SetQueueAttributes",
	"AWS::Scheduler::Schedule":      "iam:PassRole scheduler:CreateSchedule scheduler:DeleteSchedule scheduler:GetSchedule scheduler:UpdateSchedule",
	"AWS::Scheduler::ScheduleGroup": "scheduler:CreateScheduleGroup scheduler:DeleteScheduleGroup scheduler:GetScheduleGroup scheduler:ListTagsForResource scheduler:TagResource scheduler:UntagResource scheduler:DeleteSchedule",
}

// compared are the types whose actions were checked against AWS's schemas: see handlers.
var compared = []string{"AWS::ApiGatewayV2::Api", "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::CloudFront::Distribution", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::EC2::SecurityGroup",
	"AWS::EC2::VPCEndpoint", "AWS::ECR::Repository", "AWS::ECS::Cluster", "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::IAM::Role", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::Logs::ResourcePolicy",
	"AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::Scheduler::Schedule", "AWS::Scheduler::ScheduleGroup"}

// commandActions are the actions of commands whose names are not those of single actions. CloudFormation reads a
// template from a bucket with the rights of the caller. Those of a push are named in
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
var commandActions = map[string]string{
	"cloudformation wait":              "cloudformation:DescribeStacks",
	"cloudformation create-change-set": "cloudformation:CreateChangeSet s3:GetObject",
	"s3 cp":                            "s3:GetObject s3:ListBucket s3:PutObject",
	"s3 rb":                            "s3:DeleteBucket s3:DeleteObject s3:ListBucket",
	"s3api list-objects-v2":            "s3:ListBucket",
	"s3api head-object":                "s3:GetObject s3:ListBucket", // without the right to list, a missing object is a 403
	"logs tail":                        "logs:FilterLogEvents",
	"ecr get-login-password": "ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:CompleteLayerUpload ecr:GetDownloadUrlForLayer ecr:InitiateLayerUpload " +
		"ecr:PutImage ecr:UploadLayerPart", // docker, which is logged in then, pushes
}

// scopes are the resources that a deployer needs, by the beginning of an action. The first that matches counts.
// CloudFormation lets names begin with the stack's, darkroom. Other resources have ids that nobody knows beforehand, or
// cannot be limited.
var scopes = []struct {
	actions   string
	resources []string
}{
	{"cloudformation:", []string{"arn:aws:cloudformation:*:*:stack/darkroom/*", "arn:aws:cloudformation:*:*:stack/darkroom-artifacts/*"}},
	{"dynamodb:", []string{"arn:aws:dynamodb:*:*:table/darkroom-*"}},
	{"ecr:GetAuthorizationToken", []string{"*"}},
	{"ecr:", []string{"arn:aws:ecr:*:*:repository/darkroom-*"}},
	{"iam:CreateServiceLinkedRole", []string{"arn:aws:iam::*:role/aws-service-role/*"}},
	{"iam:PassRole", []string{"arn:aws:iam::*:role/darkroom-*"}},
	{"iam:GetRole", []string{"arn:aws:iam::*:role/darkroom-*", "arn:aws:iam::*:role/aws-service-role/*"}},
	{"iam:", []string{"arn:aws:iam::*:role/darkroom-*"}},
	{"lambda:GetAccountSettings", []string{"*"}},
	{"lambda:", []string{"arn:aws:lambda:*:*:function:darkroom-*"}},
	{"s3:DeleteObject", []string{"arn:aws:s3:::darkroom-artifacts-*"}}, // builds, and never a photo
	{"s3:", []string{"arn:aws:s3:::darkroom-*"}},
	{"secretsmanager:GetRandomPassword", []string{"*"}},
	{"secretsmanager:", []string{"arn:aws:secretsmanager:*:*:secret:darkroom-*"}},
	{"sns:", []string{"arn:aws:sns:*:*:darkroom-*"}},
	{"sqs:", []string{"arn:aws:sqs:*:*:darkroom-*"}},
	{"", []string{"*"}},
}

// passedTo are the services that roles of the stack are passed to.
var passedTo = []string{"ecs-tasks.amazonaws.com", "lambda.amazonaws.com", "scheduler.amazonaws.com"}

// programCommand matches a command of the AWS CLI in the sources of this program: its service and its operation, which
// are always literals.
var programCommand = regexp.MustCompile(`"((?:sts|ec2|iam|service-quotas|lambda|cloudformation|s3|s3api|ecr|ecs|sqs|logs|cloudwatch))", "([a-z][a-z0-9-]+)"`)

// commandsOfProgram returns the commands of the AWS CLI that this program runs, read from its sources.
func commandsOfProgram(t *testing.T) map[string]bool {
	t.Helper()
	commands := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "fakecloud") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range programCommand.FindAllStringSubmatch(string(text), -1) {
			commands[m[1]+" "+m[2]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(commands) < 30 {
		t.Errorf("found only the commands %v", slices.Sorted(maps.Keys(commands)))
	}
	return commands
}

// actionsOfProgram returns the actions of the commands that this program runs.
func actionsOfProgram(t *testing.T) (all []string) {
	t.Helper()
	for command := range commandsOfProgram(t) {
		if actions, ok := commandActions[command]; ok {
			all = append(all, strings.Fields(actions)...)
			continue
		}
		service, operation, _ := strings.Cut(command, " ")
		all = append(all, strings.ReplaceAll(service, "-", "")+":"+camel(operation))
	}
	return all
}

// camel returns an operation of the AWS CLI as the name of its action.
func camel(operation string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(operation, "-") {
		r := []rune(word)
		b.WriteString(string(unicode.ToUpper(r[0])) + string(r[1:]))
	}
	return b.String()
}

// TestDeployerPolicy derives what a deployer may do from the types in both templates and from the program's own
// commands, and compares it with deployer-policy.json. With the flag -update it writes the file.
func TestDeployerPolicy(t *testing.T) {
	actions := actionsOfProgram(t)
	for _, file := range []string{"template.yaml", "artifacts.yaml"} {
		for name, r := range readTestTemplate(t, file).Section("Resources") {
			kind, _ := cfn.Lookup(r, "Type").(string)
			if handlers[kind] == "" {
				t.Errorf("%s: nothing says what a deployer needs for %s, a %s", file, name, kind)
			}
			actions = append(actions, strings.Fields(handlers[kind])...)
		}
	}
	for _, kind := range compared {
		if handlers[kind] == "" {
			t.Errorf("%s was compared and has no actions", kind)
		}
	}
	slices.Sort(actions)
	actions = slices.Compact(actions)
	byScope := map[int][]string{}
	for _, a := range actions {
		i := slices.IndexFunc(scopes, func(s struct {
			actions   string
			resources []string
		}) bool {
			return strings.HasPrefix(a, s.actions)
		})
		byScope[i] = append(byScope[i], a)
	}
	type statement struct {
		Effect    string
		Action    []string
		Resource  []string
		Condition any `json:",omitempty"`
	}
	policy := struct {
		Version   string
		Statement []statement
	}{Version: "2012-10-17"}
	for i, s := range scopes {
		st := statement{Effect: "Allow", Action: byScope[i], Resource: s.resources}
		if strings.HasPrefix(s.actions, "s3:") {
			st.Resource = append(slices.Clone(st.Resource), st.Resource[0]+"/*")
		}
		if s.actions == "iam:PassRole" {
			st.Condition = map[string]any{"StringEquals": map[string]any{"iam:PassedToService": passedTo}}
		}
		if len(st.Action) == 0 {
			t.Errorf("nothing needs the scope %s", s.actions)
		}
		policy.Statement = append(policy.Statement, st)
	}
	want, err := json.MarshalIndent(policy, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	const file = "deployer-policy.json"
	got, err := os.ReadFile(file)
	if update := flag.Lookup("update"); update != nil && update.Value.String() == "true" {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	} else if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s differs from what the templates and the program need (%v): run this test with -update", file, err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, want); err != nil {
		t.Fatal(err)
	}
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: inline policies of a role
	if n := compact.Len(); n > 10240 {
		t.Errorf("the policy has %d characters, and a role takes 10,240", n)
	} else {
		t.Logf("%d characters, %d actions", n, len(actions))
	}
}

// TestRolesArePassedToServices checks that the services of passedTo are those that the stack's roles trust.
func TestRolesArePassedToServices(t *testing.T) {
	var trusted []string
	for _, r := range readTestTemplate(t, "template.yaml").Section("Resources") {
		if cfn.Lookup(r, "Type") == "AWS::IAM::Role" {
			trusted = append(trusted, fmt.Sprint(cfn.Lookup(r, "Properties", "AssumeRolePolicyDocument", "Statement", 0, "Principal", "Service")))
		}
	}
	slices.Sort(trusted)
	if got := slices.Compact(trusted); !slices.Equal(got, passedTo) {
		t.Errorf("roles trust %v, a deployer may pass them to %v", got, passedTo)
	}
}

package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/testkit/cfn"
)

// statement is a statement of a policy.
type statement struct {
	where string // resource and Sid
	body  any
}

// statements returns the statements of all policies in the stack.
func (s *stack) statements() (all []statement) {
	add := func(where string, policy any) {
		for _, st := range listAt(policy, "Statement") {
			all = append(all, statement{where + " " + textAt(st, "Sid"), st})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.resources)) {
		p := s.properties(name)
		for _, inline := range listAt(p, "Policies") {
			add(name, cfn.Lookup(inline, "PolicyDocument"))
		}
		add(name, document(p))
	}
	return all
}

// document returns the policy of a resource. CloudWatch Logs takes it as text; one that is not JSON allows all.
func document(properties object) any {
	text, ok := properties["PolicyDocument"].(string)
	if !ok {
		return properties["PolicyDocument"]
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return object{"Statement": []any{object{"Sid": err.Error(), "Effect": "Allow", "Action": "*", "Resource": "*"}}}
	}
	return v
}

// unscoped are the actions that cannot be limited to a resource, according to the Service Authorization Reference:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
var unscoped = []string{"ecs:ListTasks", "ecr:GetAuthorizationToken", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}

// scoped matches a single resource, or everything in one: a bucket's objects, a cluster's tasks.
var scoped = regexp.MustCompile(`^[^*]{8,}?(/\*(/manifest\.json)?)?$`)

// permissions are exactly what the programs use, by role, action and resource. worker/README.md and
// token-lambda/README.md list the same.
var permissions = map[string]map[string][]string{
	"TokenRole": {
		"s3:PutObject": {"${UploadsBucket.Arn}/*", "${VariantsBucket.Arn}/*/manifest.json"}, "s3:PutObjectTagging": {"${VariantsBucket.Arn}/*/manifest.json"},
		"s3:GetObject": {"${UploadsBucket.Arn}/*", "${VariantsBucket.Arn}/*"}, "s3:DeleteObject": {"${UploadsBucket.Arn}/*"},
		"s3:ListBucket":        {"${UploadsBucket.Arn}", "${VariantsBucket.Arn}"},
		"logs:CreateLogStream": {"${TokenLogs.Arn}"}, "logs:PutLogEvents": {"${TokenLogs.Arn}"},
	},
	"WorkerRole": {
		"s3:GetObject": {"${UploadsBucket.Arn}/*", "${VariantsBucket.Arn}/*"}, "s3:DeleteObject": {"${UploadsBucket.Arn}/*", "${VariantsBucket.Arn}/*"},
		"s3:DeleteObjectVersion": {"${UploadsBucket.Arn}/*", "${VariantsBucket.Arn}/*"}, "s3:PutObjectTagging": {"${VariantsBucket.Arn}/*/manifest.json"},
		"s3:PutObject": {"${VariantsBucket.Arn}/*"}, "s3:ListBucket": {"${UploadsBucket.Arn}", "${VariantsBucket.Arn}"},
		"s3:ListBucketVersions":    {"${UploadsBucket.Arn}", "${VariantsBucket.Arn}"},
		"s3:GetBucketNotification": {"${UploadsBucket.Arn}"},
		"sqs:ReceiveMessage":       {"${EventsQueue.Arn}", "${PhotosQueue.Arn}"}, "sqs:DeleteMessage": {"${EventsQueue.Arn}", "${PhotosQueue.Arn}"},
		"sqs:ChangeMessageVisibility": {"${EventsQueue.Arn}", "${PhotosQueue.Arn}"},
		"sqs:GetQueueAttributes":      {"${DeadLetters.Arn}", "${EventsDeadLetters.Arn}", "${EventsQueue.Arn}", "${PhotosQueue.Arn}"},
		"sqs:SendMessage":             {"${DeadLetters.Arn}", "${EventsDeadLetters.Arn}", "${PhotosQueue.Arn}"},
		"ecs:UpdateTaskProtection":    {"arn:aws:ecs:us-east-1:123456789012:task/${Cluster}/*"}, "ecs:DescribeTasks": {"arn:aws:ecs:us-east-1:123456789012:task/${Cluster}/*"},
		"ecs:DescribeServices": {"arn:aws:ecs:us-east-1:123456789012:service/${Cluster}/*"}, "ecs:ListTasks": {"*"},
	},
	"OperatorRole": {
		"s3:ListBucket": {"${UploadsBucket.Arn}", "${VariantsBucket.Arn}"}, "s3:GetObject": {"${VariantsBucket.Arn}/*"},
		"sqs:SendMessage": {"${EventsQueue.Arn}", "${PhotosQueue.Arn}"}, "sqs:GetQueueAttributes": {"${EventsQueue.Arn}", "${PhotosQueue.Arn}"},
		"sqs:ReceiveMessage": {"${DeadLetters.Arn}", "${EventsDeadLetters.Arn}"}, "sqs:ChangeMessageVisibility": {"${DeadLetters.Arn}", "${EventsDeadLetters.Arn}"},
		"sqs:DeleteMessage": {"${DeadLetters.Arn}", "${EventsDeadLetters.Arn}"},
	},
	"SweepRole": {
		"ecs:RunTask": {"${OperatorTask}"}, "iam:PassRole": {"${ExecutionRole.Arn}", "${OperatorRole.Arn}"},
	},
	"ScalerRole": {
		"logs:CreateLogStream": {"${ScalerLogs.Arn}"}, "logs:PutLogEvents": {"${ScalerLogs.Arn}"},
		"sqs:GetQueueAttributes": {"${EventsQueue.Arn}", "${PhotosQueue.Arn}"}, "ecs:DescribeServices": {"${WorkerService}"}, "ecs:UpdateService": {"${WorkerService}"},
	},
	"ExecutionRole": {
		"ecr:GetAuthorizationToken": {"*"}, // and imagePermissions
		"logs:CreateLogStream":      {"${WorkerLogs.Arn}"}, "logs:PutLogEvents": {"${WorkerLogs.Arn}"},
	},
}

// collectorPermissions are the further permissions of the worker's role for the collector, which runs in the same task.
var collectorPermissions = map[string][]string{"logs:CreateLogStream": {"${WorkerMetrics.Arn}"}, "logs:PutLogEvents": {"${WorkerMetrics.Arn}"},
	"xray:PutTraceSegments": {"*"}, "xray:PutTelemetryRecords": {"*"}}

// purgePermissions are the further permissions of the worker's role to purge erased photos from the CDN.
var purgePermissions = map[string][]string{"sqs:SendMessage": {"${PurgeQueue.Arn}"}, "sqs:ReceiveMessage": {"${PurgeQueue.Arn}"}, "sqs:DeleteMessage": {"${PurgeQueue.Arn}"},
	"sqs:ChangeMessageVisibility": {"${PurgeQueue.Arn}"}, "sqs:GetQueueAttributes": {"${PurgeQueue.Arn}"}, "cloudfront:CreateInvalidation": {distributionARN},
	"cloudfront:GetInvalidation": {distributionARN}, "cloudfront:GetDistributionConfig": {distributionARN}}

const distributionARN = "arn:aws:cloudfront::123456789012:distribution/${Distribution}"

// imagePermissions are the further permissions of the execution role for an image: to pull from the repository that its
// name begins with, and from those below it, which have the same owner.
func (s *stack) imagePermissions() map[string][]string {
	const repositories = "arn:aws:ecr:us-east-1:123456789012:repository/"
	var resources []string
	for _, image := range []string{s.param("WorkerImage"), s.param("CollectorImage")} {
		if image == "" {
			continue
		}
		_, name, _ := strings.Cut(image, "/")
		name, _, _ = strings.Cut(strings.FieldsFunc(name+"/", func(r rune) bool { return r == ':' || r == '@' })[0], "/")
		if name == "" {
			name = "-" // the image is not in a registry of AWS
		}
		resources = append(resources, repositories+name, repositories+name+"/*")
	}
	slices.Sort(resources)
	all := map[string][]string{}
	for _, a := range []string{"ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"} {
		all[a] = resources
	}
	return all
}

var accessRules = []rule{
	{"wildcards", func(s *stack) (bad []string) {
		for _, st := range s.statements() {
			if textAt(st.body, "Effect") != "Allow" {
				continue
			}
			actions := textsAt(st.body, "Action")
			for _, a := range actions {
				if strings.Contains(a, "*") {
					bad = append(bad, st.where+": action "+a)
				}
			}
			for _, r := range textsAt(st.body, "Resource") {
				free := r == "*" && !slices.ContainsFunc(actions, func(a string) bool { return !slices.Contains(unscoped, a) })
				if !free && !scoped.MatchString(r) {
					bad = append(bad, st.where+": resource "+r)
				}
			}
			if cfn.Lookup(st.body, "NotAction") != nil || cfn.Lookup(st.body, "NotResource") != nil || cfn.Lookup(st.body, "NotPrincipal") != nil {
				bad = append(bad, st.where+": uses NotAction, NotResource or NotPrincipal")
			}
		}
		for name, r := range s.ofType("AWS::IAM::Role") {
			if cfn.Lookup(r, "ManagedPolicyArns") != nil {
				bad = append(bad, name+" has managed policies")
			}
		}
		return bad
	}},
	{"permissions", func(s *stack) (bad []string) {
		for name, role := range s.ofType("AWS::IAM::Role") {
			want := maps.Clone(permissions[name])
			if name == "WorkerRole" && s.parameters["CollectorImage"] != "" {
				maps.Copy(want, collectorPermissions)
			}
			if name == "WorkerRole" && s.param("PublicVariants") == "yes" {
				for action, resources := range purgePermissions {
					want[action] = append(slices.Clone(want[action]), resources...)
					slices.Sort(want[action])
				}
			}
			if name == "TokenRole" && hasQuotas(s) {
				want["dynamodb:UpdateItem"] = []string{"${QuotaTable.Arn}"}
			}
			if key := s.param("ErasureKey"); name == "TokenRole" && key != "" {
				want["kms:Sign"], want["kms:GetPublicKey"] = []string{key}, []string{key}
			}
			if name == "ExecutionRole" {
				maps.Copy(want, s.imagePermissions())
			}
			if slices.Contains([]string{"TokenRole", "WorkerRole", "OperatorRole"}, name) {
				maps.Copy(want, s.keyPermissions())
			}
			got := map[string][]string{}
			for _, p := range listAt(role, "Policies") {
				for _, st := range listAt(p, "PolicyDocument", "Statement") {
					for _, a := range textsAt(st, "Action") {
						got[a] = append(got[a], textsAt(st, "Resource")...)
					}
				}
			}
			for _, resources := range got {
				slices.Sort(resources)
			}
			if d := cmp.Diff(want, got); d != "" && !s.wild(got) {
				bad = append(bad, fmt.Sprintf("%s: -want +got\n%s", name, d))
			}
		}
		return bad
	}},
	// The tasks reach S3 through the endpoint alone, whose policy must let through what their roles allow.
	{"endpoint policy", func(s *stack) (bad []string) {
		if s.param("VpcId") != "" {
			return nil // the account's network has its own ways to S3
		}
		through := map[string][]string{}
		for _, st := range listAt(s.properties("S3Endpoint"), "PolicyDocument", "Statement") {
			for _, a := range textsAt(st, "Action") {
				through[a] = append(through[a], textsAt(st, "Resource")...)
			}
		}
		for _, role := range []string{"WorkerRole", "OperatorRole"} {
			for _, p := range listAt(s.properties(role), "Policies") {
				for _, st := range listAt(p, "PolicyDocument", "Statement") {
					for _, a := range textsAt(st, "Action") {
						for _, r := range textsAt(st, "Resource") {
							if strings.HasPrefix(a, "s3:") && !strings.Contains(a, "*") && scoped.MatchString(r) && !slices.Contains(through[a], r) && !slices.Contains(through[a], "*") {
								bad = append(bad, fmt.Sprintf("%s may use %s on %s, and the endpoint refuses it", role, a, r))
							}
						}
					}
				}
			}
		}
		return bad
	}},
	// Only the one service that a role is for may assume it, and only a task of this account.
	{"trust", func(s *stack) (bad []string) {
		for name, role := range s.ofType("AWS::IAM::Role") {
			st := cfn.Lookup(role, "AssumeRolePolicyDocument", "Statement", 0)
			want := "ecs-tasks.amazonaws.com"
			if name == "TokenRole" || name == "ScalerRole" {
				want = "lambda.amazonaws.com"
			} else if name == "SweepRole" {
				want = "scheduler.amazonaws.com"
			}
			if want != "lambda.amazonaws.com" && textAt(st, "Condition", "StringEquals", "aws:SourceAccount") != "123456789012" {
				bad = append(bad, name+" does not limit the account")
			}
			if len(listAt(role, "AssumeRolePolicyDocument", "Statement")) != 1 || textAt(st, "Principal", "Service") != want || textAt(st, "Action") != "sts:AssumeRole" {
				bad = append(bad, fmt.Sprintf("%s trusts %v", name, cfn.Lookup(st, "Principal")))
			}
		}
		return bad
	}},
	{"network", func(s *stack) (bad []string) {
		if p := s.properties("WorkerAccess"); cfn.Lookup(p, "SecurityGroupIngress") != nil || len(listAt(p, "SecurityGroupEgress")) != 1 || numberAt(p, "SecurityGroupEgress", 0, "FromPort") != 443 {
			bad = append(bad, "workers accept connections, or open others than HTTPS")
		}
		for name := range s.ofType("AWS::EC2::SecurityGroupIngress") {
			bad = append(bad, name+" allows incoming connections")
		}
		for name := range s.ofType("AWS::EC2::NatGateway") {
			bad = append(bad, name+" costs more than the workers")
		}
		if p := s.properties("S3Endpoint"); s.param("VpcId") == "" && (textAt(p, "VpcEndpointType") != "Gateway" || textAt(p, "RouteTableIds", 0) != "${Routes}") {
			bad = append(bad, "S3 is not reached through a gateway endpoint")
		}
		for name, service := range s.ofType("AWS::ECS::Service") {
			if d := cmp.Diff(s.taskNetwork(), service["NetworkConfiguration"]); d != "" {
				bad = append(bad, fmt.Sprintf("%s: -needed +is\n%s", name, d))
			}
		}
		return bad
	}},
}

// wild reports whether the rule about wildcards reports a role. Then no other rule should.
func (s *stack) wild(got map[string][]string) bool {
	for a, resources := range got {
		if strings.Contains(a, "*") || slices.ContainsFunc(resources, func(r string) bool {
			return !scoped.MatchString(r) && !(r == "*" && slices.Contains(unscoped, a))
		}) {
			return true
		}
	}
	return false
}

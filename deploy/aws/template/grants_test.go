package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/testkit/cfn"
)

// grants returns what a policy says, one line for each principal, action and resource of each statement, sorted:
//
//	Allow s3.amazonaws.com sqs:SendMessage ARN if StringEquals aws:SourceAccount=123456789012
func grants(policy any) (lines []string) {
	for _, st := range listAt(policy, "Statement") {
		var conditions []string
		byOperator, _ := cfn.Lookup(st, "Condition").(object)
		for operator, keys := range byOperator {
			keys, _ := keys.(object)
			for key := range keys {
				conditions = append(conditions, fmt.Sprintf("%s %s=%s", operator, key, strings.Join(textsAt(keys, key), ",")))
			}
		}
		slices.Sort(conditions)
		suffix := ""
		if len(conditions) > 0 {
			suffix = " if " + strings.Join(conditions, " and ")
		}
		for _, odd := range []string{"NotAction", "NotResource", "NotPrincipal"} {
			if v := cfn.Lookup(st, odd); v != nil {
				suffix += fmt.Sprintf(" %s %v", odd, v)
			}
		}
		for _, principal := range principals(st) {
			for _, action := range textsAt(st, "Action") {
				resources := textsAt(st, "Resource")
				if resources == nil {
					resources = []string{""}
				}
				for _, resource := range resources {
					lines = append(lines, strings.Join(strings.Fields(textAt(st, "Effect")+" "+principal+" "+action+" "+resource), " ")+suffix)
				}
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// principals returns the principals of a statement, or an empty one if it has none, as in the policy of a role.
func principals(st any) (all []string) {
	switch p := cfn.Lookup(st, "Principal").(type) {
	case nil:
		return []string{""}
	case object:
		for kind := range p {
			for _, who := range textsAt(p, kind) {
				if kind != "Service" {
					who = kind + ":" + who
				}
				all = append(all, who)
			}
		}
		return all
	default:
		return []string{fmt.Sprint(p)}
	}
}

// onlyTLS are the lines that refuse every request without TLS.
func onlyTLS(action string, resources ...string) (lines []string) {
	for _, r := range resources {
		lines = append(lines, "Deny * "+action+" "+r+" if Bool aws:SecureTransport=false")
	}
	return lines
}

const thisAccount = "StringEquals aws:SourceAccount=123456789012"

// resourcePolicies returns everything that the policies of resources must say. A permission too many could do harm, and
// a refusal too many would stop the system.
func resourcePolicies(s *stack) map[string][]string {
	uploads := "arn:aws:s3:::" + textAt(s.properties("UploadsBucket"), "BucketName")
	if s.param("UploadsBucketName") != "" {
		uploads = "${UploadsBucket.Arn}"
	}
	want := map[string][]string{
		"UploadsPolicy":  onlyTLS("s3:*", "${UploadsBucket.Arn}", "${UploadsBucket.Arn}/*"),
		"VariantsPolicy": onlyTLS("s3:*", "${VariantsBucket.Arn}", "${VariantsBucket.Arn}/*"),
		"EventsQueuePolicy": append(onlyTLS("sqs:*", "${EventsQueue.Arn}"),
			"Allow s3.amazonaws.com sqs:SendMessage ${EventsQueue.Arn} if ArnEquals aws:SourceArn="+uploads+" and "+thisAccount),
		// S3 is refused too: a request of a service has no aws:PrincipalArn, so it is not equal.
		"PhotosQueuePolicy": append(onlyTLS("sqs:*", "${PhotosQueue.Arn}"),
			"Deny * sqs:SendMessage ${PhotosQueue.Arn} if ArnNotEquals aws:PrincipalArn=${WorkerRole.Arn},${OperatorRole.Arn}"),
		// SQS itself moves messages there, without a policy.
		"EventsDeadLettersPolicy": onlyTLS("sqs:*", "${EventsDeadLetters.Arn}"),
		"DeadLettersPolicy":       onlyTLS("sqs:*", "${DeadLetters.Arn}"),
		"LostEventsPolicy":        append(onlyTLS("sqs:*", "${LostEvents.Arn}"), "Allow events.amazonaws.com sqs:SendMessage ${LostEvents.Arn} if "+thisAccount),
		// EventBridge gives SNS nothing that a condition could compare.
		"AlarmsPolicy": append(onlyTLS("sns:Publish", "${Alarms}"), "Allow cloudwatch.amazonaws.com sns:Publish ${Alarms} if "+thisAccount, "Allow events.amazonaws.com sns:Publish ${Alarms}"),
	}
	if s.param("UploadsBucketName") != "" {
		delete(want, "UploadsPolicy")
	} else if s.param("AllowForm") != "true" {
		// A part of a multipart upload creates no object, and cannot carry the condition.
		want["UploadsPolicy"] = append(want["UploadsPolicy"], "Deny * s3:PutObject ${UploadsBucket.Arn}/* if Bool s3:ObjectCreationOperation=true and Null s3:if-none-match=true")
	}
	if s.param("VariantsBucketName") != "" {
		delete(want, "VariantsPolicy")
	} else if s.param("PublicVariants") == "yes" {
		want["VariantsPolicy"] = append(want["VariantsPolicy"],
			"Allow cloudfront.amazonaws.com s3:GetObject ${VariantsBucket.Arn}/* if StringEquals aws:SourceArn=arn:aws:cloudfront::123456789012:distribution/${Distribution}",
			"Deny cloudfront.amazonaws.com s3:GetObject ${VariantsBucket.Arn}/*/manifest.json")
	}
	if s.param("PublicVariants") == "yes" {
		want["PurgeQueuePolicy"] = append(onlyTLS("sqs:*", "${PurgeQueue.Arn}"),
			"Deny * sqs:SendMessage ${PurgeQueue.Arn} if ArnNotEquals aws:PrincipalArn=${WorkerRole.Arn}")
	}
	if s.param("PublishBoard") == "yes" {
		want["BoardPolicy"] = append(onlyTLS("s3:*", "${BoardBucket.Arn}", "${BoardBucket.Arn}/*"),
			"Allow cloudfront.amazonaws.com s3:GetObject ${BoardBucket.Arn}/* if StringEquals aws:SourceArn=arn:aws:cloudfront::123456789012:distribution/${BoardDistribution}")
	}
	if s.param("OutcomeEvents") == "yes" {
		for _, service := range []string{"delivery.logs.amazonaws.com", "events.amazonaws.com"} {
			for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
				want["OutcomeLogsPolicy"] = append(want["OutcomeLogsPolicy"], "Allow "+service+" "+action+" ${OutcomeLogs.Arn}")
			}
		}
	}
	return want
}

// policyOf are the resources that a policy applies to.
var policyOf = map[string]struct{ property, resource string }{
	"UploadsPolicy": {"Bucket", "UploadsBucket"}, "VariantsPolicy": {"Bucket", "VariantsBucket"}, "BoardPolicy": {"Bucket", "BoardBucket"}, "EventsQueuePolicy": {"Queues", "EventsQueue"}, "PhotosQueuePolicy": {"Queues", "PhotosQueue"},
	"EventsDeadLettersPolicy": {"Queues", "EventsDeadLetters"}, "DeadLettersPolicy": {"Queues", "DeadLetters"}, "LostEventsPolicy": {"Queues", "LostEvents"}, "PurgeQueuePolicy": {"Queues", "PurgeQueue"}, "AlarmsPolicy": {"Topics", "Alarms"},
}

// policyTypes are the types of resources whose PolicyDocument is a policy of another resource.
var policyTypes = []string{"AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::Logs::ResourcePolicy"}

var grantRules = []rule{
	{"resource policies", func(s *stack) (bad []string) {
		want := resourcePolicies(s)
		for _, kind := range policyTypes {
			for name, p := range s.ofType(kind) {
				lines, known := want[name]
				slices.Sort(lines)
				if d := cmp.Diff(lines, grants(document(p))); !known || d != "" {
					bad = append(bad, fmt.Sprintf("%s: -want +got\n%s", name, d))
				}
				if of := policyOf[name]; of.resource != "" && !slices.Equal(textsAt(p, of.property), []string{"${" + of.resource + "}"}) {
					bad = append(bad, fmt.Sprintf("%s applies to %v", name, textsAt(p, of.property)))
				}
				if textAt(document(p), "Version") != "2012-10-17" {
					bad = append(bad, name+" has an old version of the policy language")
				}
				delete(want, name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			bad = append(bad, name+" is missing")
		}
		return bad
	}},
	// Only one service may assume a role, for this account. Each statement of its policies allows something: a refusal,
	// or a condition that is not listed here, would take from a program what it needs.
	{"role statements", func(s *stack) (bad []string) {
		for name, role := range s.ofType("AWS::IAM::Role") {
			service, condition := "ecs-tasks.amazonaws.com", " if ArnLike aws:SourceArn=arn:aws:ecs:us-east-1:123456789012:* and "+thisAccount
			switch name {
			case "TokenRole", "ScalerRole":
				service, condition = "lambda.amazonaws.com", ""
			case "SweepRole":
				service, condition = "scheduler.amazonaws.com", " if ArnEquals aws:SourceArn=${SweepGroup.Arn} and "+thisAccount
			}
			if got := grants(cfn.Lookup(role, "AssumeRolePolicyDocument")); !slices.Equal(got, []string{"Allow " + service + " sts:AssumeRole" + condition}) {
				bad = append(bad, fmt.Sprintf("%s may be assumed: %q", name, got))
			}
			if textAt(role, "AssumeRolePolicyDocument", "Version") != "2012-10-17" {
				bad = append(bad, name+" has an old version of the policy language")
			}
			for _, p := range listAt(role, "Policies") {
				for _, line := range grants(cfn.Lookup(p, "PolicyDocument")) {
					line, condition, _ := strings.Cut(line, " if ")
					if condition != roleConditions[name+" "+strings.Fields(line)[1]] || !strings.HasPrefix(line, "Allow ") {
						bad = append(bad, fmt.Sprintf("%s: %s if %q", name, line, condition))
					}
				}
				if textAt(p, "PolicyDocument", "Version") != "2012-10-17" {
					bad = append(bad, name+" has an old version of the policy language")
				}
			}
			for _, limit := range []string{"MaxSessionDuration", "ManagedPolicyArns"} {
				if v := cfn.Lookup(role, limit); v != nil {
					bad = append(bad, fmt.Sprintf("%s has %s %v", name, limit, v))
				}
			}
		}
		return bad
	}},
}

// roleConditions are the conditions of permissions, by role and action.
var roleConditions = map[string]string{
	"SweepRole ecs:RunTask":    "ArnEquals ecs:cluster=${Cluster.Arn}",
	"SweepRole iam:PassRole":   "StringEquals iam:PassedToService=ecs-tasks.amazonaws.com",
	"WorkerRole ecs:ListTasks": "ArnEquals ecs:cluster=${Cluster.Arn}",
}

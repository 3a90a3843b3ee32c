package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"darkroom/deploy/testkit/cfn"
)

// namedBy are the types whose resources the template names, with the property that holds the name.
var namedBy = map[string]string{
	"AWS::S3::Bucket": "BucketName", "AWS::SQS::Queue": "QueueName", "AWS::Logs::LogGroup": "LogGroupName", "AWS::Logs::ResourcePolicy": "PolicyName",
	"AWS::ApiGatewayV2::Api": "Name", "AWS::ECS::TaskDefinition": "Family", "AWS::ApplicationAutoScaling::ScalingPolicy": "PolicyName",
	"AWS::CloudWatch::Alarm": "AlarmName", "AWS::CloudWatch::Dashboard": "DashboardName", "AWS::Scheduler::ScheduleGroup": "Name",
}

// unnamedBy are the types whose resources CloudFormation names, with the property that would hold the name.
var unnamedBy = map[string]string{
	"AWS::IAM::Role": "RoleName", "AWS::Lambda::Function": "FunctionName", "AWS::ECS::Cluster": "ClusterName", "AWS::ECS::Service": "ServiceName",
	"AWS::SNS::Topic": "TopicName", "AWS::DynamoDB::Table": "TableName", "AWS::Events::Rule": "Name", "AWS::Scheduler::Schedule": "Name", "AWS::EC2::SecurityGroup": "GroupName",
}

var shapeRules = []rule{
	// Two stacks can coexist in one account and region. So can a new stack and what an old one has left behind.
	{"names", func(s *stack) (bad []string) {
		seen := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(s.resources)) {
			kind := textAt(s.resources, name, "Type")
			if property, ok := unnamedBy[kind]; ok && cfn.Lookup(s.properties(name), property) != nil {
				bad = append(bad, fmt.Sprintf("%s has the fixed name %s", name, textAt(s.properties(name), property)))
			}
			property, ok := namedBy[kind]
			if !ok {
				continue
			}
			is := textAt(s.properties(name), property)
			if !strings.Contains(is, "stack-name") || kind == "AWS::S3::Bucket" && !strings.HasSuffix(is, "-0123456789ab") {
				bad = append(bad, fmt.Sprintf("the name of %s, %q, does not depend on the stack", name, is))
			}
			if kind == "AWS::S3::Bucket" && len(strings.Replace(is, "stack-name", strings.Repeat("s", 40), 1)) > 63 {
				bad = append(bad, name+" has a name that is too long for S3")
			}
			// A resource that is kept under a fixed name would block the next stack of that name. Buckets have unique
			// names.
			for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
				if p := textAt(s.resources, name, policy); p != "" && p != "Delete" && kind != "AWS::S3::Bucket" || p == "" && (kind == "AWS::SQS::Queue" || kind == "AWS::Logs::LogGroup") {
					bad = append(bad, fmt.Sprintf("%s: %s is %s", name, policy, p))
				}
			}
			if other := seen[kind+is]; other != "" {
				bad = append(bad, fmt.Sprintf("%s and %s have the same name %q", name, other, is))
			}
			seen[kind+is] = name
		}
		return bad
	}},
	{"parameters", func(s *stack) (bad []string) {
		grouped := map[string]int{}
		for _, g := range listAt(s.template.Root, "Metadata", "AWS::CloudFormation::Interface", "ParameterGroups") {
			for _, p := range textsAt(g, "Parameters") {
				grouped[p]++
			}
		}
		for name, p := range s.template.Section("Parameters") {
			if d := textAt(p, "Description"); len(d) < 20 || !strings.HasSuffix(d, ".") {
				bad = append(bad, fmt.Sprintf("%s needs a longer description than %q, with a full stop", name, d))
			}
			if _, has := required[name]; has == (cfn.Lookup(p, "Default") != nil) {
				bad = append(bad, name+" has a default but must not, or needs one")
			}
			if grouped[name] != 1 {
				bad = append(bad, fmt.Sprintf("%s is in %d groups, want 1", name, grouped[name]))
			}
			delete(grouped, name)
		}
		for name := range grouped {
			bad = append(bad, name+" is in a group, but is not a parameter")
		}
		return bad
	}},
}

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"darkroom/deploy/testkit/cfn"
)

// named are the properties that name something beside the resource's own type, and where.
var named = map[string]string{
	"AWS::S3::Bucket": "BucketName", "AWS::SQS::Queue": "QueueName", "AWS::Logs::LogGroup": "LogGroupName", "AWS::Logs::ResourcePolicy": "PolicyName",
	"AWS::ApiGatewayV2::Api": "Name", "AWS::ECS::TaskDefinition": "Family", "AWS::ApplicationAutoScaling::ScalingPolicy": "PolicyName",
	"AWS::CloudWatch::Alarm": "AlarmName", "AWS::CloudWatch::Dashboard": "DashboardName",
}

// unnamed are those that CloudFormation is left to name.
var unnamed = map[string]string{
	"AWS::IAM::Role": "RoleName", "AWS::Lambda::Function": "FunctionName", "AWS::ECS::Cluster": "ClusterName", "AWS::ECS::Service": "ServiceName",
	"AWS::SNS::Topic": "TopicName", "AWS::Events::Rule": "Name", "AWS::EC2::SecurityGroup": "GroupName",
}

var shapeRules = []rule{
	// Two stacks live side by side, of one account and region, and a new one beside what an old one left.
	{"names", func(s *stack) (bad []string) {
		seen := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(s.resources)) {
			kind := textAt(s.resources, name, "Type")
			if property, ok := unnamed[kind]; ok && cfn.At(s.properties(name), property) != nil {
				bad = append(bad, fmt.Sprintf("%s is called %s", name, textAt(s.properties(name), property)))
			}
			property, ok := named[kind]
			if !ok {
				continue
			}
			is := textAt(s.properties(name), property)
			if !strings.Contains(is, "stack-name") || kind == "AWS::S3::Bucket" && !strings.HasSuffix(is, "-0123456789ab") {
				bad = append(bad, fmt.Sprintf("%s is called %q", name, is))
			}
			if kind == "AWS::S3::Bucket" && len(strings.Replace(is, "stack-name", strings.Repeat("s", 40), 1)) > 63 {
				bad = append(bad, name+" has too long a name for S3")
			}
			if other := seen[kind+is]; other != "" {
				bad = append(bad, fmt.Sprintf("%s and %s are both called %q", name, other, is))
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
				bad = append(bad, fmt.Sprintf("%s is described as %q", name, d))
			}
			if _, has := required[name]; has == (cfn.At(p, "Default") != nil) {
				bad = append(bad, name+" has a default and is not to, or the other way round")
			}
			if grouped[name] != 1 {
				bad = append(bad, fmt.Sprintf("%s is in %d groups", name, grouped[name]))
			}
			delete(grouped, name)
		}
		for name := range grouped {
			bad = append(bad, name+" is in a group and no parameter")
		}
		return bad
	}},
}

// put changes one place of a template. The path may have indices of lists; a value of nil removes.
func put(v any, path ...any) func(object) {
	return func(root object) {
		parent := cfn.At(root, path[:len(path)-1]...)
		switch last := path[len(path)-1].(type) {
		case string:
			m, ok := parent.(object)
			switch {
			case !ok:
				panic(fmt.Sprintf("nothing at %v", path))
			case v == nil:
				delete(m, last)
			default:
				m[last] = v
			}
		case int:
			parent.([]any)[last] = v
		}
	}
}

// of puts into the properties of a resource.
func of(resource string, v any, path ...any) func(object) {
	return put(v, append([]any{"Resources", resource, "Properties"}, path...)...)
}

// replaced replaces text wherever it is in a resource. It panics if it is nowhere.
func replaced(resource, from, to string) func(object) {
	return func(root object) {
		var text strings.Builder
		encode := json.NewEncoder(&text)
		encode.SetEscapeHTML(false)
		if err := encode.Encode(cfn.At(root, "Resources", resource)); err != nil || !strings.Contains(text.String(), from) {
			panic(fmt.Sprintf("no %q in %s: %v", from, resource, err))
		}
		decode := json.NewDecoder(strings.NewReader(strings.ReplaceAll(text.String(), from, to)))
		decode.UseNumber()
		var v any
		if err := decode.Decode(&v); err != nil {
			panic(err)
		}
		root["Resources"].(object)[resource] = numbers(v)
	}
}

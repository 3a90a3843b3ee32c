package template

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/testkit/cfn"
)

// calls returns the AWS services that the tasks of this stack call, by the names of their endpoints. Every task has its
// image from ECR, whose layers are in S3, and its logs in CloudWatch Logs. Its role says what else it calls.
func (s *stack) calls() (services []string) {
	for _, task := range s.ofType("AWS::ECS::TaskDefinition") {
		services = append(services, "ecr.api", "ecr.dkr", "s3")
		for _, c := range listAt(task, "ContainerDefinitions") {
			if textAt(c, "LogConfiguration", "LogDriver") == "awslogs" {
				services = append(services, "logs")
			}
		}
		role := strings.TrimSuffix(strings.TrimPrefix(textAt(task, "TaskRoleArn"), "${"), ".Arn}")
		for _, p := range listAt(s.properties(role), "Policies") {
			for _, st := range listAt(p, "PolicyDocument", "Statement") {
				for _, action := range textsAt(st, "Action") {
					// ECS's agent, which is not in this network, makes this call for the task.
					if action != "ecs:UpdateTaskProtection" {
						service, _, _ := strings.Cut(action, ":")
						services = append(services, service)
					}
				}
			}
		}
	}
	slices.Sort(services)
	return slices.Compact(services)
}

// reference matches what a resolved resource says of another one.
var reference = regexp.MustCompile(`\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}`)

// waitsFor returns the resources that exist before a resource is created: those that it refers to or depends on, and
// those that they wait for.
func (s *stack) waitsFor(name string) map[string]bool {
	seen := map[string]bool{}
	if s.references == nil {
		s.references = map[string][]string{}
	}
	var visit func(string)
	visit = func(name string) {
		if seen[name] || s.resources[name] == nil {
			return
		}
		seen[name] = true
		to, known := s.references[name]
		if !known {
			for _, m := range reference.FindAllStringSubmatch(fmt.Sprint(s.resources[name]), -1) {
				to = append(to, m[1])
			}
			to = append(to, textsAt(s.resources, name, "DependsOn")...)
			slices.Sort(to)
			to = slices.Compact(to)
			s.references[name] = to
		}
		for _, r := range to {
			visit(r)
		}
	}
	visit(name)
	return seen
}

// everyone is every address of IPv4, to which AWS's own addresses belong.
const everyone = "0.0.0.0/0"

// taskNetwork is the network that every task needs: both zones, the rules of the workers, and a way to AWS.
func (s *stack) taskNetwork() object {
	public := "DISABLED"
	if v := s.param("PublicAddresses"); v == "yes" || v == "auto" && s.param("InterfaceEndpoints") != "yes" && s.param("VpcId") == "" {
		public = "ENABLED"
	}
	return object{"AwsvpcConfiguration": object{"AssignPublicIp": public, "Subnets": []any{"${SubnetA}", "${SubnetB}"}, "SecurityGroups": []any{"${WorkerAccess}"}}}
}

// lack reports the properties of a resource that differ from what is needed. It ignores those named in free.
func (s *stack) lack(name string, need object, free ...string) (bad []string) {
	got := maps.Clone(s.properties(name))
	for _, f := range free {
		delete(got, f)
	}
	if s.resources[name] == nil {
		return []string{name + " is missing"}
	}
	if d := cmp.Diff(need, got); d != "" {
		bad = append(bad, fmt.Sprintf("%s: -needed +is\n%s", name, d))
	}
	return bad
}

var networkRules = []rule{
	// A task reaches the internet gateway from both zones, or with InterfaceEndpoints at least S3 and the endpoints.
	{"network routes", func(s *stack) (bad []string) {
		if s.param("VpcId") != "" {
			return nil // the account's own; the rule "existence" reports what is there
		}
		// The private DNS of endpoints needs both.
		bad = append(bad, s.lack("Vpc", object{"CidrBlock": s.param("VpcCidr"), "EnableDnsSupport": true, "EnableDnsHostnames": true}, "Tags")...)
		bad = append(bad, s.lack("InternetAttachment", object{"VpcId": "${Vpc}", "InternetGatewayId": "${Internet}"})...)
		bad = append(bad, s.lack("Routes", object{"VpcId": "${Vpc}"}, "Tags")...)
		bad = append(bad, s.lack("RouteOut", object{"RouteTableId": "${Routes}", "DestinationCidrBlock": everyone, "GatewayId": "${Internet}"})...)
		bad = append(bad, s.lack("RoutesA", object{"SubnetId": "${SubnetA}", "RouteTableId": "${Routes}"})...)
		bad = append(bad, s.lack("RoutesB", object{"SubnetId": "${SubnetB}", "RouteTableId": "${Routes}"})...)
		for name := range s.ofType("AWS::EC2::Route") {
			if name != "RouteOut" {
				bad = append(bad, name+" is another route")
			}
		}
		for _, kind := range []string{"AWS::EC2::NetworkAcl", "AWS::EC2::NetworkAclEntry", "AWS::EC2::SubnetNetworkAclAssociation", "AWS::EC2::NatGateway", "AWS::EC2::SecurityGroupEgress"} {
			for name := range s.ofType(kind) {
				bad = append(bad, name+" changes what the network lets through")
			}
		}
		if !s.waitsFor("RouteOut")["InternetAttachment"] {
			bad = append(bad, "the route does not wait for its gateway")
		}
		return bad
	}},
	// Two zones with a half of the range each: the loss of one leaves half of the workers.
	{"subnets", func(s *stack) (bad []string) {
		if s.param("VpcId") != "" {
			return nil
		}
		seen := map[string]bool{}
		for i, name := range []string{"SubnetA", "SubnetB"} {
			p := s.properties(name)
			zone := s.param([]string{"ZoneA", "ZoneB"}[i])
			if zone == "" {
				zone = fmt.Sprint(object{"Fn::Select": []any{i, object{"Fn::GetAZs": ""}}})
			}
			cidr := fmt.Sprint(object{"Fn::Select": []any{i, object{"Fn::Cidr": []any{s.param("VpcCidr"), 2, 10}}}})
			bad = append(bad, s.lack(name, object{"VpcId": "${Vpc}", "AvailabilityZone": p["AvailabilityZone"], "CidrBlock": p["CidrBlock"]}, "Tags")...)
			if got := fmt.Sprint(p["AvailabilityZone"]); got != zone || seen[got] {
				bad = append(bad, fmt.Sprintf("%s is in the zone %s, want %s", name, got, zone))
			}
			if got := fmt.Sprint(p["CidrBlock"]); got != cidr {
				bad = append(bad, fmt.Sprintf("%s has the range %s, want %s", name, got, cidr))
			}
			seen[zone] = true
		}
		return bad
	}},
	{"firewalls", func(s *stack) (bad []string) {
		https := object{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
		out, in := maps.Clone(https), maps.Clone(https)
		out["CidrIp"], in["SourceSecurityGroupId"] = everyone, "${WorkerAccess}"
		for name, need := range map[string]object{
			"WorkerAccess":   {"VpcId": "${Vpc}", "SecurityGroupEgress": []any{out}},
			"EndpointAccess": {"VpcId": "${Vpc}", "SecurityGroupIngress": []any{in}},
		} {
			if name == "EndpointAccess" && s.param("InterfaceEndpoints") != "yes" {
				continue
			}
			got := s.properties(name)
			for _, side := range []string{"SecurityGroupEgress", "SecurityGroupIngress"} {
				if need[side] == nil && got[side] == nil {
					continue
				}
				if d := cmp.Diff(need[side], withoutDescriptions(got[side])); d != "" {
					bad = append(bad, fmt.Sprintf("%s: -needed +is\n%s", name, d))
				}
			}
			if textAt(got, "VpcId") != "${Vpc}" {
				bad = append(bad, name+" is not in the network")
			}
		}
		return bad
	}},
	// The endpoints of the services that tasks call, in a network without a way to the internet.
	{"endpoints", func(s *stack) (bad []string) {
		private := s.param("InterfaceEndpoints") == "yes"
		need := map[string]bool{}
		for _, service := range s.calls() {
			if service == "cloudfront" {
				continue // AWS has no endpoint for its API: a network without a NAT gateway cannot purge, and an alarm says so
			}
			need[service] = private && service != "s3" || service == "s3" && s.param("VpcId") == ""
		}
		for name, p := range s.ofType("AWS::EC2::VPCEndpoint") {
			service := strings.TrimPrefix(textAt(p, "ServiceName"), "com.amazonaws.us-east-1.")
			if !need[service] {
				bad = append(bad, fmt.Sprintf("%s is for %s, which no task calls, or calls without it", name, service))
			}
			delete(need, service)
			if service == "s3" {
				bad = append(bad, s.lack(name, object{"VpcId": "${Vpc}", "VpcEndpointType": "Gateway", "ServiceName": p["ServiceName"], "RouteTableIds": []any{"${Routes}"}}, "PolicyDocument")...)
				continue
			}
			bad = append(bad, s.lack(name, object{"VpcId": "${Vpc}", "VpcEndpointType": "Interface", "ServiceName": p["ServiceName"], "PrivateDnsEnabled": true,
				"SubnetIds": []any{"${SubnetA}", "${SubnetB}"}, "SecurityGroupIds": []any{"${EndpointAccess}"}})...)
		}
		for service, needed := range need {
			if needed {
				bad = append(bad, "tasks call "+service+", and there is no endpoint")
			}
		}
		return bad
	}},
	// The endpoint of S3 lets through what the roles allow, and the layers of images:
	// https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms
	{"endpoint of S3", func(s *stack) (bad []string) {
		if s.param("VpcId") != "" {
			return nil
		}
		want := []string{"Allow * s3:GetObject arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"}
		for _, role := range []string{"WorkerRole", "OperatorRole"} {
			for action, resources := range permissions[role] {
				for _, r := range resources {
					if strings.HasPrefix(action, "s3:") {
						want = append(want, "Allow * "+action+" "+r)
					}
				}
			}
		}
		slices.Sort(want)
		want = slices.Compact(want)
		got := grants(cfn.Lookup(s.properties("S3Endpoint"), "PolicyDocument"))
		if d := cmp.Diff(want, got); d != "" || textAt(s.properties("S3Endpoint"), "PolicyDocument", "Version") != "2012-10-17" {
			bad = append(bad, "-needed +is\n"+d)
		}
		return bad
	}},
	// A task that starts before the network is complete cannot fetch its image, and enough of those fail the deployment.
	{"tasks wait for the network", func(s *stack) (bad []string) {
		for _, kind := range []string{"AWS::ECS::Service", "AWS::Scheduler::Schedule"} {
			for name := range s.ofType(kind) {
				before := s.waitsFor(name)
				var need []string
				if s.param("VpcId") == "" {
					need = []string{"RouteOut", "RoutesA", "RoutesB"}
				}
				for endpoint := range s.ofType("AWS::EC2::VPCEndpoint") {
					need = append(need, endpoint)
				}
				for _, n := range need {
					if !before[n] {
						bad = append(bad, name+" does not wait for "+n)
					}
				}
			}
		}
		return bad
	}},
}

func withoutDescriptions(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	var out []any
	for _, e := range list {
		m, _ := e.(object)
		m = maps.Clone(m)
		delete(m, "Description")
		out = append(out, m)
	}
	return out
}

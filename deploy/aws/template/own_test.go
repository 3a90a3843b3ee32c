package template

import (
	"fmt"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// ownNames are parameters that name resources of the account, instead of those that the stack would make.
var ownNames = map[string]string{
	"VpcId": "vpc-0a1b", "SubnetIds": "subnet-0a,subnet-0b", "ClusterName": "our-cluster", "UploadsBucketName": "our-uploads", "VariantsBucketName": "our-variants",
	"KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/0a1b", "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/limit",
	"ApiDomain": "api.photos.example", "ApiCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/a",
	"VariantsDomain": "images.photos.example", "BoardDomain": "board.photos.example", "CdnCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/b",
	"WebAclArn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/a/b",
}

// merged returns all parameters of several maps.
func merged(parameters ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, more := range parameters {
		for name, v := range more {
			all[name] = v
		}
	}
	return all
}

// asOwn returns a resolved value in which the resources that parameters name have the names of those that the stack
// would make. So a rule is the same for both.
func asOwn(v any, parameters map[string]string) any {
	exact, within := map[string]string{}, []string{}
	name := func(parameter, resource string) {
		if v := parameters[parameter]; v != "" {
			exact[v] = "${" + resource + "}"
			// The stack does not make this resource, so nothing may refer to it.
			within = append(within, "${"+resource+"}", "no "+resource, "${"+resource+".", "no "+resource+".")
		}
	}
	name("VpcId", "Vpc")
	name("ClusterName", "Cluster")
	name("UploadsBucketName", "UploadsBucket")
	name("VariantsBucketName", "VariantsBucket")
	for i, subnet := range strings.Split(parameters["SubnetIds"], ",") {
		if subnet != "" {
			resource := "${Subnet" + string(rune('A'+i)) + "}"
			exact[subnet] = resource
			within = append(within, resource, "no subnet")
		}
	}
	if v := parameters["SubnetIds"]; v != "" {
		exact[v] = "${SubnetA},${SubnetB}"
	}
	if v := parameters["ClusterName"]; v != "" {
		within = append(within, "arn:aws:ecs:us-east-1:123456789012:cluster/"+v, "${Cluster.Arn}", "service/"+v+"/", "service/${Cluster}/", "task/"+v+"/", "task/${Cluster}/", `"`+v+`"`, `"${Cluster}"`)
	}
	for _, bucket := range []string{"Uploads", "Variants"} {
		if v := parameters[bucket+"BucketName"]; v != "" {
			within = append(within, "arn:aws:s3:::"+v, "${"+bucket+"Bucket.Arn}", v+".s3.us-east-1.amazonaws.com", "${"+bucket+"Bucket.RegionalDomainName}")
		}
	}
	for parameter, distribution := range map[string]string{"VariantsDomain": "Distribution", "BoardDomain": "BoardDistribution"} {
		if v := parameters[parameter]; v != "" {
			within = append(within, "https://"+v, "https://${"+distribution+".DomainName}")
		}
	}
	if len(exact)+len(within) == 0 {
		return v
	}
	return renamed(v, exact, strings.NewReplacer(within...))
}

func renamed(v any, exact map[string]string, within *strings.Replacer) any {
	switch v := v.(type) {
	case object:
		all := object{}
		for key, e := range v {
			all[key] = renamed(e, exact, within)
		}
		return all
	case []any:
		all := make([]any, len(v))
		for i, e := range v {
			all[i] = renamed(e, exact, within)
		}
		return all
	case string:
		if to, ok := exact[v]; ok {
			return to
		}
		return within.Replace(v)
	}
	return v
}

// isMade reports whether the stack makes a resource itself, because the parameter for it is empty.
func isMade(parameter string) func(*stack) bool {
	return func(s *stack) bool { return s.param(parameter) == "" }
}

// isNamed is the opposite of isMade.
func isNamed(parameter string) func(*stack) bool {
	return func(s *stack) bool { return s.param(parameter) != "" }
}

// keyPermissions are the permissions that each role needs for KmsKeyArn, to write and to read. SQS and S3 use the key
// in the name of whoever sends or uploads:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
func (s *stack) keyPermissions() map[string][]string {
	if s.param("KmsKeyArn") == "" {
		return nil
	}
	key := []string{s.param("KmsKeyArn")}
	return map[string][]string{"kms:GenerateDataKey": key, "kms:Decrypt": key}
}

// encrypted returns the encryption of a queue of photos.
func (s *stack) encrypted(queue object) object {
	if key := s.param("KmsKeyArn"); key != "" {
		queue["KmsMasterKeyId"] = key
	} else {
		queue["SqsManagedSseEnabled"] = true
	}
	return queue
}

// withDomain adds to the configuration of a distribution its domain, with the certificate, and the web ACL.
func (s *stack) withDomain(config object, domain string) object {
	if v := s.param(domain); v != "" {
		config["Aliases"] = []any{v}
		config["ViewerCertificate"] = object{"AcmCertificateArn": s.param("CdnCertificateArn"), "SslSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"}
	}
	if v := s.param("WebAclArn"); v != "" {
		config["WebACLId"] = v
	}
	return config
}

// ownRules are about the resources of the account that parameters name.
var ownRules = []rule{
	// Whoever may create roles only with a boundary could not create a stack with a role that lacks it.
	{"permissions boundary", func(s *stack) (bad []string) {
		for name, role := range s.ofType("AWS::IAM::Role") {
			var want any
			if arn := s.param("PermissionsBoundaryArn"); arn != "" {
				want = arn
			}
			if got := role["PermissionsBoundary"]; got != want {
				bad = append(bad, fmt.Sprintf("%s has the boundary %v", name, got))
			}
		}
		return bad
	}},
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-domainname.html
	{"domain of the API", func(s *stack) (bad []string) {
		if s.param("ApiDomain") == "" {
			return nil // the rule "existence" reports what is there
		}
		bad = append(bad, s.lack("ApiDomainName", object{"DomainName": s.param("ApiDomain"),
			"DomainNameConfigurations": []any{object{"CertificateArn": s.param("ApiCertificateArn"), "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}}})...)
		return append(bad, s.lack("ApiDomainMapping", object{"ApiId": "${Api}", "DomainName": "${ApiDomainName}", "Stage": "${ApiStage}"})...)
	}},
	// The template's Rules refuse parameters that need others.
	{"parameters that go together", func(s *stack) (bad []string) {
		equals := func(name, v string) object { return object{"Fn::Equals": []any{object{"Ref": name}, v}} }
		not := func(v any) object { return object{"Fn::Not": []any{v}} }
		and := func(v ...any) object { return object{"Fn::And": v} }
		for name, want := range map[string]struct{ when, then any }{
			"WakingNeedsTheFastScaler": {object{"Fn::Or": []any{equals("MinTasks", "0"), and(equals("MinTasks", ""), equals("Preset", "small"))}}, equals("FastScaler", "yes")},
			"BoardNeedsItsClient":      {equals("PublishBoard", "yes"), not(equals("BoardClientId", ""))},
			"NetworkIsWhole": {nil, object{"Fn::Or": []any{and(equals("VpcId", ""), equals("SubnetIds", "")),
				and(not(equals("VpcId", "")), not(equals("SubnetIds", "")))}}},
			"ApiDomainHasACertificate":   {not(equals("ApiDomain", "")), not(equals("ApiCertificateArn", ""))},
			"CdnDomainsHaveACertificate": {not(and(equals("VariantsDomain", ""), equals("BoardDomain", ""))), not(equals("CdnCertificateArn", ""))},
		} {
			r, _ := s.template.Section("Rules")[name].(object)
			if d := cmp.Diff(want.when, r["RuleCondition"]); d != "" {
				bad = append(bad, name+": "+d)
			}
			if d := cmp.Diff([]any{want.then}, []any{onlyAssertion(r["Assertions"])}); d != "" {
				bad = append(bad, name+": "+d)
			}
		}
		return bad
	}},
}

// onlyAssertion returns the condition of the only assertion of a rule of the template.
func onlyAssertion(assertions any) any {
	if list, ok := assertions.([]any); ok && len(list) == 1 {
		return list[0].(object)["Assert"]
	}
	return assertions
}

// ownMutants are faults in the use of such resources: see mutants.
var ownMutants = map[string][]mutant{
	"permissions boundary": {
		{"a role without", setProperty("ScalerRole", nil, "PermissionsBoundary")},
		{"always", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "HasPermissionsBoundary")},
	},
	"domain of the API": {
		{"old TLS", setProperty("ApiDomainName", "TLS_1_0", "DomainNameConfigurations", 0, "SecurityPolicy")},
		{"another API", setProperty("ApiDomainMapping", ref("TokenFunction"), "ApiId")},
	},
	"parameters that go together": {
		{"a network without subnets", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Rules", "NetworkIsWhole", "Assertions", 0, "Assert")},
		{"a page without a client", setAt(nil, "Rules", "BoardNeedsItsClient")},
	},
	"permissions": {
		{"no key", setAt(object{"Fn::Equals": []any{"a", "b"}}, "Conditions", "HasKmsKey")},
		{"another account's bucket", setAt(object{"Fn::Equals": []any{"a", "a"}}, "Conditions", "MakesUploadsBucket")},
	},
	"endpoints": {
		{"in a network that is not there", setProperty("SqsEndpoint", []any{ref("SubnetA"), ref("SubnetB")}, "SubnetIds")},
	},
	"firewalls": {
		{"in another network", setProperty("WorkerAccess", ref("Vpc"), "VpcId")},
	},
	"services": {
		{"in the stack's cluster", setProperty("WorkerService", ref("Cluster"), "Cluster")},
		{"no address in the stack's own network", setAt(object{"Fn::Equals": []any{ref("PublicAddresses"), "yes"}}, "Conditions", "HasPublicAddresses")},
	},
}

func init() {
	for _, task := range []string{"WorkerTask", "OperatorTask"} {
		for i := range 6 {
			freePlaces = append(freePlaces, freePlace{fmt.Sprintf("%s.Metadata.WaitsFor[%d].Fn::If[2]*", task, i), "what is not there is not waited for"})
		}
		freePlaces = append(freePlaces, freePlace{task + ".Metadata.WaitsFor[4].Fn::If[1].Fn::Join[0]*", "the references count, and not what they make"},
			freePlace{task + ".Metadata.WaitsFor removed", "a rule asks what the tasks wait for"})
	}
	for rule, more := range ownMutants {
		mutants[rule] = append(mutants[rule], more...)
	}
}

package template

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// required are values for the parameters without a default.
var required = map[string]string{"WorkerImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/worker:1", "CodeBucket": "code", "CodeKey": "token.zip",
	"AuthIssuer": "https://issuer.example", "AuthAudience": "darkroom"}

// variations are further parameters. Every rule must hold under each of them.
var variations = map[string]map[string]string{
	"defaults": {},
	"every option on": {"NegotiateFormat": "yes", "CorsOrigins": "https://photos.example", "PublicVariants": "yes", "PublishBoard": "yes", "BoardClientId": "board", "BoardTokenOrigin": "https://tokens.example", "InterfaceEndpoints": "yes", "MinTasks": "0",
		"AlarmEmail": "ops@photos.example", "CollectorImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/collector@sha256:0a1b", "Versioning": "Suspended", "Quotas": `{"board": {"photosPerMinute": 600}}`, "TaskVcpu": "1", "Variants": `[{"name":"a","width":9,"fit":"inside"}]`},
	"every option off": {"NegotiateFormat": "yes", "JwtAuthorizer": "no", "CpuTarget": "90", "AllowForm": "true", "OutcomeEvents": "no", "Sweep": "no", "FastScaler": "no", "TaskVcpu": "8"},
	// Values that differ from the defaults and from each other, so that each must reach its own place.
	"other values": {"Architecture": "X86_64", "WorkerImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/photos@sha256:0a1b", "AuthJwksUrl": "https://keys.example/jwks", "AuthBoardsClaim": "albums", "AuthWriteScope": "w", "AuthReadScope": "r", "AuthAdminScope": "a", "BoardDelete": "owner", "ErasureKey": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", "CorsOrigins": "https://b.example",
		"TokenMinutes": "17", "MaxBytes": "1234567", "MaxPixels": "7654321", "Damaged": "accept", "Keep": "copyright", "AllowedTypes": "image/png", "BoardLimits": `{"a":{"maxBytes":9}}`, "Quotas": `{"subject":{"bytesPerDay":9}}`, "RequireSha256": "true", "PublicUrl": "https://api.example",
		"TokenMemory": "1024", "TokenTimeout": "27", "TokenConcurrency": "0", "WaitConcurrency": "0", "ThrottleRate": "31", "ThrottleBurst": "37", "OldVersionDays": "11", "RemovedDays": "13", "RejectedDays": "17", "QueueDays": "7", "LogDays": "60",
		"VisibilitySeconds": "41", "JobSeconds": "433", "DrainSeconds": "43", "LingerSeconds": "5", "OnDemandBase": "3", "OnDemandWeight": "4", "SpotWeight": "6", "FastScaler": "yes", "FastSeconds": "71",
		"SweepSchedule": "rate(1 day)", "ZoneA": "us-east-1d", "ZoneB": "us-east-1e", "VpcCidr": "10.9.0.0/20", "AlarmEmail": "a@b.example", "OldestMessageSeconds": "321", "TokensPerMinute": "432", "RefusalsPerMinute": "43", "UploadBytesPerDay": "54321",
		"OtlpEndpoint": "https://otlp.example", "LogLevel": "warn", "ContainerInsights": "enhanced", "PublicVariants": "yes", "PriceClass": "PriceClass_200",
		"InterfaceEndpoints": "yes", "CpuTarget": "85", "ScaleOutCooldown": "67", "ScaleInCooldown": "307"},
	"ours":        merged(ownNames, map[string]string{"PublicVariants": "yes", "PublishBoard": "yes", "BoardClientId": "page"}),
	"small":       {"Preset": "small"},
	"burst":       {"PredictiveScaling": "scale", "EarlySuccess": "yes", "Preset": "burst", "MaxTasks": "77", "WaitConcurrency": "0"},
	"private":     {"PredictiveScaling": "forecast", "Preset": "private", "MinTasks": "3", "TokenConcurrency": "11"},
	"our network": {"VpcId": "vpc-1", "SubnetIds": "subnet-1,subnet-2", "PublicAddresses": "yes", "InterfaceEndpoints": "yes", "CorsOrigins": "https://c.example", "CollectorImage": "collector"},
	"our uploads": {"UploadsBucketName": "our-uploads", "ApiDomain": "api.example", "PublicUrl": "https://proxy.example", "PublicAddresses": "no", "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/8"},
	"our variants": {"VariantsBucketName": "our-variants", "ClusterName": "c1", "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/9", "CollectorImage": "collector",
		"PublishBoard": "yes", "BoardClientId": "page", "BoardDomain": "board.example", "CdnCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/c"},
	"board page alone": {"AuthIssuer": "https://id.example/pool/1", "PublishBoard": "yes", "BoardClientId": "page", "PriceClass": "PriceClass_All"},
	"upper limits":     {"WorkerImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/worker:1.zstd", "ImageCompression": "zstd", "CollectorImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/collector:2", "JobSeconds": "max", "VisibilitySeconds": "max", "DrainSeconds": "max", "TokenMinutes": "max", "TokenTimeout": "max", "TokenConcurrency": "5", "WaitConcurrency": "7", "RemovedDays": "min", "QueueDays": "2"},
	"lower limits":     {"CollectorImage": "collector", "JobSeconds": "min", "VisibilitySeconds": "min", "DrainSeconds": "min", "TokenMinutes": "min", "TokenTimeout": "min", "QueueDays": "10"},
}

// object is a mapping; a missing one reads like an empty one.
type object = map[string]any

func listAt(v any, path ...any) []any {
	switch v := cfn.Lookup(v, path...).(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v} // in IAM a single value stands for a list of one
	}
}

func textAt(v any, path ...any) string {
	if v = cfn.Lookup(v, path...); v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func textsAt(v any, path ...any) (all []string) {
	for _, e := range listAt(v, path...) {
		all = append(all, fmt.Sprint(e))
	}
	return all
}

func numberAt(v any, path ...any) float64 {
	n, err := strconv.ParseFloat(strings.TrimRight(textAt(v, path...), "smd"), 64)
	if err != nil {
		return -1 // outside of every range that the rules accept
	}
	return n
}

// stack is a template resolved under one variation.
type stack struct {
	template   *cfn.Template
	parameters map[string]string
	resources  object
	cached     map[string][]query  // result of queries, nil before the first call
	references map[string][]string // what each resource refers to and depends on, by name; filled by waitsFor
}

// ofType iterates over the resources of a type in the order of their names, with their properties.
func (s *stack) ofType(kind string) func(func(string, object) bool) {
	return func(yield func(string, object) bool) {
		for _, name := range slices.Sorted(maps.Keys(s.resources)) {
			if textAt(s.resources, name, "Type") == kind {
				p, _ := cfn.Lookup(s.resources, name, "Properties").(object)
				if !yield(name, p) {
					return
				}
			}
		}
	}
}

// param returns the value of a parameter in this variation.
func (s *stack) param(name string) string {
	v, given := s.parameters[name]
	if !given {
		v = textAt(s.template.Section("Parameters"), name, "Default")
	}
	if v == "" && name != "Preset" {
		v = textAt(s.template.Section("Mappings"), "Presets", s.param("Preset"), name)
	}
	return v
}

func (s *stack) properties(name string) object {
	p, _ := cfn.Lookup(s.resources, name, "Properties").(object)
	return p
}

// env returns the environment variables of a task's first container.
func (s *stack) env(task string) map[string]string {
	env := map[string]string{}
	for _, v := range listAt(s.properties(task), "ContainerDefinitions", 0, "Environment") {
		env[textAt(v, "Name")] = textAt(v, "Value")
	}
	return env
}

func read(t *testing.T, file string) *cfn.Template {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	template, err := cfn.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// resolve resolves a template under a variation. The values "max" and "min" stand for a parameter's own limits.
func resolve(template *cfn.Template, variation map[string]string) (*stack, error) {
	parameters := map[string]string{}
	for name, v := range required {
		if _, ok := template.Section("Parameters")[name]; ok {
			parameters[name] = v
		}
	}
	for name, v := range variation {
		switch v {
		case "max":
			v = textAt(template.Section("Parameters"), name, "MaxValue")
		case "min":
			v = textAt(template.Section("Parameters"), name, "MinValue")
		}
		parameters[name] = v
	}
	resources, err := template.Resolve(parameters)
	if err != nil {
		return nil, err
	}
	resources = asOwn(resources, parameters).(object)
	return &stack{template: template, parameters: parameters, resources: resources}, nil
}

// faults returns what each rule reports under all variations, by the rule's name.
func faults(t *testing.T, template *cfn.Template) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(variations)) {
		s, err := resolve(template, variations[name])
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules {
			for _, f := range r.check(s) {
				all[r.name] = append(all[r.name], name+": "+f)
			}
		}
	}
	return all
}

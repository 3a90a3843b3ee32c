package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// outputs are the outputs that this program reads, and operators with the commands of the README.
var outputs = map[string]string{
	"ApiUrl": "${Api.ApiEndpoint}", "UploadsBucket": "${UploadsBucket}", "VariantsBucket": "${VariantsBucket}", "QueueUrl": "${EventsQueue}", "DeadLetterQueueUrl": "${EventsDeadLetters}",
	"PhotosQueueUrl": "${PhotosQueue}", "PhotosDeadLetterQueueUrl": "${DeadLetters}",
	"Distribution": "https://${Distribution.DomainName}", "Cluster": "${Cluster}", "Service": "${WorkerService.Name}", "OperatorTask": "${OperatorTask}", "Subnets": "${SubnetA},${SubnetB}",
	"SecurityGroup": "${WorkerAccess}", "WorkerLogs": "${WorkerLogs}", "AlarmTopic": "${Alarms}",
	"Dashboard": "https://console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards/dashboard/${Dashboard}",
}

// TestOutputs compares the outputs with what they are for, under every variation.
func TestOutputs(t *testing.T) {
	for name, variation := range variations {
		template := copied(t, read(t, "template.yaml"))
		// Outputs resolve like resources.
		section := template.Section("Outputs")
		for output, v := range section {
			template.Section("Resources")["Output"+output] = v
		}
		s, err := resolve(template, variation)
		if err != nil {
			t.Fatal(err)
		}
		want := maps.Clone(outputs)
		want["PublicIp"] = textAt(s.taskNetwork(), "AwsvpcConfiguration", "AssignPublicIp")
		want["ImageCompression"] = s.param("ImageCompression")
		if s.param("PublicVariants") != "yes" {
			delete(want, "Distribution")
		}
		if s.param("FastScaler") == "yes" {
			want["ScalerTimer"] = "${ScalerTimer}"
		}
		if s.param("PublishBoard") == "yes" {
			want["BoardUrl"], want["BoardBucket"] = "https://${BoardDistribution.DomainName}/", "${BoardBucket}"
			want["BoardConfig"] = fmt.Sprintf(`{"signIn":{"issuer":%q,"clientId":%q,"scope":%q,"resource":%q}}`,
				s.param("AuthIssuer"), s.param("BoardClientId"), s.param("BoardScopes"), s.param("BoardResource"))
		}
		if domain := s.param("ApiDomain"); domain != "" {
			want["ApiUrl"], want["ApiDomainTarget"] = "https://"+domain, "${ApiDomainName.RegionalDomainName}"
		}
		if s.param("PublicVariants") == "yes" {
			want["VariantsDomainTarget"] = "${Distribution.DomainName}"
		}
		if s.param("PublishBoard") == "yes" {
			want["BoardDomainTarget"] = "${BoardDistribution.DomainName}"
		}
		got := map[string]string{}
		for output := range section {
			if v := s.resources["Output"+output]; v != nil {
				got[output] = textAt(v, "Value")
			}
		}
		for output, value := range want {
			if got[output] != value {
				t.Errorf("%s: the output %s is %q, want %q", name, output, got[output], value)
			}
			delete(got, output)
		}
		for output, value := range got {
			t.Errorf("%s: nothing says what the output %s is for: %q", name, output, value)
		}
	}
}

// noticed reports whether any rule reports a template under any variation. What CloudFormation refuses is noticed.
func noticed(template *cfn.Template) bool {
	for _, variation := range variations {
		s, err := resolve(template, variation)
		if err != nil || slices.ContainsFunc(rules, func(r rule) bool { return len(r.check(s)) > 0 }) {
			return true
		}
	}
	return false
}

// TestEachResourceIsNeeded removes each resource in turn, and expects that a rule notices.
func TestEachResourceIsNeeded(t *testing.T) {
	template := copied(t, read(t, "template.yaml"))
	section := template.Section("Resources")
	for _, name := range slices.Sorted(maps.Keys(section)) {
		is := section[name]
		delete(section, name)
		if !noticed(template) {
			t.Errorf("no rule notices that %s is missing", name)
		}
		section[name] = is
	}
}

// TestEachConditionIsAskedFor makes each condition always true, and then always false, and expects that a rule notices.
func TestEachConditionIsAskedFor(t *testing.T) {
	template := copied(t, read(t, "template.yaml"))
	section := template.Section("Conditions")
	for _, name := range slices.Sorted(maps.Keys(section)) {
		is := section[name]
		for always, condition := range map[string]object{"true": {"Fn::Equals": []any{"a", "a"}}, "false": {"Fn::Equals": []any{"a", "b"}}} {
			section[name] = condition
			if !noticed(template) {
				t.Errorf("no rule notices that %s is always %s", name, always)
			}
		}
		section[name] = is
	}
}

// TestParametersHaveSaneDefaults checks that each default is one of the values that the template accepts, and that
// numbers which must be ordered are.
func TestParametersHaveSaneDefaults(t *testing.T) {
	template := read(t, "template.yaml")
	for name, p := range template.Section("Parameters") {
		p := p.(object)
		if v, ok := p["Default"]; ok {
			if err := cfn.CheckValue(p, fmt.Sprint(v)); err != nil {
				t.Errorf("%s: its own default: %v", name, err)
			}
		}
		if p["AllowedValues"] == nil && p["AllowedPattern"] == nil && p["MinLength"] == nil && p["Type"] == "Number" && p["MinValue"] == nil {
			t.Errorf("%s is a number without a least value", name)
		}
		if pattern := textAt(p, "AllowedPattern"); pattern != "" {
			if _, err := regexp.Compile(pattern); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	s, err := resolve(template, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		less, more string
		why        string
	}{
		{"MinTasks", "MaxTasks", "the scaling has no room"},
		{"ThrottleRate", "ThrottleBurst", "a second's requests do not fit into a burst"},
		{"ScaleOutCooldown", "ScaleInCooldown", "workers are removed sooner than added"},
		{"VisibilitySeconds", "JobSeconds", "a message is visible again before its time is over"},
		{"DrainSeconds", "JobSeconds", "a drain outlasts every photo"},
		{"LatencySeconds", "OldestMessageSeconds", "the alarm fires for waits that are acceptable"},
		{"LingerSeconds", "DrainSeconds", "an idle worker is protected for longer than a drain"},
	} {
		if s.number(c.less) >= s.number(c.more) {
			t.Errorf("%s is %s and %s %s: %s", c.less, s.param(c.less), c.more, s.param(c.more), c.why)
		}
	}
	// The defaults publish no photo, lose none, and cost nothing that is not needed.
	for name, want := range map[string]string{"JwtAuthorizer": "yes", "AllowForm": "false", "PublicVariants": "no", "CorsOrigins": "", "Versioning": "Enabled", "FastScaler": "yes", "CpuTarget": "0", "Sweep": "yes",
		"OutcomeEvents": "yes", "Damaged": "reject", "Keep": "", "InterfaceEndpoints": "no", "LogLevel": "info", "ContainerInsights": "disabled", "SecondsPerPhoto": "0.1", "LatencySeconds": "30", "Variants": "", "AuthBoardsClaim": "boards"} {
		if got := s.param(name); got != want {
			t.Errorf("%s is %q by default, want %q", name, got, want)
		}
	}
	for name, most := range map[string]int{"TokenMinutes": 15, "LogDays": 90, "OldVersionDays": 30, "RemovedDays": 30, "RejectedDays": 365, "MaxTasks": 50, "OldestMessageSeconds": 1800, "ScaleOutCooldown": 120} {
		if n := s.number(name); n < 1 || n > most {
			t.Errorf("%s is %d by default, want 1 to %d", name, n, most)
		}
	}
	if s.number("OnDemandBase") < 1 {
		t.Error("by default AWS can take back every worker")
	}
	for name, bad := range map[string]string{"AuthIssuer": "http://issuer.example", "VpcCidr": "10.0.0.0/24", "SweepSchedule": "daily", "AuthAudience": "", "WorkerImage": ""} {
		if p, _ := template.Section("Parameters")[name].(object); cfn.CheckValue(p, bad) == nil {
			t.Errorf("%s accepts %q", name, bad)
		}
	}
	if s.number("OnDemandWeight")+s.number("SpotWeight") == 0 {
		t.Error("both weights are 0")
	}
	if pixels, bytes := s.number("MaxPixels"), s.number("MaxBytes"); pixels < 50_000_000 || bytes < 32<<20 {
		t.Errorf("photos of %d pixels and %d bytes: phones make larger ones", pixels, bytes)
	}
}

// TestArtifacts checks what deployments need from the stack of builds: immutable tags, the newest images, and
// permission for Lambda to fetch the scaler's image.
func TestArtifacts(t *testing.T) {
	s, err := resolve(read(t, "artifacts.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	images := s.properties("Images")
	for _, f := range s.lack("Images", object{"ImageTagMutability": "IMMUTABLE", "ImageScanningConfiguration": object{"ScanOnPush": true}, "EncryptionConfiguration": object{"EncryptionType": "AES256"}},
		"LifecyclePolicy", "RepositoryPolicyText") {
		t.Error(f)
	}
	functions := " if ArnLike aws:SourceArn=arn:aws:lambda:us-east-1:123456789012:function:*"
	want := []string{"Allow lambda.amazonaws.com ecr:BatchGetImage" + functions, "Allow lambda.amazonaws.com ecr:GetDownloadUrlForLayer" + functions}
	if got := grants(images["RepositoryPolicyText"]); !slices.Equal(got, want) {
		t.Errorf("the registry grants %q, want %q", got, want)
	}
	var lifecycle any
	if err := json.Unmarshal([]byte(textAt(images, "LifecyclePolicy", "LifecyclePolicyText")), &lifecycle); err != nil {
		t.Fatal(err)
	}
	selection := object{"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 20.0}
	if got := cfn.Lookup(lifecycle, "rules"); !equal(got, []any{object{"rulePriority": 1.0, "description": "keep the newest", "selection": selection, "action": object{"type": "expire"}}}) {
		t.Errorf("images are removed by %v", got)
	}
	for _, f := range s.lack("Code", object{"LifecycleConfiguration": object{"Rules": []any{object{"Id": "abandoned", "Status": "Enabled", "AbortIncompleteMultipartUpload": object{"DaysAfterInitiation": 1}}}}},
		"PublicAccessBlockConfiguration", "OwnershipControls", "BucketEncryption") {
		t.Error(f) // zips are never removed: a rollback needs an old one
	}
	if got := grants(document(s.properties("CodePolicy"))); !slices.Equal(got, onlyTLS("s3:*", "${Code.Arn}", "${Code.Arn}/*")) {
		t.Errorf("the bucket's policy is %q", got)
	}
	section := s.template.Section("Outputs")
	if textAt(section, "Repository", "Value") != fmt.Sprint(getAtt("Images", "RepositoryUri")) || textAt(section, "CodeBucket", "Value") != fmt.Sprint(ref("Code")) {
		t.Errorf("outputs %v", section)
	}
}

// TestMemoryOfEachSize checks that a worker's container accepts the largest photo by default, at every size of
// TaskVcpu.
func TestMemoryOfEachSize(t *testing.T) {
	template := read(t, "template.yaml")
	sizes := textsAt(template.Section("Parameters"), "TaskVcpu", "AllowedValues")
	if got := slices.Sorted(maps.Keys(cfn.Lookup(template.Section("Mappings"), "Task").(object))); !slices.Equal(got, sizes) {
		t.Errorf("the mapping has the sizes %v, the parameter %v", got, sizes)
	}
	for _, size := range sizes {
		s, err := resolve(template, map[string]string{"TaskVcpu": size})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules {
			if slices.Contains([]string{"size", "tasks", "containers", "variables"}, r.name) {
				for _, f := range r.check(s) {
					t.Errorf("TaskVcpu=%s: %s: %s", size, r.name, f)
				}
			}
		}
	}
	days := textsAt(template.Section("Parameters"), "QueueDays", "AllowedValues")
	for _, d := range days {
		s, err := resolve(template, map[string]string{"QueueDays": d})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules {
			if slices.Contains([]string{"queue properties", "dead letters", "retention"}, r.name) {
				for _, f := range r.check(s) {
					t.Errorf("QueueDays=%s: %s: %s", d, r.name, f)
				}
			}
		}
	}
}

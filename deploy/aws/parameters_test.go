package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// outputs are what operators and this program read of a stack, by the commands of the README.
var outputs = map[string]string{
	"ApiUrl": "${Api.ApiEndpoint}", "UploadsBucket": "${UploadsBucket}", "VariantsBucket": "${VariantsBucket}", "QueueUrl": "${PhotosQueue}", "DeadLetterQueueUrl": "${DeadLetters}",
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
		if s.param("PublicVariants") != "yes" {
			delete(want, "Distribution")
		}
		if s.param("FastScaler") == "yes" {
			want["ScalerTimer"] = "${ScalerTimer}"
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

// TestEachResourceIsNeeded leaves out each resource, and whatever waits for it by name no longer does.
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

// TestEachConditionIsAskedFor makes each condition true, and then false, under every variation.
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

// TestParametersHaveSaneDefaults checks that each default is one of the values that the template accepts, and that numbers which
// must be ordered are.
func TestParametersHaveSaneDefaults(t *testing.T) {
	template := read(t, "template.yaml")
	for name, p := range template.Section("Parameters") {
		p := p.(object)
		if v, ok := p["Default"]; ok {
			if err := checkValue(p, fmt.Sprint(v)); err != nil {
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
	if s.number("OnDemandWeight")+s.number("SpotWeight") == 0 {
		t.Error("both weights are 0")
	}
	if pixels, bytes := s.number("MaxPixels"), s.number("MaxBytes"); pixels < 50_000_000 || bytes < 32<<20 {
		t.Errorf("photos of %d pixels and %d bytes: phones make larger ones", pixels, bytes)
	}
}

// TestMemoryOfEachSize checks that a worker's container accepts the largest photo by default, at every size of TaskVcpu.
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

package template

import (
	"maps"
	"slices"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// rule is a requirement on the template. check returns what violates it, in words.
type rule struct {
	name  string
	check func(*stack) []string
}

var rules = slices.Concat(storageRules, accessRules, grantRules, networkRules, deliveryRules, alarmRules, taskRules, programRules, objectRules, boardRules, knownRules, queueRules, apiRules, workerRules, architectureRules, sweepRules, scalingRules, scalingQueueRules, quotaRules, ownRules, forecastRules, cpuScalingRules, negotiationRules, shapeRules)

func TestTemplateFollowsRules(t *testing.T) {
	for name, found := range faults(t, read(t, "template.yaml")) {
		for _, f := range found {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// TestArtifactsFollowRules checks the rules that apply to every stack.
func TestArtifactsFollowRules(t *testing.T) {
	s, err := resolve(read(t, "artifacts.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if slices.Contains([]string{"buckets", "wildcards", "abandoned uploads"}, r.name) {
			for _, f := range r.check(s) {
				t.Errorf("%s: %s", r.name, f)
			}
		}
	}
}

// reports reports whether a rule finds a fault in a template under any variation.
func reports(t *testing.T, r rule, template *cfn.Template) bool {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(variations)) {
		s, err := resolve(template, variations[name])
		if err != nil {
			t.Fatal(err)
		}
		if len(r.check(s)) > 0 {
			return true
		}
	}
	return false
}

// TestEachRuleCatchesItsMutants adds each fault to a copy of the template. The rule under which the fault is listed
// must report it. Others may too: a fault can take something from several needs.
func TestEachRuleCatchesItsMutants(t *testing.T) {
	changesTemplates(t)
	template := read(t, "template.yaml")
	for _, r := range rules {
		if len(mutants[r.name]) == 0 {
			t.Errorf("rule %s has no mutant", r.name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(mutants)) {
		i := slices.IndexFunc(rules, func(r rule) bool { return r.name == name })
		if i < 0 {
			t.Errorf("%s has mutants, but is not a rule", name)
			continue
		}
		r := rules[i]
		for _, m := range mutants[name] {
			t.Run(name+"/"+m.name, func(t *testing.T) {
				broken := copied(t, template)
				m.edit(broken.Root)
				if !reports(t, r, broken) {
					t.Error("the rule does not report it")
				}
			})
		}
	}
}

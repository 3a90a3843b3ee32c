package main

import (
	"maps"
	"slices"
	"testing"
)

// rule is a requirement on the template. check returns what violates it, in words.
type rule struct {
	name  string
	check func(*stack) []string
}

var rules = slices.Concat(storageRules, accessRules, queueRules, apiRules, workerRules, sweepRules, scalingRules, shapeRules)

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

// TestEachRuleCatchesItsMutants adds each fault to a copy of the template. The rule under which the fault is listed must
// report it, and no other rule may, so a failing rule names the cause.
func TestEachRuleCatchesItsMutants(t *testing.T) {
	template := read(t, "template.yaml")
	for _, r := range rules {
		if len(mutants[r.name]) == 0 {
			t.Errorf("rule %s has no mutant", r.name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(mutants)) {
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.name == name }) {
			t.Errorf("%s has mutants, but is not a rule", name)
		}
		for _, m := range mutants[name] {
			t.Run(name+"/"+m.name, func(t *testing.T) {
				broken := copied(t, template)
				m.edit(broken.Root)
				found := faults(t, broken)
				if len(found[name]) == 0 {
					t.Error("the rule does not report it")
				}
				delete(found, name)
				for other, what := range found {
					t.Errorf("rule %s reports it too: %v", other, what)
				}
			})
		}
	}
}

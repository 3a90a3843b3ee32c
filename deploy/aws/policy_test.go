package main

import (
	"maps"
	"slices"
	"testing"
)

// rule is what the template must keep to. check returns what breaks it, in words.
type rule struct {
	name  string
	check func(*stack) []string
}

var rules = slices.Concat(storageRules, accessRules, queueRules, apiRules, workerRules, scalingRules, shapeRules)

func TestTemplateKeepsTheRules(t *testing.T) {
	for name, found := range faults(t, read(t, "template.yaml")) {
		for _, f := range found {
			t.Errorf("%s: %s", name, f)
		}
	}
}

// TestArtifactsKeepTheRules: of those that are about any stack.
func TestArtifactsKeepTheRules(t *testing.T) {
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

// TestEachRuleCatchesItsMutants makes each fault in a template of its own: the rule that it is listed under must find it, and
// no other may, so that a rule that fails says what is wrong.
func TestEachRuleCatchesItsMutants(t *testing.T) {
	template := read(t, "template.yaml")
	for _, r := range rules {
		if len(mutants[r.name]) == 0 {
			t.Errorf("%s: has no mutant", r.name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(mutants)) {
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.name == name }) {
			t.Errorf("%s: has mutants and is no rule", name)
		}
		for _, m := range mutants[name] {
			t.Run(name+"/"+m.name, func(t *testing.T) {
				broken := copied(t, template)
				m.edit(broken.Root)
				found := faults(t, broken)
				if len(found[name]) == 0 {
					t.Error("is not caught")
				}
				delete(found, name)
				for other, what := range found {
					t.Errorf("%s catches it too: %v", other, what)
				}
			})
		}
	}
}

// Package parameters reads parameters of a template from a command line, and checks them against the template before
// AWS is asked. CloudFormation reports the same faults, but only after the builds.
package parameters

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"darkroom/deploy/testkit/cfn"
)

// Built are the parameters that a deployment sets itself, from what it builds.
var Built = []string{"WorkerImage", "CodeBucket", "CodeKey"}

// Parse reads parameters in the form NAME=VALUE. The value may be empty, and may hold further equals signs.
func Parse(set []string) (map[string]string, error) {
	values := map[string]string{}
	for _, s := range set {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("%q: want NAME=VALUE", s)
		}
		if _, twice := values[name]; twice {
			return nil, fmt.Errorf("%s is given twice", name)
		}
		values[name] = value
	}
	return values, nil
}

// Template is a template with parameters.
type Template struct{ sections *cfn.Template }

// Read reads a template.
func Read(text []byte) (Template, error) {
	t, err := cfn.Parse(text)
	return Template{t}, err
}

// Names returns the names of the parameters, sorted.
func (t Template) Names() []string {
	return slices.Sorted(maps.Keys(t.sections.Section("Parameters")))
}

// Has reports whether the template has a parameter.
func (t Template) Has(name string) bool { return t.sections.Section("Parameters")[name] != nil }

// Retained returns the logical names of the resources that stay in the account when the stack is deleted.
func (t Template) Retained() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(t.sections.Section("Resources"))) {
		policy, _ := cfn.Lookup(t.sections.Section("Resources"), name, "DeletionPolicy").(string)
		if strings.HasPrefix(policy, "Retain") {
			names = append(names, name)
		}
	}
	return names
}

// Values returns a function that returns the value that a parameter will have: the given one, the current one if that
// is not empty, or the template's default. If the value is empty, the preset decides.
func (t Template) Values(given map[string]string, current func(string) string) func(string) string {
	value := t.values(given, current)
	return func(name string) string {
		v := value(name)
		if v == "" {
			if preset := cfn.Lookup(t.sections.Section("Mappings"), "Presets", value("Preset"), name); preset != nil {
				return fmt.Sprint(preset)
			}
		}
		return v
	}
}

// values is [Template.Values] without the presets.
func (t Template) values(given map[string]string, current func(string) string) func(string) string {
	return func(name string) string {
		if v, ok := given[name]; ok {
			return v
		}
		if v := current(name); v != "" {
			return v
		}
		if v := cfn.Lookup(t.sections.Section("Parameters"), name, "Default"); v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}
}

// Missing returns the parameters without a default that have no value, except for those that a deployment builds.
func (t Template) Missing(given map[string]string, current func(string) string) (names []string) {
	for _, name := range t.Names() {
		_, has := given[name]
		if !has && current(name) == "" && cfn.Lookup(t.sections.Section("Parameters"), name, "Default") == nil && !slices.Contains(Built, name) {
			names = append(names, name)
		}
	}
	return names
}

// Check returns the first fault of given parameters. current returns the values that the stack has, "" for none.
func (t Template) Check(given map[string]string, current func(string) string) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		p, known := t.sections.Section("Parameters")[name].(map[string]any)
		if !known {
			return fmt.Errorf("unknown parameter %q: want one of %s", name, strings.Join(t.Names(), ", "))
		}
		if err := cfn.CheckValue(p, given[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return t.checkCombinations(given, t.Values(given, current))
}

// checkCombinations checks parameters that limit each other. It accepts what the stack has if none of them is given.
func (t Template) checkCombinations(given map[string]string, value func(string) string) error {
	anyGiven := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { _, ok := given[name]; return ok })
	}
	number := func(name string) (float64, bool) {
		n, err := strconv.ParseFloat(value(name), 64)
		return n, err == nil
	}
	if anyGiven("MinTasks", "FastScaler", "Preset") && value("MinTasks") == "0" && value("FastScaler") == "no" {
		return errors.New("MinTasks=0 requires FastScaler=yes, which starts the first worker")
	}
	least, known := number("MinTasks")
	most, also := number("MaxTasks")
	if anyGiven("MinTasks", "MaxTasks", "Preset") && known && also && least > most {
		return fmt.Errorf("MinTasks=%g is greater than MaxTasks=%g", least, most)
	}
	onDemand, known := number("OnDemandWeight")
	spot, also := number("SpotWeight")
	if anyGiven("OnDemandWeight", "SpotWeight") && known && also && onDemand == 0 && spot == 0 {
		return errors.New("OnDemandWeight=0 and SpotWeight=0: one of them must be greater than 0, or no task could be placed")
	}
	return nil
}

// RefuseBuilt returns an error if one of the parameters that a deployment builds is given.
func RefuseBuilt(given map[string]string) error {
	for _, name := range Built {
		if value, ok := given[name]; ok {
			return fmt.Errorf("deploy sets %s itself: \"set %s=%s\" takes another build, and \"rollback\" takes that of an earlier deployment", name, name, value)
		}
	}
	return nil
}

package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"darkroom/deploy/testkit/cfn"
)

// made are the parameters that this program gives itself.
var made = []string{"WorkerImage", "CodeBucket", "CodeKey"}

// checkParameters holds what is to be set, as NAME=VALUE, to what the template takes: CloudFormation would say the same, but
// after the builds.
func checkParameters(template []byte, set []string) error {
	t, err := cfn.Parse(template)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, s := range set {
		name, value, ok := strings.Cut(s, "=")
		p, known := t.Section("Parameters")[name].(map[string]any)
		switch {
		case !ok:
			return fmt.Errorf("%q: want NAME=VALUE", s)
		case !known:
			return fmt.Errorf("there is no parameter %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(t.Section("Parameters"))), ", "))
		case slices.Contains(made, name):
			return fmt.Errorf("%s is set to what is built here", name)
		case seen[name]:
			return fmt.Errorf("%s is given twice", name)
		}
		seen[name] = true
		if err := checkValue(p, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func checkValue(p map[string]any, value string) error {
	if allowed, ok := p["AllowedValues"].([]any); ok && !slices.ContainsFunc(allowed, func(a any) bool { return fmt.Sprint(a) == value }) {
		return fmt.Errorf("%q is none of %v", value, allowed)
	}
	if pattern, ok := p["AllowedPattern"].(string); ok {
		re, err := regexp.Compile("^(?:" + pattern + ")$")
		if err != nil {
			return err
		}
		if !re.MatchString(value) {
			return fmt.Errorf("%q does not look like %s", value, pattern)
		}
	}
	if least, ok := p["MinLength"].(int); ok && len(value) < least {
		return fmt.Errorf("%q is too short", value)
	}
	if p["Type"] != "Number" {
		return nil
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return fmt.Errorf("%q is no number", value)
	}
	for name, beyond := range map[string]func(limit float64) bool{"MinValue": func(l float64) bool { return n < l }, "MaxValue": func(l float64) bool { return n > l }} {
		if limit, err := strconv.ParseFloat(fmt.Sprint(p[name]), 64); err == nil && beyond(limit) {
			return fmt.Errorf("%v is beyond %v", value, p[name])
		}
	}
	return nil
}

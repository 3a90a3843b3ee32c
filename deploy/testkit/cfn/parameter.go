package cfn

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// CheckValue returns an error if a parameter of a template, one of the section Parameters, does not accept a value. It
// checks AllowedValues, AllowedPattern with ConstraintDescription, MinLength and, for the type Number, MinValue and
// MaxValue.
func CheckValue(p map[string]any, value string) error {
	if allowed, ok := p["AllowedValues"].([]any); ok && !slices.ContainsFunc(allowed, func(a any) bool { return fmt.Sprint(a) == value }) {
		return fmt.Errorf("%q is not one of %v", value, allowed)
	}
	if pattern, ok := p["AllowedPattern"].(string); ok {
		re, err := regexp.Compile("^(?:" + pattern + ")$")
		if err != nil {
			return err
		}
		if want := p["ConstraintDescription"]; want != nil && !re.MatchString(value) {
			return fmt.Errorf("%q is not %v", value, want)
		}
		if !re.MatchString(value) {
			return fmt.Errorf("%q does not match %s", value, pattern)
		}
	}
	if least, ok := p["MinLength"].(int); ok && len(value) < least {
		return fmt.Errorf("%q is too short: want at least %d characters", value, least)
	}
	if p["Type"] != "Number" {
		return nil
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return fmt.Errorf("%q is not a number", value)
	}
	for name, beyond := range map[string]func(limit float64) bool{"MinValue": func(l float64) bool { return n < l }, "MaxValue": func(l float64) bool { return n > l }} {
		if limit, err := strconv.ParseFloat(fmt.Sprint(p[name]), 64); err == nil && beyond(limit) {
			return fmt.Errorf("%v is out of range: %s is %v", value, name, p[name])
		}
	}
	return nil
}

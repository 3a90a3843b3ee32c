package cfn

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// pseudo are the pseudo parameters of an example stack.
var pseudo = map[string]any{
	"AWS::StackName": "stack-name", "AWS::Region": "us-east-1", "AWS::AccountId": "123456789012", "AWS::Partition": "aws",
	"AWS::StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/stack-name/0a1b2c3d-0000-1111-2222-0123456789ab",
}

// nothing is the value of AWS::NoValue.
type nothing struct{}

// Resolve returns the template's Resources for the given parameters. Other parameters have their defaults. Resources
// whose condition is false are left out. Values that only AWS knows stay as text: ${Resource} for a Ref,
// ${Resource.Attribute} for a GetAtt, and Fn::GetAZs and Fn::Cidr unchanged. An unknown name is an error. If names are
// given, it resolves only the resources with these names.
func (t *Template) Resolve(parameters map[string]string, only ...string) (map[string]any, error) {
	r := &resolver{t: t, values: maps.Clone(pseudo)}
	for name, p := range t.Section("Parameters") {
		if p, ok := p.(map[string]any); ok {
			r.values[name] = p["Default"]
		}
		if v, ok := parameters[name]; ok {
			r.values[name] = v
		}
		if r.values[name] == nil {
			return nil, fmt.Errorf("cfn: the parameter %s has no value", name)
		}
	}
	for name := range parameters {
		if _, ok := t.Section("Parameters")[name]; !ok {
			return nil, fmt.Errorf("cfn: there is no parameter %s", name)
		}
	}
	out := map[string]any{}
	for name, v := range t.Section("Resources") {
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		resource, _ := v.(map[string]any)
		if c, ok := resource["Condition"]; ok && !r.condition(map[string]any{"Condition": c}) {
			continue
		}
		out[name] = r.resolve(v)
	}
	return out, r.err
}

type resolver struct {
	t      *Template
	values map[string]any
	err    error
}

func (r *resolver) fail(format string, args ...any) any {
	if r.err == nil {
		r.err = fmt.Errorf("cfn: "+format, args...)
	}
	return ""
}

func (r *resolver) resolve(v any) any {
	switch v := v.(type) {
	case []any:
		list := []any{}
		for _, e := range v {
			if e = r.resolve(e); e != (nothing{}) {
				list = append(list, e)
			}
		}
		return list
	case map[string]any:
		if len(v) == 1 {
			for name, arg := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return r.call(name, arg)
				}
			}
		}
		m := map[string]any{}
		for k, e := range v {
			if e = r.resolve(e); e != (nothing{}) {
				m[k] = e
			}
		}
		return m
	}
	return v
}

func (r *resolver) ref(name string) any {
	if name == "AWS::NoValue" {
		return nothing{}
	}
	if v, ok := r.values[name]; ok {
		return v
	}
	resource, _, _ := strings.Cut(name, ".")
	if _, ok := r.t.Section("Resources")[resource]; !ok {
		return r.fail("there is no %s", name)
	}
	return "${" + name + "}"
}

func (r *resolver) call(name string, arg any) any {
	if name == "Fn::If" {
		branches, ok := arg.([]any)
		if !ok || len(branches) != 3 {
			return r.fail("Fn::If needs three arguments")
		}
		if r.condition(map[string]any{"Condition": branches[0]}) {
			return r.resolve(branches[1])
		}
		return r.resolve(branches[2])
	}
	arg = r.resolve(arg)
	list, _ := arg.([]any)
	text := func(i int) string {
		if i >= len(list) {
			r.fail("%s has too few arguments", name)
			return ""
		}
		return fmt.Sprint(list[i])
	}
	switch name {
	case "Ref":
		return r.ref(fmt.Sprint(arg))
	case "Fn::GetAtt":
		return r.ref(text(0) + "." + text(1))
	case "Fn::Sub":
		return r.sub(arg)
	case "Fn::FindInMap":
		second, _ := r.t.Section("Mappings")[text(0)].(map[string]any)
		third, _ := second[text(1)].(map[string]any)
		if v, ok := third[text(2)]; ok {
			return v
		}
		return r.fail("there is no %v in the mappings", list)
	case "Fn::Join":
		if len(list) == 2 {
			if parts, ok := list[1].([]any); ok {
				var s []string
				for _, p := range parts {
					s = append(s, fmt.Sprint(p))
				}
				return strings.Join(s, text(0))
			}
			return text(1) // a list parameter with one value
		}
	case "Fn::Split":
		var parts []any
		for s := range strings.SplitSeq(text(1), text(0)) {
			parts = append(parts, s)
		}
		return parts
	case "Fn::Select":
		if len(list) == 2 {
			parts, ok := list[1].([]any)
			i, isInt := list[0].(int)
			if ok && isInt && i < len(parts) {
				return parts[i]
			}
		}
	}
	return map[string]any{name: arg}
}

var variable = regexp.MustCompile(`\$\{([A-Za-z0-9:.]+)\}`)

func (r *resolver) sub(arg any) any {
	text, own := arg, map[string]any{}
	if list, ok := arg.([]any); ok && len(list) == 2 {
		text = list[0]
		own, _ = list[1].(map[string]any)
	}
	return variable.ReplaceAllStringFunc(fmt.Sprint(text), func(s string) string {
		name := s[2 : len(s)-1]
		if v, ok := own[name]; ok {
			return fmt.Sprint(v)
		}
		return fmt.Sprint(r.ref(name))
	})
}

// condition evaluates a condition, or the name of one.
func (r *resolver) condition(v any) bool {
	m, _ := v.(map[string]any)
	for name, arg := range m {
		list, _ := arg.([]any)
		switch {
		case name == "Condition":
			c, ok := r.t.Section("Conditions")[fmt.Sprint(arg)]
			if !ok {
				r.fail("there is no condition %v", arg)
			}
			return ok && r.condition(c)
		case name == "Fn::Equals" && len(list) == 2:
			return fmt.Sprint(r.resolve(list[0])) == fmt.Sprint(r.resolve(list[1]))
		case name == "Fn::Not" && len(list) == 1:
			return !r.condition(list[0])
		case name == "Fn::And" && len(list) >= 2:
			all := true
			for _, c := range list {
				all = r.condition(c) && all
			}
			return all
		case name == "Fn::Or" && len(list) >= 2:
			some := false
			for _, c := range list {
				some = r.condition(c) || some
			}
			return some
		}
	}
	r.fail("the condition %v is unsupported", v)
	return false
}

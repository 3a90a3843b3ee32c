package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// required are the parameters without a default.
var required = map[string]string{"WorkerImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/worker:1", "CodeBucket": "code", "CodeKey": "token.zip",
	"AuthIssuer": "https://issuer.example", "AuthAudience": "darkroom"}

// variations are the parameters under which every rule has to hold, beside those required.
var variations = map[string]map[string]string{
	"by default": {},
	"with all that there is": {"CorsOrigins": "https://photos.example", "PublicVariants": "yes", "InterfaceEndpoints": "yes", "MinTasks": "0", "FastScaler": "yes",
		"AlarmEmail": "ops@photos.example", "CollectorImage": "collector", "Versioning": "Suspended", "TaskVcpu": "1", "Variants": `[{"name":"a","width":9}]`},
	"with the least that there is": {"JwtAuthorizer": "no", "AllowForm": "true", "OutcomeEvents": "no", "TaskVcpu": "8"},
	"at the upper limits":          {"JobSeconds": "max", "VisibilitySeconds": "max", "DrainSeconds": "max", "TokenMinutes": "max", "TokenTimeout": "max", "RemovedDays": "min", "QueueDays": "2"},
	"at the lower limits":          {"JobSeconds": "min", "VisibilitySeconds": "min", "DrainSeconds": "min", "TokenMinutes": "min", "TokenTimeout": "min", "QueueDays": "10"},
}

// object is a mapping; a missing one reads like an empty one.
type object = map[string]any

func listAt(v any, path ...any) []any {
	switch v := cfn.At(v, path...).(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v} // IAM takes one for a list of one
	}
}

func textAt(v any, path ...any) string {
	if v = cfn.At(v, path...); v == nil {
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
		return -1 // is out of every range here
	}
	return n
}

// stack is a template as it comes out under one variation.
type stack struct {
	template   *cfn.Template
	parameters map[string]string
	resources  object
	looked     map[string][]query // once somebody has asked for them
}

// of returns the properties of the resources of a type, by name, in the order of their names.
func (s *stack) of(kind string) func(func(string, object) bool) {
	return func(yield func(string, object) bool) {
		for _, name := range slices.Sorted(maps.Keys(s.resources)) {
			if textAt(s.resources, name, "Type") == kind {
				p, _ := cfn.At(s.resources, name, "Properties").(object)
				if !yield(name, p) {
					return
				}
			}
		}
	}
}

func (s *stack) properties(name string) object {
	p, _ := cfn.At(s.resources, name, "Properties").(object)
	return p
}

// env returns the variables of a container of a task.
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

// resolve works a template out under a variation.
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
	return &stack{template: template, parameters: parameters, resources: resources}, nil
}

// copied is a template of its own, to make a fault in.
func copied(t *testing.T, template *cfn.Template) *cfn.Template {
	t.Helper()
	var root object
	text, err := json.Marshal(template.Root)
	if err != nil {
		t.Fatal(err)
	}
	decode := json.NewDecoder(strings.NewReader(string(text)))
	decode.UseNumber()
	if err := decode.Decode(&root); err != nil {
		t.Fatal(err)
	}
	return &cfn.Template{Root: numbers(root).(object)}
}

// numbers makes of JSON's numbers what cfn has.
func numbers(v any) any {
	switch v := v.(type) {
	case object:
		for k, e := range v {
			v[k] = numbers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = numbers(e)
		}
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	}
	return v
}

// faults returns what each rule finds under all variations, by the rule's name.
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

package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/testkit/cfn"
	"darkroom/deploy/testkit/race"
)

// TestEveryValueIsAskedFor changes the template at every place, in every way below, and expects that a rule notices. So
// every value has a rule, and even a fault of a kind that nobody has thought of is noticed. freePlaces lists the places
// that may change, with the reason.
func TestEveryValueIsAskedFor(t *testing.T) {
	changesTemplates(t)
	template := copied(t, read(t, "template.yaml"))
	w := &watch{template: template, whole: map[string]*stack{}}
	for _, name := range slices.Sorted(maps.Keys(variations)) {
		s, err := resolve(template, variations[name])
		if err != nil {
			t.Fatal(err)
		}
		s.queries()
		for resource := range s.resources {
			s.waitsFor(resource)
		}
		w.whole[name] = s
		for _, r := range rules {
			w.checks = append(w.checks, check{name, r})
		}
	}
	used := map[string]bool{}
	places := 0
	names := slices.Sorted(maps.Keys(template.Section("Resources")))
	for _, resource := range names {
		for _, c := range changes(template.Section("Resources")[resource], resource, template, names) {
			if i := slices.IndexFunc(freePlaces, func(f freePlace) bool { return f.matches(c.path) }); i >= 0 {
				used[freePlaces[i].path] = true
				continue
			}
			places++
			c.apply()
			if !w.notices(resource) {
				t.Errorf("no rule notices %s", c.path)
			}
			c.undo()
		}
	}
	if places < 1500 {
		t.Errorf("changed %d places, want more", places)
	}
	for _, f := range freePlaces {
		if !used[f.path] {
			t.Errorf("freePlaces lists %s, which does not exist", f.path)
		}
	}
}

// check is a rule under a variation.
type check struct {
	variation string
	rule      rule
}

// watch runs the rules on a template that changes in one resource at a time.
type watch struct {
	template *cfn.Template
	whole    map[string]*stack // the unchanged template, by variation
	checks   []check           // the last one that noticed a change comes first: it often notices the next one too
}

// notices reports whether a rule reports the template, of which one resource has changed.
func (w *watch) notices(resource string) bool {
	stacks := map[string]*stack{}
	for i, c := range w.checks {
		s := stacks[c.variation]
		if s == nil {
			before := w.whole[c.variation]
			changed, err := w.template.Resolve(before.parameters, resource)
			if err != nil {
				return true // CloudFormation refuses it
			}
			changed = asOwn(changed, before.parameters).(object)
			s = &stack{template: w.template, parameters: before.parameters, resources: maps.Clone(before.resources), references: maps.Clone(before.references)}
			delete(s.references, resource)
			delete(s.resources, resource)
			maps.Copy(s.resources, changed)
			switch textAt(before.resources, resource, "Type") {
			case "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::ApplicationAutoScaling::ScalingPolicy":
			default:
				s.cached = before.cached
			}
			stacks[c.variation] = s
		}
		if len(c.rule.check(s)) > 0 {
			copy(w.checks[1:i+1], w.checks[:i])
			w.checks[0] = c
			return true
		}
	}
	return false
}

// change is a change of one place of a template.
type change struct {
	path        string // such as "PhotosQueue.Properties.DelaySeconds +1"
	apply, undo func()
}

// changes returns the changes of a value and of all below it: a key removed, an element removed, another key, another
// text, another number, the opposite, and a reference to something else.
func changes(v any, path string, template *cfn.Template, names []string) (all []change) {
	switch v := v.(type) {
	case object:
		if len(v) == 1 {
			for _, call := range []string{"Ref", "Fn::GetAtt"} {
				if arg, ok := v[call]; ok {
					return []change{{path + " other " + call, func() { v[call] = otherReference(arg, template, names) }, func() { v[call] = arg }}}
				}
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			e := v[key]
			if !strings.HasPrefix(key, "Fn::") && key != "Type" && key != "Condition" && key != "DependsOn" {
				all = append(all, change{path + "." + key + " removed", func() { delete(v, key) }, func() { v[key] = e }})
			}
			if key == "Type" || key == "DependsOn" {
				continue // CloudFormation's schemas have the types, and the rules ask what waits for what
			}
			all = append(all, leafChanges(e, path+"."+key, func(to any) { v[key] = to })...)
			all = append(all, changes(e, path+"."+key, template, names)...)
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(v)), func(k string) bool { return strings.HasPrefix(k, "Fn::") }) && strings.Contains(path, ".Properties") && !strings.HasSuffix(path, "Fn::Sub[1]") {
			all = append(all, change{path + " with more", func() { v["More"] = "x" }, func() { delete(v, "More") }})
		}
	case []any:
		for i, e := range v {
			at := fmt.Sprintf("%s[%d]", path, i)
			// Removed: another element takes its place, since a list cannot be made shorter in place.
			if len(v) > 1 && !strings.Contains(path[strings.LastIndexByte(path, '.')+1:], "Fn::") {
				all = append(all, change{at + " removed", func() { v[i] = v[(i+1)%len(v)] }, func() { v[i] = e }})
			}
			all = append(all, leafChanges(e, at, func(to any) { v[i] = to })...)
			all = append(all, changes(e, at, template, names)...)
		}
	}
	return all
}

// leafChanges returns the changes of a value that is neither a mapping nor a list.
func leafChanges(v any, path string, set func(any)) (all []change) {
	add := func(how string, w any) {
		all = append(all, change{path + " " + how, func() { set(w) }, func() { set(v) }})
	}
	switch v := v.(type) {
	case string:
		add("other text", v+"x")
	case bool:
		add("opposite", !v)
	case int:
		add("tenfold", v*10+1)
		add("zero", 0)
		if v == 0 {
			all = all[:len(all)-1]
		}
	case float64:
		add("tenfold", v*10)
	}
	return all
}

// otherReference returns another parameter, another resource, or the same attribute of another resource.
func otherReference(arg any, template *cfn.Template, names []string) any {
	next := func(name string, among []string) string {
		i := slices.Index(among, name)
		return among[(i+1)%len(among)]
	}
	if list, ok := arg.([]any); ok {
		return []any{next(fmt.Sprint(list[0]), names), list[1]}
	}
	name := fmt.Sprint(arg)
	if _, ok := template.Section("Parameters")[name]; ok {
		return next(name, slices.Sorted(maps.Keys(template.Section("Parameters"))))
	}
	if strings.HasPrefix(name, "AWS::") {
		return "AWS::Partition"
	}
	return next(name, names)
}

// freePlace is a place that may change. A path that begins with * matches all paths that contain the rest. A path that
// ends with * matches all that begin with the rest.
type freePlace struct{ path, reason string }

func (f freePlace) matches(path string) bool {
	if end, ok := strings.CutPrefix(f.path, "*"); ok {
		return strings.Contains(path, end)
	}
	start, ok := strings.CutSuffix(f.path, "*")
	return path == f.path || ok && strings.HasPrefix(path, start)
}

var freePlaces = []freePlace{
	{"*.Sid", "a name for people"},
	{"*.Description", "for people"},
	{"*.GroupDescription", "for people"},
	{"*.AlarmDescription", "for people"},
	{"*.DisplayName", "for people"},
	{"*.Label", "for people"},
	{"*.Comment", "for people"},
	{"*.PolicyName", "a name within the role or the stack"},
	{"*.Rules[0].Id", "a name within the bucket"},
	{"*.Rules[1].Id", "a name within the bucket"},
	{"*.Targets[0].Id other", "a name within the rule"},
	{"ApiAuthorizer.Properties.Name*", "a name within the API"},
	{"*AlarmName.Fn::Sub other text", "any name of its own: the rule names"},
	{"*QueueName.Fn::Sub other text", "any name of its own: the rule names"},
	{"SweepGroup.Properties.Name.Fn::Sub other text", "any name of its own: the rule names"},
	{"DistributionAccess.Properties.OriginAccessControlConfig.Name*", "any name of its own"},
	{"NegotiateFunction.Properties.Name*", "any name of its own"},
	{"NegotiatedHeaders.Properties.ResponseHeadersPolicyConfig.Name*", "any name of its own"},
	{"BoardAccess.Properties.OriginAccessControlConfig.Name*", "any name of its own"},
	{"BoardHeaders.Properties.ResponseHeadersPolicyConfig.Name*", "any name of its own"},
	{"Dashboard.Properties.DashboardName.Fn::Sub other text", "any name of its own"},
	{"Vpc.Properties.Tags*", "for people"},
	{"*.EnableECSManagedTags", "for the bill"},
	{"*.PropagateTags", "for the bill"},
	{"*.ReturnData removed", "an expression returns data by default, and the rule one result counts them"},
	{"*.Fn::If[2] other Ref", "another pseudo parameter in place of AWS::NoValue, which CloudFormation's schemas refuse"},
	{"*.Fn::If[1] other Ref", "the same"},
	{"Api.Properties.CorsConfiguration.Fn::If[1].MaxAge tenfold", "how long a browser keeps an answer"},
	{"SweepTimer.Properties.Target.RetryPolicy.MaximumRetryAttempts tenfold", "the age of the event ends the tries first"},
	{"ApiErrorsAlarm.Properties.Metrics[2].Id*", "nothing refers to the result"},
	{"AtMaximumAlarm.Properties.Metrics[4].Id*", "nothing refers to the result"},
	{"BurstAlarm.Properties.Metrics[6].Id*", "nothing refers to the result"},
	{"ScalerAlarm.Properties.Metrics[2].Id*", "nothing refers to the result"},
	{"BacklogScaling.Properties.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics[12].Id*", "nothing refers to the result"},
	{"NoWorkersAlarm.Properties.Metrics[3].Id*", "nothing refers to the result"},
	{"PhotosStrandedAlarm.Properties.Metrics[3].Id*", "nothing refers to the result"},
}

// changesTemplates skips a test under the race detector. It asks every rule about thousands of templates in one
// goroutine, which the race detector makes about ten times slower. Run such tests without it too.
func changesTemplates(t *testing.T) {
	t.Helper()
	if race.Enabled {
		t.Skip("tries thousands of templates, for which the race detector is too slow")
	}
}

package fakecloud

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"darkroom/deploy/testkit/cfn"
)

func (c *Cloud) createChangeSet(k call) (any, error) {
	name := k.option("stack-name")
	s, err := c.find(name)
	create := k.option("change-set-type") == "CREATE"
	switch {
	case create && err != nil:
		id := fmt.Sprintf("arn:aws:cloudformation:%s:123456789012:stack/%s/%d", c.Region, name, len(c.Stacks))
		s = &Stack{ID: id, Name: name, Status: "REVIEW_IN_PROGRESS", Parameters: map[string]string{}, Resources: map[string]any{}, Outputs: map[string]string{}, Sets: map[string]*ChangeSet{}, Changed: c.Clock}
		c.Stacks[id] = s
	case err != nil:
		return nil, err
	case create != (s.Status == "REVIEW_IN_PROGRESS"):
		return nil, refusal{"ValidationError", "Stack " + name + " is in the state " + s.Status + ", so it cannot be changed by " + k.option("change-set-type")}
	case !create && !strings.HasSuffix(s.Status, "_COMPLETE"):
		return nil, refusal{"ValidationError", "Stack:" + s.ID + " is in " + s.Status + " state and can not be updated."}
	}
	text, err := c.template(s, k)
	if err != nil {
		return nil, err
	}
	template, err := cfn.Parse([]byte(text))
	if err != nil {
		return nil, refusal{"ValidationError", "Template format error: " + err.Error()}
	}
	parameters, err := s.parameters(template, k.option("parameters"))
	if err != nil {
		return nil, err
	}
	resources, err := template.Resolve(parameters)
	if err != nil {
		return nil, refusal{"ValidationError", err.Error()}
	}
	set := &ChangeSet{Create: create, Template: text, Parameters: parameters, Resources: normal(resources)}
	set.Changes = compare(s.Resources, set.Resources, template)
	if !create && len(set.Changes) == 0 && reflect.DeepEqual(parameters, s.Parameters) && text == s.Template {
		set.Reason = "The submitted information didn't contain changes. Submit different information to create a change set."
	}
	s.Sets[k.option("change-set-name")] = set
	return object{"Id": "arn:change-set", "StackId": s.ID}, nil
}

// normal returns resources as they are once stored.
func normal(resources map[string]any) (stored map[string]any) {
	text, err := json.Marshal(resources)
	if err == nil {
		err = json.Unmarshal(text, &stored)
	}
	if err != nil {
		panic(err)
	}
	return stored
}

// template returns the template that a call names.
func (c *Cloud) template(s *Stack, k call) (string, error) {
	switch {
	case k.isGiven("use-previous-template"):
		return s.Template, nil
	case k.isGiven("template-body"):
		text, err := os.ReadFile(c.file(strings.TrimPrefix(k.option("template-body"), "file://")))
		if len(text) > 51200 {
			return "", refusal{"ValidationError", "templateBody must have length less than or equal to 51200"}
		}
		return string(text), err
	}
	host, key, _ := strings.Cut(strings.TrimPrefix(k.option("template-url"), "https://"), "/")
	o, ok := c.Objects[strings.TrimSuffix(host, ".s3."+c.Region+".amazonaws.com")][key]
	if !ok {
		return "", refusal{"ValidationError", "S3 error: The specified key does not exist: " + k.option("template-url")}
	}
	return string(o.Content), nil
}

// parameters returns the values of all parameters of a template, from those of a call and of the stack.
func (s *Stack) parameters(template *cfn.Template, given string) (map[string]string, error) {
	var list []struct {
		ParameterKey     string
		ParameterValue   *string
		UsePreviousValue bool
	}
	if given != "" {
		if err := json.Unmarshal([]byte(given), &list); err != nil {
			return nil, fmt.Errorf("--parameters: %w", err)
		}
	}
	values := map[string]string{}
	for _, p := range list {
		was, had := s.Parameters[p.ParameterKey]
		switch {
		case template.Section("Parameters")[p.ParameterKey] == nil:
			return nil, refusal{"ValidationError", "Parameters: [" + p.ParameterKey + "] do not exist in the template"}
		case p.UsePreviousValue && !had:
			return nil, refusal{"ValidationError", "Invalid input for parameter key " + p.ParameterKey + ". Cannot specify usePreviousValue as true for a parameter key not in the previous template"}
		case p.UsePreviousValue:
			values[p.ParameterKey] = was
		default:
			values[p.ParameterKey] = *p.ParameterValue
		}
	}
	var missing []string
	for name, p := range template.Section("Parameters") {
		definition, _ := p.(map[string]any)
		if _, ok := values[name]; !ok {
			if definition["Default"] == nil {
				missing = append(missing, name)
				continue
			}
			values[name] = fmt.Sprint(definition["Default"])
		}
		if err := cfn.CheckValue(definition, values[name]); err != nil {
			return nil, refusal{"ValidationError", "Parameter " + name + ": " + err.Error()}
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return nil, refusal{"ValidationError", fmt.Sprintf("Parameters: %v must have values", missing)}
	}
	return values, nil
}

// set returns a change set of a stack.
func (c *Cloud) set(k call) (*Stack, *ChangeSet, error) {
	s, err := c.find(k.option("stack-name"))
	if err != nil {
		return nil, nil, err
	}
	set, ok := s.Sets[k.option("change-set-name")]
	if !ok {
		return nil, nil, refusal{"ChangeSetNotFound", "ChangeSet [" + k.option("change-set-name") + "] does not exist"}
	}
	return s, set, nil
}

func (c *Cloud) describeChangeSet(k call) (any, error) {
	_, set, err := c.set(k)
	switch {
	case err != nil:
		return nil, err
	case !set.Described || c.Stalled:
		set.Described = true
		return object{"Status": "CREATE_IN_PROGRESS"}, nil
	case set.Reason != "":
		return object{"Status": "FAILED", "StatusReason": set.Reason}, nil
	}
	return object{"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "Changes": set.Changes}, nil
}

func (c *Cloud) deleteChangeSet(k call) (any, error) {
	s, _, err := c.set(k)
	if err == nil {
		delete(s.Sets, k.option("change-set-name"))
	}
	return nil, err
}

// executeChangeSet starts the changes, or their failure.
func (c *Cloud) executeChangeSet(k call) (any, error) {
	s, set, err := c.set(k)
	if err != nil {
		return nil, err
	}
	delete(s.Sets, k.option("change-set-name"))
	verb := "UPDATE"
	if set.Create {
		verb = "CREATE"
	}
	s.happen(Event{Logical: s.Name, Status: verb + "_IN_PROGRESS"}, c.Clock)
	failed := ""
	for _, change := range set.Changes {
		name, _ := cfn.Lookup(change, "ResourceChange", "LogicalResourceId").(string)
		s.Coming = append(s.Coming, Event{Logical: name, Status: verb + "_IN_PROGRESS"})
		if reason := c.Fail[name]; reason != "" {
			failed = name
			s.Coming = append(s.Coming, Event{Logical: name, Status: verb + "_FAILED", Reason: reason})
			break
		}
		s.Coming = append(s.Coming, Event{Logical: name, Status: verb + "_COMPLETE"})
	}
	final := verb + "_COMPLETE"
	switch {
	case failed == "":
	case set.Create:
		final = "ROLLBACK_COMPLETE"
		s.Coming = append(s.Coming, Event{Logical: s.Name, Status: "ROLLBACK_IN_PROGRESS"})
	default:
		final = "UPDATE_ROLLBACK_COMPLETE"
		s.Coming = append(s.Coming, Event{Logical: s.Name, Status: "UPDATE_ROLLBACK_IN_PROGRESS"})
	}
	s.Coming = append(s.Coming, Event{Logical: s.Name, Status: final})
	if failed == "" {
		c.commit(s, set)
	}
	return nil, nil
}

// unknown matches the references that only AWS can resolve.
var unknown = regexp.MustCompile(`\$\{([^}]+)\}`)

// commit makes the changes of a set.
func (c *Cloud) commit(s *Stack, set *ChangeSet) {
	s.Template, s.Parameters, s.Resources, s.Changed = set.Template, set.Parameters, set.Resources, c.Clock
	for name := range s.Resources {
		if cfn.Lookup(s.Resources, name, "Type") == "AWS::S3::Bucket" && c.Objects[s.physical(name)] == nil {
			c.Objects[s.physical(name)] = map[string]Object{}
		}
	}
	template, err := cfn.Parse([]byte(s.Template))
	if err != nil {
		panic(err) // it was parsed before
	}
	// Outputs resolve like resources.
	outputs := template.Section("Outputs")
	names := slices.Sorted(maps.Keys(outputs))
	for i, name := range names {
		template.Section("Resources")["Output"+name] = outputs[name]
		names[i] = "Output" + name
	}
	resolved, err := template.Resolve(s.Parameters, names...)
	if err != nil {
		panic(err)
	}
	s.Outputs = map[string]string{}
	for name, output := range resolved {
		value := fmt.Sprint(cfn.Lookup(output, "Value"))
		for logical := range s.Resources {
			value = strings.ReplaceAll(value, "${"+logical+"}", s.physical(logical))
		}
		value = strings.ReplaceAll(value, "${Images.RepositoryUri}", "123456789012.dkr.ecr."+c.Region+".amazonaws.com/"+s.Name+"-images")
		s.Outputs[strings.TrimPrefix(name, "Output")] = unknown.ReplaceAllString(value, "$1")
	}
}

package fakecloud

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"darkroom/deploy/testkit/cfn"
)

// Stack is a stack with its past events and its next steps.
type Stack struct {
	ID, Name, Status string
	Template         string
	Parameters       map[string]string
	Resources        map[string]any // resolved; key: logical name
	Outputs          map[string]string
	Events           []Event // the newest first
	Coming           []Event // what the next polls show, the next first
	Sets             map[string]*ChangeSet
	Changed          time.Time
}

// Event is an event of a stack.
type Event struct {
	EventID   string `json:"EventId"`
	StackID   string `json:"StackId"`
	Logical   string `json:"LogicalResourceId"`
	Physical  string `json:"PhysicalResourceId"`
	Type      string `json:"ResourceType"`
	Status    string `json:"ResourceStatus"`
	Reason    string `json:"ResourceStatusReason"`
	Timestamp time.Time
}

// ChangeSet is a change set. Its first description is not complete.
type ChangeSet struct {
	Create, Described bool
	Reason            string // why it failed, "" if it did not
	Changes           []object
	Template          string
	Parameters        map[string]string
	Resources         map[string]any
}

// find returns a stack by its name or ARN. A deleted one is found only by its ARN.
func (c *Cloud) find(name string) (*Stack, error) {
	for _, s := range c.Stacks {
		if s.ID == name || s.Name == name && s.Status != "DELETE_COMPLETE" {
			return s, nil
		}
	}
	return nil, refusal{"ValidationError", "Stack with id " + name + " does not exist"}
}

func (c *Cloud) describeStacks(k call) (any, error) {
	s, err := c.find(k.option("stack-name"))
	if err != nil {
		return nil, err
	}
	var parameters, outputs []object
	for _, name := range slices.Sorted(maps.Keys(s.Parameters)) {
		parameters = append(parameters, object{"ParameterKey": name, "ParameterValue": s.Parameters[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Outputs)) {
		outputs = append(outputs, object{"OutputKey": name, "OutputValue": s.Outputs[name]})
	}
	return object{"Stacks": []object{{"StackId": s.ID, "StackStatus": s.Status, "CreationTime": s.Changed, "Parameters": parameters, "Outputs": outputs}}}, nil
}

func (c *Cloud) getTemplate(k call) (any, error) {
	s, err := c.find(k.option("stack-name"))
	if err != nil {
		return nil, err
	}
	return object{"TemplateBody": s.Template, "StagesAvailable": []string{"Original", "Processed"}}, nil
}

func (c *Cloud) listResources(k call) (any, error) {
	s, err := c.find(k.option("stack-name"))
	if err != nil {
		return nil, err
	}
	return object{"StackResourceSummaries": s.list()}, nil
}

func (c *Cloud) describeResources(k call) (any, error) {
	s, err := c.find(k.option("stack-name"))
	if err != nil {
		return nil, err
	}
	return object{"StackResources": s.list()}, nil
}

func (s *Stack) list() (all []object) {
	for _, name := range slices.Sorted(maps.Keys(s.Resources)) {
		all = append(all, object{"LogicalResourceId": name, "PhysicalResourceId": s.physical(name), "ResourceType": cfn.Lookup(s.Resources, name, "Type"), "ResourceStatus": "CREATE_COMPLETE"})
	}
	return all
}

// physical returns the name of a resource in the account.
func (s *Stack) physical(logical string) string {
	switch kind, _ := cfn.Lookup(s.Resources, logical, "Type").(string); kind {
	case "AWS::S3::Bucket":
		return strings.ToLower(s.Name + "-" + logical)
	case "AWS::SQS::Queue":
		return "https://sqs.example/" + s.Name + "/" + logical
	case "AWS::CloudWatch::Alarm":
		name, _ := cfn.Lookup(s.Resources, logical, "Properties", "AlarmName").(string)
		return strings.Replace(name, "stack-name", s.Name, 1)
	}
	return s.Name + "-" + logical
}

// describeEvents returns the events so far. Each call lets a few more happen.
func (c *Cloud) describeEvents(k call) (any, error) {
	s, err := c.find(k.option("stack-name"))
	if err != nil {
		return nil, err
	}
	const atOnce = 50
	for range min(atOnce, len(s.Coming)) {
		if c.Stalled {
			break
		}
		e := s.Coming[0]
		s.Coming = s.Coming[1:]
		s.happen(e, c.Clock)
	}
	return object{"StackEvents": s.Events}, nil
}

func (s *Stack) happen(e Event, at time.Time) {
	e.EventID, e.StackID, e.Timestamp = fmt.Sprint(len(s.Events)+1), s.ID, at
	if e.Logical == s.Name {
		s.Status, e.Physical, e.Type = e.Status, s.ID, "AWS::CloudFormation::Stack"
	} else {
		e.Physical = s.physical(e.Logical)
	}
	s.Events = append([]Event{e}, s.Events...)
}

func (c *Cloud) deleteStack(k call) (any, error) {
	s, err := c.find(k.option("stack-name"))
	if err != nil {
		return nil, nil // no error: the real one answers the same
	}
	if s.Status == "REVIEW_IN_PROGRESS" || len(s.Resources) == 0 {
		s.Status = "DELETE_COMPLETE"
		return nil, nil
	}
	s.happen(Event{Logical: s.Name, Status: "DELETE_IN_PROGRESS"}, c.Clock)
	s.Coming = nil
	template, err := cfn.Parse([]byte(s.Template))
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(s.Resources)) {
		policy, _ := cfn.Lookup(template.Section("Resources"), name, "DeletionPolicy").(string)
		bucket := s.physical(name)
		switch {
		case strings.HasPrefix(policy, "Retain"):
			s.Coming = append(s.Coming, Event{Logical: name, Status: "DELETE_SKIPPED"})
		case c.Objects[bucket] != nil:
			delete(c.Objects, bucket)
			fallthrough
		default:
			s.Coming = append(s.Coming, Event{Logical: name, Status: "DELETE_COMPLETE"})
		}
	}
	s.Coming = append(s.Coming, Event{Logical: s.Name, Status: "DELETE_COMPLETE"})
	return nil, nil
}

// wait waits until a stack is deleted.
func (c *Cloud) wait(k call) (any, error) {
	for _, s := range c.Stacks {
		if s.Name != k.option("stack-name") {
			continue
		}
		for _, e := range s.Coming {
			s.happen(e, c.Clock)
		}
		s.Coming = nil
	}
	if _, err := c.find(k.option("stack-name")); err == nil {
		return nil, refusal{"Waiter", "StackDeleteComplete failed"}
	}
	return nil, nil
}

// replaced are the types that a change of a property replaces: of the named property, or of any if none is named.
var replaced = map[string]string{"AWS::ECS::TaskDefinition": "", "AWS::SQS::Queue": "QueueName", "AWS::S3::Bucket": "BucketName", "AWS::EC2::Subnet": "AvailabilityZone", "AWS::EC2::VPC": "CidrBlock", "AWS::SecretsManager::Secret": "Name"}

// compare returns the changes from one set of resources to another.
func compare(before, after map[string]any, template *cfn.Template) (changes []object) {
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		kind := cfn.Lookup(names, name, "Type")
		change := object{"LogicalResourceId": name, "ResourceType": kind, "PhysicalResourceId": strings.ToLower(name)}
		policy, _ := cfn.Lookup(template.Section("Resources"), name, "UpdateReplacePolicy").(string)
		removal, _ := cfn.Lookup(before, name, "DeletionPolicy").(string)
		switch {
		case before[name] == nil:
			change["Action"] = "Add"
		case after[name] == nil:
			change["Action"], change["PolicyAction"] = "Remove", "Delete"
			if strings.HasPrefix(removal, "Retain") {
				change["PolicyAction"] = "Retain"
			}
		case reflect.DeepEqual(before[name], after[name]):
			continue
		default:
			var details []object
			change["Action"], change["Replacement"] = "Modify", "False"
			was, _ := cfn.Lookup(before, name, "Properties").(map[string]any)
			is, _ := cfn.Lookup(after, name, "Properties").(map[string]any)
			both := maps.Clone(was)
			maps.Copy(both, is)
			for _, property := range slices.Sorted(maps.Keys(both)) {
				if reflect.DeepEqual(was[property], is[property]) {
					continue
				}
				details = append(details, object{"Target": object{"Attribute": "Properties", "Name": property}})
				if only, ok := replaced[kind.(string)]; ok && (only == "" || only == property) {
					change["Replacement"], change["PolicyAction"] = "True", "ReplaceAndDelete"
					if strings.HasPrefix(policy, "Retain") {
						change["PolicyAction"] = "ReplaceAndRetain"
					}
				}
			}
			change["Details"] = details
		}
		changes = append(changes, object{"Type": "Resource", "ResourceChange": change})
	}
	return changes
}

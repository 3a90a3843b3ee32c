// Package stack reads, changes and deletes CloudFormation stacks.
//
// A change goes in three steps. [Client.Propose] has CloudFormation work out what would change, as a change set, and
// changes nothing. [ChangeSet.Print] prints it in plain words, and warns of what would be lost. [ChangeSet.Apply] makes
// the changes and follows them to their end, or [ChangeSet.Discard] forgets them.
//
// A call that is interrupted before Apply leaves nothing behind. After that CloudFormation goes on by itself, and the
// error says how to watch it and how to cancel it.
package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"darkroom/deploy/aws/internal/awscli"
)

// Client works on stacks of one account and region.
type Client struct {
	awscli.CLI
	Poll time.Duration // pause between two polls of work in progress
}

// Stack is a stack as CloudFormation describes it. An empty status means that there is none.
type Stack struct {
	ID         string // ARN
	Name       string
	Status     string
	Reason     string    // why it has this status, often ""
	Changed    time.Time // last update, or the creation
	Parameters map[string]string
	Outputs    map[string]string
}

// Completed reports whether the stack has ever been deployed.
func (s Stack) Completed() bool {
	switch s.Status {
	case "", "REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_IN_PROGRESS", "DELETE_FAILED", "DELETE_COMPLETE":
		return false
	}
	return true
}

// Current returns the value that a parameter has now, or "" if the stack never completed.
func (s Stack) Current(parameter string) string {
	if !s.Completed() {
		return ""
	}
	return s.Parameters[parameter]
}

// Output returns an output, or an error if the stack does not have it.
func (s Stack) Output(name string) (string, error) {
	if s.Outputs[name] == "" {
		return "", fmt.Errorf("the stack %s has no output %s", s.Name, name)
	}
	return s.Outputs[name], nil
}

// Describe reads a stack. One that does not exist has no status. In a dry run no stack exists.
func (c Client) Describe(ctx context.Context, name string) (Stack, error) {
	var out struct {
		Stacks []struct {
			StackID           string `json:"StackId"`
			StackStatus       string
			StackStatusReason string
			CreationTime      time.Time
			LastUpdatedTime   time.Time
			Parameters        []struct{ ParameterKey, ParameterValue string }
			Outputs           []struct{ OutputKey, OutputValue string }
		}
	}
	s := Stack{Name: name, Parameters: map[string]string{}, Outputs: map[string]string{}}
	err := c.Ask(ctx, &out, "cloudformation", "describe-stacks", "--stack-name", name)
	if err != nil && strings.Contains(err.Error(), "does not exist") {
		return s, nil
	}
	if err != nil || c.Dry {
		return s, err
	}
	if len(out.Stacks) != 1 {
		return s, fmt.Errorf("CloudFormation describes %d stacks of the name %s", len(out.Stacks), name)
	}
	is := out.Stacks[0]
	s.ID, s.Status, s.Reason, s.Changed = is.StackID, is.StackStatus, is.StackStatusReason, is.CreationTime
	if is.LastUpdatedTime.After(s.Changed) {
		s.Changed = is.LastUpdatedTime
	}
	for _, p := range is.Parameters {
		s.Parameters[p.ParameterKey] = p.ParameterValue
	}
	for _, o := range is.Outputs {
		s.Outputs[o.OutputKey] = o.OutputValue
	}
	return s, nil
}

// Deployed reads a stack. It returns an error if the stack does not exist or never completed.
func (c Client) Deployed(ctx context.Context, name string) (Stack, error) {
	s, err := c.Describe(ctx, name)
	switch {
	case err != nil || c.Dry:
		return s, err
	case s.Status == "":
		return s, c.NotFound(name)
	case !s.Completed():
		return s, fmt.Errorf("the stack %s is in the state %s: the command deploy says what to do", name, s.Status)
	}
	return s, nil
}

// NotFound returns the error for a stack that does not exist, which says what to do.
func (c Client) NotFound(name string) error {
	return fmt.Errorf("there is no stack %s in %s: --stack and --region name another, and the command deploy creates this one", name, c.Region)
}

// Template returns the template that a stack was made with.
func (c Client) Template(ctx context.Context, name string) ([]byte, error) {
	var out struct{ TemplateBody json.RawMessage }
	if err := c.Ask(ctx, &out, "cloudformation", "get-template", "--stack-name", name, "--template-stage", "Original"); err != nil || c.Dry {
		return nil, err
	}
	var text string
	if json.Unmarshal(out.TemplateBody, &text) == nil {
		return []byte(text), nil // YAML comes as a string
	}
	if len(out.TemplateBody) == 0 {
		return nil, fmt.Errorf("CloudFormation has no template of the stack %s", name)
	}
	return out.TemplateBody, nil
}

// Resource is a resource of a stack.
type Resource struct {
	Logical  string `json:"LogicalResourceId"`
	Physical string `json:"PhysicalResourceId"` // name, ARN or id, depending on the type
	Type     string `json:"ResourceType"`
	Status   string `json:"ResourceStatus"`
}

// Resources lists the resources of a stack.
func (c Client) Resources(ctx context.Context, name string) ([]Resource, error) {
	var out struct{ StackResourceSummaries []Resource }
	err := c.Ask(ctx, &out, "cloudformation", "list-stack-resources", "--stack-name", name)
	return out.StackResourceSummaries, err
}

// busy returns an error if the stack cannot be changed now.
func (s Stack) busy() error {
	switch {
	case s.Status == "UPDATE_ROLLBACK_FAILED":
		return fmt.Errorf("the stack %s is in the state %s: repair what its events name, then run aws cloudformation continue-update-rollback --stack-name %s", s.Name, s.Status, s.Name)
	case s.Status != "REVIEW_IN_PROGRESS" && strings.HasSuffix(s.Status, "_IN_PROGRESS"):
		return fmt.Errorf("the stack %s is in the state %s: wait until that has ended", s.Name, s.Status)
	}
	return nil
}

// ErrNoChanges says that a change set would change nothing.
var ErrNoChanges = errors.New("nothing would change")

package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"darkroom/worker/wait"
)

// Proposal describes what a stack is to become.
type Proposal struct {
	Stack       Stack             // the stack today; without a status, it is created
	TemplateURL string            // https URL of a template in S3, "" for the template that the stack has
	Body        string            // or a file with the template, at most 51,200 bytes
	Set         map[string]string // parameters with a new value
	Keep        []string          // parameters that keep the value that the stack has
}

// ChangeSet is what CloudFormation would do.
type ChangeSet struct {
	Stack   string // name
	Create  bool   // the stack does not exist yet
	Changes []Change

	client Client
	id     string // name of the change set
}

// parameter is a parameter for CloudFormation.
type parameter struct {
	ParameterKey     string
	ParameterValue   *string `json:",omitempty"`
	UsePreviousValue bool    `json:",omitempty"`
}

// parameters returns the parameters of a proposal as CloudFormation reads them.
func (p Proposal) parameters() (string, error) {
	all := []parameter{}
	for _, name := range slices.Sorted(maps.Keys(p.Set)) {
		value := p.Set[name]
		all = append(all, parameter{ParameterKey: name, ParameterValue: &value})
	}
	for _, name := range slices.Sorted(slices.Values(p.Keep)) {
		if _, set := p.Set[name]; !set {
			all = append(all, parameter{ParameterKey: name, UsePreviousValue: true})
		}
	}
	text, err := json.Marshal(all)
	return string(text), err
}

// Propose has CloudFormation work out what would change. It returns [ErrNoChanges] if that is nothing. In a dry run,
// the change set is empty.
func (c Client) Propose(ctx context.Context, p Proposal) (*ChangeSet, error) {
	if err := p.Stack.busy(); err != nil {
		return nil, err
	}
	set := &ChangeSet{Stack: p.Stack.Name, Create: p.Stack.Status == "" || p.Stack.Status == "REVIEW_IN_PROGRESS", client: c, id: "darkroom-" + time.Now().UTC().Format("20060102-150405")}
	kind := "UPDATE"
	if set.Create && !c.Dry {
		kind = "CREATE"
	}
	template := []string{"--use-previous-template"}
	switch {
	case p.TemplateURL != "":
		template = []string{"--template-url", p.TemplateURL}
	case p.Body != "":
		template = []string{"--template-body", "file://" + p.Body}
	}
	parameters, err := p.parameters()
	if err != nil {
		return nil, err
	}
	if c.Dry {
		c.Printf("# of the type CREATE if there is no stack yet\n")
	}
	create := append([]string{"cloudformation", "create-change-set", "--stack-name", p.Stack.Name, "--change-set-name", set.id, "--change-set-type", kind}, template...)
	create = append(create, "--capabilities", "CAPABILITY_IAM", "--parameters", parameters)
	if _, err := c.Quietly(ctx, c.Command(create...)); err != nil {
		return nil, errors.Join(err, set.discardInterrupted(ctx))
	}
	if err := set.wait(ctx); err != nil {
		return nil, errors.Join(err, set.Discard(ctx))
	}
	return set, nil
}

// discardInterrupted discards a change set whose creation was interrupted, because it may exist.
func (c *ChangeSet) discardInterrupted(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return c.Discard(ctx)
}

// wait polls until CloudFormation has worked out the changes.
func (c *ChangeSet) wait(ctx context.Context) error {
	for {
		var out struct {
			Status, StatusReason string
			Changes              []struct{ ResourceChange Change }
		}
		if err := c.client.Ask(ctx, &out, "cloudformation", "describe-change-set", "--stack-name", c.Stack, "--change-set-name", c.id); err != nil || c.client.Dry {
			return err
		}
		switch out.Status {
		case "CREATE_COMPLETE":
			for _, ch := range out.Changes {
				c.Changes = append(c.Changes, ch.ResourceChange)
			}
			return nil
		case "FAILED":
			// https://github.com/aws/aws-cli/blob/v2/awscli/customizations/cloudformation/deployer.py knows the same
			// two texts.
			if strings.Contains(out.StatusReason, "didn't contain changes") || strings.Contains(out.StatusReason, "No updates are to be performed") {
				return ErrNoChanges
			}
			return fmt.Errorf("CloudFormation refuses the change of the stack %s: %s", c.Stack, out.StatusReason)
		}
		if err := wait.For(ctx, c.client.Poll); err != nil {
			return err
		}
	}
}

// discardTime is how long Discard may take, also after an interrupt.
const discardTime = 30 * time.Second

// Discard forgets the changes. It works after ctx has ended too. A stack that the change set would have created is
// removed, since it is an empty shell.
func (c *ChangeSet) Discard(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardTime)
	defer cancel()
	if c.Create {
		_, err := c.client.Quietly(ctx, c.client.Command("cloudformation", "delete-stack", "--stack-name", c.Stack))
		return err
	}
	_, err := c.client.Quietly(ctx, c.client.Command("cloudformation", "delete-change-set", "--stack-name", c.Stack, "--change-set-name", c.id))
	return err
}

// Apply makes the changes and follows them until they are made or rolled back.
func (c *ChangeSet) Apply(ctx context.Context) error {
	w, err := c.client.watch(ctx, c.Stack)
	if err != nil {
		return errors.Join(err, c.Discard(ctx))
	}
	if err := c.client.Do(ctx, "cloudformation", "execute-change-set", "--stack-name", c.Stack, "--change-set-name", c.id); err != nil {
		if ctx.Err() != nil {
			return c.withNextSteps(fmt.Errorf("interrupted while the changes were started, so they may be under way"))
		}
		return err
	}
	if c.client.Dry {
		c.client.Printf("# follow the events of the stack %s until it is complete\n", c.Stack)
		return nil
	}
	status, err := w.follow(ctx)
	switch {
	case ctx.Err() != nil:
		return c.withNextSteps(errors.New("interrupted, but CloudFormation goes on"))
	case err != nil:
		return c.withNextSteps(fmt.Errorf("the events of the stack %s cannot be read: %w", c.Stack, err))
	case status != "CREATE_COMPLETE" && status != "UPDATE_COMPLETE":
		return fmt.Errorf("the stack %s is in the state %s%s", c.Stack, status, w.causes())
	}
	return nil
}

// withNextSteps adds to an error how to watch and how to cancel the change, which CloudFormation continues by itself.
func (c *ChangeSet) withNextSteps(err error) error {
	cancel := "aws --region %s cloudformation cancel-update-stack --stack-name %s"
	if c.Create {
		cancel = "aws --region %s cloudformation delete-stack --stack-name %s"
	}
	return fmt.Errorf("%w\n  watch it:  go run ./deploy/aws status --watch --region %s --stack %s\n  cancel it: %s", err, c.client.Region, c.Stack, fmt.Sprintf(cancel, c.client.Region, c.Stack))
}

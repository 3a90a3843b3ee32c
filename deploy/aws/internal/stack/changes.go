package stack

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"darkroom/worker/plural"
)

// Change is what a change set does to a resource.
type Change struct {
	Action       string // Add, Modify, Remove, Import or Dynamic
	PolicyAction string // what a removal or replacement does to the old resource: Delete, Retain, ReplaceAndRetain, ... or ""
	Logical      string `json:"LogicalResourceId"`
	Physical     string `json:"PhysicalResourceId"`
	Type         string `json:"ResourceType"`
	Replacement  string // only with Modify: True, False or Conditional
	Details      []struct {
		Target struct {
			Attribute string // Properties, Tags, Metadata and so on
			Name      string // name of a property
		}
		CausingEntity string // parameter or resource that the change comes from
	}
}

// data are the types whose resources hold something that a new one does not have.
var data = map[string]string{
	"AWS::S3::Bucket":             "its objects",
	"AWS::SQS::Queue":             "the messages in it",
	"AWS::DynamoDB::Table":        "its items",
	"AWS::Logs::LogGroup":         "its log",
	"AWS::SecretsManager::Secret": "the secret, and with it the ids that it signed",
	"AWS::KMS::Key":               "the key, and with it all that it encrypted",
	"AWS::ECR::Repository":        "its images",
}

// retained reports whether the old resource stays in the account.
func (c Change) retained() bool { return strings.HasSuffix(c.PolicyAction, "Retain") }

// Loss returns what the change loses, or "". A resource that may be replaced counts as replaced.
func (c Change) Loss() string {
	what, ok := data[c.Type]
	replaced := c.Action == "Modify" && (c.Replacement == "True" || c.Replacement == "Conditional") || c.Action == "Dynamic"
	switch {
	case !ok:
		return ""
	case c.Action == "Remove" && c.retained():
		return fmt.Sprintf("%s leaves the stack: %s stays in the account with %s, and nothing uses it any more", c.Logical, c.Physical, what)
	case c.Action == "Remove":
		return fmt.Sprintf("%s is deleted with %s", c.Logical, what)
	case replaced && c.retained():
		return fmt.Sprintf("%s is replaced by an empty one: %s stays in the account with %s, and nothing uses it any more", c.Logical, c.Physical, what)
	case replaced && c.Replacement == "True":
		return fmt.Sprintf("%s is replaced by an empty one and deleted with %s", c.Logical, what)
	case replaced:
		return fmt.Sprintf("%s may be replaced by an empty one and deleted with %s", c.Logical, what)
	}
	return ""
}

// verb says what happens to the resource.
func (c Change) verb() string {
	switch {
	case c.Action == "Add":
		return "create"
	case c.Action == "Import":
		return "import"
	case c.Action == "Remove" && c.retained():
		return "let go"
	case c.Action == "Remove":
		return "delete"
	case c.Action == "Dynamic":
		return "may change"
	case c.Replacement == "True":
		return "replace"
	case c.Replacement == "Conditional":
		return "may replace"
	}
	return "change"
}

// properties returns what changes in the resource, each with the parameters or resources that it comes from.
func (c Change) properties() string {
	var order []string
	causes := map[string][]string{}
	for _, d := range c.Details {
		name := cmp.Or(d.Target.Name, strings.ToLower(d.Target.Attribute))
		if _, seen := causes[name]; !seen {
			order = append(order, name)
			causes[name] = nil
		}
		if d.CausingEntity != "" && !slices.Contains(causes[name], d.CausingEntity) {
			causes[name] = append(causes[name], d.CausingEntity)
		}
	}
	for i, name := range order {
		if from := causes[name]; len(from) > 0 {
			order[i] = name + " (from " + strings.Join(from, ", ") + ")"
		}
	}
	return strings.Join(order, ", ")
}

// Print writes the changes in plain words, and what they would lose. The creation of a whole stack is a count.
func (c *ChangeSet) Print(out io.Writer) {
	if c.Create {
		fmt.Fprintf(out, "The stack %s will be created, with %s.\n", c.Stack, plural.Count(len(c.Changes), "resource"))
		return
	}
	if len(c.Changes) == 0 {
		fmt.Fprintf(out, "The stack %s changes, but none of its resources: only its outputs, its parameters or its rules.\n", c.Stack)
		return
	}
	fmt.Fprintf(out, "%s of the stack %s:\n", plural.Count(len(c.Changes), "change"), c.Stack)
	for _, ch := range c.Changes {
		line := fmt.Sprintf("  %-12s %s, %s", ch.verb(), ch.Logical, ch.Type)
		if p := ch.properties(); p != "" {
			line += ": " + p
		}
		fmt.Fprintln(out, line)
	}
	for _, loss := range c.Losses() {
		fmt.Fprintf(out, "WARNING: %s\n", loss)
	}
}

// Losses returns what the changes would lose, one text for each resource.
func (c *ChangeSet) Losses() (all []string) {
	for _, ch := range c.Changes {
		if loss := ch.Loss(); loss != "" {
			all = append(all, loss)
		}
	}
	return all
}

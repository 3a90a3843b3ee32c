package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"darkroom/deploy/testkit/cfn"
)

type checkCommand struct {
	Target     stackFlags `embed:""`
	Parameters []string   `arg:"" optional:"" sep:"none" name:"NAME=VALUE" help:"Parameters of the template that you are going to deploy with."`
}

// Run is the command check.
func (c *checkCommand) Run(ctx context.Context) error {
	root, text, err := readTemplate(ctx, c.Parameters)
	if err != nil {
		return err
	}
	sh := &shell{dir: root, out: os.Stdout}
	a, found, err := c.Target.readiness(ctx, sh, text, c.Parameters)
	if err != nil {
		return err
	}
	if fatal := report(os.Stdout, found); fatal > 0 {
		return errors.New("the account is not ready; a deployment creates missing roles itself")
	}
	fmt.Printf("account %s is ready in %s\n", a.id, c.Target.Region)
	return nil
}

// readiness inspects the account and returns what it lacks for a deployment with the given parameters.
func (f stackFlags) readiness(ctx context.Context, sh *shell, template []byte, set []string) (*account, []finding, error) {
	a, err := f.inspect(ctx, sh)
	if err != nil {
		return nil, nil, err
	}
	existing, err := f.describe(ctx, sh, f.Stack)
	if err != nil || sh.dry {
		return a, nil, err
	}
	value, err := values(template, set, existing)
	if err != nil {
		return nil, nil, err
	}
	return a, a.assess(wanted{stack: existing, value: value}), nil
}

// values returns a function that tells the value that a parameter will have: the given one, that of the existing stack, or the
// template's default.
func values(template []byte, set []string, existing existingStack) (func(string) string, error) {
	t, err := cfn.Parse(template)
	if err != nil {
		return nil, err
	}
	given := map[string]string{}
	for _, s := range set {
		name, v, _ := strings.Cut(s, "=")
		given[name] = v
	}
	return func(name string) string {
		if v, ok := given[name]; ok {
			return v
		}
		if v, ok := existing.parameters[name]; ok && existing.completed() {
			return v
		}
		if v := cfn.Lookup(t.Section("Parameters"), name, "Default"); v != nil {
			return fmt.Sprint(v)
		}
		return ""
	}, nil
}

// report prints findings and returns how many are fatal.
func report(out io.Writer, found []finding) (fatal int) {
	for _, f := range found {
		kind := "warning"
		if f.fatal {
			kind = "missing"
			fatal++
		}
		fmt.Fprintf(out, "%s: %s\n    %s\n", kind, f.what, f.todo)
		if f.fix != nil {
			fmt.Fprintf(out, "    aws %s\n", quote(f.fix))
		}
	}
	return fatal
}

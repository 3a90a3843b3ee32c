package main

import (
	"context"
	"errors"
	"os"

	"darkroom/deploy/aws/internal/consent"
	"darkroom/deploy/aws/internal/deployment"
	"darkroom/deploy/aws/internal/parameters"
	"darkroom/deploy/aws/internal/removal"
)

type setCommand struct {
	Target     stackFlags  `embed:""`
	Change     changeFlags `embed:""`
	Parameters []string    `arg:"" sep:"none" name:"NAME=VALUE" help:"Parameters of the stack's template, with their new values. All others keep theirs."`
	Yes        bool        `short:"y" help:"Make the changes without asking."`
}

// Help is shown by --help.
func (*setCommand) Help() string {
	return `Nothing of the working tree is deployed: the stack keeps its builds and its template. WorkerImage, CodeBucket and CodeKey take builds that exist already.`
}

// Run changes the parameters.
func (c *setCommand) Run(ctx context.Context) error {
	given, err := parameters.Parse(c.Parameters)
	if err != nil {
		return err
	}
	return c.Target.operate("", c.Change.Poll, c.Yes, func(o deployment.Operator) error { return o.Set(ctx, given) })
}

type rollbackCommand struct {
	Target   stackFlags  `embed:""`
	Change   changeFlags `embed:""`
	Revision string      `arg:"" optional:"" help:"Revision to go back to, or the beginning of its name. Without one, the revisions are listed."`
	List     bool        `help:"List the revisions that can be deployed again."`
	Yes      bool        `short:"y" help:"Make the changes without asking."`
}

// Help is shown by --help.
func (*rollbackCommand) Help() string {
	return `It restores the worker's image, the API, the template and the board page, and keeps the parameters that the stack has. It shows what would change, and asks. Photos and manifests stay as they are.`
}

// Run rolls back, or lists the revisions.
func (c *rollbackCommand) Run(ctx context.Context) error {
	if c.List && c.Revision != "" {
		return errors.New("--list takes no revision")
	}
	return c.Target.operate("", c.Change.Poll, c.Yes, func(o deployment.Operator) error {
		if c.Revision == "" {
			return o.PrintRevisions(ctx)
		}
		return o.Rollback(ctx, c.Revision)
	})
}

type destroyCommand struct {
	Target     stackFlags  `embed:""`
	Change     changeFlags `embed:""`
	KeepBuilds bool        `help:"Keep the registry and the bucket of the builds, with the revisions."`
	Confirm    string      `placeholder:"NAME" help:"Name of the stack, for scripts. Without it, you must type the name."`
}

// Validate returns an error if the stack holds a system's builds.
func (c *destroyCommand) Validate() error { return c.Target.checkSystem() }

// Help is shown by --help.
func (*destroyCommand) Help() string {
	return `It lists what it deletes and what stays, and asks you to type the name of the stack. The buckets with the photos and their variants always stay.`
}

// Run deletes the system.
func (c *destroyCommand) Run(ctx context.Context) error {
	client, err := c.Target.client("", os.Stdout)
	if err != nil {
		return err
	}
	client.Poll = c.Change.Poll
	return withFolder(func(work string) error {
		return removal.Remover{Client: client, Name: c.Target.Stack, Work: work, KeepBuilds: c.KeepBuilds, Confirmed: c.Confirm,
			Asker: consent.Asker{In: os.Stdin, Out: os.Stdout}}.Destroy(ctx)
	})
}

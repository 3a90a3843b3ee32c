package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"darkroom/deploy/aws/internal/account"
	"darkroom/deploy/aws/internal/build"
	"darkroom/deploy/aws/internal/deployment"
	"darkroom/deploy/aws/internal/parameters"
)

type deployCommand struct {
	Target     stackFlags  `embed:""`
	Change     changeFlags `embed:""`
	Parameters []string    `arg:"" optional:"" sep:"none" name:"NAME=VALUE" help:"Parameters of the template, described there. A parameter that you leave out keeps its value. In a new stack, it gets its default."`
	AllowDirty bool        `help:"Deploy a working tree with uncommitted changes. Its revision is the commit with -dirty."`
	BuildArgs  []string    `name:"build-arg" sep:"none" placeholder:"NAME=VALUE" help:"Build argument of the worker's image: BASE or GOLANG, to take a base image from a mirror. May be repeated."`
	Ask        bool        `help:"Always ask before making the changes, even if they lose no data."`
	Yes        bool        `short:"y" help:"Make the changes without asking, even if they lose data."`
	SkipCheck  bool        `help:"Deploy without checking the account first."`
}

// Validate returns an error if the stack holds a system's builds.
func (c *deployCommand) Validate() error { return c.Target.checkSystem() }

// Help is shown by --help.
func (*deployCommand) Help() string {
	return `Run it again to deploy a new build. What did not change is neither built nor uploaded nor replaced. It prints the changes and makes them; it asks only if they would lose data. It needs the go command, git, docker with buildx, and aws (version 2) with credentials. The first deployment requires AuthIssuer and AuthAudience.`
}

// Run deploys as the flags say.
func (c *deployCommand) Run(ctx context.Context) error {
	given, err := parameters.Parse(c.Parameters)
	if err != nil {
		return err
	}
	if c.Ask && c.Yes {
		return errors.New("--ask and --yes contradict each other")
	}
	root, err := repository(ctx)
	if err != nil {
		return err
	}
	text, artifacts, err := deployment.ReadTemplates(root)
	if err != nil {
		return err
	}
	return c.Target.operate(root, c.Change.Poll, c.Yes, func(o deployment.Operator) error {
		source, err := build.ReadSource(ctx, o.Shell, c.AllowDirty)
		if err != nil {
			return err
		}
		return o.Deploy(ctx, deployment.Deployment{Given: given, Template: text, Artifacts: artifacts, Source: source, BuildArgs: c.BuildArgs, SkipCheck: c.SkipCheck, Ask: c.Ask})
	}, "docker", "git", "go")
}

type checkCommand struct {
	Target     stackFlags `embed:""`
	Parameters []string   `arg:"" optional:"" sep:"none" name:"NAME=VALUE" help:"Parameters of the template that you are going to deploy with."`
}

// Run checks the account and the region.
func (c *checkCommand) Run(ctx context.Context) error {
	given, err := parameters.Parse(c.Parameters)
	if err != nil {
		return err
	}
	root, err := repository(ctx)
	if err != nil {
		return err
	}
	text, _, err := deployment.ReadTemplates(root)
	if err != nil {
		return err
	}
	template, err := parameters.Read(text)
	if err != nil {
		return err
	}
	client, err := c.Target.client(root, os.Stdout)
	if err != nil {
		return err
	}
	existing, err := client.Describe(ctx, c.Target.Stack)
	if err != nil {
		return err
	}
	if err := template.Check(given, existing.Current); err != nil {
		return err
	}
	a, err := account.Inspect(ctx, client.CLI)
	if err != nil || c.Target.DryRun {
		return err
	}
	if account.Report(os.Stdout, a.Assess(account.Wanted{Value: template.Values(given, existing.Current), Current: existing.Current})) > 0 {
		return errors.New("the account is not ready; a deployment creates missing roles itself")
	}
	fmt.Printf("account %s is ready in %s\n", a.ID, c.Target.Region)
	return nil
}

type inputsCommand struct {
	Architecture string   `default:"ARM64" placeholder:"NAME" help:"Processors that the image is for: ARM64 or X86_64."`
	BuildArgs    []string `name:"build-arg" sep:"none" placeholder:"NAME=VALUE" help:"Build argument of the worker's image, as for deploy. May be repeated."`
	DryRun       bool     `help:"Print the commands without running them."`
}

// Help is shown by --help.
func (*inputsCommand) Help() string {
	return `It asks docker for the digests of the base images. The tag of the image is the first 16 digits of the SHA-256 of what it prints: go run ./deploy/aws inputs | sha256sum | cut -c 1-16`
}

// Run prints the inputs.
func (c *inputsCommand) Run(ctx context.Context) error {
	goarch, err := build.GOARCH(c.Architecture)
	if err != nil {
		return err
	}
	root, err := repository(ctx)
	if err != nil {
		return err
	}
	client, err := stackFlags{DryRun: c.DryRun}.client(root, os.Stdout, "docker")
	if err != nil {
		return err
	}
	inputs, err := build.Builder{CLI: client.CLI, GOARCH: goarch, Args: c.BuildArgs}.CurrentInputs(ctx)
	if err != nil {
		return err
	}
	fmt.Print(inputs)
	return nil
}

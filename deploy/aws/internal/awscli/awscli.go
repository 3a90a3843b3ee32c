// Package awscli runs commands of the AWS CLI, version 2, in one region. The CLI holds the credentials.
//
// A command is given as its service, its operation and its arguments, without the region and the format of the answer.
// The policy of a deployer is derived from these calls, so service and operation are always literals.
package awscli

import (
	"context"
	"slices"

	"darkroom/deploy/aws/internal/shell"
)

// CLI is the AWS CLI in a region.
type CLI struct {
	*shell.Shell
	Region string
}

// Command returns the command line of a call that answers with JSON.
func (c CLI) Command(args ...string) []string {
	return slices.Concat([]string{"aws", "--region", c.Region}, args, []string{"--output", "json"})
}

// Ask makes a call that only reads, and decodes its answer into out. The error has what AWS says.
func (c CLI) Ask(ctx context.Context, out any, args ...string) error {
	return c.Query(ctx, out, c.Command(args...))
}

// Do makes a call that changes something. It prints the command.
func (c CLI) Do(ctx context.Context, args ...string) error {
	return c.Run(ctx, c.Command(args...))
}

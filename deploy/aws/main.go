// Command aws puts Darkroom on AWS, and new builds and settings after that. Run it from within the repository:
//
//	go run ./deploy/aws AuthIssuer=https://issuer.example AuthAudience=darkroom
//
// It deploys artifacts.yaml, builds the worker's image and the token Lambda's zip from this source, uploads both, and
// deploys template.yaml with them. Parameters of the template are its arguments; those that are not given stay as they
// are. It does nothing itself but calls docker and aws, which have the credentials: --dry-run prints the calls.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"darkroom/worker/process"
)

const description = `Puts Darkroom on AWS, and new builds and settings after that: builds, uploads, and deploys deploy/aws/template.yaml.

Needs the go command, git, docker with buildx, and aws (version 2) with credentials. The first time AuthIssuer and AuthAudience must be given; deploy/aws/README.md has the rest.`

type commandLine struct {
	Version    kong.VersionFlag `help:"Print the version and exit."`
	Parameters []string         `arg:"" optional:"" sep:"none" name:"NAME=VALUE" help:"Parameters of the template, which describes them. Those that are not given stay as they are, or have their default."`
	Stack      string           `default:"darkroom" placeholder:"NAME" help:"Name of the stack: a to z, 0 to 9 and hyphen, at most 40. Another name is another system."`
	Artifacts  string           `default:"darkroom-artifacts" placeholder:"NAME" help:"Name of the stack for builds, which systems can share."`
	Region     string           `required:"" env:"AWS_REGION" placeholder:"REGION" help:"Where to."`
	Tag        string           `placeholder:"TAG" help:"Tag of the image, which must be new. Default: the time."`
	DryRun     bool             `help:"Print the commands and run none."`
}

func main() {
	var cl commandLine
	process.Main(&cl, "aws", description)
}

// stackName is what S3 takes as the beginning of a bucket's name, and leaves room for the rest of it.
var stackName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// Run is what the program does, given its flags.
func (c *commandLine) Run(ctx context.Context) error {
	for _, name := range []string{c.Stack, c.Artifacts} {
		if !stackName.MatchString(name) {
			return fmt.Errorf("stack %q: want a to z, 0 to 9 and hyphen, a letter first, at most 40", name)
		}
	}
	root, err := repository(ctx)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(root, "deploy/aws/template.yaml"))
	if err != nil {
		return err
	}
	if err := checkParameters(text, c.Parameters); err != nil {
		return err
	}
	if c.Tag == "" {
		c.Tag = time.Now().UTC().Format("20060102-150405")
	}
	if !c.DryRun {
		for _, name := range []string{"docker", "aws"} {
			if _, err := exec.LookPath(name); err != nil {
				return fmt.Errorf("needs %s: %w", name, err)
			}
		}
	}
	work, err := os.MkdirTemp("", "darkroom-aws-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	d := deployment{commandLine: c, work: work, shell: &shell{dir: root, dry: c.DryRun, out: os.Stdout}}
	return d.run(ctx)
}

// repository returns the folder with go.mod, which the sources are in.
func repository(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "darkroom").Output()
	if err != nil {
		return "", fmt.Errorf("run it from within the repository: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

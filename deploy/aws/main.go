// Command aws deploys Darkroom to AWS, and later deploys new builds and settings. Run it inside the repository:
//
//	go run ./deploy/aws AuthIssuer=https://issuer.example AuthAudience=darkroom
//	go run ./deploy/aws check                      whether the account is ready
//	go run ./deploy/aws cost --photos 1e6          what a month costs
//	go run ./deploy/aws doctor                     what only a deployed stack can tell
//
// Without a command it deploys: it checks the account, deploys artifacts.yaml, builds the worker's image and the token
// Lambda's zip from this source, uploads both, deploys template.yaml with them, and uploads the board page if the stack has
// one. Its arguments are parameters of the template. A parameter that is not given keeps its value. The program only runs
// docker and aws, which hold the credentials; --dry-run prints the commands.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"darkroom/worker/process"
)

const description = `Deploys Darkroom to AWS. Without a command it deploys; "go run ./deploy/aws deploy --help" lists the flags. See deploy/aws/README.md.`

// programName is how the help calls the program. Its own name would be that of the AWS CLI, which has a command deploy too.
var programName = kong.Name("go run ./deploy/aws")

type commandLine struct {
	Version kong.VersionFlag `help:"Print the version and exit."`
	Deploy  deployCommand    `cmd:"" default:"withargs" help:"Build the programs, upload them, and deploy deploy/aws/template/template.yaml. This is the default command."`
	Check   checkCommand     `cmd:"" help:"Check whether the account and the region are ready for a deployment. It changes nothing."`
	Cost    costCommand      `cmd:"" help:"Print what a month costs."`
	Doctor  doctorCommand    `cmd:"" help:"Examine a deployed stack, and print what only a real account can tell. It changes nothing."`
}

func main() {
	var cl commandLine
	process.Main(&cl, "aws", description, programName)
}

// stackFlags name the system.
type stackFlags struct {
	Stack  string `default:"darkroom" placeholder:"NAME" help:"Name of the stack: at most 40 characters, a to z, 0 to 9 and hyphen. Another name deploys another system."`
	Region string `required:"" env:"AWS_REGION,AWS_DEFAULT_REGION" placeholder:"REGION" help:"Region to deploy to."`
}

// stackName matches names that can begin the name of an S3 bucket, and leave room for the rest of it.
var stackName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// Validate reports a name that no stack of this system can have.
func (f stackFlags) Validate() error {
	if !stackName.MatchString(f.Stack) {
		return fmt.Errorf("stack name %q: want at most 40 characters, a to z, 0 to 9 and hyphen, a letter first", f.Stack)
	}
	return nil
}

// aws returns the command line of a call of the AWS CLI that answers with JSON.
func (f stackFlags) aws(args ...string) []string {
	return append(append([]string{"aws", "--region", f.Region}, args...), "--output", "json")
}

type deployCommand struct {
	Target     stackFlags `embed:""`
	Parameters []string   `arg:"" optional:"" sep:"none" name:"NAME=VALUE" help:"Parameters of the template, described there. A parameter that you leave out keeps its value. In a new stack, it gets its default."`
	Artifacts  string     `placeholder:"NAME" help:"Name of the stack that stores the builds of this system. Default: the name of the stack, with -artifacts."`
	Tag        string     `placeholder:"TAG" help:"Tag for the image, which must be new. Default: the current time."`
	SkipCheck  bool       `help:"Deploy without checking the account first."`
	DryRun     bool       `help:"Print the commands without running them."`
}

// Help is shown by --help.
func (*deployCommand) Help() string {
	return `Run it again to deploy a new build or other settings. It needs the go command, git, docker with buildx, and aws (version 2) with credentials. The first deployment requires AuthIssuer and AuthAudience.`
}

// Run deploys as the flags say.
func (c *deployCommand) Run(ctx context.Context) error {
	root, text, err := readTemplate(ctx, c.Parameters)
	if err != nil {
		return err
	}
	if c.Tag == "" {
		c.Tag = time.Now().UTC().Format("20060102-150405")
	}
	if !c.DryRun {
		for _, name := range []string{"docker", "aws"} {
			if _, err := exec.LookPath(name); err != nil {
				return fmt.Errorf("%s is required: %w", name, err)
			}
		}
	}
	work, err := os.MkdirTemp("", "darkroom-aws-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	d := deployment{deployCommand: c, template: text, work: work, shell: &shell{dir: root, dry: c.DryRun, out: os.Stdout}}
	return d.run(ctx)
}

// repository returns the root folder of the sources, which holds go.mod.
func repository(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "darkroom").Output()
	if err != nil {
		return "", fmt.Errorf("not inside the repository: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

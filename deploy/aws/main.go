// Command aws deploys Darkroom to AWS and operates it there. Run it inside the repository:
//
//	go run ./deploy/aws deploy AuthIssuer=https://issuer.example AuthAudience=darkroom
//	go run ./deploy/aws set MaxTasks=50            change parameters, without a build
//	go run ./deploy/aws rollback --list            what ran before
//	go run ./deploy/aws status                     how the system is
//
// Parameters are those of the template. One that is not given keeps its value. The program only runs aws, docker, git
// and go: the first two hold the credentials. Each command with --dry-run prints what it would run, and runs nothing.
//
// A command that fails exits with status 1, and a command line that cannot be understood with status 2.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"darkroom/deploy/aws/internal/awscli"
	"darkroom/deploy/aws/internal/consent"
	"darkroom/deploy/aws/internal/deployment"
	"darkroom/deploy/aws/internal/shell"
	"darkroom/deploy/aws/internal/stack"
	"darkroom/worker/process"
)

const description = `Deploys Darkroom to AWS, and operates it there. See deploy/aws/README.md.`

// programName is how the help calls the program. Its own name would be that of the AWS CLI, which has a command deploy
// too.
var programName = kong.Name("go run ./deploy/aws")

type commandLine struct {
	Version  kong.VersionFlag `help:"Print the version and exit."`
	Deploy   deployCommand    `cmd:"" help:"Build what changed, upload it, and deploy it with the template of the working tree."`
	Set      setCommand       `cmd:"" help:"Change parameters of a stack. It builds nothing, shows what would change, and asks."`
	Rollback rollbackCommand  `cmd:"" help:"Go back to the builds and the template of an earlier deployment."`
	Status   statusCommand    `cmd:"" help:"Print the state of a system. It changes nothing."`
	Logs     logsCommand      `cmd:"" help:"Print the logs of a system."`
	Destroy  destroyCommand   `cmd:"" help:"Delete a system. The buckets with the photos stay."`
	Check    checkCommand     `cmd:"" help:"Check whether the account and the region are ready for a deployment. It changes nothing."`
	Doctor   doctorCommand    `cmd:"" help:"Examine a deployed stack, and print what only a real account can tell. It changes nothing."`
	Inputs   inputsCommand    `cmd:"" help:"Print what goes into the worker's image. The tag of the image is the digest of it."`
	Cost     costCommand      `cmd:"" help:"Print what a month costs."`
}

func main() {
	switch commandless := withoutCommand(os.Args[1:]); {
	case len(os.Args) == 1:
		os.Args = append(os.Args, "--help")
	case commandless != "":
		fmt.Fprintf(os.Stderr, "go run ./deploy/aws: error: %s needs a command: \"set %s\" changes parameters of a stack and builds nothing, \"deploy %s\" also deploys the working tree\n",
			commandless, commandless, commandless)
		os.Exit(2)
	}
	var cl commandLine
	process.Main(&cl, "aws", description, programName)
}

// withoutCommand returns the parameters on a command line that has no command, as earlier releases took them.
func withoutCommand(args []string) string {
	var given []string
	for _, a := range args {
		name, _, isParameter := strings.Cut(a, "=")
		switch {
		case strings.HasPrefix(a, "-"):
		case isParameter && parameterName.MatchString(name):
			given = append(given, shell.Quote([]string{a}))
		case len(given) == 0 && commandName.MatchString(a):
			return ""
		}
	}
	return strings.Join(given, " ")
}

var (
	parameterName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	commandName   = regexp.MustCompile(`^(deploy|set|rollback|status|logs|destroy|check|doctor|inputs|cost)$`)
)

// stackFlags name the system.
type stackFlags struct {
	Stack  string `default:"darkroom" placeholder:"NAME" help:"Name of the stack: at most 40 characters, a to z, 0 to 9 and hyphen. Another name is another system."`
	Region string `required:"" env:"AWS_REGION,AWS_DEFAULT_REGION" placeholder:"REGION" help:"Region of the system."`
	DryRun bool   `help:"Print the commands without running them."`
	Show   bool   `name:"show-calls" help:"Also print the commands that only read."`
}

// stackName matches names that can begin the name of an S3 bucket, and leave room for the rest of it.
var stackName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// Validate reports the first setting that cannot be used.
func (f stackFlags) Validate() error {
	if !stackName.MatchString(f.Stack) {
		return fmt.Errorf("stack name %q: want at most 40 characters, a to z, 0 to 9 and hyphen, a letter first", f.Stack)
	}
	if f.Region == "" {
		return errors.New("--region is empty: want a region such as eu-central-1")
	}
	return nil
}

// checkSystem returns an error if the name is that of a stack with a system's builds. The command set may change such a
// stack, but commands for a whole system would delete or replace the builds in use.
func (f stackFlags) checkSystem() error {
	if system, builds := strings.CutSuffix(f.Stack, deployment.Artifacts("")); builds {
		return fmt.Errorf("stack name %q: this stack holds the builds of the system %q: want the name of a system", f.Stack, system)
	}
	return nil
}

// changeFlags are the flags of commands that change a stack.
type changeFlags struct {
	Poll time.Duration `default:"3s" placeholder:"DURATION" help:"Pause between two polls of the progress of a change."`
}

// Validate returns an error if the pause is negative.
func (f changeFlags) Validate() error {
	if f.Poll < 0 {
		return fmt.Errorf("--poll %v: want 0 or more", f.Poll)
	}
	return nil
}

// client returns a client of AWS that prints to out. It returns an error if aws or one of programs is not installed,
// except in a dry run.
func (f stackFlags) client(dir string, out io.Writer, programs ...string) (stack.Client, error) {
	for _, name := range append(programs, "aws") {
		if _, err := exec.LookPath(name); err != nil && !f.DryRun {
			return stack.Client{}, fmt.Errorf("%s is required: %w", name, err)
		}
	}
	sh := &shell.Shell{Dir: dir, Dry: f.DryRun, Show: f.Show, Out: out}
	return stack.Client{CLI: awscli.CLI{Shell: sh, Region: f.Region}}, nil
}

// operate runs do with an operator of the system, whose folder for temporary files it removes afterwards.
func (f stackFlags) operate(root string, poll time.Duration, yes bool, do func(deployment.Operator) error, programs ...string) error {
	client, err := f.client(root, os.Stdout, programs...)
	if err != nil {
		return err
	}
	client.Poll = poll
	return withFolder(func(work string) error {
		return do(deployment.Operator{Client: client, Name: f.Stack, Work: work, Now: time.Now(), Asker: consent.Asker{In: os.Stdin, Out: os.Stdout, Yes: yes}})
	})
}

// withFolder runs do with a folder for temporary files, and removes it.
func withFolder(do func(work string) error) error {
	work, err := os.MkdirTemp("", "darkroom-aws-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	return do(work)
}

// repository returns the root folder of the sources, which holds go.mod.
func repository(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "darkroom").Output()
	var failed *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("go is required: %w", err)
	case errors.As(err, &failed):
		return "", fmt.Errorf("run this inside Darkroom's repository: %s", bytes.TrimSpace(failed.Stderr))
	case err != nil:
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}

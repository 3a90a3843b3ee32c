// Package fakecloud stands in for the programs aws, docker, go and git in tests. It is an account in the memory of the
// test, with CloudFormation, S3, ECR, SQS and the other services that the commands of deploy/aws call. The programs
// themselves are one small binary, [Standin], which passes each call to the test over a socket.
//
// CloudFormation works out change sets from the real templates: it resolves both with their parameters and compares the
// resources. It takes several polls to work them out and to make the changes, as the real one does. A test can have the
// change of a resource fail, which rolls the stack back.
//
// A call with an unknown operation or option fails, so a test accepts only commands that somebody has thought about.
package fakecloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Password is the password of the registry. No output may have it.
const Password = "not-to-be-seen"

// Cloud is the state of an account.
type Cloud struct {
	Region      string
	Zones       map[string]string // ids by name
	Roles       []string          // service-linked roles that exist
	Concurrency float64           // quota of Lambda
	VCPUs       float64           // quotas of Fargate
	Stacks      map[string]*Stack
	Objects     map[string]map[string]Object // keys: bucket and key
	Images      map[string][]string          // tags by repository
	Built       map[string]string            // revisions by tag, from the build arguments
	Bases       map[string]string            // digests of base images
	Messages    map[string]int               // key: URL of a queue
	Alarms      []string                     // names of alarms in the state ALARM
	Errors      float64                      // answers of the API with a 5xx, in each minute
	Tasks       int                          // workers that run
	Fail        map[string]string            // reasons for which the change of a resource fails, by its logical name
	Denied      []string                     // operations that are denied, such as "sqs get-queue-attributes"
	Logs        map[string][]string          // lines by log group
	Calls       []string                     // commands that were run, in order
	Asked       [][]string                   // arguments of every aws command
	Clock       time.Time

	Root    string   // root folder of the repository, as the go command prints it
	Program string   // what the go command builds
	Commit  string   // commit that git prints, "" for no repository
	Changes []string // lines of git about uncommitted changes

	Hook    func(Request) `json:"-"` // called before a call is answered
	Stalled bool          // work in progress makes no progress

	mu  sync.Mutex
	dir string // working directory of the call
}

// Object is an object in a bucket.
type Object struct {
	Content  []byte
	Type     string
	Metadata map[string]string
}

// New returns an account that is ready for a first deployment.
func New() *Cloud {
	return &Cloud{
		Region: "eu-central-1", Zones: map[string]string{"eu-central-1a": "euc1-az2", "eu-central-1b": "euc1-az3"},
		Roles:       []string{"AWSServiceRoleForECS", "AWSServiceRoleForApplicationAutoScaling_ECSService"},
		Concurrency: 1000, VCPUs: 1000, Tasks: 1,
		Bases:  map[string]string{"golang:1.26-bookworm": "sha256:" + strings.Repeat("a", 64), "gcr.io/distroless/static-debian12:nonroot": "sha256:" + strings.Repeat("b", 64)},
		Stacks: map[string]*Stack{}, Objects: map[string]map[string]Object{}, Images: map[string][]string{}, Built: map[string]string{}, Messages: map[string]int{}, Fail: map[string]string{}, Logs: map[string][]string{},
		Clock: time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC), Program: "program", Commit: strings.Repeat("c", 40),
	}
}

// refusal is an error that AWS answers with.
type refusal struct{ code, text string }

func (r refusal) Error() string { return r.code + ": " + r.text }

// statusRefused is the exit status of the AWS CLI when a service refuses a request, and statusUsage that of a command
// line that it does not understand.
const (
	statusRefused = 254
	statusUsage   = 252
)

// TakeCalls waits for the call that is being answered, and returns and forgets the calls so far. The caller may then
// read and change the fields.
func (c *Cloud) TakeCalls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.Calls
	c.Calls = nil
	return calls
}

// Answer answers one call of aws, docker, go or git.
func (c *Cloud) Answer(r Request) (reply Reply) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Calls = append(c.Calls, r.Program+" "+strings.Join(r.Args, " "))
	c.Clock = c.Clock.Add(time.Second)
	c.dir = r.Dir
	if c.Hook != nil {
		c.Hook(r)
	}
	var answer any
	var err error
	switch r.Program {
	case "docker":
		answer, err = c.docker(r.Args, r.In)
	case "go", "git":
		answer, err = c.sources(r)
	default:
		c.Asked = append(c.Asked, r.Args)
		answer, err = c.aws(r.Args)
	}
	var refused refusal
	switch {
	case errors.As(err, &refused):
		return Reply{Err: fmt.Sprintf("\nAn error occurred (%s) when calling the operation: %s\n", refused.code, refused.text), Status: statusRefused}
	case err != nil:
		return Reply{Err: fmt.Sprintf("usage: %v\n", err), Status: statusUsage}
	}
	switch answer := answer.(type) {
	case nil:
	case string:
		reply.Out = answer
	default:
		text, err := json.Marshal(answer)
		if err != nil {
			return Reply{Err: err.Error(), Status: statusUsage}
		}
		reply.Out = string(text)
	}
	return reply
}

// file returns the path of a file that a call names.
func (c *Cloud) file(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.dir, name)
}

// call is a command of the AWS CLI.
type call struct {
	service, operation string
	words              []string            // arguments that are not options
	options            map[string][]string // values by the name of the option, without hyphens
}

func (k call) option(name string) string { return strings.Join(k.options[name], " ") }

func (k call) isGiven(name string) bool { _, ok := k.options[name]; return ok }

// switches are the options without a value.
var switches = []string{"use-previous-template", "only-show-errors", "recursive", "force", "follow"}

// parse reads a command line of the AWS CLI.
func parse(args []string) (k call, err error) {
	k.options = map[string][]string{}
	for i := 0; i < len(args); i++ {
		name, isOption := strings.CutPrefix(args[i], "--")
		switch {
		case isOption && slices.Contains(switches, name):
			k.options[name] = []string{}
		case isOption:
			before := len(k.options[name])
			for i+1 < len(args) && !strings.HasPrefix(args[i+1], "--") {
				k.options[name] = append(k.options[name], args[i+1])
				i++
				if name != "attribute-names" && name != "alarm-types" && name != "filters" && name != "services" && name != "tasks" {
					break
				}
			}
			if len(k.options[name]) == before {
				return k, fmt.Errorf("argument --%s: expected one argument", name)
			}
		case k.service == "":
			k.service = args[i]
		case k.operation == "":
			k.operation = args[i]
		default:
			k.words = append(k.words, args[i])
		}
	}
	return k, nil
}

// aws answers a command of the AWS CLI.
func (c *Cloud) aws(args []string) (any, error) {
	k, err := parse(args)
	if err != nil {
		return nil, err
	}
	name := k.service + " " + k.operation
	op, ok := operations[name]
	if !ok {
		return nil, fmt.Errorf("the fake cloud does not know %s", name)
	}
	if k.option("region") != c.Region {
		return nil, fmt.Errorf("region %q, but everything is in %s", k.option("region"), c.Region)
	}
	for option := range k.options {
		if option != "region" && option != "output" && !slices.Contains(strings.Fields(op.options), option) {
			return nil, fmt.Errorf("unknown options: --%s of %s", option, name)
		}
	}
	if slices.Contains(c.Denied, name) {
		return nil, refusal{"AccessDenied", "not authorized to perform " + name}
	}
	return op.do(c, k)
}

// docker answers a command of docker.
func (c *Cloud) docker(args []string, in string) (any, error) {
	line := strings.Join(args, " ")
	switch {
	case strings.HasPrefix(line, "login --username AWS --password-stdin "):
		if in != Password {
			return nil, fmt.Errorf("wrong password")
		}
		return "Login Succeeded\n", nil
	case strings.HasPrefix(line, "buildx imagetools inspect --format {{json .Manifest}} "):
		digest, ok := c.Bases[args[len(args)-1]]
		if !ok {
			return nil, fmt.Errorf("%s: not found", args[len(args)-1])
		}
		return map[string]any{"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest}, nil
	case strings.HasPrefix(line, "buildx build ") && (slices.Contains(args, "--push") || strings.Contains(line, ",push=true,")):
		if reason := c.Fail["docker"]; reason != "" {
			return nil, errors.New(reason)
		}
		image := args[slices.Index(args, "--tag")+1]
		repository, tag, _ := strings.Cut(image, ":")
		_, name, _ := strings.Cut(repository, "/")
		if slices.Contains(c.Images[name], tag) {
			return nil, fmt.Errorf("the tag %s is immutable and exists", tag)
		}
		c.Images[name] = append(c.Images[name], tag)
		for _, a := range args {
			if revision, ok := strings.CutPrefix(a, "REVISION="); ok {
				c.Built[tag] = revision
			}
		}
		return nil, nil
	}
	return nil, fmt.Errorf("the fake docker does not know %s", line)
}

// sources answers for the go command and git, which are asked about the working tree.
func (c *Cloud) sources(r Request) (any, error) {
	switch line := r.Program + " " + strings.Join(r.Args, " "); {
	case line == "go list -m -f {{.Dir}} darkroom":
		return c.Root + "\n", nil
	case strings.HasPrefix(line, "go build ") && strings.HasSuffix(line, " ./token-lambda"):
		return nil, os.WriteFile(r.Args[slices.Index(r.Args, "-o")+1], []byte(c.Program+r.Target), 0o700)
	case line == "git rev-parse HEAD" && c.Commit != "":
		return c.Commit + "\n", nil
	case line == "git status --porcelain" && c.Commit != "":
		return strings.Join(append(c.Changes, ""), "\n"), nil
	}
	return nil, errors.New("fatal: not a git repository")
}

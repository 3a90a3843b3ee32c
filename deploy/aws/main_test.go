package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/aws/internal/fakecloud"
)

// programs is a folder with the program that is tested, and with stand-ins for those that it runs.
var programs string

// TestMain builds the programs once.
func TestMain(m *testing.M) { os.Exit(withPrograms(m)) }

func withPrograms(m *testing.M) int {
	var err error
	if programs, err = os.MkdirTemp("", "darkroom-deploy-"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(programs)
	flag.Parse()
	if testing.Short() {
		return m.Run()
	}
	if err := fakecloud.Standin(programs, "aws", "docker", "go", "git"); err != nil {
		panic(err)
	}
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", filepath.Join(programs, "deploy"), ".")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	return m.Run()
}

// testAccount is a fake account of AWS, with a working tree to deploy from.
type testAccount struct {
	cloud        *fakecloud.Cloud
	socket, root string
}

// sourceFiles are the files of the repository that a deployment reads, besides those of the board page.
var sourceFiles = []string{"go.mod", "go.sum", ".dockerignore", "worker/Dockerfile", "worker/THIRD_PARTY.md", "worker/main.go", "worker/main_test.go", "worker/README.md",
	"deploy/aws/template/template.yaml", "deploy/aws/template/artifacts.yaml"}

// newAccount returns an account that is ready for a first deployment.
func newAccount(t *testing.T) testAccount {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the program; not in short mode")
	}
	a := testAccount{cloud: fakecloud.New(), root: t.TempDir()}
	a.socket, a.cloud.Root = a.cloud.Serve(t), a.root
	for _, name := range sourceFiles {
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		a.write(t, name, string(text))
	}
	if err := os.CopyFS(filepath.Join(a.root, "deploy/web/page"), os.DirFS("../web/page")); err != nil {
		t.Fatal(err)
	}
	return a
}

// afterFirst is the state of an account after a first deployment, once a test has made one.
var afterFirst []byte

// deployedAccount returns an account after a first deployment. Only the first call makes that.
func deployedAccount(t *testing.T) testAccount {
	t.Helper()
	a := newAccount(t)
	if afterFirst == nil {
		a.first(t)
		state, err := json.Marshal(a.cloud)
		if err != nil {
			t.Fatal(err)
		}
		afterFirst = state
	} else if err := json.Unmarshal(afterFirst, a.cloud); err != nil {
		t.Fatal(err)
	}
	a.cloud.Root = a.root
	return a
}

// write writes a file of the working tree.
func (a testAccount) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(a.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// edit replaces a text in a file of the working tree.
func (a testAccount) edit(t *testing.T, name, from, to string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(a.root, name))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		t.Fatalf("%s has no %q", name, from)
	}
	a.write(t, name, strings.ReplaceAll(string(text), from, to))
}

// stack returns a copy of the stack of a name that exists. Without one its status is "".
func (a testAccount) stack(name string) fakecloud.Stack {
	for _, s := range a.cloud.Stacks {
		if s.Name == name && s.Status != "DELETE_COMPLETE" {
			return *s
		}
	}
	return fakecloud.Stack{}
}

// result is what a run of the program printed, its exit status, and the commands that it ran.
type result struct {
	text   string
	status int
	calls  []string
}

// command returns a run of the program.
func (a testAccount) command(t *testing.T, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), filepath.Join(programs, "deploy"), args...)
	cmd.Env = append(os.Environ(), "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"), "AWS_REGION=eu-central-1", fakecloud.Socket+"="+a.socket)
	return cmd
}

// run runs the program with an answer to its question. Each run sees only its own calls.
func (a testAccount) run(t *testing.T, answer string, args ...string) result {
	t.Helper()
	a.cloud.TakeCalls()
	cmd := a.command(t, args...)
	var out bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(answer), &out, &out
	err := cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	r := result{text: out.String(), status: cmd.ProcessState.ExitCode(), calls: a.cloud.TakeCalls()}
	if strings.Contains(r.text, fakecloud.Password) {
		t.Errorf("%q prints the password", args)
	}
	return r
}

// onPhotos adds the name of the stack to a command, and no pause.
func onPhotos(args []string) []string {
	args = append(slices.Clone(args), "--stack=photos")
	if slices.Contains([]string{"deploy", "set", "rollback", "destroy"}, args[0]) {
		args = append(args, "--poll=0s")
	}
	return args
}

// operate runs a command on the stack photos that must succeed.
func (a testAccount) operate(t *testing.T, answer string, args ...string) result {
	t.Helper()
	r := a.run(t, answer, onPhotos(args)...)
	if r.status != 0 {
		t.Fatalf("%q ends with status %d:\n%s\n%s", args, r.status, r.text, strings.Join(r.calls, "\n"))
	}
	return r
}

// refused runs a command on the stack photos that must fail, with a text.
func (a testAccount) refused(t *testing.T, answer, want string, args ...string) result {
	t.Helper()
	r := a.run(t, answer, onPhotos(args)...)
	if r.status != 1 || !strings.Contains(r.text, want) {
		t.Errorf("%q ends with status %d, want 1 and %q:\n%s", args, r.status, want, r.text)
	}
	return r
}

// deploy deploys the stack photos. It skips the check of the account, which is a third of the calls.
func (a testAccount) deploy(t *testing.T, args ...string) result {
	t.Helper()
	return a.operate(t, "", append([]string{"deploy", "--skip-check"}, args...)...)
}

// first makes a first deployment.
func (a testAccount) first(t *testing.T, more ...string) result {
	t.Helper()
	return a.deploy(t, append([]string{"AuthIssuer=https://issuer.example", "AuthAudience=darkroom"}, more...)...)
}

// ran reports whether a run called something whose command line has all parts.
func (r result) ran(parts ...string) bool {
	return slices.ContainsFunc(r.calls, func(call string) bool {
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(call, p) })
	})
}

// has fails the test if the output lacks one of the texts.
func (r result) has(t *testing.T, texts ...string) {
	t.Helper()
	for _, want := range texts {
		if !strings.Contains(r.text, want) {
			t.Errorf("%q is missing from:\n%s", want, r.text)
		}
	}
}

// changed returns the names of the parameters that differ between two stacks.
func changed(before, after fakecloud.Stack) (names []string) {
	for name, v := range after.Parameters {
		if before.Parameters[name] != v {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// tags returns the tags of the images in the registry of the stack photos.
func (a testAccount) tags() []string {
	return a.cloud.Images["photos-artifacts-images"]
}

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const password = "not-to-be-seen"

// TestMain lets this binary stand in for docker and aws. It records its arguments and answers as they do.
func TestMain(m *testing.M) {
	switch name := filepath.Base(os.Args[0]); name {
	case "docker", "aws":
		os.Exit(standIn(name, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// answer is what a program stands in with for calls that contain a text.
type answer struct {
	Out, Err string
	Status   int
}

// ready are the answers of an account that is ready for a first deployment.
func ready() map[string]answer {
	return map[string]answer{
		"get-caller-identity":                          {Out: `{"Account": "123456789012"}`},
		"describe-availability-zones":                  {Out: `{"AvailabilityZones": [{"ZoneName": "eu-central-1a", "ZoneId": "euc1-az2"}, {"ZoneName": "eu-central-1b", "ZoneId": "euc1-az3"}]}`},
		"get-role":                                     {Out: `{"Role": {}}`},
		"get-service-quota":                            {Out: `{"Quota": {"Value": 1000}}`},
		"get-account-settings":                         {Out: `{"AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}}`},
		"describe-stacks --stack-name photos --output": absent,
		"describe-stacks --stack-name photos-artifacts --output": absent,
	}
}

var absent = answer{Err: "An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id photos does not exist", Status: 254}

func standIn(name string, args []string) int {
	line := name + " " + strings.Join(args, " ")
	if slices.Contains(args, "--password-stdin") {
		text, _ := io.ReadAll(os.Stdin)
		line += " <" + string(text)
	}
	f, err := os.OpenFile(os.Getenv("CALLS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 9
	}
	defer f.Close()
	fmt.Fprintln(f, line)
	var answers map[string]answer
	if err := json.Unmarshal([]byte(os.Getenv("ANSWERS")), &answers); err != nil {
		return 9
	}
	for _, part := range slices.Sorted(maps.Keys(answers)) {
		if strings.Contains(line, part) {
			fmt.Print(answers[part].Out)
			fmt.Fprint(os.Stderr, answers[part].Err)
			return answers[part].Status
		}
	}
	for i, a := range args {
		switch {
		case a == os.Getenv("FAILS"):
			return 3
		case a == "get-login-password":
			fmt.Print(password)
		case a == "describe-stacks" && args[i+2] == "photos":
			fmt.Print(`[{"OutputKey": "ApiUrl", "OutputValue": "https://api.example"}, {"OutputKey": "QueueUrl", "OutputValue": "https://queue.example"}]`)
		case a == "describe-stacks":
			fmt.Print(`[{"OutputKey": "Repository", "OutputValue": "1.dkr.ecr.example/worker"}, {"OutputKey": "CodeBucket", "OutputValue": "code"}]`)
		case a == "cp" && strings.HasSuffix(args[i+2], ".zip"):
			if _, err := zip.OpenReader(args[i+2]); err != nil {
				return 4
			}
		}
	}
	return 0
}

// fakeTools puts fake docker and aws programs first in PATH, and returns the file that records their calls.
func fakeTools(t *testing.T) (calls string) {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"docker", "aws"} {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	calls = filepath.Join(dir, "calls")
	answers(t, ready())
	t.Setenv("CALLS", calls)
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return calls
}

func answers(t *testing.T, all map[string]answer) {
	t.Helper()
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ANSWERS", string(text))
}

func deploy(t *testing.T, dry bool) (printed string, err error) {
	t.Helper()
	root, err := repository(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	text, err := os.ReadFile("template/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := &deployCommand{Target: stackFlags{Stack: "photos", Region: "eu-central-1"}, Tag: "1", DryRun: dry, Parameters: []string{"AuthIssuer=https://a", `Variants=[{"name": "it's"}]`}}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	err = (&deployment{deployCommand: c, template: text, work: t.TempDir(), shell: &shell{dir: root, dry: dry, out: &out}}).run(ctx)
	return out.String(), err
}

func TestDeploy(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the token Lambda; not in short mode")
	}
	file := fakeTools(t)
	printed, err := deploy(t, false)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	calls := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i, want := range []string{
		"describe-stacks --stack-name photos", "get-caller-identity", "describe-availability-zones", "get-role --role-name AWSServiceRoleForECS", "get-role --role-name AWSServiceRoleForApplicationAutoScaling_ECSService",
		"--quota-code " + quotaOnDemand, "--quota-code " + quotaSpot, "get-account-settings", "describe-stacks --stack-name photos", "describe-stacks --stack-name photos-artifacts",
		"--stack-name photos-artifacts --template-file deploy/aws/template/artifacts.yaml", "describe-stacks --stack-name photos-artifacts", "s3://code/token-lambda/", "get-login-password",
		"docker login --username AWS --password-stdin 1.dkr.ecr.example <" + password, "--build-arg VERSION=1 --build-arg REVISION=", "--parameter-overrides WorkerImage=1.dkr.ecr.example/worker:1 CodeBucket=code CodeKey=token-lambda/",
		"describe-stacks --stack-name photos"} {
		if i >= len(calls) || !strings.Contains(calls[i], want) {
			t.Fatalf("call %d of %q has no %q", i+1, calls, want)
		}
	}
	if got := calls[16]; !strings.HasSuffix(got, `.zip ZoneA=eu-central-1a ZoneB=eu-central-1b AuthIssuer=https://a Variants=[{"name": "it's"}]`) || !strings.Contains(got, "--s3-bucket code") {
		t.Errorf("deployed by %s", got)
	}
	if !strings.Contains(printed, "--api https://api.example") || !strings.Contains(printed, "https://queue.example") || strings.Contains(printed, password) {
		t.Errorf("printed %s", printed)
	}
	t.Setenv("FAILS", "buildx")
	if _, err := deploy(t, false); err == nil || !strings.Contains(err.Error(), "docker buildx") {
		t.Errorf("failing build: error %v, want one of docker buildx", err)
	}
}

func TestDryRunRunsNothing(t *testing.T) {
	file := fakeTools(t)
	printed, err := deploy(t, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the dry run ran a command")
	}
	for _, want := range []string{"artifacts.yaml", "$CodeBucket", "template.yaml", `'Variants=[{"name": "it'\''s"}]'`, "$ApiUrl"} {
		if !strings.Contains(printed, want) {
			t.Errorf("%q is missing from:\n%s", want, printed)
		}
	}
}

func TestPackIsReproducible(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	if err := os.WriteFile(program, bytes.Repeat([]byte("code"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	first, err := pack(program, filepath.Join(dir, "a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(program, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	second, err := pack(program, filepath.Join(dir, "b.zip"))
	if err != nil || first != second {
		t.Errorf("digests %s and %s, %v", first, second, err)
	}
	r, err := zip.OpenReader(filepath.Join(dir, "a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if len(r.File) != 1 || r.File[0].Name != "bootstrap" || r.File[0].Mode() != 0o755 || r.File[0].UncompressedSize64 != 4000 {
		t.Errorf("the zip has %+v", r.File[0].FileHeader)
	}
}

func TestCheckParameters(t *testing.T) {
	text, err := os.ReadFile("template/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for set, want := range map[string]string{
		"MinTasks=0": "", "TaskVcpu=4": "", "Architecture=X86_64": "", "Architecture=amd64": `"amd64" is not one of [ARM64 X86_64]`, "AuthIssuer=https://a": "", "SecondsPerPhoto=0.25": "", "QueueDays=7": "", "CorsOrigins=https://a,https://b": "",
		"MinTasks": "NAME=VALUE", "Tasks=1": "unknown parameter", "CodeKey=x": "set by this program", "TaskVcpu=3": "not one of", "AuthIssuer=http://a": "match", "AuthAudience=": "too short",
		"MinTasks=0 FastScaler=yes": "", "MinTasks=0 FastScaler=no": "requires FastScaler=yes", "FastScaler=no": "", "MaxTasks=many": "not a number", "MaxTasks=0": "MinValue is 1", "DrainSeconds=120": "MaxValue is 110", "MinTasks=1 MinTasks=2": "twice", "QueueDays=5": "not one of",
	} {
		err := checkParameters(text, strings.Fields(set))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", set, err, want)
		}
	}
}

func TestStackName(t *testing.T) {
	for name, want := range map[string]bool{"darkroom": true, "a-1": true, "Darkroom": false, "1a": false, "": false, strings.Repeat("a", 40): true, strings.Repeat("a", 41): false} {
		if stackName.MatchString(name) != want {
			t.Errorf("%q matches: %v, want %v", name, !want, want)
		}
	}
}

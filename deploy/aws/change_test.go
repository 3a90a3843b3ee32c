package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/aws/internal/fakecloud"
)

func TestSet(t *testing.T) {
	a := deployedAccount(t)
	before := a.stack("photos")
	// Nothing of the working tree is deployed, whatever its state is.
	a.edit(t, "worker/main.go", "package main", "package main // not deployed")
	a.edit(t, "deploy/aws/template/template.yaml", "Default: 20", "Default: 21")
	a.cloud.Changes, a.cloud.Program = []string{" M worker/main.go"}, "another"

	r := a.refused(t, "n\n", "nothing was changed", "set", "MaxTasks=50")
	r.has(t, `MaxTasks: "20" becomes "50"`, "of the stack photos:\n", "change       ", "AWS::ApplicationAutoScaling::ScalableTarget: MaxCapacity", "Make these changes? [y/N]")
	if r.ran("execute-change-set") || !r.ran("delete-change-set") {
		t.Errorf("declined, and ran %q", r.calls)
	}
	r = a.operate(t, "y\n", "set", "MaxTasks=50")
	r.has(t, "update complete", "has the new values")
	after := a.stack("photos")
	if got := changed(before, after); !slices.Equal(got, []string{"MaxTasks"}) || after.Template != before.Template {
		t.Errorf("changed %q, or the template", got)
	}
	for _, call := range r.calls {
		if program, _, _ := strings.Cut(call, " "); program != "aws" || strings.Contains(call, "s3 cp") {
			t.Errorf("set ran %s", call)
		}
	}
	a.operate(t, "", "set", "MaxTasks=50").has(t, "Nothing changes in the stack photos.")
	a.operate(t, "", "set", "--yes", "MaxTasks=40", "MinTasks=2")
}

// TestSetRefuses gives values that the stack's template does not accept. AWS is asked for the stack and its template
// alone.
func TestSetRefuses(t *testing.T) {
	a := deployedAccount(t)
	for want, given := range map[string]string{
		"unknown parameter": "Tasks=1", "not a whole number": "MaxTasks=many", "is not one of": "TaskVcpu=3", "does not match": "AuthIssuer=http://a", "want NAME=VALUE": "MaxTasks",
		"MinTasks=30 is greater than MaxTasks=20": "MinTasks=30", "needs builds for it": "Architecture=X86_64", "the registry has no image": "WorkerImage=123456789012.dkr.ecr.eu-central-1.amazonaws.com/photos-artifacts-images:none", "has no object": "CodeKey=none.zip",
	} {
		if r := a.refused(t, "y\n", want, "set", given); r.ran("create-change-set") {
			t.Errorf("%s: ran %q", given, r.calls)
		}
	}
	a.refused(t, "", "nothing was changed", "set", "MaxTasks=50") // no answer
}

// TestSetBuildsByHand names builds that exist, which README.md gives as a way back.
func TestSetBuildsByHand(t *testing.T) {
	a := deployedAccount(t)
	first := a.stack("photos").Parameters
	a.edit(t, "worker/main.go", "package main", "package main // second")
	a.cloud.Program = "second"
	a.deploy(t)
	r := a.operate(t, "y\n", "set", "WorkerImage="+first["WorkerImage"], "CodeKey="+first["CodeKey"])
	r.has(t, "replace      WorkerTask, AWS::ECS::TaskDefinition: ContainerDefinitions")
	if got := a.stack("photos").Parameters; got["WorkerImage"] != first["WorkerImage"] || got["CodeKey"] != first["CodeKey"] {
		t.Errorf("runs %s and %s", got["WorkerImage"], got["CodeKey"])
	}
	if list := a.operate(t, "", "rollback", "--list").text; strings.Count(list, "\n") != 4 || !strings.Contains(strings.Split(list, "\n")[1], "runs now") {
		t.Errorf("revisions:\n%s", list)
	}
}

// TestSetPublishesTheBoardPage turns the page on without a build.
func TestSetPublishesTheBoardPage(t *testing.T) {
	a := deployedAccount(t)
	a.operate(t, "y\n", "set", "PublishBoard=yes", "BoardClientId=c")
	page := a.cloud.Objects["photos-boardbucket"]
	if !strings.Contains(string(page["config.json"].Content), `"clientId":"c"`) || page["index.html"].Type != "text/html; charset=utf-8" {
		t.Errorf("the page is %v", page)
	}
	modules := 0
	for key, o := range page {
		if strings.HasPrefix(key, "page/") && strings.HasSuffix(key, ".js") {
			modules++
			if o.Type != "text/javascript; charset=utf-8" {
				t.Errorf("%s has the type %q", key, o.Type)
			}
		}
	}
	if modules == 0 {
		t.Error("the page has no module")
	}
	a.operate(t, "y\n", "set", "BoardClientId=d")
	if config := string(a.cloud.Objects["photos-boardbucket"]["config.json"].Content); !strings.Contains(config, `"clientId":"d"`) {
		t.Errorf("config.json %s", config)
	}
}

// revisions returns the ids in the list of revisions, the newest first.
func (a testAccount) revisions(t *testing.T) (ids []string) {
	t.Helper()
	return regexp.MustCompile(`(?m)^\d{8}-\d{6}`).FindAllString(a.operate(t, "", "rollback").text, -1)
}

// record gives the newest revision another id, since tests deploy more than once in a second.
func (a testAccount) record(t *testing.T, id string) {
	t.Helper()
	bucket := a.cloud.Objects["photos-artifacts-code"]
	newest := ""
	for key := range bucket {
		if strings.HasPrefix(key, "revisions/") && key > newest {
			newest = key
		}
	}
	var fields map[string]any
	if err := json.Unmarshal(bucket[newest].Content, &fields); err != nil {
		t.Fatal(err)
	}
	fields["ID"] = id
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	delete(bucket, newest)
	bucket["revisions/"+id+".json"] = fakecloud.Object{Content: text}
}

func TestRollback(t *testing.T) {
	a := newAccount(t)
	a.first(t, "PublishBoard=yes", "BoardClientId=c")
	a.record(t, "20260101-000000")
	first := a.stack("photos")
	page := string(a.cloud.Objects["photos-boardbucket"]["index.html"].Content)

	a.edit(t, "worker/main.go", "package main", "package main // second")
	a.edit(t, "deploy/aws/template/template.yaml", "Default: 300", "Default: 301")
	a.edit(t, "deploy/web/page/index.html", "<body", "<body data-second")
	a.cloud.Program, a.cloud.Commit = "second", strings.Repeat("d", 40)
	a.deploy(t, "MaxTasks=50")
	a.record(t, "20260102-000000")
	if got := a.revisions(t); !slices.Equal(got, []string{"20260102-000000", "20260101-000000"}) {
		t.Fatalf("revisions %q", got)
	}

	a.refused(t, "n\n", "nothing was changed", "rollback", "20260101")
	a.refused(t, "", "matches 2 revisions", "rollback", "2026")
	a.refused(t, "", `there is no revision "1999"`, "rollback", "1999")
	r := a.operate(t, "y\n", "rollback", "20260101")
	r.has(t, "To revision 20260101-000000: commit cccccccccccc", "replace      WorkerTask")
	after := a.stack("photos")
	for _, name := range []string{"WorkerImage", "CodeKey"} {
		if after.Parameters[name] != first.Parameters[name] {
			t.Errorf("%s is %s, want that of the first deployment", name, after.Parameters[name])
		}
	}
	if after.Parameters["MaxTasks"] != "50" || after.Template != first.Template {
		t.Errorf("MaxTasks is %s, or the template is not that of the first deployment", after.Parameters["MaxTasks"])
	}
	if got := string(a.cloud.Objects["photos-boardbucket"]["index.html"].Content); got != page {
		t.Error("the board page is not that of the first deployment")
	}
	if r.ran("docker") || r.ran("go build") || r.ran("git") {
		t.Errorf("a rollback ran %q", r.calls)
	}
	a.operate(t, "", "rollback", "--list").has(t, "runs now, a rollback to 20260101-000000")

	// What the registry no longer keeps is not offered.
	a.cloud.Images["photos-artifacts-images"] = a.cloud.Images["photos-artifacts-images"][:1]
	a.operate(t, "", "rollback").has(t, "1 more cannot be deployed again")
	a.refused(t, "", "check out its commit, dddd", "rollback", "20260102")
}

// TestRollbackToUnrecorded has a stack that an earlier release of this program deployed. What runs is recorded, with
// its template.
func TestRollbackToUnrecorded(t *testing.T) {
	a := deployedAccount(t)
	first := a.stack("photos")
	for key := range a.cloud.Objects["photos-artifacts-code"] {
		if strings.HasPrefix(key, "revisions/") || strings.HasPrefix(key, "templates/") {
			delete(a.cloud.Objects["photos-artifacts-code"], key)
		}
	}
	a.cloud.Program = "second"
	a.operate(t, "", "rollback").has(t, "No deployment of the stack photos has been recorded yet")
	a.edit(t, "deploy/aws/template/template.yaml", "Default: 300", "Default: 301")
	a.deploy(t)
	ids := a.revisions(t)
	if len(ids) != 2 {
		t.Fatalf("revisions %q, want what ran before and what runs now", ids)
	}
	a.operate(t, "y\n", "rollback", slices.Min(ids))
	if s := a.stack("photos"); s.Template != first.Template || s.Parameters["CodeKey"] != first.Parameters["CodeKey"] {
		t.Error("the stack is not as before the deployment")
	}
}

// TestDryRuns prints the commands of each command of the program, and runs none.
func TestDryRuns(t *testing.T) {
	a := newAccount(t)
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"deploy", "AuthIssuer=https://a", `Variants=[{"name": "it's"}]`, "PublishBoard=yes", "BoardClientId=c"}, []string{"git status --porcelain", "create-change-set --stack-name photos-artifacts", "file://", "artifacts.yaml", "GOARCH=arm64", "docker buildx build", "s3://$CodeBucket/token-lambda/",
			"--template-url https://$CodeBucket.s3.eu-central-1.amazonaws.com/templates/", `it'\''s`, "execute-change-set", "$ApiUrl", "s3://$BoardBucket/index.html", "revisions/"}},
		{[]string{"set", "MaxTasks=50"}, []string{"--use-previous-template", `[{"ParameterKey":"MaxTasks","ParameterValue":"50"}]`, "execute-change-set"}},
		{[]string{"rollback", "2026"}, []string{"list-images", "/$Template", "create-change-set", "$WorkerImage", "execute-change-set"}},
		{[]string{"rollback", "--list"}, []string{"list-objects-v2"}},
		{[]string{"status"}, []string{"describe-stacks", "sqs get-queue-attributes", "ecs describe-services", "describe-alarms", "get-metric-data"}},
		{[]string{"logs", "api", "--since=1h"}, []string{"logs tail /darkroom/photos/token --since 1h"}},
		{[]string{"destroy"}, []string{"delete-stack --stack-name photos ", "delete-stack --stack-name photos-artifacts", "ecr delete-repository", "s3 rb --force"}},
		{[]string{"check"}, []string{"get-caller-identity", "get-service-quota"}},
		{[]string{"doctor"}, []string{"describe-stacks", "get-metric-data", "filter-log-events"}},
	} {
		r := a.operate(t, "", append(c.args, "--dry-run")...)
		r.has(t, c.want...)
		for _, call := range r.calls {
			if call != "go list -m -f {{.Dir}} darkroom" {
				t.Errorf("%q ran %s", c.args, call)
			}
		}
	}
}

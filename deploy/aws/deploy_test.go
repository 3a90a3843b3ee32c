package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestFirstDeployment(t *testing.T) {
	a := newAccount(t)
	r := a.operate(t, "", "deploy", "AuthIssuer=https://issuer.example", "AuthAudience=darkroom")
	r.has(t, "The stack photos-artifacts will be created", "The stack photos will be created, with", "docker login", "ApiUrl", "upload --api ", "the commit "+strings.Repeat("c", 40))
	s := a.stack("photos")
	tags := a.tags()
	if len(tags) != 1 || !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(tags[0]) {
		t.Fatalf("the registry has %q, want one image whose tag is a digest", tags)
	}
	for name, want := range map[string]string{
		"WorkerImage": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/photos-artifacts-images:" + tags[0], "CodeBucket": "photos-artifacts-code",
		"ZoneA": "eu-central-1a", "ZoneB": "eu-central-1b", "AuthIssuer": "https://issuer.example",
	} {
		if s.Parameters[name] != want {
			t.Errorf("%s is %q, want %q", name, s.Parameters[name], want)
		}
	}
	code := a.cloud.Objects["photos-artifacts-code"]
	if len(code[s.Parameters["CodeKey"]].Content) == 0 {
		t.Errorf("the zip %s is not there", s.Parameters["CodeKey"])
	}
	if !r.ran("docker buildx build", "--platform linux/arm64", "--build-arg VERSION="+tags[0], "REVISION="+strings.Repeat("c", 40), "BASE=gcr.io/distroless/static-debian12:nonroot@sha256:", "GOLANG=golang:1.26-bookworm@sha256:") {
		t.Errorf("the image is built by %q", r.calls)
	}
}

// TestInputsNameTheImage computes the tag of the image as README.md says, from what the command inputs prints.
func TestInputsNameTheImage(t *testing.T) {
	a := deployedAccount(t)
	inputs := a.run(t, "", "inputs").text
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(inputs)))[:16]; got != a.tags()[0] {
		t.Errorf("the digest is %s, and the tag %s", got, a.tags()[0])
	}
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"platform linux/arm64\n", "build-arg BASE=gcr.io/distroless/static-debian12:nonroot@sha256:bbb", fmt.Sprintf("\n%x  go.mod\n", sha256.Sum256(text)), "  worker/Dockerfile\n", "  worker/main.go\n", "  worker/THIRD_PARTY.md\n"} {
		if !strings.Contains(inputs, want) {
			t.Errorf("%q is missing from:\n%s", want, inputs)
		}
	}
	for _, ignored := range []string{"main_test.go", "README.md", "token-lambda"} {
		if strings.Contains(inputs, ignored) {
			t.Errorf("%s is among:\n%s", ignored, inputs)
		}
	}
	if amd64 := a.run(t, "", "inputs", "--architecture=X86_64").text; amd64 != strings.Replace(inputs, "linux/arm64", "linux/amd64", 1) {
		t.Errorf("for X86_64:\n%s", amd64)
	}
}

// TestUnchangedIsLeftAlone deploys the same again, also from a later commit.
func TestUnchangedIsLeftAlone(t *testing.T) {
	a := deployedAccount(t)
	before := a.stack("photos")
	a.cloud.Commit = strings.Repeat("d", 40)
	a.edit(t, "worker/README.md", "worker", "worker!")
	a.edit(t, "worker/main_test.go", "package main", "package main // tested")
	r := a.deploy(t)
	r.has(t, "Nothing changes in the stack photos.", "the registry has the worker's image "+a.tags()[0])
	for _, parts := range [][]string{{"docker buildx build"}, {"docker login"}, {"execute-change-set"}, {"s3 cp", "s3://photos-artifacts-code/token-lambda"}, {"s3 cp", "s3://photos-artifacts-code/page"}, {"s3 cp", "s3://photos-artifacts-code/templates"}} {
		if r.ran(parts...) {
			t.Errorf("%q was run again", parts)
		}
	}
	if names := changed(before, a.stack("photos")); len(names) > 0 {
		t.Errorf("changed %q", names)
	}
}

// TestOnlyWhatChangedIsReplaced changes one thing at a time, and lists the parameters that change.
func TestOnlyWhatChangedIsReplaced(t *testing.T) {
	a := deployedAccount(t)
	for _, c := range []struct {
		name   string
		change func()
		args   []string
		want   string
		built  bool
	}{
		{"a source of the worker", func() { a.edit(t, "worker/main.go", "package main", "package main // changed") }, nil, "WorkerImage", true},
		{"the sums of the modules", func() { a.write(t, "go.sum", "none") }, nil, "WorkerImage", true},
		{"a base image", func() {
			a.cloud.Bases["golang:1.26-bookworm"] = "sha256:" + strings.Repeat("e", 64)
		}, nil, "WorkerImage", true},
		{"the token Lambda", func() { a.cloud.Program = "another" }, nil, "CodeKey", false},
		{"a parameter", func() {}, []string{"MaxTasks=50"}, "MaxTasks", false},
		{"the processors", func() {}, []string{"Architecture=X86_64"}, "Architecture CodeKey WorkerImage", true},
		{"nothing, on those processors", func() {}, nil, "", false},
	} {
		before := a.stack("photos")
		c.change()
		r := a.deploy(t, c.args...)
		if got := strings.Join(changed(before, a.stack("photos")), " "); got != c.want {
			t.Errorf("%s: %q changed, want %q", c.name, got, c.want)
		}
		if built := r.ran("docker buildx build"); built != c.built {
			t.Errorf("%s: the image was built: %v", c.name, built)
		}
		if c.want == "" {
			continue
		}
		r.has(t, "of the stack photos:")
	}
}

func TestUncommittedChanges(t *testing.T) {
	a := deployedAccount(t)
	a.cloud.Changes = []string{" M worker/main.go", "?? notes"}
	r := a.refused(t, "", "the working tree has uncommitted changes", "deploy")
	r.has(t, "--allow-dirty", " M worker/main.go")
	if r.ran("aws") || r.ran("docker") {
		t.Errorf("a refused deployment ran %q", r.calls)
	}
	// Where the worker's content is that of a commit, its image is used.
	if r := a.deploy(t, "--allow-dirty"); r.ran("docker buildx build") {
		t.Error("an unchanged image was built")
	}
	a.edit(t, "worker/main.go", "package main", "package main // dirty")
	a.deploy(t, "--allow-dirty").has(t, "of the commit "+strings.Repeat("c", 40)+"-dirty")
	c := a.cloud
	dirty := a.stack("photos").Parameters["WorkerImage"]
	tag := dirty[strings.LastIndex(dirty, ":")+1:]
	if !strings.HasSuffix(tag, "-dirty") || c.Built[tag] != strings.Repeat("c", 40)+"-dirty" {
		t.Errorf("the image %s has the revision %q", dirty, c.Built[tag])
	}
	// The same content, committed, is another image, which has the commit.
	a.cloud.Changes, a.cloud.Commit = nil, strings.Repeat("d", 40)
	a.deploy(t)
	clean := a.stack("photos").Parameters["WorkerImage"]
	if clean+"-dirty" != dirty || a.cloud.Built[strings.TrimSuffix(tag, "-dirty")] != strings.Repeat("d", 40) {
		t.Errorf("the image of the commit is %s", clean)
	}
	a.cloud.Commit = ""
	a.refused(t, "", "git does not know it", "deploy")
}

func TestDeploymentIsRefused(t *testing.T) {
	a := newAccount(t)
	for want, args := range map[string][]string{
		"needs AuthAudience and AuthIssuer":       {"deploy"},
		`"set WorkerImage=x" takes another build`: {"deploy", "WorkerImage=x"},
		"unknown parameter":                       {"deploy", "Tasks=1"},
		"--ask and --yes contradict each other":   {"deploy", "--ask", "--yes"},
		"has no such ARG":                         {"deploy", "AuthIssuer=https://a", "AuthAudience=b", "--build-arg=OTHER=1"},
	} {
		if r := a.refused(t, "", want, args...); r.ran("create-change-set", "--stack-name photos ") {
			t.Errorf("%q proposed changes: %q", args, r.calls)
		}
	}
	a.cloud.Concurrency = 10
	a.refused(t, "", "not ready for this deployment", "deploy", "AuthIssuer=https://a", "AuthAudience=b").has(t, "TokenConcurrency=0")
}

// TestFailedDeployment has the first deployment fail, and then an update.
func TestFailedDeployment(t *testing.T) {
	a := newAccount(t)
	a.cloud.Fail["TokenFunction"], a.cloud.Roles = "too little concurrency", nil
	r := a.refused(t, "", "the stack photos is in the state ROLLBACK_COMPLETE", "deploy", "AuthIssuer=https://a", "AuthAudience=b")
	r.has(t, "TokenFunction: too little concurrency")
	if !r.ran("create-service-linked-role --aws-service-name ecs.amazonaws.com") {
		t.Error("the missing role was not created")
	}
	delete(a.cloud.Fail, "TokenFunction")
	a.first(t).has(t, "must be deleted before it can be created again")
	before := a.stack("photos")
	a.cloud.Program, a.cloud.Fail["TokenFunction"] = "another", "no such key"
	a.refused(t, "", "UPDATE_ROLLBACK_COMPLETE", "deploy")
	if names := changed(before, a.stack("photos")); len(names) > 0 {
		t.Errorf("changed %q", names)
	}
	if n := strings.Count(a.operate(t, "", "rollback", "--list").text, "\n"); n != 2 {
		t.Errorf("%d lines in the list of revisions, want a heading and the one that was deployed", n)
	}
}

// TestLossIsAskedFor changes the template so that a queue is replaced. A deployment asks only then.
func TestLossIsAskedFor(t *testing.T) {
	a := deployedAccount(t)
	before := a.stack("photos")
	a.edit(t, "deploy/aws/template/template.yaml", "QueueName: !Sub ${AWS::StackName}-photos\n", "QueueName: !Sub ${AWS::StackName}-others\n")
	const warning = "WARNING: PhotosQueue is replaced by an empty one and deleted with the messages in it"
	for _, answer := range []string{"n\n", ""} {
		r := a.refused(t, answer, "nothing was changed", "deploy")
		r.has(t, warning, "replace      PhotosQueue, AWS::SQS::Queue: QueueName", "Make these changes? [y/N]", "--yes")
		if r.ran("execute-change-set") || !r.ran("delete-change-set") {
			t.Errorf("after %q: %q", answer, r.calls)
		}
	}
	if s := a.stack("photos"); s.Template != before.Template || len(s.Sets) > 0 {
		t.Errorf("%d change sets are left, or the template changed", len(s.Sets))
	}
	a.deploy(t, "--yes").has(t, warning)
	if a.stack("photos").Template == before.Template {
		t.Error("--yes did not make the changes")
	}
	// A change that loses nothing is made without a question, unless that is asked for.
	a.refused(t, "n\n", "nothing was changed", "deploy", "--ask", "MaxTasks=30")
	a.deploy(t, "MaxTasks=30")
}

// TestRunningImageIsProtected has the stack run the oldest of the images that the registry keeps.
func TestRunningImageIsProtected(t *testing.T) {
	a := deployedAccount(t)
	for i := range 19 {
		a.cloud.Images["photos-artifacts-images"] = append(a.cloud.Images["photos-artifacts-images"], fmt.Sprint("later-", i))
	}
	a.edit(t, "worker/main.go", "package main", "package main // second")
	if r := a.refused(t, "", "one more would push out the running one", "deploy"); r.ran("docker buildx build") {
		t.Error("an image was built")
	}
	r := a.run(t, "y\n", "set", "--stack=photos-artifacts", "--poll=0s", "KeepImages=40")
	if r.status != 0 {
		t.Fatal(r.text)
	}
	a.deploy(t)
}

// TestDeployZstd checks that the workers run the image with zstd, and that the fast scaler finds the same with gzip.
func TestDeployZstd(t *testing.T) {
	a := deployedAccount(t)
	gzip := a.tags()[0]
	r := a.deploy(t, "ImageCompression=zstd")
	s := a.stack("photos")
	if want := []string{gzip, gzip + ".zstd"}; !slices.Equal(a.tags(), want) || !strings.HasSuffix(s.Parameters["WorkerImage"], ":"+want[1]) {
		t.Errorf("the registry has %q, want %q; the workers run %s", a.tags(), want, s.Parameters["WorkerImage"])
	}
	if !r.ran("docker buildx build", "--build-arg VERSION="+gzip+" ", "compression=zstd,force-compression=true,oci-mediatypes=true") {
		t.Errorf("the image is built by %q", r.calls)
	}
	if r := a.deploy(t, "PublicUrl=https://photos.example"); r.ran("docker buildx build") {
		t.Error("an image that is there was built again")
	}
	a.deploy(t, "ImageCompression=gzip")
	if got := a.stack("photos").Parameters["WorkerImage"]; !strings.HasSuffix(got, ":"+gzip) {
		t.Errorf("back with gzip, the workers run %s", got)
	}
}

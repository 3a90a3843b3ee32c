package main

import (
	"strings"
	"testing"

	"darkroom/deploy/aws/internal/fakecloud"
)

func TestDestroy(t *testing.T) {
	a := deployedAccount(t)
	a.cloud.Objects["photos-uploadsbucket"]["uploads/a"] = fakecloud.Object{Content: []byte("photo")}
	a.cloud.Messages["https://sqs.example/photos/PhotosQueue"] = 40
	for _, answer := range []string{"", "y\n", "photo\n"} {
		if r := a.refused(t, answer, "nothing was changed", "destroy"); r.ran("delete-stack") {
			t.Errorf("after %q: %q", answer, r.calls)
		}
	}
	a.refused(t, "photos\n", "does not name the stack photos", "destroy", "--confirm=other")
	r := a.operate(t, "photos\n", "destroy")
	r.has(t, "48 messages", "These stay in the account", "photos-uploadsbucket, AWS::S3::Bucket", "photos-variantsbucket", "the registry photos-artifacts-images with its images", "The system photos is deleted.")
	c := a.cloud
	if string(c.Objects["photos-uploadsbucket"]["uploads/a"].Content) != "photo" {
		t.Error("a photo is gone")
	}
	if a.stack("photos").Status+a.stack("photos-artifacts").Status != "" || c.Objects["photos-artifacts-code"] != nil || len(c.Images) > 0 {
		t.Error("not everything else is gone")
	}
	for _, call := range r.calls {
		if strings.Contains(call, "uploadsbucket") || strings.Contains(call, "variantsbucket") {
			t.Errorf("ran %s", call)
		}
	}
	a.refused(t, "photos\n", "there is no stack photos", "destroy")
}

// TestDryDestroy prints the commands, and neither runs one nor says that anything is deleted.
func TestDryDestroy(t *testing.T) {
	a := deployedAccount(t)
	for _, flag := range []string{"--show-calls", "--keep-builds"} {
		r := a.operate(t, "photos\n", "destroy", "--dry-run", flag)
		r.has(t, "cloudformation delete-stack --stack-name photos ")
		if strings.Contains(r.text, "is deleted") || len(r.calls) > 0 {
			t.Errorf("%s: ran %q and printed:\n%s", flag, r.calls, r.text)
		}
	}
}

// TestBuildsAreNoSystem gives deploy and destroy the stack of the builds, which they would replace or delete.
func TestBuildsAreNoSystem(t *testing.T) {
	a := deployedAccount(t)
	for _, args := range [][]string{{"deploy", "--skip-check"}, {"destroy", "--confirm=photos-artifacts"}} {
		r := a.run(t, "", append(args, "--stack=photos-artifacts")...)
		if r.status != 2 || len(r.calls) > 0 || !strings.Contains(r.text, `builds of the system "photos"`) {
			t.Errorf("%q ends with status %d after %q:\n%s", args, r.status, r.calls, r.text)
		}
	}
}

func TestEmptyRegion(t *testing.T) {
	a := newAccount(t)
	if r := a.run(t, "", "status", "--stack=photos", "--region="); r.status != 2 || len(r.calls) > 0 || !strings.Contains(r.text, "(--region) is empty") {
		t.Errorf("status %d after %q:\n%s", r.status, r.calls, r.text)
	}
}

// TestDestroyGoesOn fails halfway, and runs destroy again.
func TestDestroyGoesOn(t *testing.T) {
	a := deployedAccount(t)
	a.cloud.Denied = []string{"ecr delete-repository"}
	a.refused(t, "photos\n", "AccessDenied", "destroy")
	a.cloud.Denied = nil
	a.cloud.Images, a.cloud.Objects["photos-artifacts-code"] = map[string][]string{}, nil
	a.first(t) // what is left of the builds is in nobody's way
	a.cloud.Denied = []string{"sqs get-queue-attributes"}
	a.operate(t, "photos\n", "destroy").has(t, "the queues, with their messages")
}

func TestDestroyKeepsBuilds(t *testing.T) {
	a := deployedAccount(t)
	a.operate(t, "", "destroy", "--confirm=photos", "--keep-builds").has(t, "The builds stay: the registry photos-artifacts-images and the bucket photos-artifacts-code")
	if a.stack("photos-artifacts").Status == "" || len(a.tags()) != 1 {
		t.Error("the builds are gone")
	}
	a.first(t) // a new stack of the name, with the same builds
}

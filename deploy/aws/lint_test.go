package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// TestLint has cfn-lint (https://github.com/aws-cloudformation/cfn-lint) compare the templates with CloudFormation's own
// schemas of three regions.
//
// A gate that can have no cfn-lint says so with DARKROOM_NO_CFN_LINT: it is not among Debian's packages.
func TestLint(t *testing.T) {
	if os.Getenv("DARKROOM_NO_CFN_LINT") != "" {
		t.Skip("there is no cfn-lint, as DARKROOM_NO_CFN_LINT says")
	}
	lint := func(files ...string) ([]byte, error) {
		return exec.Command(tool.Find(t, "cfn-lint"), append([]string{"--regions", "us-east-1", "eu-central-1", "ap-southeast-2", "--template"}, files...)...).CombinedOutput()
	}
	if out, err := lint("template.yaml", "artifacts.yaml"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("Resources: {Queue: {Type: 'AWS::SQS::Queue', Properties: {Name: x}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := lint(bad); err == nil {
		t.Errorf("a property that there is not is taken: %s", out)
	}
}

package template

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"darkroom/deploy/testkit/tool"
)

// TestLint runs cfn-lint (https://github.com/aws-cloudformation/cfn-lint), which compares the templates with
// CloudFormation's own schemas of three regions.
//
// cfn-lint is not among Debian's packages. Where it is not available, DARKROOM_NO_CFN_LINT skips the test.
func TestLint(t *testing.T) {
	if os.Getenv("DARKROOM_NO_CFN_LINT") != "" {
		t.Skip("DARKROOM_NO_CFN_LINT is set")
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
		t.Errorf("cfn-lint accepts an unknown property: %s", out)
	}
}

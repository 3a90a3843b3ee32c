package stack

import (
	"encoding/json"
	"strings"
	"testing"
)

// guideAnswer is the answer of describe-change-set in CloudFormation's guide:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-samples.html
const guideAnswer = `{"Changes": [{"ResourceChange": {"ResourceType": "AWS::EC2::Instance", "PhysicalResourceId": "i-7bef86f8", "Details": [
	{"ChangeSource": "DirectModification", "Evaluation": "Dynamic", "Target": {"Attribute": "Properties", "Name": "KeyName", "RequiresRecreation": "Always"}},
	{"ChangeSource": "ParameterReference", "CausingEntity": "KeyPairName", "Evaluation": "Static", "Target": {"Attribute": "Properties", "Name": "KeyName", "RequiresRecreation": "Always"}},
	{"ChangeSource": "DirectModification", "Evaluation": "Static", "Target": {"Attribute": "Tags", "RequiresRecreation": "Never"}}],
	"Action": "Modify", "Scope": ["Tags", "Properties"], "LogicalResourceId": "MyEC2Instance", "Replacement": "True"}, "Type": "Resource"}]}`

func TestPrintOfGuide(t *testing.T) {
	var out struct {
		Changes []struct{ ResourceChange Change }
	}
	if err := json.Unmarshal([]byte(guideAnswer), &out); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	(&ChangeSet{Stack: "photos", Changes: []Change{out.Changes[0].ResourceChange}}).Print(&text)
	if want := "1 change of the stack photos:\n  replace      MyEC2Instance, AWS::EC2::Instance: KeyName (from KeyPairName), tags\n"; text.String() != want {
		t.Errorf("printed %q, want %q", text.String(), want)
	}
}

func TestLoss(t *testing.T) {
	for _, c := range []struct{ action, replacement, policy, kind, verb, loss string }{
		{"Add", "", "", "AWS::S3::Bucket", "create", ""},
		{"Modify", "False", "", "AWS::S3::Bucket", "change", ""},
		{"Modify", "True", "ReplaceAndDelete", "AWS::SQS::Queue", "replace", "X is replaced by an empty one and deleted with the messages in it"},
		{"Modify", "Conditional", "", "AWS::SQS::Queue", "may replace", "X may be replaced by an empty one and deleted with the messages in it"},
		{"Modify", "True", "ReplaceAndRetain", "AWS::S3::Bucket", "replace", "X is replaced by an empty one: x stays in the account with its objects, and nothing uses it any more"},
		{"Modify", "True", "", "AWS::ECS::TaskDefinition", "replace", ""},
		{"Remove", "", "Delete", "AWS::DynamoDB::Table", "delete", "X is deleted with its items"},
		{"Remove", "", "Retain", "AWS::S3::Bucket", "let go", "X leaves the stack: x stays in the account with its objects, and nothing uses it any more"},
		{"Remove", "", "Delete", "AWS::CloudWatch::Alarm", "delete", ""},
		{"Dynamic", "", "", "AWS::KMS::Key", "may change", "X may be replaced by an empty one and deleted with the key, and with it all that it encrypted"},
		{"Import", "", "", "AWS::S3::Bucket", "import", ""},
	} {
		change := Change{Action: c.action, Replacement: c.replacement, PolicyAction: c.policy, Type: c.kind, Logical: "X", Physical: "x"}
		if change.verb() != c.verb || change.Loss() != c.loss {
			t.Errorf("%+v: %q and %q, want %q and %q", change, change.verb(), change.Loss(), c.verb, c.loss)
		}
	}
}

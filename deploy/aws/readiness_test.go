package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// good is an account that is ready.
func good() *account {
	return &account{id: "123456789012", zones: []zone{{"us-east-1a", "use1-az1"}, {"us-east-1b", "use1-az2"}, {"us-east-1c", "use1-az3"}},
		roles:    map[string]bool{"AWSServiceRoleForECS": true, "AWSServiceRoleForApplicationAutoScaling_ECSService": true},
		onDemand: 1000, spot: 1000, limit: 1000, free: 1000}
}

func TestReadiness(t *testing.T) {
	text, err := os.ReadFile("template/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*account)
		set    string
		stack  existingStack
		want   string // part of the only finding, "" for none
		fatal  bool
	}{
		"ready":                      {},
		"no ECS role":                {change: func(a *account) { a.roles["AWSServiceRoleForECS"] = false }, want: "AWSServiceRoleForECS does not exist", fatal: true},
		"no role for scaling":        {change: func(a *account) { a.roles["AWSServiceRoleForApplicationAutoScaling_ECSService"] = false }, want: "ecs.application-autoscaling.amazonaws.com", fatal: true},
		"roles unknown":              {change: func(a *account) { a.roles, a.unknown = nil, []string{"AccessDenied: iam:GetRole"} }, want: "AccessDenied"},
		"small quota of Fargate":     {change: func(a *account) { a.onDemand = 6 }, want: "the quota of Fargate is 6 vCPUs, but MaxTasks=20 needs 12"},
		"small quota of Spot":        {change: func(a *account) { a.spot = 6 }, want: "the quota of Fargate Spot is 6 vCPUs, but MaxTasks=20 needs 28"},
		"no Fargate at all":          {change: func(a *account) { a.onDemand = 1 }, want: "the quota of Fargate is 1 vCPUs", fatal: true},
		"quota enough for the tasks": {change: func(a *account) { a.onDemand, a.spot = 8, 8 }, set: "MaxTasks=4"},
		"quota too small to deploy":  {change: func(a *account) { a.onDemand, a.spot = 8, 7 }, set: "MaxTasks=4", want: "the quota of Fargate Spot is 7 vCPUs: enough for MaxTasks=4, but a deployment"},
		"quota unknown":              {change: func(a *account) { a.onDemand, a.spot = -1, -1 }},
		"new account of Lambda":      {change: func(a *account) { a.limit, a.free = 10, 10 }, want: "deploy with TokenConcurrency=0 and WaitConcurrency=0, which reserves none", fatal: true},
		"little left":                {change: func(a *account) { a.limit, a.free = 1000, 150 }, want: "deploy with TokenConcurrency=25 and WaitConcurrency=25", fatal: true},
		"left for tokens":            {change: func(a *account) { a.limit, a.free = 1000, 250 }, set: "TokenConcurrency=150 WaitConcurrency=50", want: "deploy with TokenConcurrency=113 and WaitConcurrency=37", fatal: true},
		"waits alone":                {change: func(a *account) { a.limit, a.free = 1000, 150 }, set: "TokenConcurrency=0 WaitConcurrency=60", want: "deploy with TokenConcurrency=0 and WaitConcurrency=50", fatal: true},
		"none reserved":              {change: func(a *account) { a.limit, a.free = 10, 10 }, set: "TokenConcurrency=0 WaitConcurrency=0"},
		"reserved by this stack": {change: func(a *account) { a.limit, a.free = 300, 100 },
			stack: existingStack{status: "UPDATE_COMPLETE", parameters: map[string]string{"TokenConcurrency": "100", "WaitConcurrency": "100"}}},
		"reserved by a stack that failed": {change: func(a *account) { a.limit, a.free = 300, 100 },
			stack: existingStack{status: "ROLLBACK_COMPLETE", parameters: map[string]string{"TokenConcurrency": "100", "WaitConcurrency": "100"}}, want: "TokenConcurrency=100 and WaitConcurrency=100 cannot be reserved", fatal: true},
		"zone without Fargate":   {set: "ZoneA=us-east-1a ZoneB=us-east-1c", want: "choose two of us-east-1a, us-east-1b", fatal: true},
		"zone of another region": {set: "ZoneA=eu-west-1a ZoneB=us-east-1a", want: "eu-west-1a", fatal: true},
		"one zone twice":         {set: "ZoneA=us-east-1a ZoneB=us-east-1a", want: "the same zone", fatal: true},
		"zones of the stack": {stack: existingStack{status: "CREATE_COMPLETE", parameters: map[string]string{"ZoneA": "us-east-1c", "ZoneB": "us-east-1a"}},
			want: "tasks cannot start in the zone us-east-1c", fatal: true},
		"one zone": {change: func(a *account) { a.zones = a.zones[1:] }, want: "1 zones", fatal: true},
	} {
		t.Run(name, func(t *testing.T) {
			a := good()
			if c.change != nil {
				c.change(a)
			}
			value, err := values(text, strings.Fields(c.set), c.stack)
			if err != nil {
				t.Fatal(err)
			}
			found := a.assess(wanted{stack: c.stack, value: value})
			if c.want == "" {
				if len(found) > 0 {
					t.Errorf("%+v, want nothing", found)
				}
				return
			}
			if len(found) != 1 || !strings.Contains(fmt.Sprint(found[0]), c.want) || found[0].fatal != c.fatal || found[0].todo == "" {
				t.Errorf("%+v, want %q, fatal %v", found, c.want, c.fatal)
			}
		})
	}
}

func calls(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// stuck has a stack in a state, whose bucket exists with some contents.
func stuck(t *testing.T, status, contents string) {
	t.Helper()
	all := ready()
	all["describe-stacks --stack-name photos --output"] = answer{Out: fmt.Sprintf(`{"Stacks": [{"StackStatus": %q}]}`, status)}
	all["describe-stack-events"] = answer{Out: `{"StackEvents": [{"LogicalResourceId": "TokenFunction", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "too little concurrency"},
		{"LogicalResourceId": "Cluster", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "Resource creation cancelled"}]}`}
	all["describe-stack-resources"] = answer{Out: `{"StackResources": [{"ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": "photos-uploads", "ResourceStatus": "DELETE_SKIPPED"},
		{"ResourceType": "AWS::S3::Bucket", "PhysicalResourceId": "photos-variants", "ResourceStatus": "DELETE_COMPLETE"}, {"ResourceType": "AWS::SQS::Queue", "PhysicalResourceId": "q", "ResourceStatus": "DELETE_COMPLETE"}]}`}
	all["list-objects-v2"] = answer{Out: contents}
	all["template-file"] = answer{Status: 3} // far enough
	answers(t, all)
}

func TestFailedFirstDeploymentIsDeleted(t *testing.T) {
	file := fakeTools(t)
	stuck(t, "ROLLBACK_COMPLETE", "")
	printed, err := deploy(t, false)
	if err == nil || !strings.Contains(err.Error(), "cloudformation deploy") {
		t.Errorf("error %v, want that of the next step", err)
	}
	got := calls(t, file)
	for _, want := range []string{"list-objects-v2 --bucket photos-uploads", "delete-stack --stack-name photos --output", "wait stack-delete-complete --stack-name photos"} {
		if !strings.Contains(got, want) {
			t.Errorf("no call %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "--bucket photos-variants") {
		t.Error("a deleted bucket was listed")
	}
	if !strings.Contains(printed, "TokenFunction: too little concurrency") || strings.Contains(printed, "cancelled") {
		t.Errorf("printed\n%s", printed)
	}
}

func TestStacksThatAreLeftAlone(t *testing.T) {
	for name, c := range map[string]struct{ status, contents, want string }{
		"holds a photo":     {"ROLLBACK_COMPLETE", `{"Contents": [{"Key": "uploads/a"}]}`, "photos-uploads is not empty"},
		"busy":              {"UPDATE_IN_PROGRESS", "", "wait until that has ended"},
		"stuck in rollback": {"UPDATE_ROLLBACK_FAILED", "", "continue-update-rollback"},
	} {
		t.Run(name, func(t *testing.T) {
			file := fakeTools(t)
			stuck(t, c.status, c.contents)
			if _, err := deploy(t, false); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if got := calls(t, file); strings.Contains(got, "delete-stack") || strings.Contains(got, "deploy") && strings.Contains(got, "template-file") {
				t.Errorf("calls\n%s", got)
			}
		})
	}
}

// TestMissingRolesAreCreated has a fresh account, whose quota of concurrency is too small as well.
func TestMissingRolesAreCreated(t *testing.T) {
	file := fakeTools(t)
	all := ready()
	all["get-role"] = answer{Err: "An error occurred (NoSuchEntity) when calling the GetRole operation", Status: 254}
	all["get-account-settings"] = answer{Out: `{"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}}`}
	answers(t, all)
	printed, err := deploy(t, false)
	if err == nil || !strings.Contains(err.Error(), "not ready") || !strings.Contains(printed, "TokenConcurrency=0") {
		t.Errorf("error %v\n%s", err, printed)
	}
	got := calls(t, file)
	for _, l := range linkedRoles {
		if !strings.Contains(got, "create-service-linked-role --aws-service-name "+l.service) {
			t.Errorf("%s is not created:\n%s", l.role, got)
		}
	}
	if strings.Contains(got, "template-file") {
		t.Errorf("deployed all the same:\n%s", got)
	}
}

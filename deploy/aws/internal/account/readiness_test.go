package account

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"darkroom/deploy/aws/internal/parameters"
)

// readyAccount is an account that is ready.
func readyAccount() *Account {
	return &Account{ID: "123456789012", Zones: []Zone{{"us-east-1a", "use1-az1"}, {"us-east-1b", "use1-az2"}, {"us-east-1c", "use1-az3"}},
		roles:    map[string]bool{"AWSServiceRoleForECS": true, "AWSServiceRoleForApplicationAutoScaling_ECSService": true},
		onDemand: 1000, spot: 1000, limit: 1000, free: 1000}
}

func TestReadiness(t *testing.T) {
	text, err := os.ReadFile("../../template/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	template, err := parameters.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change  func(*Account)
		set     string
		current map[string]string
		want    string // part of the only finding, "" for none
		fatal   bool
	}{
		"ready":                      {},
		"no ECS role":                {change: func(a *Account) { a.roles["AWSServiceRoleForECS"] = false }, want: "AWSServiceRoleForECS does not exist", fatal: true},
		"no role for scaling":        {change: func(a *Account) { a.roles["AWSServiceRoleForApplicationAutoScaling_ECSService"] = false }, want: "ecs.application-autoscaling.amazonaws.com", fatal: true},
		"roles unknown":              {change: func(a *Account) { a.roles, a.unknown = nil, []string{"AccessDenied: iam:GetRole"} }, want: "AccessDenied"},
		"small quota of Fargate":     {change: func(a *Account) { a.onDemand = 6 }, want: "the quota of Fargate is 6 vCPUs, but MaxTasks=20 needs 12"},
		"small quota of Spot":        {change: func(a *Account) { a.spot = 6 }, want: "the quota of Fargate Spot is 6 vCPUs, but MaxTasks=20 needs 28"},
		"no Fargate at all":          {change: func(a *Account) { a.onDemand = 1 }, want: "the quota of Fargate is 1 vCPUs", fatal: true},
		"quota enough for the tasks": {change: func(a *Account) { a.onDemand, a.spot = 8, 8 }, set: "MaxTasks=4"},
		"quota too small to deploy":  {change: func(a *Account) { a.onDemand, a.spot = 8, 7 }, set: "MaxTasks=4", want: "the quota of Fargate Spot is 7 vCPUs: enough for MaxTasks=4, but a deployment"},
		"quota unknown":              {change: func(a *Account) { a.onDemand, a.spot = -1, -1 }},
		"new account of Lambda":      {change: func(a *Account) { a.limit, a.free = 10, 10 }, want: "deploy with TokenConcurrency=0 and WaitConcurrency=0, which reserves none", fatal: true},
		"little left":                {change: func(a *Account) { a.limit, a.free = 1000, 150 }, want: "deploy with TokenConcurrency=25 and WaitConcurrency=25", fatal: true},
		"left for tokens":            {change: func(a *Account) { a.limit, a.free = 1000, 250 }, set: "TokenConcurrency=150 WaitConcurrency=50", want: "deploy with TokenConcurrency=113 and WaitConcurrency=37", fatal: true},
		"waits alone":                {change: func(a *Account) { a.limit, a.free = 1000, 150 }, set: "TokenConcurrency=0 WaitConcurrency=60", want: "deploy with TokenConcurrency=0 and WaitConcurrency=50", fatal: true},
		"none reserved":              {change: func(a *Account) { a.limit, a.free = 10, 10 }, set: "TokenConcurrency=0 WaitConcurrency=0"},
		"reserved by this stack": {change: func(a *Account) { a.limit, a.free = 300, 100 },
			current: map[string]string{"TokenConcurrency": "100", "WaitConcurrency": "100"}},
		"zone without Fargate":   {set: "ZoneA=us-east-1a ZoneB=us-east-1c", want: "choose two of us-east-1a, us-east-1b", fatal: true},
		"zone of another region": {set: "ZoneA=eu-west-1a ZoneB=us-east-1a", want: "eu-west-1a", fatal: true},
		"one zone twice":         {set: "ZoneA=us-east-1a ZoneB=us-east-1a", want: "the same zone", fatal: true},
		"zones of the stack": {current: map[string]string{"ZoneA": "us-east-1c", "ZoneB": "us-east-1a"},
			want: "tasks cannot start in the zone us-east-1c", fatal: true},
		"one zone": {change: func(a *Account) { a.Zones = a.Zones[1:] }, want: "1 zones", fatal: true},
	} {
		t.Run(name, func(t *testing.T) {
			a := readyAccount()
			if c.change != nil {
				c.change(a)
			}
			given, err := parameters.Parse(strings.Fields(c.set))
			if err != nil {
				t.Fatal(err)
			}
			current := func(name string) string { return c.current[name] }
			found := a.Assess(Wanted{Value: template.Values(given, current), Current: current})
			if c.want == "" {
				if len(found) > 0 {
					t.Errorf("%+v, want nothing", found)
				}
				return
			}
			if len(found) != 1 || !strings.Contains(fmt.Sprint(found[0]), c.want) || found[0].Fatal != c.fatal || found[0].Todo == "" {
				t.Errorf("%+v, want %q, fatal %v", found, c.want, c.fatal)
			}
		})
	}
}

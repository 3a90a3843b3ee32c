package account

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"darkroom/deploy/aws/internal/shell"
)

// Finding is something that a deployment needs and the account lacks.
type Finding struct {
	What  string
	Todo  string   // what to do about it
	Fix   []string // arguments of the aws command that repairs it; a deployment runs it
	Fatal bool     // the deployment would fail
}

// withoutFargate are the ids of the zones in which tasks of this template cannot start. Zone ids are the same in all
// accounts, unlike names. A stack can change its architecture, so a zone needs both. The guide names the zones of a
// region that have Fargate, and the zone without arm64:
//
//	https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html
//	https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html
var withoutFargate = []string{
	"use1-az3",  // no arm64
	"usw1-az2",  // only az1 and az3
	"apne1-az3", // only az1, az2 and az4
	"cac1-az3",  // only az1 and az2 in earlier editions of the guide; the current one names no limit in ca-central-1
	"cnn1-az3",  // only az1 and az2
}

// Usable returns the zones in which tasks can start.
func (a *Account) Usable() (zones []Zone) {
	for _, z := range a.Zones {
		if !slices.Contains(withoutFargate, z.ZoneId) {
			zones = append(zones, z)
		}
	}
	return zones
}

// Wanted has the parameters of a deployment.
type Wanted struct {
	Value   func(parameter string) string // value that a parameter will have
	Current func(parameter string) string // value that it has now, "" if the stack never completed
}

func (w Wanted) number(parameter string) float64 {
	n, err := strconv.ParseFloat(w.Value(parameter), 64)
	if err != nil {
		return 0
	}
	return n
}

// unreservable is the concurrency that Lambda never lets functions reserve.
const unreservable = 100

// Assess returns what the account lacks for a deployment.
func (a *Account) Assess(w Wanted) (all []Finding) {
	for _, l := range linkedRoles {
		if exists, known := a.roles[l.role]; known && !exists {
			all = append(all, Finding{What: "the service-linked role " + l.role + " does not exist", Todo: "it must be created once in each account", Fatal: true,
				Fix: []string{"iam", "create-service-linked-role", "--aws-service-name", l.service}})
		}
	}
	all = append(all, a.assessZones(w)...)
	all = append(all, a.assessFargate(w)...)
	all = append(all, a.assessConcurrency(w)...)
	for _, u := range a.unknown {
		all = append(all, Finding{What: "could not be checked: " + strings.TrimSpace(u), Todo: "see deployer-policy.json for the permissions of a deployer"})
	}
	return all
}

func (a *Account) assessZones(w Wanted) (all []Finding) {
	usable := a.Usable()
	first, second := w.Value("ZoneA"), w.Value("ZoneB")
	if first != "" && first == second {
		all = append(all, Finding{What: "ZoneA and ZoneB are the same zone, " + first, Todo: "choose two", Fatal: true})
	}
	var names []string
	for _, z := range usable {
		names = append(names, z.ZoneName)
	}
	for _, name := range []string{first, second} {
		if name == "" {
			continue
		}
		if !slices.Contains(names, name) {
			all = append(all, Finding{What: "tasks cannot start in the zone " + name, Todo: "choose two of " + strings.Join(names, ", ") + " as ZoneA and ZoneB", Fatal: true})
		}
	}
	if len(usable) < 2 {
		all = append(all, Finding{What: fmt.Sprintf("the region has %d zones in which Fargate tasks can start", len(usable)), Todo: "choose another region", Fatal: true})
	}
	return all
}

// assessFargate compares the quotas of vCPUs with the most tasks, and with twice as many: a deployment starts new tasks
// before it stops old ones, up to MaximumPercent. Without a vCPU to spare it can wait for as long as the load lasts.
func (a *Account) assessFargate(w Wanted) (all []Finding) {
	most, base, onDemand, spot, vcpu := w.number("MaxTasks"), w.number("OnDemandBase"), w.number("OnDemandWeight"), w.number("SpotWeight"), w.number("TaskVcpu")
	base = min(base, most)
	onDemandTasks := base + math.Ceil((most-base)*onDemand/max(1, onDemand+spot))
	for _, q := range []struct {
		name, code   string
		quota, tasks float64
	}{{"Fargate", quotaOnDemand, a.onDemand, onDemandTasks}, {"Fargate Spot", quotaSpot, a.spot, most - onDemandTasks}} {
		need := q.tasks * vcpu
		switch {
		case q.quota < 0:
		case q.quota < need:
			all = append(all, Finding{
				What:  fmt.Sprintf("the quota of %s is %g vCPUs, but MaxTasks=%g needs %g", q.name, q.quota, most, need),
				Todo:  fmt.Sprintf("request an increase: aws service-quotas request-service-quota-increase --service-code fargate --quota-code %s --desired-value %g", q.code, need),
				Fatal: q.code == quotaOnDemand && q.quota < vcpu})
		case q.quota < 2*need:
			all = append(all, Finding{
				What: fmt.Sprintf("the quota of %s is %g vCPUs: enough for MaxTasks=%g, but a deployment under full load runs up to twice as many", q.name, q.quota, most),
				Todo: fmt.Sprintf("deploy while few tasks run, or request an increase: aws service-quotas request-service-quota-increase --service-code fargate --quota-code %s --desired-value %g", q.code, 2*need)})
		}
	}
	return all
}

// assessConcurrency checks that Lambda can reserve what TokenConcurrency and WaitConcurrency say together. What the
// stack reserves already is available. If too little is left, the finding proposes to share it in the same proportion.
func (a *Account) assessConcurrency(w Wanted) []Finding {
	tokens, waits := w.number("TokenConcurrency"), w.number("WaitConcurrency")
	reserve := tokens + waits
	if reserve == 0 || a.free < 0 {
		return nil
	}
	reserved := 0.0
	for _, name := range []string{"TokenConcurrency", "WaitConcurrency"} {
		n, _ := strconv.ParseFloat(w.Current(name), 64) // a stack of an earlier release may lack one of them
		reserved += n
	}
	left := a.free + reserved - unreservable
	if reserve <= left {
		return nil
	}
	forTokens := math.Ceil(max(0, left) * tokens / reserve)
	todo := fmt.Sprintf("request an increase: aws service-quotas request-service-quota-increase --service-code lambda --quota-code %s --desired-value %g; until then deploy with TokenConcurrency=%g and WaitConcurrency=%g",
		quotaConcurrency, a.limit+reserve-left, forTokens, max(0, left)-forTokens)
	if left < 1 {
		todo += ", which reserves none"
	}
	return []Finding{{What: fmt.Sprintf("TokenConcurrency=%g and WaitConcurrency=%g cannot be reserved: the account's quota is %g, and functions can reserve %g more of it", tokens, waits, a.limit, max(0, left)), Todo: todo, Fatal: true}}
}

// Report prints findings and returns how many are fatal.
func Report(out io.Writer, found []Finding) (fatal int) {
	for _, f := range found {
		kind := "warning"
		if f.Fatal {
			kind = "missing"
			fatal++
		}
		fmt.Fprintf(out, "%s: %s\n    %s\n", kind, f.What, f.Todo)
		if f.Fix != nil {
			fmt.Fprintf(out, "    aws %s\n", shell.Quote(f.Fix))
		}
	}
	return fatal
}

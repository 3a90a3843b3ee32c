package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// account is what a deployment needs to know about the account and the region.
type account struct {
	id       string
	zones    []zone          // availability zones that are open to the account
	roles    map[string]bool // service-linked roles, and whether they exist
	onDemand float64         // quota of Fargate vCPUs, -1 if unknown
	spot     float64         // quota of Fargate Spot vCPUs, -1 if unknown
	limit    float64         // concurrent executions of all functions, -1 if unknown
	free     float64         // those that no function reserves, -1 if unknown
	unknown  []string        // what could not be read, and why
}

type zone struct{ ZoneName, ZoneId string }

// linkedRoles are the service-linked roles that the stack needs, with the service that has each. Services create them on
// first use in the console, but CloudFormation may come before they exist:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html
var linkedRoles = []struct{ role, service string }{
	{"AWSServiceRoleForECS", "ecs.amazonaws.com"},
	{"AWSServiceRoleForApplicationAutoScaling_ECSService", "ecs.application-autoscaling.amazonaws.com"},
}

// Codes of quotas: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html and
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	quotaOnDemand    = "L-3032A538" // service fargate
	quotaSpot        = "L-36FBB829" // service fargate
	quotaConcurrency = "L-B99A9384" // service lambda
)

// inspect reads the account. Only credentials and a region that do not work are an error: what else cannot be read is
// unknown.
func (f stackFlags) inspect(ctx context.Context, sh *shell) (*account, error) {
	a := &account{roles: map[string]bool{}, onDemand: -1, spot: -1, limit: -1, free: -1}
	var caller struct{ Account string }
	if err := sh.query(ctx, &caller, f.aws("sts", "get-caller-identity")); err != nil {
		return nil, fmt.Errorf("the credentials do not work: %w", err)
	}
	a.id = caller.Account
	var zones struct{ AvailabilityZones []zone }
	if err := sh.query(ctx, &zones, f.aws("ec2", "describe-availability-zones", "--filters", "Name=zone-type,Values=availability-zone", "Name=state,Values=available")); err != nil {
		return nil, fmt.Errorf("the region %s cannot be used: %w", f.Region, err)
	}
	a.zones = zones.AvailabilityZones
	for _, l := range linkedRoles {
		switch err := sh.query(ctx, &struct{}{}, f.aws("iam", "get-role", "--role-name", l.role)); {
		case err == nil:
			a.roles[l.role] = true
		case strings.Contains(err.Error(), "NoSuchEntity"):
			a.roles[l.role] = false
		default:
			a.unknown = append(a.unknown, err.Error())
		}
	}
	for _, q := range []struct {
		code  string
		value *float64
	}{{quotaOnDemand, &a.onDemand}, {quotaSpot, &a.spot}} {
		var quota struct{ Quota struct{ Value float64 } }
		if err := sh.query(ctx, &quota, f.aws("service-quotas", "get-service-quota", "--service-code", "fargate", "--quota-code", q.code)); err != nil {
			a.unknown = append(a.unknown, err.Error())
		} else if !sh.dry {
			*q.value = quota.Quota.Value
		}
	}
	var functions struct {
		AccountLimit struct{ ConcurrentExecutions, UnreservedConcurrentExecutions float64 }
	}
	if err := sh.query(ctx, &functions, f.aws("lambda", "get-account-settings")); err != nil {
		a.unknown = append(a.unknown, err.Error())
	} else if !sh.dry {
		a.limit, a.free = functions.AccountLimit.ConcurrentExecutions, functions.AccountLimit.UnreservedConcurrentExecutions
	}
	return a, nil
}

// existingStack is a stack as CloudFormation describes it. An empty status means that there is none.
type existingStack struct {
	status     string
	parameters map[string]string
}

// completed reports whether the stack has ever been deployed.
func (s existingStack) completed() bool {
	switch s.status {
	case "", "REVIEW_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED":
		return false
	}
	return true
}

// describe reads a stack.
func (f stackFlags) describe(ctx context.Context, sh *shell, name string) (existingStack, error) {
	var out struct {
		Stacks []struct {
			StackStatus string
			Parameters  []struct{ ParameterKey, ParameterValue string }
		}
	}
	err := sh.query(ctx, &out, f.aws("cloudformation", "describe-stacks", "--stack-name", name))
	if err != nil && strings.Contains(err.Error(), "does not exist") {
		return existingStack{}, nil
	}
	if err != nil || len(out.Stacks) != 1 {
		return existingStack{}, err
	}
	s := existingStack{status: out.Stacks[0].StackStatus, parameters: map[string]string{}}
	for _, p := range out.Stacks[0].Parameters {
		s.parameters[p.ParameterKey] = p.ParameterValue
	}
	return s, nil
}

// query runs a command that answers with JSON. Its error has what the command says. In a dry run, out stays as it is.
func (s *shell) query(ctx context.Context, out any, args []string) error {
	text, err := s.quietly(ctx, args)
	if err != nil || s.dry {
		return err
	}
	if len(strings.TrimSpace(string(text))) == 0 {
		text = []byte("{}")
	}
	if err := json.Unmarshal(text, out); err != nil {
		return explain(args, err)
	}
	return nil
}

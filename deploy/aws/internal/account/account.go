// Package account reads what a deployment needs to know about an AWS account and a region, and says what they lack.
//
// It changes nothing. Only credentials or a region that do not work are an error. Anything else that cannot be read
// becomes a finding.
package account

import (
	"context"
	"fmt"
	"strings"

	"darkroom/deploy/aws/internal/awscli"
)

// Account is what a deployment needs to know about the account and the region.
type Account struct {
	ID       string          // 12 digits
	Zones    []Zone          // availability zones that are open to the account
	roles    map[string]bool // service-linked roles, and whether they exist
	onDemand float64         // quota of Fargate vCPUs, -1 if unknown
	spot     float64         // quota of Fargate Spot vCPUs, -1 if unknown
	limit    float64         // concurrent executions of all functions, -1 if unknown
	free     float64         // executions that no function reserves, -1 if unknown
	unknown  []string        // what could not be read, and why
}

// Zone is an availability zone. Its id is the same in all accounts, unlike its name.
type Zone struct{ ZoneName, ZoneId string }

// linkedRoles are the service-linked roles that the stack needs, with the service that has each. Services create them
// on first use in the console, but CloudFormation may come before they exist:
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

// Inspect reads the account of the CLI's credentials, and its region.
func Inspect(ctx context.Context, cli awscli.CLI) (*Account, error) {
	a := &Account{roles: map[string]bool{}, onDemand: -1, spot: -1, limit: -1, free: -1}
	var caller struct{ Account string }
	if err := cli.Ask(ctx, &caller, "sts", "get-caller-identity"); err != nil {
		return nil, fmt.Errorf("the credentials do not work: %w", err)
	}
	a.ID = caller.Account
	var zones struct{ AvailabilityZones []Zone }
	if err := cli.Ask(ctx, &zones, "ec2", "describe-availability-zones", "--filters", "Name=zone-type,Values=availability-zone", "Name=state,Values=available"); err != nil {
		return nil, fmt.Errorf("the region %s cannot be used: %w", cli.Region, err)
	}
	a.Zones = zones.AvailabilityZones
	for _, l := range linkedRoles {
		switch err := cli.Ask(ctx, &struct{}{}, "iam", "get-role", "--role-name", l.role); {
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
		if err := cli.Ask(ctx, &quota, "service-quotas", "get-service-quota", "--service-code", "fargate", "--quota-code", q.code); err != nil {
			a.unknown = append(a.unknown, err.Error())
		} else if !cli.Dry {
			*q.value = quota.Quota.Value
		}
	}
	var functions struct {
		AccountLimit struct{ ConcurrentExecutions, UnreservedConcurrentExecutions float64 }
	}
	if err := cli.Ask(ctx, &functions, "lambda", "get-account-settings"); err != nil {
		a.unknown = append(a.unknown, err.Error())
	} else if !cli.Dry {
		a.limit, a.free = functions.AccountLimit.ConcurrentExecutions, functions.AccountLimit.UnreservedConcurrentExecutions
	}
	return a, nil
}

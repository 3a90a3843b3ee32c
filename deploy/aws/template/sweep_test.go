package template

import (
	"encoding/json"
	"fmt"
	"slices"

	"darkroom/deploy/testkit/cfn"
)

var sweepRules = []rule{
	// The sweep runs as the operators' task, with the least rights, and somebody hears of a failure of each kind.
	{"sweep", func(s *stack) (bad []string) {
		fault := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
		wanted := s.parameters["Sweep"] != "no"
		for _, name := range []string{"SweepTimer", "SweepRole", "SweepGroup", "SweepAlarm"} {
			if (s.resources[name] != nil) != wanted {
				fault("%s exists: %v, want %v", name, !wanted, wanted)
			}
		}
		if !wanted || len(bad) > 0 {
			return bad
		}
		timer := s.properties("SweepTimer")
		target, _ := cfn.Lookup(timer, "Target").(object)
		run := cfn.Lookup(target, "EcsParameters")
		public := textAt(s.taskNetwork(), "AwsvpcConfiguration", "AssignPublicIp")
		network := cfn.Lookup(run, "NetworkConfiguration", "AwsvpcConfiguration")
		if textAt(network, "AssignPublicIp") != public || len(listAt(network, "Subnets")) != 2 || textAt(network, "SecurityGroups", 0) != "${WorkerAccess}" {
			fault("the sweep runs in the network %v", network)
		}
		if textAt(target, "Arn") != "${Cluster.Arn}" || textAt(target, "RoleArn") != "${SweepRole.Arn}" || textAt(run, "TaskDefinitionArn") != "${OperatorTask}" ||
			textAt(run, "LaunchType") != "FARGATE" || numberAt(run, "TaskCount") != 1 {
			fault("the schedule starts %v", target)
		}
		if age := numberAt(target, "RetryPolicy", "MaximumEventAgeInSeconds"); age < 60 || age > 3600 {
			fault("a sweep that does not start is tried for %v s", age)
		}
		var input struct {
			ContainerOverrides []struct {
				Name    string
				Command []string
			}
		}
		if err := json.Unmarshal([]byte(textAt(target, "Input")), &input); err != nil || len(input.ContainerOverrides) != 1 {
			fault("overrides %s: %v", textAt(target, "Input"), err)
		} else if o := input.ContainerOverrides[0]; o.Name != textAt(s.properties("OperatorTask"), container, 0, "Name") || !slices.Equal(o.Command, []string{"sweep", "--changed-within", "72h"}) {
			fault("overrides %+v", o)
		}
		role := s.properties("SweepRole")
		if textAt(role, "AssumeRolePolicyDocument", "Statement", 0, "Condition", "ArnEquals", "aws:SourceArn") != "${SweepGroup.Arn}" {
			fault("other schedules may assume the role")
		}
		policy := cfn.Lookup(role, "Policies", 0, "PolicyDocument", "Statement")
		if textAt(policy, 0, "Condition", "ArnEquals", "ecs:cluster") != "${Cluster.Arn}" {
			fault("the role may start tasks in other clusters")
		}
		if textAt(policy, 1, "Condition", "StringEquals", "iam:PassedToService") != "ecs-tasks.amazonaws.com" {
			fault("the role may pass roles to other services")
		}
		failed := cfn.Lookup(s.properties("OperatorFailed"), "EventPattern", "detail")
		if textAt(failed, "taskDefinitionArn", 0) != "${OperatorTask}" || textAt(failed, "lastStatus", 0) != "STOPPED" ||
			textAt(failed, "$or", 0, "containers", "exitCode", 0, "anything-but") != "0" || textAt(failed, "$or", 1, "stopCode", 0) != "TaskFailedToStart" {
			fault("not every failed task is reported: %v", failed)
		}
		if group := textAt(timer, "GroupName"); group != "${SweepGroup}" || textAt(s.properties("SweepAlarm"), "Dimensions", 0, "Value") != group {
			fault("the alarm is not about the schedule's group %s", group)
		}
		return bad
	}},
}

package template

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"darkroom/deploy/testkit/cfn"
)

// eventRules are the rules of EventBridge, with what each must match and where it sends.
func eventRules(s *stack) map[string]struct {
	pattern object
	target  string
} {
	type row = struct {
		pattern object
		target  string
	}
	want := map[string]row{
		"DeploymentFailed": {object{"source": []any{"aws.ecs"}, "detail-type": []any{"ECS Deployment State Change"}, "resources": []any{"${WorkerService}"},
			"detail": object{"eventName": []any{"SERVICE_DEPLOYMENT_FAILED"}}}, "${Alarms}"},
		"OperatorFailed": {object{"source": []any{"aws.ecs"}, "detail-type": []any{"ECS Task State Change"},
			"detail": object{"clusterArn": []any{"${Cluster.Arn}"}, "taskDefinitionArn": []any{"${OperatorTask}"}, "lastStatus": []any{"STOPPED"},
				"$or": []any{object{"containers": object{"exitCode": []any{object{"anything-but": 0}}}}, object{"stopCode": []any{"TaskFailedToStart"}}}}}, "${Alarms}"},
	}
	if s.param("FastScaler") == "yes" {
		want["ScalerTimer"] = row{target: "${ScalerFunction.Arn}"}
	}
	if s.param("OutcomeEvents") == "yes" {
		want["OutcomeRule"] = row{object{"source": []any{"aws.s3"}, "detail-type": []any{"Object Created"},
			"detail": object{"bucket": object{"name": []any{"${VariantsBucket}"}}, "object": object{"key": []any{object{"suffix": "/manifest.json"}}}}},
			// without the ":*" of the group's own ARN, to which no event is delivered
			"arn:aws:logs:us-east-1:123456789012:log-group:${OutcomeLogs}"}
	}
	return want
}

var deliveryRules = []rule{
	// An event reaches its target, or a queue that keeps it.
	{"delivery of events", func(s *stack) (bad []string) {
		want := eventRules(s)
		for name, p := range s.ofType("AWS::Events::Rule") {
			row, known := want[name]
			if !known {
				bad = append(bad, name+" sends events that nobody asked for")
			}
			delete(want, name)
			var pattern any = row.pattern
			schedule, keeper := "", object{"Arn": "${LostEvents.Arn}"}
			if name == "ScalerTimer" {
				pattern, schedule, keeper = nil, "rate(1 minute)", nil // an old start is of no use
			}
			if d := cmp.Diff(pattern, p["EventPattern"]); d != "" {
				bad = append(bad, fmt.Sprintf("%s matches other events: -needed +is\n%s", name, d))
			}
			for _, odd := range []string{"State", "EventBusName", "RoleArn"} {
				if p[odd] != nil {
					bad = append(bad, fmt.Sprintf("%s has %s %v", name, odd, p[odd]))
				}
			}
			if textAt(p, "ScheduleExpression") != schedule {
				bad = append(bad, name+" runs at "+textAt(p, "ScheduleExpression"))
			}
			if len(listAt(p, "Targets")) != 1 {
				bad = append(bad, name+" does not have one target")
			}
			target, _ := cfn.Lookup(p, "Targets", 0).(object)
			need := object{"Id": target["Id"], "Arn": row.target}
			if keeper != nil {
				need["DeadLetterConfig"] = keeper
			}
			if d := cmp.Diff(need, target); d != "" || textAt(target, "Id") == "" {
				bad = append(bad, fmt.Sprintf("%s: target -needed +is\n%s", name, d))
			}
			watched := name == "ScalerTimer" && s.resources["ScalerAlarm"] != nil // the alarm notices missing invocations
			for alarm, a := range s.ofType("AWS::CloudWatch::Alarm") {
				watched = watched || textAt(a, "MetricName") == "FailedInvocations" && textAt(a, "Dimensions", 0, "Value") == "${"+name+"}" && alarms[alarm].metric == "FailedInvocations"
			}
			if !watched {
				bad = append(bad, "no alarm says that "+name+" fails")
			}
		}
		for name := range want {
			bad = append(bad, name+" is missing")
		}
		return bad
	}},
	{"topic", func(s *stack) (bad []string) {
		// Encrypted with a key, the topic would need permissions for CloudWatch and EventBridge.
		bad = append(bad, s.lack("Alarms", object{}, "DisplayName")...)
		if mail := s.param("AlarmEmail"); mail != "" {
			bad = append(bad, s.lack("AlarmsByMail", object{"TopicArn": "${Alarms}", "Protocol": "email", "Endpoint": mail})...)
		} else if s.resources["AlarmsByMail"] != nil {
			bad = append(bad, "somebody without an address is subscribed")
		}
		return bad
	}},
	// Logs go to groups that are named after the stack, and are kept for LogDays.
	{"log groups", func(s *stack) (bad []string) {
		want := map[string]string{"TokenLogs": "/darkroom/stack-name/token", "ApiLogs": "/darkroom/stack-name/api", "WorkerLogs": "/darkroom/stack-name/worker"}
		if s.param("OutcomeEvents") == "yes" {
			want["OutcomeLogs"] = "/aws/events/stack-name/outcomes" // EventBridge requires the prefix
		}
		if s.param("CollectorImage") != "" {
			want["WorkerMetrics"] = "/darkroom/stack-name/metrics"
		}
		if s.param("FastScaler") == "yes" {
			want["ScalerLogs"] = "/darkroom/stack-name/scaler"
		}
		for name, group := range s.ofType("AWS::Logs::LogGroup") {
			if want[name] == "" {
				bad = append(bad, name+" is not needed")
			}
			bad = append(bad, s.lack(name, object{"LogGroupName": want[name], "RetentionInDays": group["RetentionInDays"]})...)
			if textAt(group, "RetentionInDays") != s.param("LogDays") {
				bad = append(bad, fmt.Sprintf("%s keeps its logs for %v days, LogDays is %s", name, group["RetentionInDays"], s.param("LogDays")))
			}
			delete(want, name)
		}
		for name := range want {
			bad = append(bad, name+" is missing")
		}
		for name, task := range s.ofType("AWS::ECS::TaskDefinition") {
			for _, c := range listAt(task, "ContainerDefinitions") {
				options, _ := cfn.Lookup(c, "LogConfiguration", "Options").(object)
				if textAt(c, "LogConfiguration", "LogDriver") != "awslogs" || textAt(options, "awslogs-group") != "${WorkerLogs}" || textAt(options, "awslogs-region") != "us-east-1" ||
					textAt(options, "awslogs-stream-prefix") != textAt(c, "Name") {
					bad = append(bad, fmt.Sprintf("%s: %s logs to %v", name, textAt(c, "Name"), options))
				}
				// Logs must not stop a worker that serves; an operator's command may wait for them.
				if name == "WorkerTask" && (textAt(options, "mode") != "non-blocking" || !slices.Contains([]string{"1m", "4m"}, textAt(options, "max-buffer-size"))) {
					bad = append(bad, fmt.Sprintf("%s: %s stops while its logs cannot be written: %v", name, textAt(c, "Name"), options))
				}
				for option := range options {
					if !strings.HasPrefix(option, "awslogs-") && option != "mode" && option != "max-buffer-size" || option == "awslogs-datetime-format" || option == "awslogs-multiline-pattern" {
						bad = append(bad, fmt.Sprintf("%s: unknown option %s", name, option))
					}
				}
			}
		}
		return bad
	}},
}

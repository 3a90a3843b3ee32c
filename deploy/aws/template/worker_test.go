package template

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"darkroom/deploy/testkit/cfn"
)

// pollSeconds is the default of the worker's POLL_WAIT. The template does not set it.
const pollSeconds = 20

// unprivileged matches a user and a group by number, neither of them root. A name would have to exist in the image.
var unprivileged = regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`)

var workerRules = []rule{
	// On Fargate stopTimeout is at most 120 s, which is also the notice that Spot gives
	// (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html). The drain starts at
	// SIGTERM.
	{"stopping", func(s *stack) (bad []string) {
		drain := numberAt(object{"v": s.env("WorkerTask")["DRAIN_TIMEOUT"]}, "v")
		if drain*4/5 < pollSeconds {
			bad = append(bad, fmt.Sprintf("a drain of %v s is too short for a poll of %v s", drain, pollSeconds))
		}
		for name, task := range s.ofType("AWS::ECS::TaskDefinition") {
			for _, c := range listAt(task, "ContainerDefinitions") {
				if stop := numberAt(c, "StopTimeout"); stop <= drain || stop > 120 {
					bad = append(bad, fmt.Sprintf("%s: %s is killed %v s after SIGTERM, the drain takes %v s", name, textAt(c, "Name"), stop, drain))
				}
			}
		}
		return bad
	}},
	{"containers", func(s *stack) (bad []string) {
		for name, task := range s.ofType("AWS::ECS::TaskDefinition") {
			if textAt(task, "NetworkMode") != "awsvpc" {
				bad = append(bad, name+" does not run on Fargate")
			}
			memory := 0.0
			for _, c := range listAt(task, "ContainerDefinitions") {
				who := name + ": " + textAt(c, "Name")
				if cfn.Lookup(c, "ReadonlyRootFilesystem") != true {
					bad = append(bad, who+" can write to its root file system")
				}
				if user := textAt(c, "User"); !unprivileged.MatchString(user) {
					bad = append(bad, who+" may run as root")
				}
				if cfn.Lookup(c, "Privileged") != nil || !slices.Equal(textsAt(c, "LinuxParameters", "Capabilities", "Drop"), []string{"ALL"}) || cfn.Lookup(c, "LinuxParameters", "Capabilities", "Add") != nil {
					bad = append(bad, who+" has capabilities")
				}
				memory += numberAt(c, "Memory")
			}
			if memory != numberAt(task, "Memory") {
				bad = append(bad, fmt.Sprintf("%s: its containers have %v MB of memory, the task has %v", name, memory, numberAt(task, "Memory")))
			}
		}
		return bad
	}},
	{"size", func(s *stack) (bad []string) {
		task, env := s.properties("WorkerTask"), s.env("WorkerTask")
		renders := numberAt(object{"v": env["RENDERS"]}, "v")
		if cpu := numberAt(task, "Cpu"); cpu != 1024*renders || numberAt(task, "Memory") != 2048*renders || numberAt(object{"v": env["SLOTS"]}, "v") != 4*renders {
			bad = append(bad, fmt.Sprintf("RENDERS is %v on %v units of CPU, SLOTS is %s", renders, cpu, env["SLOTS"]))
		}
		// What the API promises is for the budget that a worker has by default: 60 % of its container's memory.
		memory := int64(numberAt(cfn.Lookup(task, "ContainerDefinitions", 0), "Memory"))
		given := numberAt(s.properties("TokenFunction"), "Environment", "Variables", "MEMORY_BUDGET")
		if budget := memory << 20 / 5 * 3; int64(given) != budget {
			bad = append(bad, fmt.Sprintf("the API's MEMORY_BUDGET is %.0f, the workers' is %d", given, budget))
		}
		return bad
	}},
	{"service", func(s *stack) (bad []string) {
		p := s.properties("WorkerService")
		if cfn.Lookup(p, "DeploymentConfiguration", "DeploymentCircuitBreaker", "Enable") != true || cfn.Lookup(p, "DeploymentConfiguration", "DeploymentCircuitBreaker", "Rollback") != true {
			bad = append(bad, "a failed deployment is not rolled back")
		}
		// A worker is healthy once its settings work. A deployment whose tasks never are must fail soon, without the
		// old tasks being stopped, and a start that takes as long as a new permission must not.
		check := cfn.Lookup(s.properties("WorkerTask"), "ContainerDefinitions", 0, "HealthCheck")
		start := numberAt(check, "StartPeriod")
		if end := start + numberAt(check, "Interval")*numberAt(check, "Retries"); !slices.Equal(textsAt(check, "Command"), []string{"CMD", "/worker", "healthcheck"}) || start < 60 || end > 120 {
			bad = append(bad, fmt.Sprintf("a worker that does not start is replaced after %v s, of which the first %v count for nothing", end, start))
		}
		if numberAt(p, "DeploymentConfiguration", "MinimumHealthyPercent") < 100 {
			bad = append(bad, "a deployment stops tasks before the new ones are healthy")
		}
		if cfn.Lookup(p, "DesiredCount") != nil {
			bad = append(bad, "each deployment resets the number of tasks")
		}
		var providers []string
		for _, c := range listAt(p, "CapacityProviderStrategy") {
			providers = append(providers, textAt(c, "CapacityProvider"))
		}
		if !slices.Equal(providers, []string{"FARGATE", "FARGATE_SPOT"}) || numberAt(p, "CapacityProviderStrategy", 0, "Base") < 0 {
			bad = append(bad, fmt.Sprintf("the workers run on %v", providers))
		}
		if cfn.Lookup(p, "EnableExecuteCommand") == true {
			bad = append(bad, "a worker allows a shell")
		}
		return bad
	}},
	// The fast scaler starts every minute, polls until the next one starts, and does not repeat an old invocation. Its
	// settings agree with those of the workers.
	{"fast scaler", func(s *stack) (bad []string) {
		f, target := s.properties("ScalerFunction"), s.properties("Scaling")
		if f == nil {
			if s.parameters["FastScaler"] != "no" {
				bad = append(bad, "there is no fast scaler")
			}
			return bad
		}
		if textAt(f, "PackageType") != "Image" || textAt(f, "Code", "ImageUri") != strings.TrimSuffix(s.param("WorkerImage"), ".zstd") || !slices.Equal(textsAt(f, "ImageConfig", "Command"), []string{"scale"}) ||
			cfn.Lookup(f, "ImageConfig", "EntryPoint") != nil || textAt(f, "Role") != "${ScalerRole.Arn}" {
			bad = append(bad, "the function does not run the command scale of the workers' image")
		}
		if numberAt(f, "Timeout") != 60 || textAt(s.properties("ScalerTimer"), "ScheduleExpression") != "rate(1 minute)" || textAt(s.properties("ScalerTimer"), "State") == "DISABLED" {
			bad = append(bad, "it does not poll all the time")
		}
		if textAt(s.properties("ScalerTimer"), "Targets", 0, "Arn") != "${ScalerFunction.Arn}" || textAt(s.properties("ScalerMayStart"), "SourceArn") != "${ScalerTimer.Arn}" ||
			textAt(s.properties("ScalerMayStart"), "FunctionName") != "${ScalerFunction}" || textAt(s.properties("ScalerMayStart"), "Principal") != "events.amazonaws.com" ||
			textAt(s.properties("ScalerMayStart"), "Action") != "lambda:InvokeFunction" {
			bad = append(bad, "nothing starts it")
		}
		if p := s.properties("ScalerRetries"); numberAt(p, "MaximumRetryAttempts") != 0 || numberAt(p, "MaximumEventAgeInSeconds") != 60 || textAt(p, "FunctionName") != "${ScalerFunction}" {
			bad = append(bad, "old invocations are repeated")
		}
		const startUp = 45 // seconds, the default of SCALE_START_UP
		if least := numberAt(s.template.Section("Parameters"), "FastSeconds", "MinValue"); least <= startUp {
			bad = append(bad, fmt.Sprintf("an objective of %v s is accepted, which new workers cannot meet", least))
		}
		env := environments(s)["scaler"]
		if env["MIN_TASKS"] != textAt(target, "MinCapacity") || env["MAX_TASKS"] != textAt(target, "MaxCapacity") || env["RENDERS"] != s.env("WorkerTask")["RENDERS"] ||
			env["QUEUE_URL"] != s.env("WorkerTask")["QUEUE_URL"] || env["ECS_SERVICE"] != "${WorkerService.Name}" || env["ECS_CLUSTER"] != "${Cluster}" {
			bad = append(bad, fmt.Sprintf("its settings differ from the workers': %v", env))
		}
		if a := s.properties("ScalerAlarm"); numberAt(a, "Threshold") != 1 || textAt(a, "ComparisonOperator") != "LessThanThreshold" || numberAt(a, "EvaluationPeriods") > 3 ||
			textAt(a, "Metrics", 0, "MetricStat", "Metric", "Dimensions", 0, "Value") != "${ScalerFunction}" || textAt(a, "Metrics", 1, "MetricStat", "Metric", "Dimensions", 0, "Value") != "${ScalerFunction}" {
			bad = append(bad, "nobody is told when it fails")
		}
		return bad
	}},
	{"logs", func(s *stack) (bad []string) {
		for name, g := range s.ofType("AWS::Logs::LogGroup") {
			if numberAt(g, "RetentionInDays") < 1 {
				bad = append(bad, name+" keeps its logs for ever")
			}
		}
		group := func(where, ref string) {
			name := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(ref, ".Arn}"), "${"), "}")
			if textAt(s.resources, name, "Type") != "AWS::Logs::LogGroup" {
				bad = append(bad, where+" logs to "+ref+", which is not a log group of this stack")
			}
		}
		for name, f := range s.ofType("AWS::Lambda::Function") {
			group(name, textAt(f, "LoggingConfig", "LogGroup"))
		}
		for name, stage := range s.ofType("AWS::ApiGatewayV2::Stage") {
			group(name, textAt(stage, "AccessLogSettings", "DestinationArn"))
			if format := strings.ToLower(textAt(stage, "AccessLogSettings", "Format")); strings.Contains(format, "header") || strings.Contains(format, "claims") {
				bad = append(bad, name+" logs headers or claims")
			}
		}
		for name, task := range s.ofType("AWS::ECS::TaskDefinition") {
			for _, c := range listAt(task, "ContainerDefinitions") {
				group(name, textAt(c, "LogConfiguration", "Options", "awslogs-group"))
			}
		}
		return bad
	}},
	// All commands of a system must render a photo alike. Otherwise backfill takes every photo for outdated.
	{"one recipe", func(s *stack) (bad []string) {
		worker, operator, lambda := s.env("WorkerTask"), s.env("OperatorTask"), s.properties("TokenFunction")
		for _, name := range slices.Sorted(maps.Keys(operator)) {
			if worker[name] != operator[name] && name != "REJECTED_DAYS" { // only the sweep reads it
				bad = append(bad, fmt.Sprintf("%s: workers have %q, operators %q", name, worker[name], operator[name]))
			}
		}
		for _, name := range []string{"MAX_BYTES", "MAX_PIXELS", "UPLOADS_BUCKET", "VARIANTS_BUCKET"} {
			if got := textAt(lambda, "Environment", "Variables", name); got != worker[name] {
				bad = append(bad, fmt.Sprintf("%s: workers have %q, the API %q", name, worker[name], got))
			}
		}
		return bad
	}},
}

// TestFunctionsMayFetchTheImage checks that the registry lets Lambda fetch the image of the fast scaler, for functions
// of this account only.
func TestFunctionsMayFetchTheImage(t *testing.T) {
	s, err := resolve(read(t, "artifacts.yaml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	statements := listAt(s.properties("Images"), "RepositoryPolicyText", "Statement")
	if len(statements) != 1 {
		t.Fatalf("%d statements, want 1", len(statements))
	}
	st := statements[0]
	if !slices.Equal(textsAt(st, "Action"), []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}) || textAt(st, "Principal", "Service") != "lambda.amazonaws.com" ||
		textAt(st, "Effect") != "Allow" || textAt(st, "Condition", "ArnLike", "aws:SourceArn") != "arn:aws:lambda:us-east-1:123456789012:function:*" {
		t.Errorf("%v", st)
	}
}

package template

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"darkroom/deploy/testkit/cfn"
)

// fargateSizes are the memory sizes in MB that Fargate offers with a number of CPU units, from least to most and the
// step: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
var fargateSizes = map[int]struct{ least, most, step int }{
	256: {512, 2048, 512}, 512: {1024, 4096, 1024}, 1024: {2048, 8192, 1024}, 2048: {4096, 16384, 1024}, 4096: {8192, 30720, 1024}, 8192: {16384, 61440, 4096},
}

// taskNeeds are the role and the command of each task. Each task has a role of its own, because a program gets all
// permissions of its role.
var taskNeeds = map[string]struct {
	role, container string
	command         []string
	cpu             string // "" for the size that TaskVcpu says
}{
	"WorkerTask":   {"WorkerRole", "worker", []string{"run"}, ""},
	"OperatorTask": {"OperatorRole", "operator", []string{"dlq", "list"}, "256"},
}

// containerProperties are the properties that a container may have. Others change what it runs, reaches or may do, such
// as EntryPoint, Privileged, Secrets, PortMappings, MountPoints or Ulimits.
var containerProperties = []string{"Name", "Image", "Command", "Essential", "User", "ReadonlyRootFilesystem", "LinuxParameters", "Memory", "StopTimeout", "HealthCheck",
	"LogConfiguration", "Environment"}

var taskRules = []rule{
	{"tasks", func(s *stack) (bad []string) {
		for name, task := range s.ofType("AWS::ECS::TaskDefinition") {
			need, known := taskNeeds[name]
			if !known {
				bad = append(bad, name+" is a task that nobody needs")
				continue
			}
			cpu, memory := int(numberAt(task, "Cpu")), int(numberAt(task, "Memory"))
			if size, ok := fargateSizes[cpu]; !ok || memory < size.least || memory > size.most || (memory-size.least)%size.step != 0 || need.cpu != "" && need.cpu != strconv.Itoa(cpu) {
				bad = append(bad, fmt.Sprintf("%s: Fargate has no size of %d units and %d MB, or another one is needed", name, cpu, memory))
			}
			is := maps.Clone(task)
			delete(is, "ContainerDefinitions")
			if d := cmp.Diff(object{"Family": "stack-name-" + need.container, "RequiresCompatibilities": []any{"FARGATE"}, "NetworkMode": "awsvpc",
				"RuntimePlatform": object{"CpuArchitecture": s.param("Architecture"), "OperatingSystemFamily": "LINUX"}, "Cpu": task["Cpu"], "Memory": task["Memory"],
				"ExecutionRoleArn": "${ExecutionRole.Arn}", "TaskRoleArn": "${" + need.role + ".Arn}"}, is); d != "" {
				bad = append(bad, fmt.Sprintf("%s: -needed +is\n%s", name, d))
			}
			for i, c := range listAt(task, "ContainerDefinitions") {
				who := name + ": " + textAt(c, "Name")
				for property := range c.(object) {
					if !slices.Contains(containerProperties, property) {
						bad = append(bad, who+" has "+property)
					}
				}
				if i > 0 {
					continue
				}
				if textAt(c, "Name") != need.container || textAt(c, "Image") != s.param("WorkerImage") || !slices.Equal(textsAt(c, "Command"), need.command) || cfn.Lookup(c, "Essential") != true {
					bad = append(bad, fmt.Sprintf("%s: %s runs %v of %s, essential %v", name, textAt(c, "Name"), textsAt(c, "Command"), textAt(c, "Image"), cfn.Lookup(c, "Essential")))
				}
				if (cfn.Lookup(c, "HealthCheck") != nil) != (name == "WorkerTask") {
					bad = append(bad, who+": only the worker answers health checks, and must be asked")
				}
			}
		}
		return bad
	}},
	{"collector", func(s *stack) (bad []string) {
		c := cfn.Lookup(s.properties("WorkerTask"), "ContainerDefinitions", 1)
		image := s.param("CollectorImage")
		if (c != nil) != (image != "") {
			return []string{fmt.Sprintf("collector %q, container %v", image, c)}
		}
		if c == nil {
			return nil
		}
		if textAt(c, "Name") != "collector" || textAt(c, "Image") != image || cfn.Lookup(c, "Essential") != false || cfn.Lookup(c, "Command") != nil {
			bad = append(bad, "the collector is not the given image, or stops the worker when it fails")
		}
		config := textAt(c, "Environment", 0, "Value")
		if err := yaml.Unmarshal([]byte(config), &struct{}{}); err != nil {
			bad = append(bad, "the collector's settings are not YAML: "+err.Error())
		}
		for _, need := range []string{`targets: ["` + s.env("WorkerTask")["LISTEN_ADDR"] + `"]`, `labels: {stack: "stack-name"}`, `endpoint: "` + strings.TrimPrefix(s.env("WorkerTask")["OTEL_EXPORTER_OTLP_ENDPOINT"], "http://") + `"`,
			"scrape_interval: 60s", "namespace: Darkroom/Workers", "log_group_name: ${WorkerMetrics}", "dimension_rollup_option: NoDimensionRollup",
			"metrics: {receivers: [prometheus], processors: [batch], exporters: [awsemf]}", "traces: {receivers: [otlp], processors: [batch], exporters: [awsxray]}",
			"^darkroom_photos_total", "^darkroom_stage_seconds", "^darkroom_intake_breaker_open",
			`dimensions: [[stack, board]], metric_name_selectors: ["^darkroom_queue_wait_seconds"]`,
			`dimensions: [[stack, way]], metric_name_selectors: ["^darkroom_intake_photos_total"], label_matchers: [{label_names: [way], regex: "^failed$"}]`, "^darkroom_event_to_manifest_seconds"} {
			if !strings.Contains(config, need) {
				bad = append(bad, fmt.Sprintf("the collector's settings lack %s", need))
			}
		}
		if textAt(c, "Environment", 0, "Name") != "AOT_CONFIG_CONTENT" || len(listAt(c, "Environment")) != 1 {
			bad = append(bad, "the collector does not get its settings")
		}
		return bad
	}},
	// A health check that is too slow delays deployments, one that is too quick kills a worker that has just a busy
	// processor.
	{"health check", func(s *stack) (bad []string) {
		check, _ := cfn.Lookup(s.properties("WorkerTask"), "ContainerDefinitions", 0, "HealthCheck").(object)
		interval, timeout, retries := numberAt(check, "Interval"), numberAt(check, "Timeout"), numberAt(check, "Retries")
		if interval < 5 || interval > 30 || timeout < 5 || timeout > interval || retries < 2 || retries > 5 || len(check) != 5 {
			bad = append(bad, fmt.Sprintf("%v", check))
		}
		return bad
	}},
	{"services", func(s *stack) (bad []string) {
		base := object{"Cluster": "${Cluster}", "NetworkConfiguration": s.taskNetwork(), "EnableExecuteCommand": false,
			"AvailabilityZoneRebalancing": "DISABLED"} // the default starts tasks above the maximum
		deployments := object{"MinimumHealthyPercent": 100, "MaximumPercent": 200, "DeploymentCircuitBreaker": object{"Enable": true, "Rollback": true}}
		if s.param("EarlySuccess") == "yes" { // with all new workers healthy, and no sooner
			deployments["EarlySuccessCriteria"] = object{"Enable": true, "HealthyPercent": 100, "SourceServiceRevisionCleanup": "DEFERRED"}
		}
		worker := maps.Clone(base)
		if s.param("CpuTarget") != "0" {
			worker["MonitoringConfiguration"] = cpuAt20Seconds
		}
		maps.Copy(worker, object{"TaskDefinition": "${WorkerTask}", "DeploymentConfiguration": deployments,
			"CapacityProviderStrategy": []any{object{"CapacityProvider": "FARGATE", "Base": s.number("OnDemandBase"), "Weight": s.number("OnDemandWeight")},
				object{"CapacityProvider": "FARGATE_SPOT", "Weight": s.number("SpotWeight")}}})
		bad = append(bad, s.lackNumbers("WorkerService", worker, "EnableECSManagedTags", "PropagateTags", "Tags")...)
		if s.param("ClusterName") == "" {
			bad = append(bad, s.lack("Cluster", object{"CapacityProviders": []any{"FARGATE", "FARGATE_SPOT"},
				"ClusterSettings": []any{object{"Name": "containerInsights", "Value": s.param("ContainerInsights")}}})...)
		}
		for name := range s.ofType("AWS::ECS::Service") {
			if name != "WorkerService" {
				bad = append(bad, name+" is a service that nobody needs")
			}
		}
		return bad
	}},
	{"schedule", func(s *stack) (bad []string) {
		timer := s.properties("SweepTimer")
		if timer == nil {
			return nil // the rule "sweep" decides when it must exist
		}
		target, _ := timer["Target"].(object)
		bad = append(bad, s.lack("SweepTimer", object{"GroupName": "${SweepGroup}", "ScheduleExpression": s.param("SweepSchedule"), "FlexibleTimeWindow": object{"Mode": "OFF"}}, "Target")...)
		run, retry := object{"TaskDefinitionArn": "${OperatorTask}", "TaskCount": 1, "LaunchType": "FARGATE", "NetworkConfiguration": s.taskNetwork()}, cfn.Lookup(target, "RetryPolicy", "MaximumRetryAttempts")
		if d := cmp.Diff(run, target["EcsParameters"]); d != "" || numberAt(object{"v": retry}, "v") < 3 || numberAt(object{"v": retry}, "v") > 185 {
			bad = append(bad, fmt.Sprintf("%v tries, -needed +is\n%s", retry, d))
		}
		for property := range target {
			if !slices.Contains([]string{"Arn", "RoleArn", "Input", "RetryPolicy", "EcsParameters"}, property) {
				bad = append(bad, "the target has "+property)
			}
		}
		return bad
	}},
	{"variables", func(s *stack) (bad []string) {
		for program, want := range s.variablesNeeded() {
			got := environments(s)[program]
			if program == "scaler" && s.resources["ScalerFunction"] == nil {
				continue
			}
			for _, name := range slices.Sorted(maps.Keys(want)) {
				if !want[name].accepts(got[name]) {
					bad = append(bad, fmt.Sprintf("%s: %s is %q, want %v", program, name, got[name], want[name]))
				}
			}
			for name := range got {
				if _, known := want[name]; !known {
					bad = append(bad, fmt.Sprintf("%s: nothing says what %s must be", program, name))
				}
			}
		}
		return bad
	}},
}

// number returns the value of a parameter as an integer.
func (s *stack) number(name string) int {
	n, _ := strconv.Atoi(s.param(name))
	return n
}

// lackNumbers is lack for a resource whose numbers may be text, as a parameter's value is.
func (s *stack) lackNumbers(name string, need object, free ...string) []string {
	p, _ := asNumbers(s.properties(name)).(object)
	resources := maps.Clone(s.resources)
	resource, _ := resources[name].(object)
	resource = maps.Clone(resource)
	if resource != nil {
		resource["Properties"] = p
		resources[name] = resource
	}
	return (&stack{template: s.template, parameters: s.parameters, resources: resources}).lack(name, need, free...)
}

func asNumbers(v any) any {
	switch v := v.(type) {
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return n
		}
	case []any:
		var out []any
		for _, e := range v {
			out = append(out, asNumbers(e))
		}
		return out
	case object:
		out := object{}
		for k, e := range v {
			out[k] = asNumbers(e)
		}
		return out
	}
	return v
}

// variable is what a variable of a program must be: a text, or a duration in any unit that Go parses.
type variable struct {
	text     string
	duration time.Duration
}

func (v variable) accepts(value string) bool {
	if v.duration == 0 {
		return value == v.text
	}
	d, err := time.ParseDuration(value)
	return err == nil && d == v.duration
}

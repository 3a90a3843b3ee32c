// Package template reads the simulated system from Darkroom's CloudFormation template: the scaling policies with their
// metrics, the workers and how they are placed. Anything it does not know is an error, so it never skips a policy
// silently.
package template

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/testkit/cfn"
	"darkroom/deploy/testkit/metricmath"
	"darkroom/worker/scaling"
)

// System is the system that a template describes under some parameters.
type System struct {
	Worker   simulation.Worker // without spread, transfer and stall
	Routing  *simulation.Routing
	Fleet    simulation.Fleet
	Policies autoscaling.Config
	Metrics  map[string]simulation.Metric
	Fast     *scaling.Fast // the fast scaler, without its time to start; nil if the template has none
	Front    Front
	Latency  time.Duration // acceptable wait of a photo for a worker
}

// Front is what limits the requests to the API.
type Front struct {
	Rate, Burst float64 // requests a second, and at once, of API Gateway
	Concurrency float64 // requests in progress in the Lambda function
}

// Template is a parsed template.
type Template struct{ t *cfn.Template }

// Read reads and parses a file.
func Read(file string) (*Template, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("template with the policies: %w", err)
	}
	t, err := cfn.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &Template{t}, nil
}

// Parameters for the time of a photo on one processor, and for the acceptable wait.
const (
	photoParameter   = "SecondsPerPhoto"
	latencyParameter = "LatencySeconds"
)

// System resolves the template under parameters. A parameter that is not given has its default. Those without a default
// name things that only a deployed stack has; they do not matter here. Expressions of metrics count missing values as
// given. A value that CloudFormation would refuse is an error: it could look like one that changes nothing.
func (t *Template) System(parameters map[string]string, missing metricmath.Missing) (*System, error) {
	given := maps.Clone(parameters)
	if given == nil {
		given = map[string]string{}
	}
	for name, p := range t.t.Section("Parameters") {
		definition, _ := p.(map[string]any)
		if value, ok := given[name]; !ok && definition["Default"] == nil {
			given[name] = "any"
		} else if ok {
			if err := cfn.CheckValue(definition, value); err != nil {
				return nil, fmt.Errorf("parameter %s: %w", name, err)
			}
		}
	}
	resources, err := t.t.Resolve(given)
	if err != nil {
		return nil, err
	}
	r := &reader{resources: resources, missing: missing}
	s := &System{}
	s.Routing = r.worker(&s.Worker, &s.Fleet)
	r.policies(s)
	s.Worker.PhotoTime = r.seconds(t.parameter(given, photoParameter), photoParameter)
	s.Fast = r.fastScaler()
	s.Front = Front{r.number(t.parameter(given, "ThrottleRate"), "ThrottleRate"), r.number(t.parameter(given, "ThrottleBurst"), "ThrottleBurst"), r.number(t.parameter(given, "TokenConcurrency"), "TokenConcurrency")}
	s.Latency = r.seconds(t.parameter(given, latencyParameter), latencyParameter)
	return s, r.err
}

// Number returns the value of a parameter that is a number.
func (t *Template) Number(given map[string]string, name string) (float64, error) {
	n, err := strconv.ParseFloat(fmt.Sprint(t.parameter(given, name)), 64)
	if err != nil {
		return 0, fmt.Errorf("template: parameter %s is %v, want a number", name, t.parameter(given, name))
	}
	return n, nil
}

func (t *Template) parameter(given map[string]string, name string) any {
	var v any
	if text, ok := given[name]; ok {
		v = text
	} else {
		v = cfn.Lookup(t.t.Section("Parameters")[name], "Default")
	}
	// What is empty has the value of the preset.
	if of := cfn.Lookup(t.t.Section("Mappings"), "Presets", fmt.Sprint(t.preset(given)), name); v == "" && of != nil {
		return of
	}
	return v
}

// preset returns the name of the preset, or nil if the template has none.
func (t *Template) preset(given map[string]string) any {
	if v, ok := given["Preset"]; ok {
		return v
	}
	return cfn.Lookup(t.t.Section("Parameters"), "Preset", "Default")
}

// reader reads resources and keeps the first error.
type reader struct {
	resources map[string]any
	missing   metricmath.Missing // how expressions count a value that is missing
	err       error

	photosQueue string // name of the queue that photos are rendered from, if it is not the one that S3 notifies
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("template: "+format, args...)
	}
}

// resourcesOfType returns the properties of the resources of a type, by name.
func (r *reader) resourcesOfType(kind string) map[string]any {
	all := map[string]any{}
	for name, v := range r.resources {
		if cfn.Lookup(v, "Type") == kind {
			all[name] = cfn.Lookup(v, "Properties")
		}
	}
	return all
}

// onlyResource returns the properties of the only resource of a type.
func (r *reader) onlyResource(kind string) any {
	all := r.resourcesOfType(kind)
	if len(all) != 1 {
		r.fail("%d resources of type %s, want 1", len(all), kind)
	}
	for _, v := range all {
		return v
	}
	return nil
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func (r *reader) number(v any, what string) float64 {
	n, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	if err != nil {
		r.fail("%s is %v, want a number", what, v)
	}
	return n
}

// numberOr is number, or otherwise if v is missing.
func (r *reader) numberOr(v any, what string, otherwise float64) float64 {
	if v == nil {
		return otherwise
	}
	return r.number(v, what)
}

func (r *reader) seconds(v any, what string) time.Duration {
	return time.Duration(r.number(v, what) * float64(time.Second))
}

func (r *reader) duration(v any, what string) time.Duration {
	d, err := time.ParseDuration(fmt.Sprint(v))
	if err != nil {
		r.fail("%s is %v, want a duration", what, v)
	}
	return d
}

// referenced returns the name and the properties of the resource that a resolved Ref refers to.
func (r *reader) referenced(ref any) (string, any) {
	name := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(ref), "${"), "}")
	return name, cfn.Lookup(r.resources[name], "Properties")
}

// scaledService returns the service that the scalable target names as service/CLUSTER/SERVICE.
func (r *reader) scaledService() any {
	id := fmt.Sprint(cfn.Lookup(r.onlyResource("AWS::ApplicationAutoScaling::ScalableTarget"), "ResourceId"))
	for name, service := range r.resourcesOfType("AWS::ECS::Service") {
		if strings.HasSuffix(id, "/${"+name+".Name}") {
			return service
		}
	}
	r.fail("the scalable target %s is not a service of the template", id)
	return nil
}

// worker reads the service, its task and the queues. It returns nil if the workers have no queue to move the events to.
func (r *reader) worker(w *simulation.Worker, f *simulation.Fleet) (routing *simulation.Routing) {
	service := r.scaledService()
	_, task := r.referenced(cfn.Lookup(service, "TaskDefinition"))
	var container any
	var env map[string]any
	for _, c := range list(cfn.Lookup(task, "ContainerDefinitions")) {
		values := map[string]any{}
		for _, e := range list(cfn.Lookup(c, "Environment")) {
			values[fmt.Sprint(cfn.Lookup(e, "Name"))] = cfn.Lookup(e, "Value")
		}
		if _, ok := values["RENDERS"]; ok {
			container, env = c, values
		}
	}
	if container == nil {
		r.fail("no container of the service sets RENDERS")
		return nil
	}
	*w = simulation.Worker{
		Processors: int(r.number(env["RENDERS"], "RENDERS")), Slots: int(r.number(env["SLOTS"], "SLOTS")),
		Visibility: r.duration(env["VISIBILITY_TIMEOUT"], "VISIBILITY_TIMEOUT"), DrainTimeout: r.duration(env["DRAIN_TIMEOUT"], "DRAIN_TIMEOUT"),
		StopTimeout: r.seconds(cfn.Lookup(container, "StopTimeout"), "StopTimeout"), Linger: defaultLinger,
	}
	if v, ok := env["PROTECTION_LINGER"]; ok {
		w.Linger = r.duration(v, "PROTECTION_LINGER")
	}
	f.Rolling = r.rolling(service, container)
	queues, want := 0, 1
	if url := env["PHOTOS_QUEUE_URL"]; url != nil {
		routing, want = simulation.DefaultRouting(), 2
		r.photosQueue, _ = r.referenced(url)
	}
	for _, q := range r.resourcesOfType("AWS::SQS::Queue") {
		if n := cfn.Lookup(q, "RedrivePolicy", "maxReceiveCount"); n != nil {
			most := int(r.number(n, "maxReceiveCount"))
			if queues > 0 && most != w.MaxReceives {
				r.fail("queues allow %d and %d receives, want the same", w.MaxReceives, most)
			}
			w.MaxReceives = most
			queues++
		}
	}
	if queues != want {
		r.fail("%d queues have a dead-letter queue, want %d", queues, want)
	}
	f.VCPU, f.MemoryGB = r.number(cfn.Lookup(task, "Cpu"), "Cpu")/1024, r.number(cfn.Lookup(task, "Memory"), "Memory")/1024
	for _, p := range list(cfn.Lookup(service, "CapacityProviderStrategy")) {
		weight, base := int(r.numberOr(cfn.Lookup(p, "Weight"), "Weight", 0)), int(r.numberOr(cfn.Lookup(p, "Base"), "Base", 0))
		switch provider := cfn.Lookup(p, "CapacityProvider"); {
		case provider == "FARGATE":
			f.OnDemandWeight, f.Base = weight, base
		case provider == "FARGATE_SPOT" && base == 0:
			f.SpotWeight = weight
		default:
			r.fail("the simulator does not know the capacity provider %v with base %d", provider, base)
		}
	}
	return routing
}

// rolling reads how the service is deployed. Its tasks count as healthy once the first health check has passed.
func (r *reader) rolling(service, container any) simulation.Rolling {
	c, check := cfn.Lookup(service, "DeploymentConfiguration"), cfn.Lookup(container, "HealthCheck")
	breaker, back := cfn.Lookup(c, "DeploymentCircuitBreaker", "Enable"), cfn.Lookup(c, "DeploymentCircuitBreaker", "Rollback")
	if fmt.Sprint(breaker) != fmt.Sprint(back) {
		r.fail("the simulator knows no circuit breaker that is %v with a roll-back that is %v", breaker, back)
	}
	interval := r.seconds(cfn.Lookup(check, "Interval"), "HealthCheck: Interval")
	return simulation.Rolling{
		MinimumHealthyPercent: int(r.numberOr(cfn.Lookup(c, "MinimumHealthyPercent"), "MinimumHealthyPercent", 100)),
		MaximumPercent:        int(r.numberOr(cfn.Lookup(c, "MaximumPercent"), "MaximumPercent", 200)),
		CircuitBreaker:        fmt.Sprint(breaker) == "true",
		Healthy:               interval,
		Unhealthy: r.seconds(cfn.Lookup(check, "StartPeriod"), "HealthCheck: StartPeriod") +
			interval*time.Duration(r.number(cfn.Lookup(check, "Retries"), "HealthCheck: Retries")),
	}
}

// defaultLinger is PROTECTION_LINGER's default.
const defaultLinger = 30 * time.Second

// Parameters returns the names of the parameters, sorted.
func (t *Template) Parameters() []string {
	return slices.Sorted(maps.Keys(t.t.Section("Parameters")))
}

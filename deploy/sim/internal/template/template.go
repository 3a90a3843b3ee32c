// Package template reads from Darkroom's CloudFormation template what the simulator plays: the scaling policies with their
// metrics, the workers and how they are placed. What it does not know is an error, so that no policy is left out unseen.
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
)

// System is what a template comes to under some parameters.
type System struct {
	Worker   simulation.Worker // without what a photo takes beside PhotoTime
	Fleet    simulation.Fleet
	Policies autoscaling.Config
	Metrics  map[string]simulation.Metric
	Latency  time.Duration // how long a photo may wait for a worker
}

// Template is a template that was read.
type Template struct{ t *cfn.Template }

// Read reads a file.
func Read(file string) (*Template, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the template of which the policies are to be played: %w", err)
	}
	t, err := cfn.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &Template{t}, nil
}

// What the template says of a photo and of the wait for a worker is in these parameters.
const (
	photoParameter   = "SecondsPerPhoto"
	latencyParameter = "LatencySeconds"
)

// System works out what the template comes to. Parameters that are not given have their defaults; those without, which name
// what only a stack has, do not matter here.
func (t *Template) System(parameters map[string]string) (*System, error) {
	given := maps.Clone(parameters)
	if given == nil {
		given = map[string]string{}
	}
	for name, p := range t.t.Section("Parameters") {
		if _, ok := given[name]; !ok && cfn.At(p, "Default") == nil {
			given[name] = "any"
		}
	}
	resources, err := t.t.Resolve(given)
	if err != nil {
		return nil, err
	}
	r := &reader{resources: resources}
	s := &System{}
	r.worker(&s.Worker, &s.Fleet)
	r.policies(s)
	s.Worker.PhotoTime = r.seconds(t.parameter(given, photoParameter), photoParameter)
	s.Latency = r.seconds(t.parameter(given, latencyParameter), latencyParameter)
	return s, r.err
}

func (t *Template) parameter(given map[string]string, name string) any {
	if v, ok := given[name]; ok {
		return v
	}
	return cfn.At(t.t.Section("Parameters")[name], "Default")
}

// reader reads resources and keeps the first error.
type reader struct {
	resources map[string]any
	err       error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("template: "+format, args...)
	}
}

// of returns the properties of the resources of a type, by name.
func (r *reader) of(kind string) map[string]any {
	all := map[string]any{}
	for name, v := range r.resources {
		if cfn.At(v, "Type") == kind {
			all[name] = cfn.At(v, "Properties")
		}
	}
	return all
}

// one returns the only resource of a type.
func (r *reader) one(kind string) any {
	all := r.of(kind)
	if len(all) != 1 {
		r.fail("%d resources are a %s, want 1", len(all), kind)
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

// numberOr is number, with what holds where nothing is said.
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

// named returns the resource that a Ref came to, and its name.
func (r *reader) named(ref any) (string, any) {
	name := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(ref), "${"), "}")
	return name, cfn.At(r.resources[name], "Properties")
}

// scaled returns the service whose desired count is the scalable target, which is named as service/CLUSTER/SERVICE.
func (r *reader) scaled() any {
	id := fmt.Sprint(cfn.At(r.one("AWS::ApplicationAutoScaling::ScalableTarget"), "ResourceId"))
	for name, service := range r.of("AWS::ECS::Service") {
		if strings.HasSuffix(id, "/${"+name+".Name}") {
			return service
		}
	}
	r.fail("%s is no service of the template", id)
	return nil
}

// worker reads the service, its task and the queue.
func (r *reader) worker(w *simulation.Worker, f *simulation.Fleet) {
	service := r.scaled()
	_, task := r.named(cfn.At(service, "TaskDefinition"))
	var container any
	var env map[string]any
	for _, c := range list(cfn.At(task, "ContainerDefinitions")) {
		values := map[string]any{}
		for _, e := range list(cfn.At(c, "Environment")) {
			values[fmt.Sprint(cfn.At(e, "Name"))] = cfn.At(e, "Value")
		}
		if _, ok := values["RENDERS"]; ok {
			container, env = c, values
		}
	}
	if container == nil {
		r.fail("no container of the service has RENDERS")
		return
	}
	*w = simulation.Worker{
		Processors: int(r.number(env["RENDERS"], "RENDERS")), Slots: int(r.number(env["SLOTS"], "SLOTS")),
		Visibility: r.duration(env["VISIBILITY_TIMEOUT"], "VISIBILITY_TIMEOUT"), DrainTimeout: r.duration(env["DRAIN_TIMEOUT"], "DRAIN_TIMEOUT"),
		StopTimeout: r.seconds(cfn.At(container, "StopTimeout"), "StopTimeout"), Linger: defaultLinger,
	}
	if v, ok := env["PROTECTION_LINGER"]; ok {
		w.Linger = r.duration(v, "PROTECTION_LINGER")
	}
	queues := 0
	for _, q := range r.of("AWS::SQS::Queue") {
		if n := cfn.At(q, "RedrivePolicy", "maxReceiveCount"); n != nil {
			w.MaxReceives = int(r.number(n, "maxReceiveCount"))
			queues++
		}
	}
	if queues != 1 {
		r.fail("%d queues have a dead-letter queue, want 1", queues)
	}
	f.VCPU, f.MemoryGB = r.number(cfn.At(task, "Cpu"), "Cpu")/1024, r.number(cfn.At(task, "Memory"), "Memory")/1024
	for _, p := range list(cfn.At(service, "CapacityProviderStrategy")) {
		weight, base := int(r.numberOr(cfn.At(p, "Weight"), "Weight", 0)), int(r.numberOr(cfn.At(p, "Base"), "Base", 0))
		switch provider := cfn.At(p, "CapacityProvider"); {
		case provider == "FARGATE":
			f.OnDemandWeight, f.Base = weight, base
		case provider == "FARGATE_SPOT" && base == 0:
			f.SpotWeight = weight
		default:
			r.fail("capacity provider %v with base %d is not known here", provider, base)
		}
	}
}

// defaultLinger is PROTECTION_LINGER's default.
const defaultLinger = 30 * time.Second

// Parameters returns the names of the parameters, in order.
func (t *Template) Parameters() []string {
	return slices.Sorted(maps.Keys(t.t.Section("Parameters")))
}

package validation

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"darkroom/deploy/sim/internal/fluid"
	"darkroom/deploy/sim/internal/format"
	"darkroom/deploy/sim/internal/parallel"
	"darkroom/deploy/sim/internal/scenario"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/system"
	"darkroom/deploy/sim/internal/template"
	"darkroom/worker/plural"
)

// Load is a scenario for which the scaling of the template is compared with what its parameters promise.
type Load struct {
	scenario.Scenario
	fast bool
}

// Loads are bursts and a rising load, with the fast scaler and with CloudWatch's alarms alone.
var Loads = []Load{
	{scenario.Scenario{Name: "100,000 photos in 60 s", Photos: 100_000, Over: time.Minute}, true},
	{scenario.Scenario{Name: "100,000 photos in 60 s, alarms alone", Photos: 100_000, Over: time.Minute}, false},
	{scenario.Scenario{Name: "200 photos a second for 20 min", Photos: 240_000, Over: 20 * time.Minute}, true},
	{scenario.Scenario{Name: "200 photos a second for 20 min, alarms alone", Photos: 240_000, Over: 20 * time.Minute}, false},
	{scenario.Scenario{Name: "10,000 photos in 60 s from no worker", Photos: 10_000, Over: time.Minute,
		Set: map[string]string{"MinTasks": "0"}}, true},
}

// scaledSeeds is the number of seeds. The one that is farthest off counts.
const scaledSeeds = 3

// Scaling compares the time from the first upload to the last photo, under both readings of missing data, with the fluid
// model. The fluid model reads only the parameters of the template, so a template that does not scale is off.
func Scaling(ctx context.Context, file string, set map[string]string, loads []Load) ([]Comparison, error) {
	t, err := template.Read(file)
	if err != nil {
		return nil, err
	}
	readings := []string{"zero", "gap"}
	took := make([]time.Duration, len(loads)*len(readings)*scaledSeeds)
	systems := make([]simulation.Config, len(loads))
	err = parallel.Run(ctx, len(took), func(i int) error {
		l := loads[i/scaledSeeds/len(readings)]
		flags := system.DefaultFlags(file)
		flags.Photos.LateEvents, flags.Metrics.Missing = 0, readings[i/scaledSeeds%len(readings)]
		sys, err := flags.Configure(t, l.Parameters(set), l.fast)
		if err != nil {
			return err
		}
		p, err := l.Play(sys, uint64(i%scaledSeeds)+1)
		if err != nil {
			return err
		}
		took[i] = p.Settled - p.Config.Arrivals[0]
		if p.Unsettled > 0 {
			took[i] = p.End - p.Config.Arrivals[0]
		}
		if i%(len(readings)*scaledSeeds) == 0 {
			systems[i/scaledSeeds/len(readings)] = sys.Config
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all []Comparison
	for i, l := range loads {
		promised, err := promise(t, l, set, systems[i])
		if err != nil {
			return nil, err
		}
		outcome := promised.Play(fluid.Load{Photos: float64(l.Photos), Over: l.Over})
		for j, reading := range readings {
			seeds := took[(i*len(readings)+j)*scaledSeeds:][:scaledSeeds]
			slices.Sort(seeds)
			least := Comparison{Sim: seeds[0], Truth: outcome.Took}
			most := Comparison{Sim: seeds[scaledSeeds-1], Truth: outcome.Took}
			if math.Abs(least.RelativeError()) > math.Abs(most.RelativeError()) {
				most.Sim = least.Sim
			}
			most.What = fmt.Sprintf("%s (%s; missing is %s; %s)", l.Name, plural.Count(outcome.Tasks, "task"), reading,
				format.Range(seeds[0], seeds[scaledSeeds-1]))
			all = append(all, most)
		}
	}
	return all, nil
}

// promise returns the system that the parameters promise, on AWS as the simulator assumes it.
func promise(t *template.Template, l Load, set map[string]string, sim simulation.Config) (fluid.System, error) {
	given := l.Parameters(set)
	values := map[string]float64{"MinTasks": 0, "MaxTasks": 0, "TaskVcpu": 0, "SecondsPerPhoto": 0, "LatencySeconds": 0,
		"ScaleOutCooldown": 0, "FastSeconds": 0}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v, err := t.Number(given, name)
		if err != nil {
			return fluid.System{}, err
		}
		values[name] = v
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	assumed := values["TaskVcpu"] / values["SecondsPerPhoto"]
	a := sim.AWS
	start := time.Duration(float64(a.StartLeast+a.StartMost)/2*(1-a.SlowStarts) + 1.5*float64(a.StartMost)*a.SlowStarts)
	return fluid.System{
		Min: int(values["MinTasks"]), Max: int(values["MaxTasks"]),
		AssumedRate: assumed, Rate: assumed * values["SecondsPerPhoto"] / sim.Worker.MeanTime().Seconds(),
		Latency: values["LatencySeconds"], Start: start, AlarmDelay: a.AlarmDelay,
		// The value of a minute needs two points, so it comes with the later one.
		MetricLag: (a.Visible.Least + 2*a.Visible.Most) / 3,
		Cooldown:  seconds(values["ScaleOutCooldown"]), Fast: l.fast, FastPoll: a.PollInterval,
		FastObjective: seconds(values["FastSeconds"]), FastStart: (a.StartLeast + a.StartMost) / 2,
	}, nil
}

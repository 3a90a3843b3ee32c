package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"darkroom/deploy/sim/internal/fluid"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/template"
	"darkroom/worker/plural"
)

// scaledLoad is a load for which the scaling of the template is compared with what its parameters promise.
type scaledLoad struct {
	scenario
	fast bool
}

// scaledLoads are bursts and a rising load, with the fast scaler and with CloudWatch's alarms alone.
var scaledLoads = []scaledLoad{
	{scenario{name: "100,000 photos in 60 s", photos: 100_000, over: time.Minute}, true},
	{scenario{name: "100,000 photos in 60 s, alarms alone", photos: 100_000, over: time.Minute}, false},
	{scenario{name: "200 photos a second for 20 min", photos: 240_000, over: 20 * time.Minute}, true},
	{scenario{name: "200 photos a second for 20 min, alarms alone", photos: 240_000, over: 20 * time.Minute}, false},
	{scenario{name: "10,000 photos in 60 s from no worker", photos: 10_000, over: time.Minute,
		set: map[string]string{"MinTasks": "0"}}, true},
}

// scaledSeeds is the number of seeds. The one that is farthest off counts.
const scaledSeeds = 3

// compareScaling compares the time from the first upload to the last photo, under both readings of missing data, with
// the fluid model, which reads nothing of the template but its parameters. So a template that does not scale is found
// out.
func compareScaling(ctx context.Context, file string, set map[string]string, loads []scaledLoad) ([]comparison, error) {
	t, err := template.Read(file)
	if err != nil {
		return nil, err
	}
	readings := []string{"zero", "gap"}
	took := make([]time.Duration, len(loads)*len(readings)*scaledSeeds)
	systems := make([]simulation.Config, len(loads))
	err = parallel(ctx, len(took), func(i int) error {
		l := loads[i/scaledSeeds/len(readings)]
		flags := systemFlags{Fast: l.fast, SpotDiscount: 0.7,
			Photos:  photoFlags{Spread: 0.5, Transfer: 200 * time.Millisecond},
			Metrics: metricFlags{Missing: readings[i/scaledSeeds%len(readings)], LagLeast: time.Minute, LagMost: 2 * time.Minute}}
		sys, err := flags.configure(t, l.parameters(set), l.fast)
		if err != nil {
			return err
		}
		p, err := l.play(sys, uint64(i%scaledSeeds)+1)
		if err != nil {
			return err
		}
		took[i] = p.Settled - p.config.Arrivals[0]
		if p.Unsettled > 0 {
			took[i] = p.End - p.config.Arrivals[0]
		}
		if i%(len(readings)*scaledSeeds) == 0 {
			systems[i/scaledSeeds/len(readings)] = sys.config
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all []comparison
	for i, l := range loads {
		promised, err := promise(t, l, set, systems[i])
		if err != nil {
			return nil, err
		}
		outcome := promised.Play(fluid.Load{Photos: float64(l.photos), Over: l.over})
		for j, reading := range readings {
			seeds := took[(i*len(readings)+j)*scaledSeeds:][:scaledSeeds]
			slices.Sort(seeds)
			least := comparison{sim: seeds[0], truth: outcome.Took}
			most := comparison{sim: seeds[scaledSeeds-1], truth: outcome.Took}
			if math.Abs(least.off()) > math.Abs(most.off()) {
				most.sim = least.sim
			}
			most.what = fmt.Sprintf("%s (%s; missing is %s; %s)", l.name, plural.Count(outcome.Tasks, "task"), reading,
				between(seeds[0], seeds[scaledSeeds-1]))
			all = append(all, most)
		}
	}
	return all, nil
}

// promise returns the system that the parameters promise, on AWS as the simulator assumes it.
func promise(t *template.Template, l scaledLoad, set map[string]string, sim simulation.Config) (fluid.System, error) {
	given := l.parameters(set)
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

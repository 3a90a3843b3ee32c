package validation

import (
	"context"
	"fmt"
	"math"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/system"
	"darkroom/deploy/sim/internal/template"
)

// forecastPolicy is the name of the template's predictive scaling policy.
const forecastPolicy = "ForecastScaling"

// Forecasts compares the predictive scaling of the template in a file with what its parameters say: the tasks of an hour
// are the work of its photos, divided by what a task does at the target utilization.
func Forecasts(ctx context.Context, file string) ([]Measurement, error) {
	t, err := template.Read(file)
	if err != nil {
		return nil, err
	}
	const vcpu, seconds, most = 2, 0.1, 20
	work := func(photos float64) float64 { return math.Ceil(photos * seconds / (vcpu * 0.7)) }
	var all []Measurement
	for _, c := range []struct {
		what, scaling string
		photos        float64 // a second, in the peak hour of each day before
		want          float64
	}{
		{"tasks for a forecast of %v photos a second", "scale", 100, work(100)},
		{"tasks for a forecast of %v photos a second", "scale", 15, work(15)},
		{"tasks for a forecast of %v photos a second, MaxTasks=20", "scale", 1000, most},
		{"tasks for a forecast of %v photos a second that is not followed", "forecast", 100, 1},
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		flags := system.DefaultFlags(file)
		sys, err := flags.Configure(t, map[string]string{"PredictiveScaling": c.scaling, "TaskVcpu": fmt.Sprint(vcpu),
			"SecondsPerPhoto": fmt.Sprint(seconds), "MinTasks": "1", "MaxTasks": fmt.Sprint(most)}, true)
		if err != nil {
			return nil, err
		}
		config := sys.Config
		config.Worker.Mix = nil
		// The peak is at 2:00, and the only photo long after it, so nothing else adds tasks.
		config.Midnight, config.History = time.Hour, make([]float64, 24)
		config.History[2] = 100 * c.photos * seconds / vcpu
		config.Arrivals, config.PointInterval = []time.Duration{config.Midnight + 5*time.Hour}, time.Minute
		r, err := simulation.Run(config)
		if err != nil {
			return nil, err
		}
		before, during := desiredAt(r, 1, config.Midnight+115*time.Minute-time.Second), desiredAt(r, 1, config.Midnight+150*time.Minute)
		all = append(all, Measurement{What: fmt.Sprintf(c.what, c.photos), Sim: float64(during), Observed: c.want})
		if c.scaling == "scale" && c.photos == 100 {
			all = append(all,
				Measurement{What: "the same, more than 5 minutes before its hour", Sim: float64(before), Observed: 1},
				Measurement{What: "the same, 5 minutes before its hour",
					Sim: float64(desiredAt(r, 1, config.Midnight+115*time.Minute)), Observed: c.want},
				Measurement{What: "the same, half an hour after its hour",
					Sim: float64(desiredAt(r, 1, config.Midnight+210*time.Minute)), Observed: 1})
		}
	}
	constant, err := constantLoad()
	return append(all, constant...), err
}

// constantLoad has a load that never changes and no history, and compares the tasks that its forecast wants after a day.
func constantLoad() ([]Measurement, error) {
	const photo, rate, fewest = 10, 1, 12
	c := traceSystem(simulation.Default(), fewest, 100, photo*time.Second)
	c.Policies.Predictive = []autoscaling.PredictiveScaling{{Name: forecastPolicy, Target: 70, Scales: true}}
	for at := time.Duration(0); at < 26*time.Hour; at += time.Second / rate {
		c.Arrivals = append(c.Arrivals, at)
	}
	c.PointInterval = time.Minute
	r, err := simulation.Run(c.Config)
	if err != nil {
		return nil, err
	}
	return []Measurement{
		{What: "tasks for a constant load, in its first day", Sim: float64(desiredAt(r, fewest, 23*time.Hour)), Observed: fewest},
		{What: "tasks for a constant load, after it", Sim: float64(desiredAt(r, fewest, 25*time.Hour)),
			Observed: math.Ceil(photo * rate / 0.7)},
	}, nil
}

// desiredAt returns the desired count at a moment of a run that began with from.
func desiredAt(r *simulation.Result, from int, at time.Duration) int {
	for _, c := range r.Changes {
		if c.At <= at {
			from = c.To
		}
	}
	return from
}

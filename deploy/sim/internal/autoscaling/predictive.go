package autoscaling

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Predictive scaling as "How Application Auto Scaling predictive scaling works" documents it (user guide of Application
// Auto Scaling, https://docs.aws.amazon.com/autoscaling/application/userguide/aas-predictive-scaling-how-it-works.html):
// the metric "must have at least 24 hours of data", data "from up to the past 14 days" gives "an hourly forecast of
// capacity requirements for the next 48 hours", and "the forecast is updated every 6 hours".
const (
	leastHistory  = 24      // hours
	mostHistory   = 14 * 24 // hours
	ForecastHours = 6       // hours between two updates of the forecast
)

// PredictiveScaling is a predictive scaling policy. It adds workers before the hours that need them. "If the forecast
// expects a decrease in load, predictive scaling will not scale in to remove capacity". The other policies remove
// workers, but not below the forecast of the hour ("predicted values for the minimum capacity that is needed on an
// hourly basis", API reference, GetPredictiveScalingForecast).
type PredictiveScaling struct {
	Name   string        // unique within a group
	Target float64       // average CPU utilization of the workers, in per cent
	Buffer time.Duration // SchedulingBufferTime: how long before an hour its workers are added, less than an hour
	Scales bool          // mode ForecastAndScale; ForecastOnly changes nothing
}

// Validate reports the first setting that cannot be used.
func (p PredictiveScaling) Validate() error {
	switch {
	case p.Name == "":
		return errors.New("a predictive scaling policy has no name")
	case !(p.Target > 0) || math.IsInf(p.Target, 0):
		return fmt.Errorf("policy %s: target (%v) must be a finite number above 0", p.Name, p.Target)
	case p.Buffer < 0 || p.Buffer >= time.Hour:
		return fmt.Errorf("policy %s: scheduling buffer time (%v) must be 0 or more and less than an hour", p.Name, p.Buffer)
	}
	return nil
}

// capacity returns how many workers bring a load to the target, rounded up. The load is the CPU utilization of all
// workers together, in per cent of one worker.
func (p PredictiveScaling) capacity(load float64) int {
	if math.IsNaN(load) {
		return 0
	}
	return workers(math.Ceil(load/p.Target - 1e-9)) // 1e-9: rounding error of a whole number
}

// Forecast returns the load forecast for an hour, or NaN if there is less than a day of data. loads has the load of each
// full hour, the oldest first. hour counts from the first of them and is not among them.
//
// AWS does not publish its model. The assumption here is the mean of the same hour of the previous days.
func Forecast(loads []float64, hour int) float64 {
	if len(loads) < leastHistory {
		return math.NaN()
	}
	var sum float64
	days := 0
	for h := hour - 24; h >= max(0, len(loads)-mostHistory); h -= 24 {
		if h < len(loads) {
			sum += loads[h]
			days++
		}
	}
	return sum / float64(days)
}

// Forecast sets the loads that are forecast for the next hours that matter: the one that has begun, and the one that
// begins within the buffer of each policy. next is the time until it begins. It returns the number to desire.
//
// MaxCapacityBreachBehavior is HonorMaxCapacity: the most workers cap the forecast.
func (g *Group) Forecast(desired int, this, following float64, next time.Duration) Decision {
	d := Decision{Desired: desired}
	g.floor = 0
	for _, p := range g.config.Predictive {
		if !p.Scales {
			continue
		}
		want := p.capacity(this)
		if next <= p.Buffer {
			want = max(want, p.capacity(following))
		}
		want = min(want, g.config.Max)
		if g.floor = max(g.floor, want); want > d.Desired {
			d = Decision{want, p.Name}
		}
	}
	return d
}

// Floor returns the number below which no policy removes workers, because of the forecast.
func (g *Group) Floor() int { return g.floor }

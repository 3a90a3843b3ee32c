package simulation

import (
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
)

// forecast is what predictive scaling has measured. Hours count from the first one of Config.History.
type forecast struct {
	loads []float64 // CPU utilization of all tasks in each full hour, in per cent of one task
	known int       // hours that the present forecast is made from
	began usage     // at the start of this hour
}

// startForecast schedules the hours, if the policies need them. The first forecast is there when the run begins.
func (r *run) startForecast() {
	if len(r.Policies.Predictive) == 0 {
		return
	}
	r.forecast.loads = append(r.forecast.loads, r.History...)
	r.forecast.known = len(r.History)
	r.schedule(r.Midnight, event{kind: eventHour})
	for _, p := range r.Policies.Predictive {
		if at := r.Midnight - p.Buffer; p.Buffer > 0 && at >= 0 {
			r.schedule(at, event{kind: eventForecast})
		}
	}
}

// hour records the load of the hour that ends now, and updates the forecast every six hours.
func (r *run) hour() {
	f := &r.forecast
	u := r.processors.usage(r.now)
	if r.now > r.Midnight {
		f.loads = append(f.loads, u.total(f.began, r.Worker.Processors))
	}
	f.began = u
	if (len(f.loads)-len(r.History))%autoscaling.ForecastHours == 0 {
		f.known = len(f.loads)
	}
	r.followForecast()
	r.schedule(r.now+time.Hour, event{kind: eventHour})
	for _, p := range r.Policies.Predictive {
		if p.Buffer > 0 {
			r.schedule(r.now+time.Hour-p.Buffer, event{kind: eventForecast})
		}
	}
}

// followForecast raises the desired count to the forecast of this hour, or of the next one within the scheduling buffer
// time.
func (r *run) followForecast() {
	f := &r.forecast
	next := len(r.History) // the hour that begins next
	for begins := r.Midnight; begins <= r.now; begins += time.Hour {
		next++
	}
	begins := r.Midnight + time.Duration(next-len(r.History))*time.Hour
	known := f.loads[:f.known]
	load := func(hour int) float64 {
		if hour < f.known { // has ended, before the first forecast
			return 0
		}
		return autoscaling.Forecast(known, hour)
	}
	d := r.group.Forecast(r.fleet.desired, load(next-1), load(next), begins-r.now)
	r.setDesired(d.Desired, d.Policy)
}

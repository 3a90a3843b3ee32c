package scenario

import (
	"math"
	"math/rand/v2"
	"time"

	"darkroom/deploy/sim/internal/arrivals"
	"darkroom/deploy/sim/internal/simulation"
)

// Daily is a load that comes back every day: a peak in the morning, above a low load around the clock. Each day's peak
// has a size and a start of its own. Only the last day is simulated; the days before it are history, from which
// predictive scaling makes its forecast.
type Daily struct {
	Base, Peak       float64       // photos a second
	At               time.Duration // time of day at which the peak begins to rise, in the median
	Rise, Hold, Fall time.Duration // parts of the peak
	Days             int           // days of history
	Size             float64       // standard deviation of the lognormal size of a peak, as a part of its median
	Shift            time.Duration // standard deviation of the start of a peak
}

const day = 24 * time.Hour

// peak is the peak of one day.
type peak struct {
	Daily
	at   time.Duration // time of day at which the peak begins
	most float64       // photos a second
}

// draw draws the peak of a day.
func (d Daily) draw(r *rand.Rand) peak {
	return peak{d, d.At + time.Duration(r.NormFloat64()*float64(d.Shift)), d.Peak * math.Exp(d.Size*r.NormFloat64())}
}

// rate returns the photos a second at a time of the day.
func (p peak) rate(at time.Duration) float64 {
	since := at - p.at
	switch part := since - p.Rise - p.Hold; {
	case since < 0 || part >= p.Fall:
		return p.Base
	case since < p.Rise:
		return p.Base + p.most*float64(since)/float64(p.Rise)
	case part < 0:
		return p.Base + p.most
	default:
		return p.Base + p.most*(1-float64(part)/float64(p.Fall))
	}
}

// photos returns how many photos are uploaded between two times of the day.
func (p peak) photos(from, to time.Duration) (n float64) {
	const step = time.Second
	for at := from; at < to; at += step {
		n += p.rate(at+step/2) * step.Seconds()
	}
	return n
}

// load returns the uploads of the last day, which begins at midnight, and the photos of each hour before it.
func (d Daily) load(seed uint64, midnight time.Duration) (uploads []time.Duration, hours []float64) {
	r := rand.New(rand.NewPCG(seed, 2))
	for range d.Days {
		p := d.draw(r)
		for hour := range 24 {
			hours = append(hours, p.photos(time.Duration(hour)*time.Hour, time.Duration(hour+1)*time.Hour))
		}
	}
	last := d.draw(r)
	shape := func(part float64) float64 {
		return last.rate(time.Duration(part*float64(day))) / (last.Base + last.most)
	}
	return arrivals.Draw(seed, int(last.photos(0, day)+0.5), midnight, day, shape), hours
}

// cpu returns the load of hours in which photos are uploaded: the CPU of all tasks, in per cent of one task. It assumes
// that the tasks render the photos in the hour of their upload.
func cpu(hours []float64, w simulation.Worker) []float64 {
	loads := make([]float64, len(hours))
	for i, photos := range hours {
		loads[i] = 100 * photos * w.MeanTime().Seconds() / (time.Hour.Seconds() * float64(w.Processors))
	}
	return loads
}

// Package forecast says what a backfill will cost before it starts: how many photos it renders, which specs of them,
// and how many requests, processor hours and dollars that takes.
//
// A [Census] counts the originals by size, from a listing of the uploads bucket or from an S3 Inventory, and draws a
// sample of each size. [Rehearsals] have the sampled photos reconciled as a worker would, with the same code, but write
// nothing. They count the requests that S3 charges for and measure the processor time. [New] multiplies the means of
// each size by the number of originals of that size. The error that it states is that of the sample: twice the standard
// error of a stratified mean.
package forecast

import (
	"context"
	"fmt"
	"math"
	"time"

	"darkroom/worker/prices"
)

// Forecast is what a backfill will cost.
type Forecast struct {
	Originals int64  `json:"originals"`
	Bytes     int64  `json:"bytes"`
	Strays    int64  `json:"strays"` // keys that belong to no photo
	Source    string `json:"source"` // what the originals were counted in

	Sample     int     `json:"sample"`           // photos that were rehearsed
	Unread     int     `json:"unread,omitempty"` // photos of the sample that could not be read
	SampleCPU  float64 `json:"sampleSeconds"`    // processor time of the sample
	Processors string  `json:"processors"`       // basis of the processor time

	Photos   int64       `json:"photos"` // photos that get an event
	Specs    []SpecCount `json:"specs"`  // variants to render, by spec
	Requests Requests    `json:"requests"`
	CPUHours float64     `json:"cpuHours"`
	USD      USD         `json:"usd"`
	Error    float64     `json:"error"` // error of the total, as a share of it

	Fleet  Fleet   `json:"fleet"`
	Days   float64 `json:"days"`
	Bound  string  `json:"bound"` // limit of the days: processors or rate
	Prices string  `json:"prices"`

	read     float64            // USD to read what is stored for a photo
	perEvent [maxStrata]float64 // USD for a photo that gets an event, by stratum
}

// SpecCount says how many photos need the variants of a spec.
type SpecCount struct {
	Name   string `json:"name"`
	Photos int64  `json:"photos"`
}

// Config says what to forecast.
type Config struct {
	Source string // what the originals were counted in
	Specs  []string
	Fleet  Fleet
	// Assumed is the processor time of a photo if there is no sample. The forecast then assumes that every photo needs
	// every spec.
	Assumed time.Duration
	// Step is called after each photo of the sample. Nil calls nothing.
	Step func(done, total int)
}

// New returns the forecast for the originals that were counted. It rehearses a sample of them, unless cfg assumes a
// processor time.
func New(ctx context.Context, cfg Config, c *Census, r Rehearsals) (*Forecast, error) {
	f := &Forecast{Originals: c.Originals, Bytes: c.Bytes, Strays: c.Strays, Source: cfg.Source, Fleet: cfg.Fleet,
		Prices: prices.Region + ", " + prices.Month}
	var strata [maxStrata]tally
	if cfg.Assumed > 0 {
		f.Processors = fmt.Sprintf("assumed: %v a photo, and every spec of every photo", cfg.Assumed)
		for i := range strata {
			strata[i].add(assumed(cfg))
		}
	} else if err := f.rehearseAll(ctx, cfg, c, r, &strata); err != nil {
		return nil, err
	}
	f.sum(cfg, c, &strata)
	return f, nil
}

// assumed returns the work on a photo of an older recipe whose variants are all rendered.
func assumed(cfg Config) rehearsal {
	return rehearsal{stale: true, cpu: cfg.Assumed, specs: cfg.Specs, requests: requestsOfAll(len(cfg.Specs))}
}

// rehearseAll rehearses the sample. It rehearses the first photo twice, because the first run includes start-up costs.
func (f *Forecast) rehearseAll(ctx context.Context, cfg Config, c *Census, r Rehearsals, strata *[maxStrata]tally) error {
	sample := c.draw()
	var failed error
	var cpu time.Duration
	for i, o := range sample {
		if i == 0 {
			_, failed = r.rehearse(ctx, o.ref)
		}
		done, err := r.rehearse(ctx, o.ref)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			f.Unread++
			failed = err
			continue
		}
		f.Sample++
		cpu += done.cpu
		strata[stratumOf(o.bytes)].add(done)
		if cfg.Step != nil {
			cfg.Step(i+1, len(sample))
		}
	}
	f.SampleCPU = cpu.Seconds()
	f.Processors = "measured on this machine, over the sample"
	if f.Sample == 0 && len(sample) > 0 {
		return fmt.Errorf("no photo of the sample could be rendered: %w", failed)
	}
	return nil
}

// sum adds up the strata.
func (f *Forecast) sum(cfg Config, c *Census, strata *[maxStrata]tally) {
	read := requestsOfRead(len(cfg.Specs))
	f.read = cfg.Fleet.price(read, 0).Total
	f.Requests = read.times(float64(f.Originals))
	counts := map[string]float64{}
	photos, variance := 0.0, 0.0
	var cpu float64 // seconds
	for i, s := range c.strata {
		t := nearest(strata, i, func(t *tally) bool { return t.n > 0 })
		if t == nil || s.count == 0 {
			continue
		}
		n := float64(s.count)
		share := t.stale / t.n
		photos += n * share
		f.Requests = f.Requests.plus(t.requests.times(n / t.n)).plus(Requests{SQS: sqsOfEvent * n * share})
		cpu += t.seconds * n / t.n
		for name, k := range t.specs {
			counts[name] += k * n / t.n
		}
		variance += t.variance(cfg.Fleet) * n * n * max(0, 1-t.n/n)
	}
	f.priceEvents(cfg, strata)
	f.Photos = int64(math.Round(photos))
	for _, name := range cfg.Specs {
		if counts[name] > 0 {
			f.Specs = append(f.Specs, SpecCount{name, int64(math.Round(counts[name]))})
		}
	}
	f.CPUHours = cpu / 3600
	f.USD = cfg.Fleet.price(f.Requests, seconds(cpu))
	if f.USD.Total > 0 {
		f.Error = 2 * math.Sqrt(variance) / f.USD.Total
	}
	f.Days, f.Bound = cpu/(float64(f.Fleet.Tasks)*f.Fleet.VCPUs)/day, "processors"
	if f.Fleet.Rate > 0 && photos/f.Fleet.Rate/day > f.Days {
		f.Days, f.Bound = photos/f.Fleet.Rate/day, "rate"
	}
}

// priceEvents finds the price of a photo that gets an event, for each stratum.
func (f *Forecast) priceEvents(cfg Config, strata *[maxStrata]tally) {
	for i := range f.perEvent {
		t := nearest(strata, i, func(t *tally) bool { return t.stale > 0 })
		if t == nil { // the run may still find a photo to render
			t = new(tally)
			t.add(rehearsal{stale: true, cpu: unmeasured, requests: requestsOfAll(len(cfg.Specs))})
		}
		event := t.requests.times(1 / t.stale).plus(Requests{SQS: sqsOfEvent})
		f.perEvent[i] = cfg.Fleet.price(event, seconds(t.seconds/t.stale)).Total
	}
}

const day = 24 * 3600.0 // seconds

// seconds returns a duration, at most about 292 years.
func seconds(s float64) time.Duration {
	return time.Duration(min(s*float64(time.Second), math.MaxInt64/2))
}

// nearest returns the tally of the stratum nearest in size for which serves returns true, or nil if there is none.
func nearest(strata *[maxStrata]tally, i int, serves func(*tally) bool) *tally {
	for distance := range maxStrata {
		for _, j := range []int{i - distance, i + distance} {
			if j >= 0 && j < maxStrata && serves(&strata[j]) {
				return &strata[j]
			}
		}
	}
	return nil
}

// Price returns the cost in US dollars of a photo with an original of this size: to read what is stored and, if the
// photo gets an event, to render it.
func (f *Forecast) Price(bytes int64, event bool) float64 {
	if !event {
		return f.read
	}
	return f.read + f.perEvent[stratumOf(bytes)]
}

package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"darkroom/deploy/sim/internal/arrivals"
	"darkroom/deploy/sim/internal/simulation"
)

// scenario is a load on the system.
type scenario struct {
	name, what string
	photos     int
	over       time.Duration           // period of the uploads
	shape      func(x float64) float64 // relative rate over the period; nil is constant
	warmUp     time.Duration           // time after the first upload before latencies count
	poison     float64                 // share of photos whose every try fails
	reclaims   []simulation.Reclaim    // times count from the first upload
	deploys    []simulation.Deployment // times count from the first upload
	set        map[string]string       // template parameters
	flood      *flood                  // several boards, one of which floods; nil if each photo has its own board
}

// quiet is the time before the first upload: longer than alarms look back.
const quiet = 30 * time.Minute

var scenarios = []scenario{
	{name: "steady", what: "50 photos a second for two hours; latencies after half an hour", photos: 360_000,
		over: 2 * time.Hour, warmUp: 30 * time.Minute},
	{name: "diurnal", what: "a day, 10 photos a second on average, 19 at the peak and 1 at night", photos: 864_000,
		over:  24 * time.Hour,
		shape: func(x float64) float64 { return (1 - 0.9*math.Cos(2*math.Pi*x)) / 1.9 }},
	{name: "burst", what: "100,000 photos in 60 seconds", photos: 100_000, over: time.Minute},
	{name: "million", what: "1,000,000 photos in an hour", photos: 1_000_000, over: time.Hour},
	{name: "zero", what: "1,000 photos in 60 seconds, to no worker (MinTasks=0)", photos: 1000, over: time.Minute,
		set: map[string]string{"MinTasks": "0"}},
	{name: "spot", what: "150 photos a second for an hour; after 40 minutes AWS takes half of the tasks back and has no Spot for 5", photos: 540_000, over: time.Hour,
		warmUp: 30 * time.Minute, reclaims: []simulation.Reclaim{{At: 40 * time.Minute, Share: 0.5, NoSpot: 5 * time.Minute}}},
	{name: "poison", what: "20,000 photos in 10 minutes; 20 % of them never finish, and each try takes 15 seconds",
		photos: 20_000, over: 10 * time.Minute, poison: 0.2},
	{name: "deploy", what: "250 photos a second for 40 minutes; after 20, all workers are replaced by a new revision",
		photos: 600_000, over: 40 * time.Minute,
		warmUp: 15 * time.Minute, deploys: []simulation.Deployment{{At: 20 * time.Minute}}},
	{name: "rollback", what: "the same with a revision that never becomes healthy", photos: 600_000,
		over:   40 * time.Minute,
		warmUp: 15 * time.Minute, deploys: []simulation.Deployment{{At: 20 * time.Minute, Bad: true}}},
	{name: "noisy", what: "200 boards with a photo every 2 seconds for 20 minutes; after 5, one more uploads 100,000 in 60 seconds", over: 20 * time.Minute, warmUp: 5 * time.Minute,
		photos: noisy.total(20 * time.Minute), flood: &noisy},
}

// noisy is the load of the scenario of that name.
var noisy = flood{boards: 200, every: 2 * time.Second, photos: 100_000, at: 5 * time.Minute, over: time.Minute}

// scenariosNamed returns the scenarios with the given names, or all if there are no names.
func scenariosNamed(names []string) ([]scenario, error) {
	if len(names) == 0 {
		return scenarios, nil
	}
	var out []scenario
	for _, name := range names {
		i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == name })
		if i < 0 {
			var known []string
			for _, s := range scenarios {
				known = append(known, s.name)
			}
			return nil, fmt.Errorf("unknown scenario %q: want one of %s", name, strings.Join(known, ", "))
		}
		out = append(out, scenarios[i])
	}
	return out, nil
}

// config adds the scenario to the configuration of a system, in which the times of deployments count from the first
// upload. The uploads begin at a random second of a minute, since CloudWatch's minutes do not follow them.
func (s scenario) config(c simulation.Config, seed uint64) simulation.Config {
	shape := s.shape
	if shape == nil {
		shape = arrivals.Flat
	}
	start := quiet + time.Duration(rand.New(rand.NewPCG(seed, 0)).Int64N(int64(time.Minute)))
	c.Seed, c.Poison, c.WarmUp = seed, s.poison, start+s.warmUp
	if s.flood != nil {
		c.Arrivals, c.BoardOf = s.flood.draw(seed, start, s.over)
	} else {
		c.Arrivals = arrivals.Draw(seed, s.photos, start, s.over, shape)
	}
	for _, r := range s.reclaims {
		r.At += start
		c.Reclaims = append(c.Reclaims, r)
	}
	deploys := slices.Concat(s.deploys, c.Deployments)
	c.Deployments = nil
	for _, d := range deploys {
		d.At += start
		c.Deployments = append(c.Deployments, d)
	}
	slices.SortStableFunc(c.Deployments, func(a, b simulation.Deployment) int { return cmp.Compare(a.At, b.At) })
	if c.PointInterval = max(10*time.Second, s.over/1000); s.flood != nil {
		c.PointInterval = time.Second // tells when nothing waits any more
	}
	return c
}

// parameters returns the given parameters, and the scenario's own for those not given.
func (s scenario) parameters(given map[string]string) map[string]string {
	all := maps.Clone(s.set)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, given)
	return all
}

package main

import (
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

// scenario is what happens to a system.
type scenario struct {
	name, what string
	photos     int
	over       time.Duration           // in which they are uploaded
	shape      func(x float64) float64 // of that; nil is flat
	warm       time.Duration           // since the first upload, until latencies count
	poison     float64
	reclaims   []simulation.Reclaim // from the first upload on
	set        map[string]string    // parameters of its own
}

// quiet is how long nothing has happened when the first photo is uploaded: more than alarms look back.
const quiet = 30 * time.Minute

var scenarios = []scenario{
	{name: "steady", what: "50 photos a second for two hours; latencies after half an hour", photos: 360_000, over: 2 * time.Hour, warm: 30 * time.Minute},
	{name: "diurnal", what: "a day, 10 photos a second on the average, 19 at its height and 1 at night", photos: 864_000, over: 24 * time.Hour,
		shape: func(x float64) float64 { return (1 - 0.9*math.Cos(2*math.Pi*x)) / 1.9 }},
	{name: "burst", what: "100,000 photos in 60 seconds", photos: 100_000, over: time.Minute},
	{name: "million", what: "1,000,000 photos in an hour", photos: 1_000_000, over: time.Hour},
	{name: "zero", what: "1,000 photos in 60 seconds, to no worker (MinTasks=0)", photos: 1000, over: time.Minute, set: map[string]string{"MinTasks": "0"}},
	{name: "spot", what: "150 photos a second for an hour; after 40 minutes AWS takes half of the tasks back and has no Spot for 5", photos: 540_000, over: time.Hour,
		warm: 30 * time.Minute, reclaims: []simulation.Reclaim{{At: 40 * time.Minute, Share: 0.5, NoSpot: 5 * time.Minute}}},
	{name: "poison", what: "20,000 photos in 10 minutes, of which 20 % never come to an end: each try takes 15 seconds", photos: 20_000, over: 10 * time.Minute, poison: 0.2},
}

// chosen returns the scenarios of the names, all if there are none.
func chosen(names []string) ([]scenario, error) {
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
			return nil, fmt.Errorf("no scenario %q: there are %s", name, strings.Join(known, ", "))
		}
		out = append(out, scenarios[i])
	}
	return out, nil
}

// config makes of a scenario and a system what the engine plays. At which second of a minute the uploads begin is the seed's:
// CloudWatch's minutes do not wait for them.
func (s scenario) config(c simulation.Config, seed uint64) simulation.Config {
	shape := s.shape
	if shape == nil {
		shape = arrivals.Flat
	}
	start := quiet + time.Duration(rand.New(rand.NewPCG(seed, 0)).Int64N(int64(time.Minute)))
	c.Seed, c.Poison, c.WarmUp = seed, s.poison, start+s.warm
	c.Arrivals = arrivals.Draw(seed, s.photos, start, s.over, shape)
	for _, r := range s.reclaims {
		r.At += start
		c.Reclaims = append(c.Reclaims, r)
	}
	c.PointInterval = max(10*time.Second, s.over/1000)
	return c
}

// parameters are those of the scenario, where none are given.
func (s scenario) parameters(given map[string]string) map[string]string {
	all := maps.Clone(s.set)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, given)
	return all
}

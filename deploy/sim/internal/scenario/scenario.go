// Package scenario has the loads of the simulator, and plays them on a system.
package scenario

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

// Scenario is a load on the system.
type Scenario struct {
	Name, What string
	Photos     int
	Over       time.Duration           // period of the uploads
	Shape      func(x float64) float64 // relative rate over the period; nil is constant
	WarmUp     time.Duration           // time after the first upload before latencies count
	Poison     float64                 // share of photos whose every try fails
	Reclaims   []simulation.Reclaim    // times count from the first upload
	Deploys    []simulation.Deployment // times count from the first upload
	Set        map[string]string       // template parameters
	Daily      *Daily                  // a peak that comes back every day; nil for another load. Photos then depends on the seed
	Flood      *Flood                  // several boards, one of which floods; nil if each photo has its own board
}

// Quiet is the time before the first upload: longer than alarms look back.
const Quiet = 30 * time.Minute

var scenarios = []Scenario{
	{Name: "steady", What: "50 photos a second for two hours; latencies after half an hour", Photos: 360_000,
		Over: 2 * time.Hour, WarmUp: 30 * time.Minute},
	{Name: "diurnal", What: "a day, 10 photos a second on average, 19 at the peak and 1 at night", Photos: 864_000,
		Over:  24 * time.Hour,
		Shape: func(x float64) float64 { return (1 - 0.9*math.Cos(2*math.Pi*x)) / 1.9 }},
	{Name: "daily", What: "a day of a school board: 150 photos a second from 8:00 to 8:30, reached within 5 minutes; 14 days of history",
		Over: day, Daily: &school},
	{Name: "burst", What: "100,000 photos in 60 seconds", Photos: 100_000, Over: time.Minute},
	{Name: "million", What: "1,000,000 photos in an hour", Photos: 1_000_000, Over: time.Hour},
	{Name: "zero", What: "1,000 photos in 60 seconds, to no worker (MinTasks=0)", Photos: 1000, Over: time.Minute,
		Set: map[string]string{"MinTasks": "0"}},
	{Name: "spot", What: "150 photos a second for an hour; after 40 minutes AWS takes half of the tasks back and has no Spot for 5", Photos: 540_000, Over: time.Hour,
		WarmUp: 30 * time.Minute, Reclaims: []simulation.Reclaim{{At: 40 * time.Minute, Share: 0.5, NoSpot: 5 * time.Minute}}},
	{Name: "poison", What: "20,000 photos in 10 minutes; 20 % of them never finish, and each try takes 15 seconds",
		Photos: 20_000, Over: 10 * time.Minute, Poison: 0.2},
	{Name: "deploy", What: "250 photos a second for 40 minutes; after 20, all workers are replaced by a new revision",
		Photos: 600_000, Over: 40 * time.Minute,
		WarmUp: 15 * time.Minute, Deploys: []simulation.Deployment{{At: 20 * time.Minute}}},
	{Name: "rollback", What: "the same with a revision that never becomes healthy", Photos: 600_000,
		Over:   40 * time.Minute,
		WarmUp: 15 * time.Minute, Deploys: []simulation.Deployment{{At: 20 * time.Minute, Bad: true}}},
	{Name: "noisy", What: "200 boards with a photo every 2 seconds for 20 minutes; after 5, one more uploads 100,000 in 60 seconds", Over: 20 * time.Minute, WarmUp: 5 * time.Minute,
		Photos: Noisy.Total(20 * time.Minute), Flood: &Noisy},
}

// school is the load of the scenario daily. The noise is assumed: two peaks of three begin within 3 minutes of 8:00, and
// have a size within 20 % of 150 photos a second.
var school = Daily{Base: 0.5, Peak: 150, At: 8 * time.Hour, Rise: 5 * time.Minute, Hold: 25 * time.Minute,
	Fall: 30 * time.Minute, Days: 14, Size: 0.2, Shift: 3 * time.Minute}

// Noisy is the load of the scenario of that name.
var Noisy = Flood{Boards: 200, Every: 2 * time.Second, Photos: 100_000, At: 5 * time.Minute, Over: time.Minute}

// Named returns the scenarios with the given names, or all if there are no names.
func Named(names []string) ([]Scenario, error) {
	if len(names) == 0 {
		return scenarios, nil
	}
	var out []Scenario
	for _, name := range names {
		i := slices.IndexFunc(scenarios, func(s Scenario) bool { return s.Name == name })
		if i < 0 {
			var known []string
			for _, s := range scenarios {
				known = append(known, s.Name)
			}
			return nil, fmt.Errorf("unknown scenario %q: want one of %s", name, strings.Join(known, ", "))
		}
		out = append(out, scenarios[i])
	}
	return out, nil
}

// config adds the scenario to the configuration of a system, in which the times of deployments count from the first
// upload. The uploads begin at a random second of a minute, since CloudWatch's minutes do not follow them.
func (s Scenario) config(c simulation.Config, seed uint64) simulation.Config {
	shape := s.Shape
	if shape == nil {
		shape = arrivals.Flat
	}
	start := Quiet + time.Duration(rand.New(rand.NewPCG(seed, 0)).Int64N(int64(time.Minute)))
	c.Seed, c.Poison, c.WarmUp = seed, s.Poison, start+s.WarmUp
	switch {
	case s.Daily != nil:
		var hours []float64
		c.Midnight = Quiet // an hour begins with a minute
		c.Arrivals, hours = s.Daily.load(seed, c.Midnight)
		c.History = cpu(hours, c.Worker)
	case s.Flood != nil:
		c.Arrivals, c.BoardOf = s.Flood.draw(seed, start, s.Over)
	default:
		c.Arrivals = arrivals.Draw(seed, s.Photos, start, s.Over, shape)
	}
	for _, r := range s.Reclaims {
		r.At += start
		c.Reclaims = append(c.Reclaims, r)
	}
	deploys := slices.Concat(s.Deploys, c.Deployments)
	c.Deployments = nil
	for _, d := range deploys {
		d.At += start
		c.Deployments = append(c.Deployments, d)
	}
	slices.SortStableFunc(c.Deployments, func(a, b simulation.Deployment) int { return cmp.Compare(a.At, b.At) })
	if c.PointInterval = max(10*time.Second, s.Over/1000); s.Flood != nil {
		c.PointInterval = time.Second // shows when nothing waits any more
	}
	return c
}

// Parameters returns the given parameters, and the scenario's own for those not given.
func (s Scenario) Parameters(given map[string]string) map[string]string {
	all := maps.Clone(s.Set)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, given)
	return all
}

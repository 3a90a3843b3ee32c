// Package sweep tries combinations of template parameters on one scenario.
package sweep

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"darkroom/deploy/sim/internal/format"
	"darkroom/deploy/sim/internal/parallel"
	"darkroom/deploy/sim/internal/scenario"
	"darkroom/deploy/sim/internal/system"
	"darkroom/deploy/sim/internal/template"
)

// Flags describe a sweep.
type Flags struct {
	Sweep     bool              `group:"Sweep" help:"Try combinations of parameters on one scenario (default: burst), and print the cheapest that meet the objective."`
	Objective time.Duration     `default:"2m" placeholder:"DURATION" group:"Sweep" help:"Longest acceptable time from upload to ready, for 99 of 100 photos."`
	Vary      map[string]string `placeholder:"NAME=V1,V2;..." group:"Sweep" help:"Values to try for parameters of the template. Default: MinTasks=1,2,5,10;MaxTasks=20,50,100,200,400;LatencySeconds=10,30;TaskVcpu=1,2,4."`
}

var defaultVary = map[string]string{"MinTasks": "1,2,5,10", "MaxTasks": "20,50,100,200,400", "LatencySeconds": "10,30",
	"TaskVcpu": "1,2,4"}

// trialsShown is the number of trials that a sweep prints.
const trialsShown = 8

// trial is one combination of parameters with its results.
type trial struct {
	parameters map[string]string
	fast       bool
	best, p99  time.Duration // lowest and highest p99 of the seeds
	settled    bool
	dayCost    float64 // US dollars a day, of the most expensive seed
	peak       int
}

// combinations returns every combination of the parameters' values, which are separated by commas.
func combinations(vary map[string]string) []map[string]string {
	all := []map[string]string{{}}
	for _, name := range slices.Sorted(maps.Keys(vary)) {
		var more []map[string]string
		for _, c := range all {
			for v := range strings.SplitSeq(vary[name], ",") {
				next := maps.Clone(c)
				next[name] = strings.TrimSpace(v)
				more = append(more, next)
			}
		}
		all = more
	}
	return all
}

// Config is what a sweep varies.
type Config struct {
	Flags
	Scenarios []string // one, or none for the burst
	Seeds     int
	System    system.Flags
}

// Run tries every combination of the parameters, each with and without the fast scaler, and prints the cheapest.
func Run(ctx context.Context, c Config, t *template.Template, out io.Writer) error {
	names := c.Scenarios
	if len(names) == 0 {
		names = []string{"burst"}
	}
	which, err := scenario.Named(names)
	if err != nil {
		return err
	}
	if len(which) != 1 {
		return fmt.Errorf("--sweep takes one scenario, not %d", len(which))
	}
	vary := c.Vary
	if len(vary) == 0 {
		vary = defaultVary
	}
	var trials []trial
	for _, p := range combinations(vary) {
		trials = append(trials, trial{parameters: p}, trial{parameters: p, fast: true})
	}
	if err := parallel.Run(ctx, len(trials), func(i int) error { return c.runTrial(t, which[0], &trials[i]) }); err != nil {
		return err
	}
	return writeSweep(out, which[0], trials, c.Objective)
}

// runTrial plays the scenario with the trial's parameters.
func (c Config) runTrial(t *template.Template, s scenario.Scenario, tr *trial) error {
	set := s.Parameters(c.System.Set)
	maps.Copy(set, tr.parameters)
	sys, err := c.System.Configure(t, set, tr.fast)
	if err != nil {
		return err
	}
	if sys.Config.Policies.Bounds.Validate() != nil {
		return nil // the minimum exceeds the maximum: this meets no objective
	}
	tr.settled = true
	for n := range c.Seeds {
		p, err := s.Play(sys, c.System.Seed+uint64(n))
		if err != nil {
			return fmt.Errorf("%s: %w", settings(tr.parameters), err)
		}
		if n == 0 || p.P99 < tr.best {
			tr.best = p.P99
		}
		tr.p99, tr.settled, tr.peak = max(tr.p99, p.P99), tr.settled && p.Unsettled == 0, max(tr.peak, p.PeakTasks)
		tr.dayCost = max(tr.dayCost, p.Cost.Sum()+p.Config.Idle(max(0, 24*time.Hour-p.End)))
	}
	return nil
}

// writeSweep prints the cheapest trials that meet the objective. If none does, it prints the closest and returns an
// error.
func writeSweep(w io.Writer, s scenario.Scenario, trials []trial, objective time.Duration) error {
	trials = slices.DeleteFunc(trials, func(t trial) bool { return !t.settled })
	holds := slices.DeleteFunc(slices.Clone(trials), func(t trial) bool { return t.p99 > objective })
	slices.SortStableFunc(holds, func(a, b trial) int { return cmp.Compare(a.dayCost, b.dayCost) })
	fmt.Fprintf(w, "%s: %s\n%d of %d combinations have 99 of 100 photos ready within %s; dollars are of a day in which this happens once\n\n",
		s.Name, s.What, len(holds), len(trials), format.Duration(objective))
	best := holds
	if len(holds) == 0 {
		best = trials
		slices.SortStableFunc(best, func(a, b trial) int { return cmp.Compare(a.p99, b.p99) })
	}
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "DOLLARS A DAY\tp99\tPEAK TASKS\tFAST SCALER\tPARAMETERS")
	for _, tr := range best[:min(trialsShown, len(best))] {
		fast := "off"
		if tr.fast {
			fast = "on"
		}
		fmt.Fprintf(t, "%.2f\t%s\t%d\t%s\t%s\n", tr.dayCost, format.Range(tr.best, tr.p99), tr.peak, fast, settings(tr.parameters))
	}
	t.Flush()
	if len(holds) == 0 {
		return fmt.Errorf("no combination meets the objective of %s; the closest are listed above", format.Duration(objective))
	}
	return nil
}

func settings(parameters map[string]string) string {
	var s []string
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		s = append(s, name+"="+parameters[name])
	}
	return strings.Join(s, " ")
}

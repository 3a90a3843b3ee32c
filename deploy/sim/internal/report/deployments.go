package report

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"darkroom/deploy/sim/internal/format"
	"darkroom/deploy/sim/internal/simulation"
)

// writeDeployments reports the first deployment of each scenario that has one, beside the same load without
// deployments.
func writeDeployments(w io.Writer, all [][]*played) {
	all = slices.DeleteFunc(slices.Clone(all), func(seeds []*played) bool { return seeds[0].Without == nil })
	if len(all) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "DEPLOYMENT\toutcome\tafter\ttasks before\tfewest\tmost\trefused\tdrained\t"+
		"p50 (without it)\tp99 (without it)\tmax (without it)\tleft\t")
	for _, seeds := range all {
		number := func(value func(simulation.Rollout) int) string {
			return numbers(seeds, func(p *played) int { return value(p.Rollout()) })
		}
		withAndWithout := func(value func(*simulation.Result) time.Duration) string {
			with := durations(seeds, func(p *played) time.Duration { return value(p.Result) })
			without := durations(seeds, func(p *played) time.Duration { return value(p.Without) })
			return with + " (" + without + ")"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", seeds[0].Name,
			span(seeds, outcome, outcome),
			span(seeds, func(p *played) time.Duration { return p.Rollout().Took }, rolloutTime),
			number(func(d simulation.Rollout) int { return d.Before }),
			number(func(d simulation.Rollout) int { return d.Least }),
			number(func(d simulation.Rollout) int { return d.Most }),
			number(func(d simulation.Rollout) int { return d.Blocked }),
			number(func(d simulation.Rollout) int { return d.Drained }),
			withAndWithout(func(r *simulation.Result) time.Duration { return r.P50 }),
			withAndWithout(func(r *simulation.Result) time.Duration { return r.P99 }),
			withAndWithout(func(r *simulation.Result) time.Duration { return r.Max }),
			numbers(seeds, func(p *played) int { return p.Unsettled }))
	}
	t.Flush()
}

// rolloutTime formats how long the first deployment took.
func rolloutTime(p *played) string {
	if p.Rollout().Took < 0 {
		return "-"
	}
	return format.Duration(p.Rollout().Took)
}

// outcome says how the first deployment ended.
func outcome(p *played) string {
	switch d := p.Rollout(); {
	case d.Took == -2:
		return "never began"
	case d.Took < 0:
		return "never ended"
	case d.RolledBack:
		return "rolled back"
	}
	return "completed"
}

package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"darkroom/deploy/sim/internal/simulation"
)

// errBadRevision reports a bad revision that nothing deploys.
var errBadRevision = errors.New("--bad-revision needs --deploy, which says when the revision is deployed")

// writeDeployments reports the first deployment of each scenario that has one, beside the same load without
// deployments.
func writeDeployments(w io.Writer, all [][]*played) {
	all = slices.DeleteFunc(slices.Clone(all), func(seeds []*played) bool { return seeds[0].without == nil })
	if len(all) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "DEPLOYMENT\toutcome\tafter\ttasks before\tfewest\tmost\trefused\tdrained\tp50 (without it)\tp99 (without it)\tmax (without it)\tleft\t")
	for _, seeds := range all {
		number := func(value func(simulation.Rollout) int) string {
			return span(seeds, func(p *played) int { return value(p.rollout()) }, func(p *played) string { return grouped(value(p.rollout())) })
		}
		beside := func(value func(*simulation.Result) time.Duration) string {
			with := span(seeds, func(p *played) time.Duration { return value(p.Result) }, func(p *played) string { return short(value(p.Result)) })
			without := span(seeds, func(p *played) time.Duration { return value(p.without) }, func(p *played) string { return short(value(p.without)) })
			return with + " (" + without + ")"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", seeds[0].name,
			span(seeds, func(p *played) string { return outcome(p.rollout()) }, func(p *played) string { return outcome(p.rollout()) }),
			span(seeds, func(p *played) time.Duration { return p.rollout().Took }, func(p *played) string { return took(p.rollout()) }),
			number(func(d simulation.Rollout) int { return d.Before }), number(func(d simulation.Rollout) int { return d.Least }),
			number(func(d simulation.Rollout) int { return d.Most }), number(func(d simulation.Rollout) int { return d.Blocked }),
			number(func(d simulation.Rollout) int { return d.Drained }),
			beside(func(r *simulation.Result) time.Duration { return r.P50 }), beside(func(r *simulation.Result) time.Duration { return r.P99 }),
			beside(func(r *simulation.Result) time.Duration { return r.Max }),
			span(seeds, func(p *played) int { return p.Unsettled }, func(p *played) string { return grouped(p.Unsettled) }))
	}
	t.Flush()
}

// rollout returns what became of the first deployment. One that never began has a time below 0.
func (p *played) rollout() simulation.Rollout {
	if len(p.Rollouts) == 0 {
		return simulation.Rollout{Took: -2}
	}
	return p.Rollouts[0]
}

// took formats how long a deployment took.
func took(d simulation.Rollout) string {
	if d.Took < 0 {
		return "-"
	}
	return short(d.Took)
}

func outcome(d simulation.Rollout) string {
	switch {
	case d.Took == -2:
		return "never began"
	case d.Took < 0:
		return "never ended"
	case d.RolledBack:
		return "rolled back"
	}
	return "completed"
}

// Package report prints and plots the results of scenarios.
package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"darkroom/deploy/sim/internal/format"
	"darkroom/deploy/sim/internal/scenario"
	"darkroom/deploy/sim/internal/simulation"
	"darkroom/worker/plural"
)

// Write prints the results of the scenarios, each as a range over its seeds.
func Write(w io.Writer, all [][]*scenario.Played) {
	for _, seeds := range all {
		fmt.Fprintf(w, "%-8s %s\n", seeds[0].Name, seeds[0].What)
	}
	writeTimes(w, all)
	writeLimits(w, all)
	writeDeployments(w, all)
	writeFloods(w, all)
	writeCosts(w, all)
	fmt.Fprintln(w, "\nDESIRED TASKS, since the first upload, with the first seed")
	for _, seeds := range all {
		p := seeds[0]
		fmt.Fprintf(w, "%-8s %s\n", p.Name, DesiredCounts(p.Config.Policies.Min, p.Changes, p.Config.Arrivals[0]))
	}
}

// tail sorts seeds that left photos unsettled after the others.
const tail = 12 * time.Hour

// writeTimes prints how long photos and the backlog take, beside what the sizing formula says.
func writeTimes(w io.Writer, all [][]*played) {
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "UPLOAD TO READY\tp50\tp99\tmax\tdrained in\tby the formula\tpeak backlog\tpeak tasks\tby the formula\t"+
		"dead letters\t")
	formula := func(p *played) string {
		if p.Sizing.Drain < 0 {
			return "never"
		}
		return format.Duration(p.Sizing.Drain)
	}
	drain := func(p *played) string {
		if p.Unsettled > 0 {
			return format.Number(p.Unsettled) + " left"
		}
		return format.Duration(p.Drain)
	}
	for _, seeds := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", seeds[0].Name,
			durations(seeds, func(p *played) time.Duration { return p.P50 }),
			durations(seeds, func(p *played) time.Duration { return p.P99 }),
			durations(seeds, func(p *played) time.Duration { return p.Max }),
			span(seeds, func(p *played) time.Duration { return p.Drain + time.Duration(p.Unsettled)*tail }, drain),
			span(seeds, func(p *played) time.Duration { return p.Sizing.Drain }, formula),
			numbers(seeds, func(p *played) int { return p.PeakBacklog }),
			numbers(seeds, func(p *played) int { return p.PeakTasks }),
			numbers(seeds, func(p *played) int { return p.Sizing.Tasks }),
			numbers(seeds, func(p *played) int { return p.DeadLetters }))
	}
	t.Flush()
}

// writeLimits prints what the limits of the API and of S3 did, in the scenarios that have them.
func writeLimits(w io.Writer, all [][]*played) {
	for _, seeds := range all {
		if seeds[0].Front > 0 {
			fmt.Fprintf(w, "\n%s: the API makes the last clients wait for a token for up to %s\n", seeds[0].Name,
				format.Duration(seeds[0].Front))
		}
	}
	for _, seeds := range all {
		if puts := seeds[0].Puts; puts.Originals > 0 {
			fmt.Fprintf(w, "\n%s: at most %s originals and %s objects of variants a second in one prefix of S3, which takes 3,500\n",
				seeds[0].Name, format.Number(puts.Originals), format.Number(puts.Variants))
		}
	}
}

// writeCosts prints what the scenarios cost.
func writeCosts(w io.Writer, all [][]*played) {
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "DOLLARS A MILLION PHOTOS\tFargate\tFargate Spot\tS3\tSQS\tsum\tthis scenario\t")
	for _, seeds := range all {
		million := func(p *played) simulation.Cost { return p.Cost.Million(p.Photos) }
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", seeds[0].Name,
			decimals(seeds, func(p *played) float64 { return million(p).OnDemand }),
			decimals(seeds, func(p *played) float64 { return million(p).Spot }),
			decimals(seeds, func(p *played) float64 { return million(p).S3 }),
			decimals(seeds, func(p *played) float64 { return million(p).SQS }),
			decimals(seeds, func(p *played) float64 { return million(p).Sum() }),
			decimals(seeds, func(p *played) float64 { return p.Cost.Sum() }))
	}
	t.Flush()
}

// mostChanges is the number of changes that are shown of a scenario.
const mostChanges = 14

// DesiredCounts lists the desired counts with the times since begin at which they changed.
func DesiredCounts(from int, changes []simulation.Change, begin time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", from)
	for i, c := range changes {
		if i == mostChanges {
			fmt.Fprintf(&b, ", and %s", plural.Count(len(changes)-i, "more change"))
			break
		}
		fmt.Fprintf(&b, ", %d at %s (%s)", c.To, format.Duration(c.At-begin), strings.TrimSuffix(c.Policy, "Scaling"))
	}
	return b.String()
}

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"darkroom/deploy/sim/internal/simulation"
	"darkroom/worker/plural"
)

// writeReport prints the results of the scenarios, each as a range over its seeds.
func writeReport(w io.Writer, all [][]*played) {
	for _, seeds := range all {
		fmt.Fprintf(w, "%-8s %s\n", seeds[0].name, seeds[0].what)
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "UPLOAD TO READY\tp50\tp99\tmax\tdrained in\tby the formula\tpeak backlog\tpeak tasks\tby the formula\tdead letters\t")
	for _, seeds := range all {
		formula := func(p *played) string {
			if p.sizing.drain < 0 {
				return "never"
			}
			return short(p.sizing.drain)
		}
		drain := func(p *played) string {
			if p.Unsettled > 0 {
				return grouped(p.Unsettled) + " left"
			}
			return short(p.Drain)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", seeds[0].name,
			span(seeds, func(p *played) time.Duration { return p.P50 }, func(p *played) string { return short(p.P50) }),
			span(seeds, func(p *played) time.Duration { return p.P99 }, func(p *played) string { return short(p.P99) }),
			span(seeds, func(p *played) time.Duration { return p.Max }, func(p *played) string { return short(p.Max) }),
			span(seeds, func(p *played) time.Duration { return p.Drain + time.Duration(p.Unsettled)*tail }, drain),
			span(seeds, func(p *played) time.Duration { return p.sizing.drain }, formula),
			span(seeds, func(p *played) int { return p.PeakBacklog }, func(p *played) string { return grouped(p.PeakBacklog) }),
			span(seeds, func(p *played) int { return p.PeakTasks }, func(p *played) string { return fmt.Sprint(p.PeakTasks) }),
			span(seeds, func(p *played) int { return p.sizing.tasks }, func(p *played) string { return fmt.Sprint(p.sizing.tasks) }),
			span(seeds, func(p *played) int { return p.DeadLetters }, func(p *played) string { return grouped(p.DeadLetters) }))
	}
	t.Flush()
	for _, seeds := range all {
		if seeds[0].front > 0 {
			fmt.Fprintf(w, "\n%s: the API makes the last clients wait for a token for up to %s\n", seeds[0].name,
				short(seeds[0].front))
		}
	}
	for _, seeds := range all {
		if puts := seeds[0].Puts; puts.Originals > 0 {
			fmt.Fprintf(w, "\n%s: at most %s originals and %s objects of variants a second in one prefix of S3, which takes 3,500\n",
				seeds[0].name, grouped(puts.Originals), grouped(puts.Variants))
		}
	}
	writeDeployments(w, all)
	writeFloods(w, all)
	fmt.Fprintln(w)
	fmt.Fprintln(t, "DOLLARS A MILLION PHOTOS\tFargate\tFargate Spot\tS3\tSQS\tsum\tthis scenario\t")
	dollars := func(seeds []*played, value func(*played) float64) string {
		return span(seeds, value, func(p *played) string { return fmt.Sprintf("%.2f", value(p)) })
	}
	for _, seeds := range all {
		million := func(p *played) simulation.Cost { return p.Cost.Million(p.photos) }
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", seeds[0].name,
			dollars(seeds, func(p *played) float64 { return million(p).OnDemand }), dollars(seeds, func(p *played) float64 { return million(p).Spot }),
			dollars(seeds, func(p *played) float64 { return million(p).S3 }), dollars(seeds, func(p *played) float64 { return million(p).SQS }),
			dollars(seeds, func(p *played) float64 { return million(p).Sum() }), dollars(seeds, func(p *played) float64 { return p.Cost.Sum() }))
	}
	t.Flush()
	fmt.Fprintln(w, "\nDESIRED TASKS, since the first upload, with the first seed")
	for _, seeds := range all {
		p := seeds[0]
		fmt.Fprintf(w, "%-8s %s\n", p.name, overTime(p.config.Policies.Min, p.Changes, p.config.Arrivals[0]))
	}
}

// tail sorts seeds that left photos unsettled after the others.
const tail = 12 * time.Hour

// span formats the smallest and the largest value of the seeds, or one if they look the same.
func span[T cmp.Ordered](seeds []*played, value func(*played) T, format func(*played) string) string {
	by := func(a, b *played) int { return cmp.Compare(value(a), value(b)) }
	least, most := format(slices.MinFunc(seeds, by)), format(slices.MaxFunc(seeds, by))
	if least == most {
		return least
	}
	return least + " to " + most
}

// mostChanges is the number of changes that are shown of a scenario.
const mostChanges = 14

// overTime lists the desired counts with the times since begin at which they changed.
func overTime(from int, changes []simulation.Change, begin time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", from)
	for i, c := range changes {
		if i == mostChanges {
			fmt.Fprintf(&b, ", and %s", plural.Count(len(changes)-i, "more change"))
			break
		}
		fmt.Fprintf(&b, ", %d at %s (%s)", c.To, short(c.At-begin), strings.TrimSuffix(c.Policy, "Scaling"))
	}
	return b.String()
}

// short formats a duration with two or three digits.
func short(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d < time.Hour:
		s := int(d.Seconds() + 0.5)
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	}
	m := int(d.Minutes() + 0.5)
	return fmt.Sprintf("%dh%02dm", m/60, m%60)
}

// grouped formats a number with commas.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

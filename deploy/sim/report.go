package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"darkroom/deploy/sim/internal/simulation"
	"darkroom/worker/plural"
)

// writeReport prints the results of the scenarios.
func writeReport(w io.Writer, all []*played) {
	for _, p := range all {
		fmt.Fprintf(w, "%-8s %s\n", p.name, p.what)
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "UPLOAD TO READY\tp50\tp99\tmax\tdrained in\tby the formula\tpeak backlog\tpeak tasks\tby the formula\tdead letters\t")
	for _, p := range all {
		drain, formula := short(p.Drain), "never"
		if p.Unsettled > 0 {
			drain = fmt.Sprintf("%d left", p.Unsettled)
		}
		if p.sizing.drain >= 0 {
			formula = short(p.sizing.drain)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\t\n", p.name, short(p.P50), short(p.P99), short(p.Max), drain, formula,
			grouped(p.PeakBacklog), p.PeakTasks, p.sizing.tasks, grouped(p.DeadLetters))
	}
	t.Flush()
	fmt.Fprintln(w)
	fmt.Fprintln(t, "DOLLARS A MILLION PHOTOS\tFargate\tFargate Spot\tS3\tSQS\tsum\tthis scenario\t")
	for _, p := range all {
		m := p.Cost.Million(p.photos)
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t\n", p.name, m.OnDemand, m.Spot, m.S3, m.SQS, m.Sum(), p.Cost.Sum())
	}
	t.Flush()
	fmt.Fprintln(w, "\nDESIRED TASKS, since the first upload")
	for _, p := range all {
		fmt.Fprintf(w, "%-8s %s\n", p.name, overTime(p.config.Policies.Min, p.Changes, p.config.Arrivals[0]))
	}
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

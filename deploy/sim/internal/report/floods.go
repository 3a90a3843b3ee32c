package report

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"darkroom/deploy/sim/internal/scenario"
	"darkroom/deploy/sim/internal/simulation"
)

// writeFloods prints how long each board waits in the scenarios with a flood, with two queues and with one.
func writeFloods(w io.Writer, all [][]*played) {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	for _, seeds := range all {
		if seeds[0].Flood == nil {
			continue
		}
		fmt.Fprint(t, "\nBOARDS\twait p50\tp99\tmax\tready p50\tp99\tmax\tdrained in\tnothing waits after\t"+
			"SQS requests a photo\tdollars a million\t\n")
		for _, row := range []floodRow{
			{name: "two queues: the others", fair: true},
			{name: "the flood", fair: true, flood: true},
			{name: "one queue: the others"},
			{name: "the flood", flood: true},
		} {
			row.write(t, seeds)
		}
	}
	t.Flush()
}

// floodRow is a row of the table that writeFloods prints.
type floodRow struct {
	name  string
	fair  bool // two queues instead of one
	flood bool // the board that floods, instead of the others
}

// waits returns the times of one seed that the row is about.
func (r floodRow) waits(p *played) scenario.BoardWaits {
	if r.fair {
		return p.Fair
	}
	return p.OneQueue
}

// write prints the row, each value as a range over the seeds.
func (r floodRow) write(w io.Writer, seeds []*played) {
	times := func(value func(simulation.Waits) time.Duration) string {
		ofSeed := func(p *played) time.Duration {
			if r.flood {
				return value(r.waits(p).Flood)
			}
			return value(r.waits(p).Others)
		}
		return durations(seeds, ofSeed)
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t", r.name,
		times(func(w simulation.Waits) time.Duration { return w.Wait.P50 }),
		times(func(w simulation.Waits) time.Duration { return w.Wait.P99 }),
		times(func(w simulation.Waits) time.Duration { return w.Wait.Max }),
		times(func(w simulation.Waits) time.Duration { return w.Ready.P50 }),
		times(func(w simulation.Waits) time.Duration { return w.Ready.P99 }),
		times(func(w simulation.Waits) time.Duration { return w.Ready.Max }))
	if !r.flood {
		fmt.Fprintln(w, "\t\t\t\t")
		return
	}
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t\n",
		durations(seeds, func(p *played) time.Duration { return r.waits(p).Drained }),
		durations(seeds, func(p *played) time.Duration { return r.waits(p).Empty }),
		decimals(seeds, func(p *played) float64 { return r.waits(p).Requests }),
		decimals(seeds, func(p *played) float64 { return r.waits(p).Cost.Sum() }))
}

package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"text/tabwriter"
	"time"

	"darkroom/deploy/sim/internal/simulation"
)

// flood is a load of several boards, of which one floods: many boards upload a photo at a regular interval, and board
// floodBoard uploads many at once. The photos of a scenario are those of all boards.
type flood struct {
	boards int // others
	every  time.Duration
	photos int           // photos of the board that floods
	at     time.Duration // when it begins, from the first upload
	over   time.Duration
}

// floodBoard is the number of the board that floods. The others have the numbers after it.
const floodBoard = 1

// total returns the number of photos of all boards.
func (f flood) total(over time.Duration) int { return f.photos + f.boards*int(over/f.every) }

// draw returns the uploads from start on, and the board of each.
func (f flood) draw(seed uint64, start, over time.Duration) (arrivals []time.Duration, boards []int32) {
	type upload struct {
		at    time.Duration
		board int32
	}
	var all []upload
	r := rand.New(rand.NewPCG(seed, 1))
	for b := range f.boards {
		first := time.Duration(r.Int64N(int64(f.every)))
		for at := first; at < over; at += f.every {
			all = append(all, upload{start + at, int32(floodBoard + 1 + b)})
		}
	}
	for range f.photos {
		all = append(all, upload{start + f.at + time.Duration(r.Int64N(int64(f.over))), floodBoard})
	}
	slices.SortFunc(all, func(a, b upload) int { return int(a.at - b.at) })
	for _, u := range all {
		arrivals, boards = append(arrivals, u.at), append(boards, u.board)
	}
	return arrivals, boards
}

// boardWaits are the times of a scenario with a flood.
type boardWaits struct {
	flood, others simulation.Waits // others: photos uploaded from the start of the flood until its last photo was ready
	drained       time.Duration    // from the flood's last upload until its last photo was ready
	empty         time.Duration    // from then until no message waits, of any board
	cost          simulation.Cost  // a million photos
	requests      float64          // SQS requests for a photo
}

// waits returns the times of a run that began with the first upload at start.
func (f flood) waits(r *simulation.Result, photos int, start time.Duration) boardWaits {
	w := boardWaits{cost: r.Cost.Million(photos), requests: float64(r.Requests) / float64(photos)}
	w.flood = r.Waits(func(board int32, _ time.Duration) bool { return board == floodBoard })
	w.others = r.Waits(func(board int32, upload time.Duration) bool {
		return board != floodBoard && upload >= start+f.at && upload < w.flood.Last
	})
	end := start + f.at + f.over
	w.drained = w.flood.Last - end
	if i := slices.IndexFunc(r.Points, func(p simulation.Point) bool { return p.At > end && p.Visible == 0 }); i >= 0 {
		w.empty = r.Points[i].At - end
	}
	return w
}

// writeFloods prints how long each board waits in the scenarios with a flood, with two queues and with one.
func writeFloods(w io.Writer, all [][]*played) {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	for _, seeds := range all {
		if seeds[0].flood == nil {
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
func (r floodRow) waits(p *played) boardWaits {
	if r.fair {
		return p.fair
	}
	return p.oneQueue
}

// write prints the row, each value as a range over the seeds.
func (r floodRow) write(w io.Writer, seeds []*played) {
	times := func(value func(simulation.Waits) time.Duration) string {
		ofSeed := func(p *played) time.Duration {
			if r.flood {
				return value(r.waits(p).flood)
			}
			return value(r.waits(p).others)
		}
		return span(seeds, ofSeed, func(p *played) string { return short(ofSeed(p)) })
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
	drained := func(p *played) time.Duration { return r.waits(p).drained }
	empty := func(p *played) time.Duration { return r.waits(p).empty }
	requests := func(p *played) float64 { return r.waits(p).requests }
	cost := func(p *played) float64 { return r.waits(p).cost.Sum() }
	fmt.Fprintf(w, "%s\t%s\t%s\t%s\t\n",
		span(seeds, drained, func(p *played) string { return short(drained(p)) }),
		span(seeds, empty, func(p *played) string { return short(empty(p)) }),
		span(seeds, requests, func(p *played) string { return fmt.Sprintf("%.2f", requests(p)) }),
		span(seeds, cost, func(p *played) string { return fmt.Sprintf("%.2f", cost(p)) }))
}

package scenario

import (
	"math/rand/v2"
	"slices"
	"time"

	"darkroom/deploy/sim/internal/simulation"
)

// Flood is a load of several boards, of which one floods: many boards upload a photo at a regular interval, and board
// floodBoard uploads many at once. The photos of a scenario are those of all boards.
type Flood struct {
	Boards int // other boards
	Every  time.Duration
	Photos int           // photos of the board that floods
	At     time.Duration // when it begins, from the first upload
	Over   time.Duration
}

// floodBoard is the number of the board that floods. The others have the numbers after it.
const floodBoard = 1

// Total returns the number of photos of all boards.
func (f Flood) Total(over time.Duration) int { return f.Photos + f.Boards*int(over/f.Every) }

// draw returns the uploads from start on, and the board of each.
func (f Flood) draw(seed uint64, start, over time.Duration) (arrivals []time.Duration, boards []int32) {
	type upload struct {
		at    time.Duration
		board int32
	}
	var all []upload
	r := rand.New(rand.NewPCG(seed, 1))
	for b := range f.Boards {
		first := time.Duration(r.Int64N(int64(f.Every)))
		for at := first; at < over; at += f.Every {
			all = append(all, upload{start + at, int32(floodBoard + 1 + b)})
		}
	}
	for range f.Photos {
		all = append(all, upload{start + f.At + time.Duration(r.Int64N(int64(f.Over))), floodBoard})
	}
	slices.SortFunc(all, func(a, b upload) int { return int(a.at - b.at) })
	for _, u := range all {
		arrivals, boards = append(arrivals, u.at), append(boards, u.board)
	}
	return arrivals, boards
}

// BoardWaits are the times of a scenario with a flood.
type BoardWaits struct {
	Flood, Others simulation.Waits // others: photos uploaded from the start of the flood until its last photo was ready
	Drained       time.Duration    // from the flood's last upload until its last photo was ready
	Empty         time.Duration    // from then until no message waits, of any board
	Cost          simulation.Cost  // a million photos
	Requests      float64          // SQS requests for a photo
}

// waits returns the times of a run that began with the first upload at start.
func (f Flood) waits(r *simulation.Result, photos int, start time.Duration) BoardWaits {
	w := BoardWaits{Cost: r.Cost.Million(photos), Requests: float64(r.Requests) / float64(photos)}
	w.Flood = r.Waits(func(board int32, _ time.Duration) bool { return board == floodBoard })
	w.Others = r.Waits(func(board int32, upload time.Duration) bool {
		return board != floodBoard && upload >= start+f.At && upload < w.Flood.Last
	})
	end := start + f.At + f.Over
	w.Drained = w.Flood.Last - end
	if i := slices.IndexFunc(r.Points, func(p simulation.Point) bool { return p.At > end && p.Visible == 0 }); i >= 0 {
		w.Empty = r.Points[i].At - end
	}
	return w
}

package scaling

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Look is what there was in the queue, and at work, at one moment.
type Look struct {
	At       time.Time
	Visible  int // messages that can be received
	InFlight int // that were received, and neither deleted nor released
	Running  int // workers
}

// Fast is a policy on the queue itself, for bursts: it asks for as many workers as have everything that waits done within
// the objective, those that are still to start included. It only ever adds. To remove is left to target tracking, which goes on
// as it does without: a scaler that dies, or two that run, cost time or money and lose nothing.
//
// With p photos a second for each worker, n workers at work, and a start of s seconds, the queue that a new worker meets is
//
//	met = waiting + (arriving - n x p) x s
//
// and as many workers are needed as work that off in what is left of the objective, and what arrives meanwhile:
//
//	met / (p x (objective - s)) + arriving / p
//
// What arrives a second is what the queue has more of than at the look before, and what was worked off since.
type Fast struct {
	Bounds
	Objective  time.Duration // from the upload to the variants; more than StartUp
	StartUp    time.Duration // of a worker, from when it is asked for until it receives
	PhotoTime  time.Duration // of one photo on one processor
	Processors int           // of a worker
}

// Validate reports the first setting that cannot be used.
func (f Fast) Validate() error {
	switch {
	case f.Max < 1:
		return errors.New("fast scaling: at most 0 workers")
	case f.StartUp < 0 || f.Objective <= f.StartUp:
		return fmt.Errorf("fast scaling: an objective of %v cannot be held by workers that take %v to start", f.Objective, f.StartUp)
	case f.PhotoTime <= 0 || f.Processors < 1:
		return fmt.Errorf("fast scaling: %v for a photo on each of %d processors", f.PhotoTime, f.Processors)
	}
	return f.Bounds.Validate()
}

// Decide returns how many workers should be desired where desired are so now, which is never fewer, unless that is more than
// at most. before is the look before this one; the zero Look if there was none, or none that is recent.
func (f Fast) Decide(before, now Look, desired int) int {
	perWorker := float64(f.Processors) / f.PhotoTime.Seconds()
	working := perWorker * float64(now.Running)
	waiting := float64(now.Visible + now.InFlight)
	arriving := 0.0
	if past := now.At.Sub(before.At).Seconds(); !before.At.IsZero() && past > 0 {
		done := 0.0
		if before.Visible > 0 && now.Visible > 0 { // else the workers were not at work all the time
			done = perWorker * float64(min(before.Running, now.Running))
		}
		arriving = max(0, (waiting-float64(before.Visible+before.InFlight))/past+done)
	}
	met := max(0, waiting+(arriving-working)*f.StartUp.Seconds())
	needed := 0
	if now.Visible > 0 { // what is in flight has its worker, or waits for its next try
		needed = whole(math.Ceil(met/(perWorker*(f.Objective-f.StartUp).Seconds()) + arriving/perWorker - 1e-9))
		needed = max(needed, 1)
	}
	return f.Clamp(max(needed, desired))
}

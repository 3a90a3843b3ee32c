package scaling

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Reading is the state of the queue and of the workers at one moment.
type Reading struct {
	At       time.Time
	Visible  int // messages ready to be received
	InFlight int // messages received, and neither deleted nor visible again
	Running  int // workers
}

// Fast is a policy on the queue itself, for bursts. It asks for enough workers to clear the backlog within the
// objective, including the time that new workers need to start. It only adds workers. Target tracking removes them, as
// it does without this policy: a scaler that dies, or two that run at once, cost time or money but lose no photo.
//
// With p photos a second on each worker, n workers running, and a start of s seconds, a new worker meets a backlog of
//
//	met = waiting + (arriving - n x p) x s
//
// The workers needed are those that clear it in the rest of the objective, together with what arrives meanwhile:
//
//	met / (p x (objective - s)) + arriving / p
//
// The arrivals a second are the growth of the backlog since the previous reading, plus the photos done since.
type Fast struct {
	Bounds
	Objective  time.Duration // from the upload to the variants; more than StartUp
	StartUp    time.Duration // from the request for a worker until it receives
	PhotoTime  time.Duration // time for one photo on one processor
	Processors int           // number of processors of a worker
}

// Validate reports the first setting that cannot be used.
func (f Fast) Validate() error {
	switch {
	case f.Max < 1:
		return fmt.Errorf("max tasks (%d) must be at least 1", f.Max)
	case f.StartUp < 0:
		return fmt.Errorf("start-up time (%v) must not be negative", f.StartUp)
	case f.Objective <= f.StartUp:
		return fmt.Errorf("objective (%v) must be longer than the start-up time of a worker (%v)", f.Objective, f.StartUp)
	case f.PhotoTime <= 0:
		return errors.New("time for a photo must be more than 0")
	case f.Processors < 1:
		return fmt.Errorf("processors of a worker (%d) must be at least 1", f.Processors)
	}
	return f.Bounds.Validate()
}

// Decide returns how many workers to desire, given how many are desired now. It never returns fewer than that, unless
// that exceeds the maximum. before is the previous reading, or the zero Reading if there is none or it is too old.
func (f Fast) Decide(before, now Reading, desired int) int {
	perWorker := float64(f.Processors) / f.PhotoTime.Seconds()
	working := perWorker * float64(now.Running)
	waiting := float64(now.Visible + now.InFlight)
	arriving := 0.0
	if past := now.At.Sub(before.At).Seconds(); !before.At.IsZero() && past > 0 {
		done := 0.0
		if before.Visible > 0 && now.Visible > 0 { // otherwise some workers were idle in between
			done = perWorker * float64(min(before.Running, now.Running))
		}
		arriving = max(0, (waiting-float64(before.Visible+before.InFlight))/past+done)
	}
	met := max(0, waiting+(arriving-working)*f.StartUp.Seconds())
	needed := 0
	if now.Visible > 0 { // messages in flight already have a worker, or wait for a retry
		exact := met/(perWorker*(f.Objective-f.StartUp).Seconds()) + arriving/perWorker
		needed = max(1, int(min(math.Ceil(exact-1e-9), float64(f.Max)))) // 1e-9: rounding error of a whole number
	}
	return f.Clamp(max(needed, desired))
}

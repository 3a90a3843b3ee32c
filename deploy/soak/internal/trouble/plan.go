package trouble

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"darkroom/deploy/soak/internal/system"
)

// Settings say how often something happens to the workers of a system that the soak started.
type Settings struct {
	Kills       int           `default:"20" placeholder:"N" group:"Run" help:"Number of times that a worker is killed with SIGKILL."`
	Freezes     int           `default:"4" placeholder:"N" group:"Run" help:"Number of times that a worker is stopped with SIGSTOP until the visibility timeout of its messages has passed, and then continued."`
	Credentials int           `name:"credential-outages" default:"3" placeholder:"N" group:"Run" help:"Number of times that S3 refuses the credentials of the workers for some seconds."`
	Policies    int           `name:"policy-outages" default:"3" placeholder:"N" group:"Run" help:"Number of times that a bucket policy forbids the workers some operations for some seconds."`
	Outage      time.Duration `default:"40s" placeholder:"DURATION" group:"Run" help:"Length of the first outage of each kind. The others last one to four seconds. A worker that counted refusals as failed attempts would dead-letter photos after about 30 seconds."`
}

// Validate reports the first invalid setting.
func (d Settings) Validate() error {
	for _, flag := range []struct {
		name string
		n    int
	}{{"--kills", d.Kills}, {"--freezes", d.Freezes}, {"--credential-outages", d.Credentials}, {"--policy-outages", d.Policies}} {
		if flag.n < 0 {
			return fmt.Errorf("%s: %d is negative", flag.name, flag.n)
		}
	}
	if d.Outage <= 0 && d.Credentials+d.Policies > 0 {
		return fmt.Errorf("--outage: %v is not greater than 0", d.Outage)
	}
	return nil
}

// moment says when a disturbance begins and how long it lasts.
type moment struct {
	after  int // begins when more photos than this are processed
	length time.Duration
}

// Plan has the disturbances of a run, each kind sorted by time. A kill has no length.
type Plan struct {
	Kills, freezes []moment
	outages        []outage
}

// NewPlan draws the disturbances of a run on two buckets.
func NewPlan(random *rand.Rand, d Settings, photos int, uploads, variants string) Plan {
	return Plan{
		Kills:   schedule(random, d.Kills, photos, 0, 0),
		freezes: schedule(random, d.Freezes, photos, shortestFreeze, longestFreeze),
		outages: outages(random, d, photos, uploads, variants),
	}
}

// Lengths of disturbances.
const (
	shortestFreeze = system.VisibilityTimeout + time.Second
	longestFreeze  = system.VisibilityTimeout + 3*time.Second
	shortestOutage = time.Second
	longestOutage  = 4 * time.Second
)

// schedule draws n moments, sorted. None is in the last quarter of the photos, when there is little left to interrupt.
func schedule(random *rand.Rand, n, photos int, shortest, longest time.Duration) []moment {
	var all []moment
	for range n {
		length := shortest + time.Duration(random.Float64()*float64(longest-shortest))
		all = append(all, moment{random.IntN((photos*3 + 3) / 4), length})
	}
	slices.SortFunc(all, func(a, b moment) int { return a.after - b.after })
	return all
}

package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"darkroom/deploy/local/fake/faults"
)

// share is a rate of the command line: 5% or 0.05.
type share float64

// UnmarshalText reads a rate.
func (s *share) UnmarshalText(text []byte) error {
	v, err := faults.ParseRate(string(text))
	*s = share(v)
	return err
}

// mix says what is sent, and what happens to it.
type mix struct {
	Photos     int     `default:"2000" placeholder:"N" group:"Load" help:"Photos to upload."`
	Rate       float64 `default:"100" placeholder:"N" group:"Load" help:"Uploads begun in a second."`
	Bad        share   `default:"5%" placeholder:"RATE" group:"Load" help:"Photos that must be rejected: cut short, damaged, no pictures at all, or far too large."`
	Duplicates share   `default:"10%" placeholder:"RATE" group:"Load" help:"Photos of which more events come, at once or late, some of them wrapped by SNS or EventBridge."`
	Reorder    share   `default:"10%" placeholder:"RATE" group:"Load" help:"Photos of which an event comes out of order: before the photo, or of the opposite kind after all is done."`
	Poison     share   `default:"1%" placeholder:"RATE" group:"Load" help:"Bad messages, as a part of the photos: no JSON, no event, another bucket, a bad key."`
	Remove     share   `default:"2%" placeholder:"RATE" group:"Load" help:"Photos whose original is removed, in the middle of the work or after it."`
	Replace    share   `default:"1%" placeholder:"RATE" group:"Load" help:"Photos whose original is overwritten by another one, behind the API's back."`
	Reupload   share   `default:"2%" placeholder:"RATE" group:"Load" help:"Photos that are sent a second time with the same token, which S3 must refuse with 412."`
}

// Validate reports the first setting that cannot be used.
func (m mix) Validate() error {
	switch {
	case m.Photos < 1:
		return errors.New("--photos: at least 1")
	case !(m.Rate > 0):
		return errors.New("--rate: more than 0")
	case m.Remove+m.Replace > 1:
		return errors.New("--remove and --replace: more than 100% together")
	}
	return nil
}

// step is what happens with one photo. Times count from the end of its upload.
type step struct {
	seed     uint64 // of the picture
	bad      bool   // must be rejected
	early    bool   // an event comes before the photo
	reupload bool
	after    time.Duration // until the original is removed or replaced
	remove   bool
	replace  uint64     // seed of the picture that takes its place; 0: none
	copies   []delivery // more events
	opposite time.Duration
}

// delivery is one more event of a photo.
type delivery struct {
	after time.Duration
	shape shape
}

// plan is everything that is done in one run. It follows from the mix and the seed.
type plan struct {
	steps  []step
	poison []poison // sorted by when
	kills  []int    // after how many photos a worker is killed, sorted
}

// poison is a bad message.
type poison struct {
	after int // uploads
	body  string
}

// Longest waits, so that the load has an end.
const (
	longestChange = 3 * time.Second // until an original is removed or replaced
	longestCopy   = 5 * time.Second // until one more event
)

// newPlan plans a run on a bucket. The bodies of bad messages carry the name of the run, so that no two runs have the same.
func newPlan(m mix, kills int, seed uint64, run, bucket string) plan {
	random := rand.New(rand.NewPCG(seed, 0))
	hit := func(s share) bool { return random.Float64() < float64(s) }
	upTo := func(d time.Duration) time.Duration { return time.Duration(random.Float64() * float64(d)) }
	var p plan
	for range m.Photos {
		s := step{seed: random.Uint64()>>1 + 1, bad: hit(m.Bad), reupload: hit(m.Reupload)}
		switch x := random.Float64(); {
		case x < float64(m.Remove):
			s.remove, s.reupload = true, false // once it is removed, the token is good for it again
			s.after = upTo(longestChange)
		case x < float64(m.Remove+m.Replace):
			s.replace = s.seed + 1
			s.after = upTo(longestChange)
		}
		if hit(m.Duplicates) {
			for range 1 + random.IntN(3) {
				s.copies = append(s.copies, delivery{after: upTo(longestCopy), shape: shape(random.IntN(int(shapes)))})
			}
		}
		if hit(m.Reorder) {
			if random.IntN(2) == 0 {
				s.early = true
			} else {
				s.opposite = longestChange + upTo(longestCopy-longestChange)
			}
		}
		p.steps = append(p.steps, s)
	}
	for i := range int(math.Ceil(float64(m.Poison) * float64(m.Photos))) {
		p.poison = append(p.poison, poison{after: random.IntN(m.Photos), body: poisonBody(i, bucket, fmt.Sprintf("%s-%d", run, i))})
	}
	slices.SortStableFunc(p.poison, func(a, b poison) int { return a.after - b.after })
	for range kills {
		p.kills = append(p.kills, random.IntN((m.Photos*9+9)/10)) // not when there is nothing left to interrupt
	}
	slices.Sort(p.kills)
	return p
}

// extraEvents counts the events of the step that are none of S3's own.
func (s step) extraEvents() int {
	n := len(s.copies)
	if s.early {
		n++
	}
	if s.opposite > 0 {
		n++
	}
	return n
}

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

// share is a rate on the command line, such as 5% or 0.05.
type share float64

// UnmarshalText parses a rate.
func (s *share) UnmarshalText(text []byte) error {
	v, err := faults.ParseRate(string(text))
	*s = share(v)
	return err
}

// mix says how many photos are uploaded and what happens to them.
type mix struct {
	Photos     int     `default:"2000" placeholder:"N" group:"Load" help:"Number of photos to upload."`
	Rate       float64 `default:"100" placeholder:"N" group:"Load" help:"Uploads started per second."`
	Bad        share   `default:"5%" placeholder:"RATE" group:"Load" help:"Share of photos that must be rejected: cut short, damaged, not a picture, or far too large."`
	HEIC       share   `name:"heic" default:"2%" placeholder:"RATE" group:"Load" help:"Share of photos that are HEIC. The others are small pictures of the other formats."`
	Duplicates share   `default:"10%" placeholder:"RATE" group:"Load" help:"Share of photos that get more events, at once or later, some of them wrapped by SNS or EventBridge."`
	Reorder    share   `default:"10%" placeholder:"RATE" group:"Load" help:"Share of photos that get an event out of order: before the photo, or one of the opposite kind at the end."`
	Poison     share   `default:"1%" placeholder:"RATE" group:"Load" help:"Bad messages as a share of the photos: not JSON, not an event, another bucket, or an invalid key."`
	Remove     share   `default:"2%" placeholder:"RATE" group:"Load" help:"Share of photos whose original is deleted, during or after processing."`
	APIRemove  share   `name:"api-remove" default:"2%" placeholder:"RATE" group:"Load" help:"Share of photos that are removed with the API, before the upload or during or after processing. After half of the removals, the photo is uploaded with the old token."`
	Replace    share   `default:"1%" placeholder:"RATE" group:"Load" help:"Share of photos whose original is overwritten by another photo, without the API."`
	Reupload   share   `default:"2%" placeholder:"RATE" group:"Load" help:"Share of photos that are uploaded twice with the same token. S3 must refuse the second upload with 412."`
}

// Validate reports the first invalid setting.
func (m mix) Validate() error {
	switch {
	case m.Photos < 1:
		return errors.New("--photos must be at least 1")
	case !(m.Rate > 0):
		return errors.New("--rate must be greater than 0")
	case m.Remove+m.APIRemove+m.Replace > 1:
		return errors.New("--remove, --api-remove and --replace add up to more than 100%")
	}
	return nil
}

// step is what happens to one photo. Times count from the end of its upload.
type step struct {
	seed     uint64 // seed of the picture
	bad      bool   // must be rejected
	heic     bool
	early    bool // an event arrives before the photo
	reupload bool
	after    time.Duration // until the original is removed or replaced
	remove   bool          // delete the original in S3
	removal  removal       // remove the photo with the API
	replace  uint64        // seed of the picture that replaces it; 0: none
	copies   []delivery    // more events
	opposite time.Duration // until an event of the opposite kind; 0: none
}

// removal says how a photo is removed with the API. The zero value removes nothing.
type removal struct {
	requests int  // concurrent requests
	before   bool // before the upload
	seen     bool // only once it is ready and all its variants were read, as a page does
	late     bool // upload the photo with the old token after the removal
}

// delivery is one more event of a photo.
type delivery struct {
	after time.Duration
	shape shape
}

// plan is everything that happens in one run. The mix and the seed decide it.
type plan struct {
	steps  []step
	poison []poison // bad messages, sorted by time
	// What happens to the workers, each sorted by time. Kills have no length.
	kills, freezes []moment
	outages        []outage
}

// poison is a bad message.
type poison struct {
	after int // number of uploads before it is sent
	body  string
}

// Longest waits, which bound the time of a run.
const (
	longestChange = 3 * time.Second // until an original is deleted or replaced
	longestCopy   = 5 * time.Second // until another event
)

// newPlan plans a run on two buckets. The bodies of bad messages hold the name of the run, so that runs can tell theirs
// apart.
func newPlan(m mix, d disturbances, seed uint64, run, uploads, variants string) plan {
	random, formats, views := rand.New(rand.NewPCG(seed, 0)), rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2))
	hit := func(s share) bool { return random.Float64() < float64(s) }
	upTo := func(d time.Duration) time.Duration { return time.Duration(random.Float64() * float64(d)) }
	var p plan
	for range m.Photos {
		s := step{seed: random.Uint64()>>1 + 1, bad: hit(m.Bad), reupload: hit(m.Reupload)}
		switch x := random.Float64(); {
		case x < float64(m.Remove):
			s.remove, s.reupload = true, false // after the delete, the token would work again
			s.after = upTo(longestChange)
		case x < float64(m.Remove+m.APIRemove):
			s.removal, s.reupload = removal{requests: 1 + random.IntN(3)}, false
			switch random.IntN(4) {
			case 0:
				s.removal.before = true
			case 1:
				s.removal.late = true
			}
			s.removal.seen = !s.bad && !s.removal.before && views.IntN(2) == 0
			s.after = upTo(longestChange)
		case x < float64(m.Remove+m.APIRemove+m.Replace):
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
		s.heic = !s.bad && formats.Float64() < float64(m.HEIC)
		p.steps = append(p.steps, s)
	}
	for i := range int(math.Ceil(float64(m.Poison) * float64(m.Photos))) {
		p.poison = append(p.poison, poison{after: random.IntN(m.Photos), body: poisonBody(i, uploads, fmt.Sprintf("%s-%d", run, i))})
	}
	slices.SortStableFunc(p.poison, func(a, b poison) int { return a.after - b.after })
	p.kills = schedule(random, d.Kills, m.Photos, 0, 0)
	p.freezes = schedule(random, d.Freezes, m.Photos, shortestFreeze, longestFreeze)
	p.outages = outages(random, d, m.Photos, uploads, variants)
	return p
}

// removed reports whether the photo is gone at the end.
func (s step) removed() bool { return s.remove || s.removal.requests > 0 }

// oldToken reports whether the photo is uploaded after it was removed with the API.
func (s step) oldToken() bool { return s.removal.before || s.removal.late }

// extraEvents counts the events of the step beyond those of its upload and of a change of its original.
func (s step) extraEvents() int {
	n := len(s.copies)
	if s.early {
		n++
	}
	if s.opposite > 0 {
		n++
	}
	if s.oldToken() {
		n++
	}
	return n
}

package load

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"darkroom/deploy/local/fake/faults"
	"darkroom/deploy/soak/internal/trouble"
)

// share is a rate on the command line, such as 5% or 0.05.
type share float64

// UnmarshalText parses a rate.
func (s *share) UnmarshalText(text []byte) error {
	v, err := faults.ParseRate(string(text))
	*s = share(v)
	return err
}

// Mix says how many photos are uploaded, how fast, and what happens to them.
type Mix struct {
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
func (m Mix) Validate() error {
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

// Step says what happens to one photo. Times count from the end of its upload.
type Step struct {
	Seed     uint64 // seed of the picture
	Bad      bool   // must be rejected
	HEIC     bool
	Early    bool // an event arrives before the photo
	Reupload bool
	After    time.Duration // time at which the original is removed or replaced
	Remove   bool          // delete the original in S3
	Removal  Removal       // remove the photo with the API
	Replace  uint64        // seed of the picture that replaces it; 0: none
	Copies   []Delivery    // more events
	Opposite time.Duration // time of an event of the opposite kind; 0: none
}

// Removal says how a photo is removed with the API. The zero value removes nothing.
type Removal struct {
	Requests int  // concurrent requests
	Before   bool // before the upload
	Seen     bool // only after it was ready and all its variants were read, as a page reads them
	Late     bool // upload the photo with the old token after the removal
}

// Delivery is one more event of a photo.
type Delivery struct {
	After time.Duration
	Shape Shape
}

// Plan has everything that happens in one run. The settings and the seed decide it.
type Plan struct {
	Steps       []Step
	BadMessages []BadMessage // bad messages, sorted by time
	Workers     trouble.Plan
}

// BadMessage is a bad message.
type BadMessage struct {
	After int // number of uploads before it is sent
	Body  string
}

// Upper bounds of random times. They bound the time of a run.
const (
	longestChange = 3 * time.Second // until an original is deleted or replaced
	longestCopy   = 5 * time.Second // until another event
)

// NewPlan plans a run on two buckets. The bodies of bad messages contain the name of the run, which tells them from those
// of other runs.
func NewPlan(m Mix, disturb trouble.Settings, seed uint64, run, uploads, variants string) Plan {
	random, formats, views := rand.New(rand.NewPCG(seed, 0)), rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2))
	hit := func(s share) bool { return random.Float64() < float64(s) }
	upTo := func(d time.Duration) time.Duration { return time.Duration(random.Float64() * float64(d)) }
	var p Plan
	for range m.Photos {
		s := Step{Seed: random.Uint64()>>1 + 1, Bad: hit(m.Bad), Reupload: hit(m.Reupload)}
		switch x := random.Float64(); {
		case x < float64(m.Remove):
			s.Remove, s.Reupload = true, false // after the delete, the token would work again
			s.After = upTo(longestChange)
		case x < float64(m.Remove+m.APIRemove):
			s.Removal, s.Reupload = Removal{Requests: 1 + random.IntN(3)}, false
			switch random.IntN(4) {
			case 0:
				s.Removal.Before = true
			case 1:
				s.Removal.Late = true
			}
			s.Removal.Seen = !s.Bad && !s.Removal.Before && views.IntN(2) == 0
			s.After = upTo(longestChange)
		case x < float64(m.Remove+m.APIRemove+m.Replace):
			s.Replace = s.Seed + 1
			s.After = upTo(longestChange)
		}
		if hit(m.Duplicates) {
			for range 1 + random.IntN(3) {
				s.Copies = append(s.Copies, Delivery{After: upTo(longestCopy), Shape: Shape(random.IntN(int(shapes)))})
			}
		}
		if hit(m.Reorder) {
			if random.IntN(2) == 0 {
				s.Early = true
			} else {
				s.Opposite = longestChange + upTo(longestCopy-longestChange)
			}
		}
		s.HEIC = !s.Bad && formats.Float64() < float64(m.HEIC)
		p.Steps = append(p.Steps, s)
	}
	for i := range int(math.Ceil(float64(m.Poison) * float64(m.Photos))) {
		p.BadMessages = append(p.BadMessages, BadMessage{After: random.IntN(m.Photos), Body: badBody(i, uploads, fmt.Sprintf("%s-%d", run, i))})
	}
	slices.SortStableFunc(p.BadMessages, func(a, b BadMessage) int { return a.After - b.After })
	p.Workers = trouble.NewPlan(random, disturb, m.Photos, uploads, variants)
	return p
}

// Removed reports whether the photo is gone at the end.
func (s Step) Removed() bool { return s.Remove || s.Removal.Requests > 0 }

// OldToken reports whether the photo is uploaded after it was removed with the API.
func (s Step) OldToken() bool { return s.Removal.Before || s.Removal.Late }

// ExtraEvents counts the events of the step beyond those of its upload and of a change of its original.
func (s Step) ExtraEvents() int {
	n := len(s.Copies)
	if s.Early {
		n++
	}
	if s.Opposite > 0 {
		n++
	}
	if s.OldToken() {
		n++
	}
	return n
}

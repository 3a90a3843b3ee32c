package simulation

import (
	"slices"
	"time"
)

// S3 takes 3,500 PUTs a second for each prefix (user guide of S3, "Best practices design patterns: optimizing Amazon S3
// performance"), and a photo with four variants takes five in the variants bucket. A client or a worker tries again
// until S3 takes them.
//
// The originals of a board are one prefix, since their keys begin with the board and the time. The variants of all
// boards are spread over 32 prefixes: see photo.Ref.
const (
	putsASecond = 3500
	putsAPhoto  = 5
	shards      = 32
)

// Puts is the largest number of PUTs that one prefix of S3 takes in a second.
type Puts struct{ Originals, Variants int }

// prefix limits the photos of one prefix, and counts them by the second.
type prefix struct {
	limit  bucket
	second time.Duration
	count  int // photos in the second
}

// take returns the time at which S3 takes n PUTs for a photo, and the number that it has taken in that second.
func (p *prefix) take(now time.Duration, n int) (at time.Duration, puts int) {
	at = p.limit.take(now, putsASecond/n, float64(putsASecond/n))
	if second := at.Truncate(time.Second); second != p.second {
		p.second, p.count = second, 0
	}
	p.count++
	return at, p.count * n
}

// land returns the times at which S3 takes the originals, and the most PUTs of one board in a second.
func land(arrivals []time.Duration, boards int) (landed []time.Duration, most int) {
	prefixes := make([]prefix, boards)
	landed = slices.Clone(arrivals)
	for i := range landed {
		var puts int
		landed[i], puts = prefixes[i%boards].take(landed[i], 1)
		most = max(most, puts)
	}
	slices.Sort(landed)
	return landed, most
}

// putVariants returns the time at which S3 takes the variants of a photo, whose shard is random.
func (r *run) putVariants() time.Duration {
	at, puts := r.shards[r.rand.IntN(shards)].take(r.now, putsAPhoto)
	r.result.Puts.Variants = max(r.result.Puts.Variants, puts)
	return at
}

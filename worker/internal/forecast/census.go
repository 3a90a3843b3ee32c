package forecast

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"darkroom/worker/photo"
)

// Census counts the originals of a bucket by their size, and draws some of each size at random. It takes the same
// memory for any number of originals.
type Census struct {
	Originals int64
	Bytes     int64
	Strays    int64 // keys that belong to no photo

	strata [maxStrata]stratum
	sample int
	random *rand.Rand
}

// maxStrata is the number of size classes. Sizes with the same number of bits are in one class.
const maxStrata = 64

// stratum holds the originals of one size.
type stratum struct {
	count, bytes int64
	drawn        []original // chosen at random, at most sample
}

// original is an original that was drawn.
type original struct {
	ref   photo.Ref
	bytes int64
}

// NewCensus returns a census that can draw samples of at most this many originals. The draw is the same for the same
// keys in the same order.
func NewCensus(sample int) *Census {
	return &Census{sample: sample, random: rand.New(rand.NewPCG(1, 2))}
}

// Add counts an object of the uploads bucket. Every original of its size has the same chance to be drawn (Vitter's
// algorithm R).
func (c *Census) Add(key string, bytes int64) {
	ref, err := photo.ParseKey(key)
	if err != nil {
		c.Strays++
		return
	}
	c.Originals++
	c.Bytes += bytes
	s := &c.strata[stratumOf(bytes)]
	s.count++
	s.bytes += bytes
	if len(s.drawn) < c.sample {
		s.drawn = append(s.drawn, original{ref, bytes})
	} else if c.sample > 0 {
		if i := c.random.Int64N(s.count); i < int64(c.sample) {
			s.drawn[i] = original{ref, bytes}
		}
	}
}

// stratumOf returns the index of the stratum of originals of a size.
func stratumOf(bytes int64) int { return bits.Len64(uint64(max(bytes, 0))) }

// leastDrawn is the fewest originals of each size in a sample, if there are that many: enough to see that they differ.
const leastDrawn = 8

// draw returns the sample: about as many originals as the census may draw, and more of the sizes that cost more in
// total. The cost of a photo grows with its pixels, but has a fixed part. The square root of its bytes approximates
// both.
func (c *Census) draw() (all []original) {
	weight := func(s stratum) float64 {
		if s.count == 0 {
			return 0
		}
		return float64(s.count) * math.Sqrt(float64(s.bytes)/float64(s.count))
	}
	total := 0.0
	for _, s := range c.strata {
		total += weight(s)
	}
	for _, s := range c.strata {
		n := leastDrawn
		if total > 0 {
			n = max(n, int(math.Round(float64(c.sample)*weight(s)/total)))
		}
		// The order within drawn is partly that of the keys, and so of time.
		c.random.Shuffle(len(s.drawn), func(i, j int) { s.drawn[i], s.drawn[j] = s.drawn[j], s.drawn[i] })
		all = append(all, s.drawn[:min(n, len(s.drawn))]...)
	}
	return all
}

// Package arrivals says when photos are uploaded.
package arrivals

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Draw returns the moments of n uploads from start on, in order: each falls, independent of the others, where the shape
// says, which is how likely each part of over is, from 0 to 1, with 0 at its begin and 1 at its end. With a constant
// shape that is a Poisson process of which the number is known.
func Draw(seed uint64, n int, start, over time.Duration, shape func(part float64) float64) []time.Duration {
	r := rand.New(rand.NewPCG(seed, 0x75706c6f616473))
	times := make([]time.Duration, n)
	for i := range times {
		for {
			x := r.Float64()
			if r.Float64() < shape(x) {
				times[i] = start + time.Duration(x*float64(over))
				break
			}
		}
	}
	slices.Sort(times)
	return times
}

// Flat is the constant shape.
func Flat(float64) float64 { return 1 }

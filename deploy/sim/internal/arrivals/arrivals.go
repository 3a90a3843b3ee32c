// Package arrivals draws the times at which photos are uploaded.
package arrivals

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Draw returns the times of n uploads within a period, in order. The period begins at start and lasts over. The shape
// gives the relative rate, from 0 to 1, at each part of the period, from 0 at its start to 1 at its end. The uploads
// are independent: with a constant shape they are a Poisson process with a known number of events.
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

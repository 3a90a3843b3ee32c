package main

import (
	"math"
	"slices"
)

// spread summarises the values of several rounds.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// spreadOf returns the spread of at least one value.
func spreadOf(values []float64) spread {
	return spread{median(values), slices.Min(values), slices.Max(values)}
}

// median returns the median of at least one value.
func median(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	half := len(v) / 2
	if len(v)%2 == 1 {
		return v[half]
	}
	return (v[half-1] + v[half]) / 2
}

// geometricMean returns the geometric mean of at least one value, all greater than 0. It suits ratios: the mean of the
// inverses is the inverse of the mean.
func geometricMean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(values)))
}

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// ratios divides each value by that of the same round.
func ratios(values, by []float64) []float64 {
	out := make([]float64, len(values))
	for i := range values {
		out[i] = values[i] / by[i]
	}
	return out
}

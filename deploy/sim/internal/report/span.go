package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"darkroom/deploy/sim/internal/format"
	"darkroom/deploy/sim/internal/scenario"
)

// played is a scenario with its results under one seed.
type played = scenario.Played

// span formats the smallest and the largest value of the seeds, or one if they look the same.
func span[T cmp.Ordered](seeds []*played, value func(*played) T, format func(*played) string) string {
	compare := func(a, b *played) int { return cmp.Compare(value(a), value(b)) }
	least, most := format(slices.MinFunc(seeds, compare)), format(slices.MaxFunc(seeds, compare))
	if least == most {
		return least
	}
	return least + " to " + most
}

// durations formats a range of durations.
func durations(seeds []*played, value func(*played) time.Duration) string {
	return span(seeds, value, func(p *played) string { return format.Duration(value(p)) })
}

// numbers formats a range of whole numbers.
func numbers(seeds []*played, value func(*played) int) string {
	return span(seeds, value, func(p *played) string { return format.Number(value(p)) })
}

// decimals formats a range of numbers with two digits after the point.
func decimals(seeds []*played, value func(*played) float64) string {
	return span(seeds, value, func(p *played) string { return fmt.Sprintf("%.2f", value(p)) })
}

// Package scaling decides how many workers there should be. It is pure: it knows neither AWS nor a clock, reads no
// metric and sets no count. The command `worker scale` and the simulator in deploy/sim decide with the same code.
//
// [Fast] is Darkroom's own policy, for bursts that cannot wait for CloudWatch.
package scaling

import "fmt"

// Bounds are the fewest and the most workers that a policy may ask for.
type Bounds struct{ Min, Max int }

// Clamp returns the number within the bounds that is nearest to n.
func (b Bounds) Clamp(n int) int { return min(max(n, b.Min), b.Max) }

// Validate reports negative bounds, and a minimum above the maximum.
func (b Bounds) Validate() error {
	switch {
	case b.Min < 0:
		return fmt.Errorf("min tasks (%d) must be 0 or more", b.Min)
	case b.Max < b.Min:
		return fmt.Errorf("min tasks (%d) must not exceed max tasks (%d)", b.Min, b.Max)
	}
	return nil
}

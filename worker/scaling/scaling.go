// Package scaling decides how many workers there should be. It is pure: it knows neither AWS nor a clock, reads no metric
// and sets no count, so that the simulator in deploy/sim and the command `worker scale` decide by the same code.
//
// A [Group] does what AWS's Application Auto Scaling does for one ECS service with target tracking and step scaling. What
// AWS documents is implemented as documented; where AWS says less than a program needs, the comment says what was assumed.
// [Fast] is Darkroom's own policy, for those who cannot wait for CloudWatch.
//
// Sources: the user guide of Application Auto Scaling, "How target tracking scaling works", "How step scaling works"
// (https://docs.aws.amazon.com/autoscaling/application/userguide/), and its API reference, TargetTrackingScalingPolicyConfiguration
// and StepScalingPolicyConfiguration; the user guide of CloudWatch, "Using Amazon CloudWatch alarms".
package scaling

import (
	"fmt"
	"math"
)

// Bounds are the fewest and the most workers that a policy may ask for.
type Bounds struct{ Min, Max int }

// Clamp returns the number within the bounds that is nearest to n.
func (b Bounds) Clamp(n int) int { return min(max(n, b.Min), b.Max) }

// Validate reports bounds between which there is no number of workers.
func (b Bounds) Validate() error {
	if b.Min < 0 || b.Max < b.Min {
		return fmt.Errorf("from %d to %d workers: want 0 or more, and no more at least than at most", b.Min, b.Max)
	}
	return nil
}

// most bounds a number of workers before it is clamped, so that no product overflows.
const most = 1_000_000

// whole makes a number of workers of x, which may be beyond all bounds.
func whole(x float64) int { return int(math.Max(-most, math.Min(x, most))) }

package scaling

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// The alarms that Application Auto Scaling makes for a target tracking policy, as CloudWatch shows them for an ECS service:
// above the target for 3 minutes, below nine tenths of it for 15. The user guide says of the latter that capacity is
// removed "only when utilization passes a threshold that is far enough below the target value (usually more than 10% lower)".
const (
	OutMinutes = 3
	InMinutes  = 15
	inPart     = 0.9
)

// Tracking is a target tracking policy: it keeps a metric that falls in proportion to the number of workers at its target.
type Tracking struct {
	Name        string // of the policy, unique within a group
	Target      float64
	OutCooldown time.Duration // after workers were added, until as many again may be
	InCooldown  time.Duration // between two removals
	NoScaleIn   bool
}

// Validate reports the first setting that cannot be used.
func (t Tracking) Validate() error {
	switch {
	case t.Name == "":
		return errors.New("a target tracking policy has no name")
	case !(t.Target > 0) || math.IsInf(t.Target, 0):
		return fmt.Errorf("policy %s: target %v", t.Name, t.Target)
	case t.OutCooldown < 0 || t.InCooldown < 0:
		return fmt.Errorf("policy %s: cooldowns of %v and %v", t.Name, t.OutCooldown, t.InCooldown)
	}
	return nil
}

// out returns how many workers bring the metric to its target, if it has been above for long enough: in proportion to its
// newest value, rounded up. It never asks for fewer than base.
func (t Tracking) out(base int, s Series) int {
	on, value := Alarm{Threshold: t.Target, Comparison: Above, Periods: OutMinutes}.On(s)
	if !on {
		return base
	}
	return max(base, t.proportional(base, value))
}

// in returns how many workers are enough, if the metric has been low for long enough, else base. AWS says only that it
// removes workers "more gradually" than it adds them; assumed is that as many are kept as the highest of the 15 minutes
// needs, rounded up.
func (t Tracking) in(base int, s Series) int {
	if t.NoScaleIn {
		return base
	}
	alarm := Alarm{Threshold: inPart * t.Target, Comparison: Below, Periods: InMinutes}
	if on, _ := alarm.On(s); !on {
		return base
	}
	return min(base, t.proportional(base, slices.Max(s.newest(InMinutes))))
}

func (t Tracking) proportional(base int, value float64) int {
	return whole(math.Ceil(float64(base)*value/t.Target - 1e-9)) // a product that should be whole may be a little above it
}

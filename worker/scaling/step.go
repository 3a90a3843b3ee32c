package scaling

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Adjustment is what the number of a step means, by AWS's names.
type Adjustment string

// The kinds of adjustment.
const (
	ByCount   Adjustment = "ChangeInCapacity"
	ByPercent Adjustment = "PercentChangeInCapacity"
	Exactly   Adjustment = "ExactCapacity"
)

// Step holds where the metric is as much above the threshold of the alarm: from Lower on, and below Upper. For a metric
// below the threshold both are negative, and Lower is the one that is not part of it.
type Step struct {
	Lower, Upper float64 // infinite where there is no bound
	By           int
}

// Stepping is a step scaling policy with its alarm.
type Stepping struct {
	Name         string // of the policy, unique within a group
	Alarm        Alarm
	Kind         Adjustment
	Steps        []Step
	MinMagnitude int // of a change by percent, in workers
	Cooldown     time.Duration
}

// Validate reports the first setting that cannot be used.
func (p Stepping) Validate() error {
	if p.Name == "" {
		return errors.New("a step scaling policy has no name")
	}
	if err := p.Alarm.Validate(); err != nil {
		return fmt.Errorf("policy %s: %w", p.Name, err)
	}
	switch p.Kind {
	case ByCount, ByPercent, Exactly:
	default:
		return fmt.Errorf("policy %s: no adjustment %q", p.Name, p.Kind)
	}
	if len(p.Steps) == 0 || p.MinMagnitude < 0 || p.Cooldown < 0 {
		return fmt.Errorf("policy %s: %d steps, magnitude %d, cooldown %v", p.Name, len(p.Steps), p.MinMagnitude, p.Cooldown)
	}
	for i, s := range p.Steps {
		if !(s.Lower < s.Upper) {
			return fmt.Errorf("policy %s: step %d is from %v to %v", p.Name, i+1, s.Lower, s.Upper)
		}
		for _, o := range p.Steps[:i] {
			if s.Lower < o.Upper && o.Lower < s.Upper {
				return fmt.Errorf("policy %s: steps overlap from %v to %v", p.Name, max(s.Lower, o.Lower), min(s.Upper, o.Upper))
			}
		}
	}
	return nil
}

// want returns what the policy makes of base workers.
func (p Stepping) want(base int, s Series) int {
	on, value := p.Alarm.On(s)
	if !on {
		return base
	}
	beyond := value - p.Alarm.Threshold
	for _, step := range p.Steps {
		inside := beyond >= step.Lower && beyond < step.Upper
		if p.Alarm.Comparison == Below || p.Alarm.Comparison == AtOrBelow {
			inside = beyond > step.Lower && beyond <= step.Upper
		}
		if inside {
			return p.adjust(base, step.By)
		}
	}
	return base
}

// adjust rounds a change by percent as "Step scaling adjustment types" says: away from 0 up to one worker, beyond that
// towards it.
func (p Stepping) adjust(base, by int) int {
	switch p.Kind {
	case Exactly:
		return by
	case ByCount:
		return base + by
	}
	change := float64(base) * float64(by) / 100
	n := whole(change)
	if change != 0 && math.Abs(change) < 1 {
		n = int(math.Copysign(1, change))
	}
	if abs(n) < p.MinMagnitude && by != 0 {
		n = p.MinMagnitude
		if by < 0 {
			n = -n
		}
	}
	return base + n
}

func abs(n int) int { return max(n, -n) }

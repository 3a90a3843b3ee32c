package autoscaling

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// AdjustmentType is the meaning of the number in a step, in AWS's terms.
type AdjustmentType string

// The types of adjustment.
const (
	ChangeInCapacity        AdjustmentType = "ChangeInCapacity"
	PercentChangeInCapacity AdjustmentType = "PercentChangeInCapacity"
	ExactCapacity           AdjustmentType = "ExactCapacity"
)

// Step applies while the metric minus the threshold of the alarm lies between Lower and Upper. Above the threshold, the
// interval includes Lower. Below it, both bounds are negative or 0, and the interval includes Upper.
type Step struct {
	Lower, Upper float64 // infinite where there is no bound
	Adjustment   int
}

// StepScaling is a step scaling policy with its alarm.
type StepScaling struct {
	Name         string // unique within a group
	Alarm        Alarm
	Type         AdjustmentType
	Steps        []Step
	MinMagnitude int // least change by a percentage, in workers
	Cooldown     time.Duration
}

// Validate reports the first setting that cannot be used.
func (p StepScaling) Validate() error {
	if p.Name == "" {
		return errors.New("a step scaling policy has no name")
	}
	if err := p.Alarm.Validate(); err != nil {
		return fmt.Errorf("policy %s: %w", p.Name, err)
	}
	switch p.Type {
	case ChangeInCapacity, PercentChangeInCapacity, ExactCapacity:
	default:
		return fmt.Errorf("policy %s: unknown adjustment type %q", p.Name, p.Type)
	}
	switch {
	case len(p.Steps) == 0:
		return fmt.Errorf("policy %s has no steps", p.Name)
	case p.MinMagnitude < 0:
		return fmt.Errorf("policy %s: minimum magnitude (%d) must not be negative", p.Name, p.MinMagnitude)
	case p.Cooldown < 0:
		return fmt.Errorf("policy %s: cooldown (%v) must not be negative", p.Name, p.Cooldown)
	}
	for i, s := range p.Steps {
		if !(s.Lower < s.Upper) {
			return fmt.Errorf("policy %s: lower bound (%v) of step %d must be less than its upper bound (%v)", p.Name, s.Lower,
				i+1, s.Upper)
		}
		for _, o := range p.Steps[:i] {
			if s.Lower < o.Upper && o.Lower < s.Upper {
				return fmt.Errorf("policy %s: two steps overlap from %v to %v", p.Name, max(s.Lower, o.Lower),
					min(s.Upper, o.Upper))
			}
		}
	}
	return nil
}

// desired returns how many workers the policy asks for, counting from base.
func (p StepScaling) desired(base int, s Series) int {
	inAlarm, value := p.Alarm.Evaluate(s)
	if !inAlarm {
		return base
	}
	beyond := value - p.Alarm.Threshold
	for _, step := range p.Steps {
		inside := beyond >= step.Lower && beyond < step.Upper
		if p.Alarm.Comparison == Below || p.Alarm.Comparison == AtOrBelow {
			inside = beyond > step.Lower && beyond <= step.Upper
		}
		if inside {
			return p.adjust(base, step.Adjustment)
		}
	}
	return base
}

// adjust applies the adjustment of a step to base. It rounds a percentage as "Step scaling adjustment types" documents:
// a change of less than one worker is one worker, any other is rounded towards 0.
func (p StepScaling) adjust(base, adjustment int) int {
	switch p.Type {
	case ExactCapacity:
		return adjustment
	case ChangeInCapacity:
		return base + adjustment
	}
	exact := float64(base) * float64(adjustment) / 100
	change := workers(exact)
	if exact != 0 && math.Abs(exact) < 1 {
		change = int(math.Copysign(1, exact))
	}
	if max(change, -change) < p.MinMagnitude && adjustment != 0 {
		change = p.MinMagnitude
		if adjustment < 0 {
			change = -change
		}
	}
	return base + change
}

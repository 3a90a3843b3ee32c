package autoscaling

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Application Auto Scaling creates two alarms for a target tracking policy. As CloudWatch shows them for an ECS
// service, one fires above the target for 3 minutes, the other below nine tenths of it for 15. About the second, the
// user guide says that capacity is removed "only when utilization passes a threshold that is far enough below the
// target value (usually more than 10% lower)".
const (
	ScaleOutMinutes = 3
	ScaleInMinutes  = 15
	scaleInPart     = 0.9
)

// TargetTracking is a target tracking policy. It keeps a metric at its target. The metric must fall in proportion to
// the number of workers.
type TargetTracking struct {
	Name             string // unique within a group
	Target           float64
	ScaleOutCooldown time.Duration // after workers were added, until as many may be added again
	ScaleInCooldown  time.Duration // between two removals
	NoScaleIn        bool
	HighResolution   bool // the metric has a value every 20 s instead of every minute; needs NoScaleIn
}

// Validate reports the first setting that cannot be used.
func (t TargetTracking) Validate() error {
	switch {
	case t.Name == "":
		return errors.New("a target tracking policy has no name")
	case !(t.Target > 0) || math.IsInf(t.Target, 0):
		return fmt.Errorf("policy %s: target (%v) must be a finite number above 0", t.Name, t.Target)
	case t.HighResolution && !t.NoScaleIn:
		return fmt.Errorf("policy %s: a metric of high resolution needs DisableScaleIn: its alarm for the scale-in is not known",
			t.Name)
	case t.ScaleOutCooldown < 0 || t.ScaleInCooldown < 0:
		return fmt.Errorf("policy %s: cooldowns (%v out, %v in) must not be negative", t.Name, t.ScaleOutCooldown,
			t.ScaleInCooldown)
	}
	return nil
}

// scaleOut returns how many workers bring the metric to its target, if it has been above it for long enough: in
// proportion to its newest value, rounded up. It never returns fewer than base. A metric of high resolution is assumed to
// need as many points above the target as one of minutes.
func (t TargetTracking) scaleOut(base int, s Series) int {
	inAlarm, value := Alarm{Threshold: t.Target, Comparison: Above, Periods: ScaleOutMinutes, Missing: true}.Evaluate(s)
	if !inAlarm {
		return base
	}
	return max(base, t.proportional(base, value))
}

// scaleIn returns how many workers are enough, if the metric has been low for long enough, and base otherwise. AWS says
// only that it removes workers "more gradually" than it adds them. The assumption here is that it keeps as many as the
// highest of the 15 minutes needs, rounded up.
func (t TargetTracking) scaleIn(base int, s Series) int {
	if t.NoScaleIn {
		return base
	}
	alarm := Alarm{Threshold: scaleInPart * t.Target, Comparison: Below, Periods: ScaleInMinutes, Missing: true}
	if inAlarm, _ := alarm.Evaluate(s); !inAlarm {
		return base
	}
	return min(base, t.proportional(base, slices.Max(s.newest(ScaleInMinutes))))
}

func (t TargetTracking) proportional(base int, value float64) int {
	return workers(math.Ceil(float64(base)*value/t.Target - 1e-9)) // 1e-9: rounding error of a whole number
}

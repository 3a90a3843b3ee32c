package autoscaling

import (
	"fmt"
	"math"
	"slices"
)

// Series is a metric with one value for each period, the oldest first. A period is a minute, or 20 s for a metric of high
// resolution. NaN is a period without a value.
type Series []float64

// extraPeriods is how far an alarm looks back beyond its periods when the newest ones have no value yet. CloudWatch
// "attempts to retrieve a higher number of data points than the number specified as Evaluation Periods" ("Configuring
// how CloudWatch alarms treat missing data"). It does not say how many, but its examples retrieve 5 for 3 periods.
const extraPeriods = 2

// newest returns the newest values, at most n, the oldest first. It looks at the newest n + extraPeriods periods.
func (s Series) newest(n int) []float64 {
	oldest := max(0, len(s)-n-extraPeriods)
	values := make([]float64, 0, n)
	for i := len(s) - 1; i >= oldest && len(values) < n; i-- {
		if !math.IsNaN(s[i]) {
			values = append(values, s[i])
		}
	}
	slices.Reverse(values)
	return values
}

// Comparison is how an alarm compares a value with its threshold, in CloudWatch's terms.
type Comparison string

// The comparisons with a fixed threshold.
const (
	Above     Comparison = "GreaterThanThreshold"
	AtOrAbove Comparison = "GreaterThanOrEqualToThreshold"
	Below     Comparison = "LessThanThreshold"
	AtOrBelow Comparison = "LessThanOrEqualToThreshold"
)

// Alarm is a CloudWatch alarm on a metric.
type Alarm struct {
	Threshold  float64
	Comparison Comparison
	Periods    int  // periods evaluated, at least 1
	Datapoints int  // periods that must breach; 0 means all
	Missing    bool // treats missing data as missing, which is CloudWatch's default, instead of as not breaching
}

// Validate reports the first setting that cannot be used.
func (a Alarm) Validate() error {
	switch a.Comparison {
	case Above, AtOrAbove, Below, AtOrBelow:
	default:
		return fmt.Errorf("alarm: unknown comparison %q", a.Comparison)
	}
	if a.Periods < 1 {
		return fmt.Errorf("alarm: evaluation periods (%d) must be at least 1", a.Periods)
	}
	if a.Datapoints < 0 || a.Datapoints > a.Periods {
		return fmt.Errorf("alarm: data points to alarm (%d) must be 0 to the evaluation periods (%d)", a.Datapoints,
			a.Periods)
	}
	return nil
}

// Evaluate reports whether the alarm is in state ALARM. It also returns the newest value, or NaN if there is none.
func (a Alarm) Evaluate(s Series) (inAlarm bool, newest float64) {
	values := s.newest(a.Periods)
	if len(values) == 0 {
		return false, math.NaN()
	}
	needed := a.Datapoints
	if needed == 0 {
		needed = a.Periods
	}
	breaching := 0
	for _, v := range values {
		if a.breaches(v) {
			breaching++
		}
	}
	newest = values[len(values)-1]
	if a.Missing && len(values) < a.Periods && breaching == len(values) && s.age(a.Periods) >= needed {
		return true, newest // few values, but all breach, and the first did long enough ago
	}
	return breaching >= needed, newest
}

// age returns the age, in periods, of the oldest value that an alarm of n periods sees. The newest period has the age
// 1.
func (s Series) age(n int) int {
	for i := max(0, len(s)-n-extraPeriods); i < len(s); i++ {
		if !math.IsNaN(s[i]) {
			return len(s) - i
		}
	}
	return 0
}

func (a Alarm) breaches(v float64) bool {
	switch a.Comparison {
	case Above:
		return v > a.Threshold
	case AtOrAbove:
		return v >= a.Threshold
	case Below:
		return v < a.Threshold
	default:
		return v <= a.Threshold
	}
}

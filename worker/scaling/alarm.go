package scaling

import (
	"fmt"
	"math"
)

// Series is a metric with one value for each minute, the oldest first. NaN is a minute without a value.
type Series []float64

// spareMinutes is how many minutes more than its periods an alarm looks back, when the newest have no value yet.
// CloudWatch says that it "attempts to retrieve a higher number of data points than the number specified as Evaluation
// Periods" ("Configuring how CloudWatch alarms treat missing data") and not how many.
const spareMinutes = 3

// newest returns up to n values, the oldest first, of the newest n + spareMinutes minutes.
func (s Series) newest(n int) []float64 {
	oldest := max(0, len(s)-n-spareMinutes)
	values := make([]float64, 0, n)
	for i := len(s) - 1; i >= oldest && len(values) < n; i-- {
		if !math.IsNaN(s[i]) {
			values = append(values, s[i])
		}
	}
	for i, j := 0, len(values)-1; i < j; i, j = i+1, j-1 {
		values[i], values[j] = values[j], values[i]
	}
	return values
}

// Comparison is how an alarm compares a value with its threshold, by CloudWatch's names.
type Comparison string

// The comparisons with a fixed threshold.
const (
	Above     Comparison = "GreaterThanThreshold"
	AtOrAbove Comparison = "GreaterThanOrEqualToThreshold"
	Below     Comparison = "LessThanThreshold"
	AtOrBelow Comparison = "LessThanOrEqualToThreshold"
)

// Alarm is a CloudWatch alarm on a metric with periods of a minute. Missing values do not breach.
type Alarm struct {
	Threshold  float64
	Comparison Comparison
	Periods    int // evaluated, at least 1
	Datapoints int // of them that have to breach; 0: all
}

// Validate reports the first setting that cannot be used.
func (a Alarm) Validate() error {
	switch a.Comparison {
	case Above, AtOrAbove, Below, AtOrBelow:
	default:
		return fmt.Errorf("alarm: no comparison %q", a.Comparison)
	}
	if a.Periods < 1 || a.Datapoints < 0 || a.Datapoints > a.Periods {
		return fmt.Errorf("alarm: %d of %d periods", a.Datapoints, a.Periods)
	}
	return nil
}

// On reports whether the alarm is in the state ALARM, and the newest value that there is.
func (a Alarm) On(s Series) (on bool, newest float64) {
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
	return breaching >= needed, values[len(values)-1]
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

// Package alarmrules evaluates CloudWatch alarms by the rules that AWS documents. It shares no code with package
// autoscaling, so that the two can disagree.
//
// Source: the user guide of CloudWatch, "Evaluating an alarm", "Configuring how CloudWatch alarms treat missing data"
// and "Avoiding premature transitions to alarm state". The tests are the guide's own examples.
package alarmrules

import "math"

// State is the state of an alarm, in CloudWatch's terms.
type State string

// The states.
const (
	OK               State = "OK"
	InAlarm          State = "ALARM"
	InsufficientData State = "INSUFFICIENT_DATA"
)

// Treatment is how an alarm treats missing data, in CloudWatch's terms.
type Treatment string

// The treatments.
const (
	Missing      Treatment = "missing"
	Ignore       Treatment = "ignore"
	Breaching    Treatment = "breaching"
	NotBreaching Treatment = "notBreaching"
)

// Alarm fires if M of the last N points breach.
type Alarm struct {
	M, N     int
	Treat    Treatment
	Breaches func(v float64) bool
}

// Range is the number of points that CloudWatch retrieves for an alarm on N periods. The guide gives one example, 5 for
// 3.
func Range(n int) int { return n + 2 }

// Next returns the state after an evaluation. points are those retrieved, the newest last, NaN where one is missing.
func (a Alarm) Next(points []float64, before State) State {
	points = points[max(0, len(points)-Range(a.N)):]
	var real []float64
	oldest := 0 // age of the oldest real point; the newest point of all has the age 1
	for i, v := range points {
		if math.IsNaN(v) {
			continue
		}
		if real = append(real, v); oldest == 0 {
			oldest = len(points) - i
		}
	}
	filled := a.N - len(real)
	if filled <= 0 { // enough real points: the newest ones decide, and the treatment does not matter
		return a.decide(a.count(real[len(real)-a.N:]))
	}
	breaching := a.count(real)
	switch a.Treat {
	case Breaching:
		return a.decide(breaching + filled)
	case NotBreaching:
		return a.decide(breaching)
	case Ignore:
		if breaching == len(real) { // also if there is none
			return before
		}
	case Missing:
		switch {
		case len(real) == 0:
			return InsufficientData
		case breaching == len(real) && oldest >= a.M:
			return InAlarm // the oldest point breached long enough ago, and none since did not
		case breaching == len(real):
			return InsufficientData
		}
	}
	return a.decide(breaching)
}

func (a Alarm) count(points []float64) (breaching int) {
	for _, v := range points {
		if a.Breaches(v) {
			breaching++
		}
	}
	return breaching
}

func (a Alarm) decide(breaching int) State {
	if breaching >= a.M {
		return InAlarm
	}
	return OK
}

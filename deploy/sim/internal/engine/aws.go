package engine

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
)

// AWS is how AWS behaves, where its documents say so, and what is assumed where they do not.
type AWS struct {
	// EventMedian and EventSigma are of the lognormal time from the end of an upload to its message. "Typically, event
	// notifications are delivered in seconds but can sometimes take a minute or longer" (user guide of S3, "Amazon S3 Event
	// Notifications"). The numbers are assumed: a median of 1 s, one of a hundred later than 6 s.
	EventMedian time.Duration
	EventSigma  float64
	// Call is assumed for a call of SQS within the region.
	Call time.Duration

	// MetricPeriod is that of the metrics of SQS and ECS: "metrics are gathered and pushed to CloudWatch at one-minute
	// intervals" (developer guide of SQS, "Creating CloudWatch alarms for Amazon SQS metrics"; of ECS, "Amazon ECS CloudWatch metrics").
	MetricPeriod time.Duration
	// MetricLag is assumed, from the end of a period until its value can be had. AWS promises none. In effect alarms
	// see what was one to two minutes ago.
	MetricLag time.Duration
	// AlarmDelay is assumed, from there until an alarm with a period of a minute is evaluated and its action done.
	AlarmDelay time.Duration
	// LookPeriod is between two looks of the fast scaler: the default of `worker scale`.
	LookPeriod time.Duration

	// LaunchBurst and LaunchRate are a token bucket for the tasks of an account in a region, one for FARGATE and one for
	// FARGATE_SPOT (developer guide of ECS, "AWS Fargate throttling quotas"): 100 at once, 20 a second.
	LaunchBurst int
	LaunchRate  float64
	// StartLeast and StartMost are assumed, evenly spread, from the launch of a task until it receives: a network interface,
	// a small image, a Go program. AWS promises none; tens of seconds are what people measure for images of some 10 MB.
	StartLeast, StartMost time.Duration
	// SpotNotice is from the SIGTERM of a Spot task to its end: "a two-minute warning" (developer guide of ECS, "Amazon ECS clusters for Fargate").
	SpotNotice time.Duration
	// LeastPaid is the least time of a task that is paid (Fargate's pricing: "with a one-minute minimum").
	LeastPaid time.Duration

	Prices Prices
}

// Default is us-east-1 as it is assumed to behave.
func Default() AWS {
	return AWS{
		EventMedian: time.Second, EventSigma: 0.8, Call: 15 * time.Millisecond,
		MetricPeriod: time.Minute, MetricLag: time.Minute, AlarmDelay: 10 * time.Second, LookPeriod: 10 * time.Second,
		LaunchBurst: 100, LaunchRate: 20, StartLeast: 30 * time.Second, StartMost: time.Minute,
		SpotNotice: 2 * time.Minute, LeastPaid: time.Minute, Prices: USEast1,
	}
}

func (a AWS) validate() error {
	switch {
	case a.EventMedian < 0 || a.EventSigma < 0 || a.Call < 0 || a.MetricLag < 0 || a.AlarmDelay < 0:
		return errors.New("a delay of AWS is less than nothing")
	case a.MetricPeriod <= 0 || a.LookPeriod <= 0:
		return errors.New("a period of AWS is nothing")
	case a.LaunchBurst < 1 || a.LaunchRate <= 0 || a.StartLeast < 0 || a.StartMost < a.StartLeast:
		return errors.New("no task can start")
	}
	return nil
}

func (a AWS) eventDelay(r *rand.Rand) time.Duration {
	if a.EventMedian == 0 {
		return 0
	}
	return time.Duration(float64(a.EventMedian) * math.Exp(a.EventSigma*r.NormFloat64()))
}

func (a AWS) start(r *rand.Rand) time.Duration {
	return a.StartLeast + time.Duration(r.Float64()*float64(a.StartMost-a.StartLeast))
}

package simulation

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
)

// AWS describes how AWS behaves. Where AWS's documentation does not say, the comment names the assumption.
type AWS struct {
	// EventMedian and EventSigma describe the lognormal time from the end of an upload to its message. "Typically, event
	// notifications are delivered in seconds but can sometimes take a minute or longer" (user guide of S3, "Amazon S3 Event
	// Notifications"). The numbers are assumed: a median of 1 s, and one in a hundred later than 6 s.
	EventMedian time.Duration
	EventSigma  float64
	// Call is the assumed time of an SQS call within the region.
	Call time.Duration

	// MetricPeriod is the period of the metrics of SQS and ECS: "metrics are gathered and pushed to CloudWatch at one-minute
	// intervals" (developer guide of SQS, "Creating CloudWatch alarms for Amazon SQS metrics"; of ECS, "Amazon ECS CloudWatch metrics").
	MetricPeriod time.Duration
	// MetricLag is the assumed time from the end of a period until its value is available. AWS promises no limit. So an
	// alarm sees the state of one to two minutes ago.
	MetricLag time.Duration
	// AlarmDelay is the assumed time from then until an alarm with a period of a minute is evaluated and its action done.
	AlarmDelay time.Duration
	// PollInterval is the time between two polls of the fast scaler: the default of `worker scale`.
	PollInterval time.Duration

	// LaunchBurst and LaunchRate describe a token bucket for the tasks of an account in a region. FARGATE and FARGATE_SPOT
	// have a bucket each (developer guide of ECS, "AWS Fargate throttling quotas"): 100 at once, 20 a second.
	LaunchBurst int
	LaunchRate  float64
	// StartLeast and StartMost bound the assumed time from the launch of a task until it receives, evenly spread. It needs a
	// network interface, a small image and a Go program. AWS promises no limit; people measure tens of seconds for images
	// of some 10 MB.
	StartLeast, StartMost time.Duration
	// SpotNotice is the time from the SIGTERM of a Spot task to its end: "a two-minute warning" (developer guide of ECS, "Amazon ECS clusters for Fargate").
	SpotNotice time.Duration
	// LeastPaid is the least time that is charged for a task (Fargate's pricing: "with a one-minute minimum").
	LeastPaid time.Duration

	Prices Prices
}

// Default returns the assumed behaviour of us-east-1.
func Default() AWS {
	return AWS{
		EventMedian: time.Second, EventSigma: 0.8, Call: 15 * time.Millisecond,
		MetricPeriod: time.Minute, MetricLag: time.Minute, AlarmDelay: 10 * time.Second, PollInterval: 10 * time.Second,
		LaunchBurst: 100, LaunchRate: 20, StartLeast: 30 * time.Second, StartMost: time.Minute,
		SpotNotice: 2 * time.Minute, LeastPaid: time.Minute, Prices: USEast1,
	}
}

func (a AWS) validate() error {
	switch {
	case a.EventMedian < 0 || a.EventSigma < 0 || a.Call < 0 || a.MetricLag < 0 || a.AlarmDelay < 0:
		return errors.New("AWS: a delay is negative")
	case a.MetricPeriod <= 0 || a.PollInterval <= 0:
		return errors.New("AWS: metric period and poll interval must be more than 0")
	case a.LaunchBurst < 1 || a.LaunchRate <= 0 || a.StartLeast < 0 || a.StartMost < a.StartLeast:
		return errors.New("AWS: launch burst and rate must be more than 0, and the longest start no shorter than the shortest")
	}
	return nil
}

func (a AWS) eventDelay(r *rand.Rand) time.Duration {
	if a.EventMedian == 0 {
		return 0
	}
	return time.Duration(float64(a.EventMedian) * math.Exp(a.EventSigma*r.NormFloat64()))
}

func (a AWS) startTime(r *rand.Rand) time.Duration {
	return a.StartLeast + time.Duration(r.Float64()*float64(a.StartMost-a.StartLeast))
}

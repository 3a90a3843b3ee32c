package simulation

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
)

// AWS describes how AWS behaves. Where AWS's documentation does not say, the comment names the assumption. The
// assumptions about the scaling policies, and about the forecast of predictive scaling, are in package autoscaling.
type AWS struct {
	// EventMedian and EventSigma describe the lognormal time from the end of an upload to its message. "Typically, event
	// notifications are delivered in seconds but can sometimes take a minute or longer" (user guide of S3, "Amazon S3
	// Event Notifications"). The numbers are assumed: a median of 1 s, and one in a hundred later than 6 s.
	EventMedian time.Duration
	EventSigma  float64
	// LateEvents is the assumed share of events that take a minute or longer, evenly spread from LateLeast to LateMost.
	LateEvents          float64
	LateLeast, LateMost time.Duration
	// Call is the assumed time of an SQS call within the region.
	Call time.Duration

	// MetricPeriod is the period of the metrics of SQS and ECS: "metrics are gathered and pushed to CloudWatch at
	// one-minute intervals" (developer guide of SQS, "Creating CloudWatch alarms for Amazon SQS metrics"; of ECS, "Amazon
	// ECS CloudWatch metrics").
	MetricPeriod time.Duration
	// Visible, InFlight and Tasks are how the three metrics arrive. AWS promises no limit. Each point comes on its own:
	// one to two minutes after its period is assumed.
	Visible, InFlight, Tasks Delivery
	// CPUPeriod is the period of the CPU of a service that publishes it at high resolution: 20 s (developer guide of ECS,
	// "Faster auto scaling with high-resolution metrics"). CPU is how its points arrive: 10 to 20 s after their period is
	// assumed, which with the alarm below comes to what a benchmark of AWS found (see
	// deploy/sim/internal/validation/trace_data.go).
	CPUPeriod time.Duration
	CPU       Delivery
	// CPUEvaluation is the time between two evaluations of an alarm with such a period: "If the alarm period is 10 seconds
	// or 30 seconds, the alarm is evaluated every 10 seconds" (user guide of CloudWatch). The alarm is assumed to need three
	// periods, as the alarm on minutes does, and its action to take no time.
	CPUEvaluation time.Duration
	// AlarmDelay is the assumed time from the end of a minute until an alarm with a period of a minute is evaluated and
	// its action done.
	AlarmDelay time.Duration
	// PollInterval is the time between two polls of the fast scaler: the default of `worker scale`.
	PollInterval time.Duration

	// LaunchBurst and LaunchRate describe a token bucket for the tasks of an account in a region. FARGATE and FARGATE_SPOT
	// have a bucket each (developer guide of ECS, "AWS Fargate throttling quotas"): 100 at once, 20 a second.
	LaunchBurst int
	LaunchRate  float64
	// ServiceRate is the number of tasks that a service may launch in a minute: 500 ("Amazon ECS service quotas", "Rate of
	// tasks launched by a service on AWS Fargate").
	ServiceRate int
	// StartLeast and StartMost bound the assumed time from the launch of a task until it receives, evenly spread. It needs
	// a network interface, a small image and a Go program. AWS promises no limit. A benchmark of AWS needed 23 s in 2026
	// (see deploy/sim/internal/validation/trace_data.go). Users report 20 to 40 s for images pulled within a VPC
	// (https://github.com/aws/containers-roadmap/issues/358), and 60 s for images of 250 MB
	// (https://github.com/aws/containers-roadmap/issues/696). SlowStarts is the assumed share that takes longer, up to
	// twice StartMost.
	StartLeast, StartMost time.Duration
	SlowStarts            float64
	// Blocked is when ECS refuses to protect a task.
	Blocked Blocked
	// SpotNotice is the time from the SIGTERM of a Spot task to its end: "a two-minute warning" (developer guide of ECS,
	// "Amazon ECS clusters for Fargate").
	SpotNotice time.Duration
	// LeastPaid is the least time that is charged for a task (Fargate's pricing: "with a one-minute minimum").
	LeastPaid time.Duration

	Prices Prices
}

// Default returns the assumed behaviour of us-east-1.
func Default() AWS {
	late := Delivery{Least: time.Minute, Most: 2 * time.Minute}
	return AWS{
		EventMedian: time.Second, EventSigma: 0.8, LateEvents: 0.01, LateLeast: 30 * time.Second,
		LateMost: 2 * time.Minute, Call: 15 * time.Millisecond, MetricPeriod: time.Minute,
		Visible: late, InFlight: late, Tasks: late, AlarmDelay: 10 * time.Second, PollInterval: 10 * time.Second,
		CPUPeriod: 20 * time.Second, CPU: Delivery{Least: 10 * time.Second, Most: 20 * time.Second},
		CPUEvaluation: 10 * time.Second,
		LaunchBurst:   100, LaunchRate: 20, ServiceRate: 500,
		StartLeast: 30 * time.Second, StartMost: time.Minute, SlowStarts: 0.05,
		SpotNotice: 2 * time.Minute, LeastPaid: time.Minute, Prices: USEast1,
	}
}

func (a AWS) validate() error {
	switch {
	case a.EventMedian < 0 || a.EventSigma < 0 || a.Call < 0 || a.AlarmDelay < 0 || a.LateLeast < 0 || a.LateMost < a.LateLeast:
		return errors.New("AWS: a delay is negative, or the longest is shorter than the shortest")
	case a.LateEvents < 0 || a.LateEvents > 1 || a.SlowStarts < 0 || a.SlowStarts > 1:
		return errors.New("AWS: the shares of late events and slow starts must be 0 to 1")
	case !a.Visible.valid() || !a.InFlight.valid() || !a.Tasks.valid() || !a.CPU.valid():
		return errors.New("AWS: the lag of a metric is negative, or its loss is not 0 to 1")
	case a.MetricPeriod <= 0 || a.CPUPeriod <= 0 || a.CPUEvaluation <= 0 || a.PollInterval <= 0:
		return errors.New("AWS: metric periods, evaluation and poll intervals must be more than 0")
	case a.LaunchBurst < 1 || a.LaunchRate <= 0 || a.ServiceRate < 1 || a.StartLeast < 0 || a.StartMost < a.StartLeast:
		return errors.New("AWS: launch burst and rates must be more than 0, and the longest start no shorter than the shortest")
	}
	return nil
}

func (a AWS) eventDelay(r *rand.Rand) time.Duration {
	if a.EventMedian == 0 {
		return 0
	}
	if a.LateEvents > 0 && r.Float64() < a.LateEvents {
		return uniform(r, a.LateLeast, a.LateMost)
	}
	return time.Duration(float64(a.EventMedian) * math.Exp(a.EventSigma*r.NormFloat64()))
}

func (a AWS) startTime(r *rand.Rand) time.Duration {
	if a.SlowStarts > 0 && r.Float64() < a.SlowStarts {
		return uniform(r, a.StartMost, 2*a.StartMost)
	}
	return uniform(r, a.StartLeast, a.StartMost)
}

// uniform draws a time from least to most, evenly spread.
func uniform(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Float64()*float64(most-least))
}

package scenario

import (
	"math"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/simulation"
)

// Sizing is the result of the sizing formula.
type Sizing struct {
	Tasks int           // most tasks
	Drain time.Duration // time from the last upload until the queue is empty; negative means never
}

// sizingFormula estimates the workers and the time to drain the queue, without the simulation. The workers needed are
//
//	messages x seconds a photo / (processors of a worker x acceptable wait)
//
// and they drain the queue like a fluid. Only the fewest workers run until the queue needs longer than the acceptable
// wait, alarms have noticed and tasks have started. Then all workers that the formula asks for start at once.
func sizingFormula(c simulation.Config, latency time.Duration) Sizing {
	perTask := float64(c.Worker.Processors) / c.Worker.MeanTime().Seconds()
	react := c.AWS.MetricPeriod*autoscaling.ScaleOutMinutes + c.AWS.Visible.Mean() + c.AWS.AlarmDelay
	if c.Fast != nil {
		react = c.AWS.PollInterval
	}
	react += (c.AWS.StartLeast + c.AWS.StartMost) / 2
	tasks := c.Policies.Min
	var queue float64
	late := time.Duration(-1) // when the queue needed more tasks, which run a reaction time later; -1: never
	need := tasks
	i, first, last := 0, c.Arrivals[0], c.Arrivals[len(c.Arrivals)-1]
	for t := first; ; t += time.Second {
		for i < len(c.Arrivals) && c.Arrivals[i] < t+time.Second {
			queue++
			i++
		}
		if late >= 0 && t >= late+react {
			tasks, late = max(tasks, need), -1
		}
		queue = max(0, queue-float64(tasks)*perTask)
		if want := c.Policies.Clamp(int(math.Ceil(queue / (perTask * latency.Seconds())))); want > tasks {
			if late < 0 {
				late = t
			}
			need = max(need, want)
		}
		if i == len(c.Arrivals) && queue == 0 {
			return Sizing{tasks, max(0, t+time.Second-last)}
		}
		if t > last+12*time.Hour {
			return Sizing{tasks, -1}
		}
	}
}

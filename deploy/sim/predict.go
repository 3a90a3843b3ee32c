package main

import (
	"math"
	"time"

	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/deploy/sim/internal/simulation"
)

// prediction is what the sizing formula says.
type prediction struct {
	tasks int           // at most
	drain time.Duration // from the last upload on; negative: never
}

// predict is the sizing formula, without the simulation: so many workers as
//
//	messages x seconds a photo / (processors of a worker x acceptable wait)
//
// and a fluid that they work off. The fewest workers are there until the queue needs longer than the acceptable wait, alarms
// have seen it and tasks have started; then all that the formula says are there at once.
func predict(c simulation.Config, latency time.Duration) prediction {
	perTask := float64(c.Worker.Processors) / c.Worker.PhotoTime.Seconds()
	react := c.AWS.MetricPeriod*autoscaling.ScaleOutMinutes + c.AWS.MetricLag + c.AWS.AlarmDelay
	if c.Fast != nil {
		react = c.AWS.PollInterval
	}
	react += (c.AWS.StartLeast + c.AWS.StartMost) / 2
	tasks := c.Policies.Min
	var queue float64
	late := time.Duration(-1) // when the queue needed more tasks than there are, which are there a reaction later
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
			return prediction{tasks, max(0, t+time.Second-last)}
		}
		if t > last+12*time.Hour {
			return prediction{tasks, -1}
		}
	}
}

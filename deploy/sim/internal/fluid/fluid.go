// Package fluid is a second model of the scaling, for comparison with the simulator. It knows what the template
// promises in its parameters, not what the template does: no policy, no expression and no alarm is read from it. It
// shares no code with packages simulation and autoscaling, nor with the fast scaler's policy.
//
// The queue is a quantity that flows. Every task starts after the mean time and works at the mean rate. Metrics arrive
// after the mean lag. Alarms follow package alarmrules.
package fluid

import (
	"math"
	"time"

	"darkroom/deploy/sim/internal/alarmrules"
)

// System is what the parameters promise.
type System struct {
	Min, Max      int
	Rate          float64       // photos a second that a task really renders
	AssumedRate   float64       // photos a second that a task renders according to the settings
	Latency       float64       // seconds of backlog that are acceptable
	Start         time.Duration // mean, of a task
	MetricLag     time.Duration // mean
	AlarmDelay    time.Duration
	Cooldown      time.Duration // between two additions by the same alarm
	Fast          bool          // whether the fast scaler runs
	FastPoll      time.Duration
	FastObjective time.Duration
	FastStart     time.Duration // start of a task that the fast scaler assumes
}

// Load is a number of photos, evenly spread over a time.
type Load struct {
	Photos float64
	Over   time.Duration
}

// Outcome is what becomes of a load.
type Outcome struct {
	Took  time.Duration // from the first upload until the queue is empty
	Tasks int           // most tasks at work
}

// longest is the time after which a load counts as never done.
const longest = 12 * 3600

// Play follows a load, second by second, from a minute that has just begun.
func (s System) Play(l Load) Outcome {
	arriving := l.Photos / l.Over.Seconds()
	desired, working := s.Min, s.Min
	starts := map[int]int{} // tasks that start, by second
	queue, before := 0.0, math.NaN()
	var depth, tasks []float64 // samples by minute
	burstUntil, trackUntil := -1, -1
	out := Outcome{Tasks: working}
	add := func(now, n int) {
		n = min(n, s.Max)
		if n > desired {
			starts[now+int(s.Start.Seconds())] += n - desired
			desired = n
		}
	}
	for now := 0; now < longest; now++ {
		working += starts[now]
		out.Tasks = max(out.Tasks, working)
		if float64(now) < l.Over.Seconds() {
			queue += arriving
		} else if queue <= 0.5 {
			out.Took = time.Duration(now) * time.Second
			return out
		}
		queue = math.Max(0, queue-float64(working)*s.Rate)
		if s.Fast && now%int(s.FastPoll.Seconds()) == 0 {
			add(now, s.fast(queue, before, working))
			before = queue
		}
		if now%60 == 0 {
			depth, tasks = append(depth, queue), append(tasks, float64(working))
		}
		if now%60 == int(s.AlarmDelay.Seconds()) {
			seconds := s.backlog(depth, tasks, now)
			burst := alarmrules.Alarm{M: 1, N: 1, Treat: alarmrules.NotBreaching, Breaches: func(v float64) bool { return v >= 2*s.Latency }}
			track := alarmrules.Alarm{M: 3, N: 3, Treat: alarmrules.Missing, Breaches: func(v float64) bool { return v > s.Latency }}
			newest := last(seconds)
			if burst.Next(seconds, alarmrules.OK) == alarmrules.InAlarm && now >= burstUntil {
				factor := 2
				if newest >= 5*s.Latency {
					factor = 4
				}
				burstUntil = now + int(s.Cooldown.Seconds())
				add(now, factor*desired)
			}
			if track.Next(seconds, alarmrules.OK) == alarmrules.InAlarm && now >= trackUntil {
				trackUntil = now + int(s.Cooldown.Seconds())
				add(now, int(math.Ceil(float64(desired)*newest/s.Latency)))
			}
		}
	}
	out.Took = longest * time.Second
	return out
}

// fast returns how many tasks clear the queue within the objective, as worker/README.md says.
func (s System) fast(queue, before float64, working int) int {
	if queue < 1 {
		return 0
	}
	arriving := 0.0
	if !math.IsNaN(before) {
		arriving = (queue - before) / s.FastPoll.Seconds()
		if before > 0 {
			arriving += float64(working) * s.AssumedRate
		}
		arriving = math.Max(0, arriving)
	}
	start := s.FastStart.Seconds()
	met := math.Max(0, queue+(arriving-float64(working)*s.AssumedRate)*start)
	return max(1, int(math.Min(1e6, math.Ceil(met/(s.AssumedRate*(s.FastObjective.Seconds()-start))+arriving/s.AssumedRate))))
}

// backlog returns the seconds of backlog of the minutes so far, NaN where the metrics have not arrived or no task is
// counted.
func (s System) backlog(depth, tasks []float64, now int) []float64 {
	seconds := make([]float64, len(depth))
	for i := range depth {
		seconds[i] = math.NaN()
		if float64(60*i)+s.MetricLag.Seconds() <= float64(now) && tasks[i] > 0 {
			seconds[i] = depth[i] / (s.AssumedRate * tasks[i])
		}
	}
	return seconds
}

func last(values []float64) float64 {
	for i := len(values) - 1; i >= 0; i-- {
		if !math.IsNaN(values[i]) {
			return values[i]
		}
	}
	return math.NaN()
}

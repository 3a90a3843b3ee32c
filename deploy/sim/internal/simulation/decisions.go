package simulation

import (
	"darkroom/deploy/sim/internal/autoscaling"
	"darkroom/worker/scaling"
)

// decide lets AWS's policies decide by CloudWatch's metrics.
func (r *run) decide() {
	m := r.watch.Available(r.now, r.AWS)
	metrics := r.measure(m, false)
	decide := r.group.Decide
	if r.fleet.rollout != nil {
		// "Application Auto Scaling turns off scale-in processes while Amazon ECS deployments are in progress" (developer
		// guide of ECS, "Troubleshooting service auto scaling").
		decide = r.group.ScaleOut
	}
	d := decide(r.clockTime(), r.fleet.desired, metrics)
	r.setDesired(d.Desired, d.Policy)
}

// decideByCPU lets the policies decide that follow the CPU every 20 s. They only add tasks.
func (r *run) decideByCPU() {
	m := Measured{CPU: r.watch.availableCPU(r.now, r.AWS)}
	d := r.group.ScaleOut(r.clockTime(), r.fleet.desired, r.measure(m, true))
	r.setDesired(d.Desired, d.Policy)
}

// measure computes the metrics of the policies: of those with a high resolution, or of the others.
func (r *run) measure(m Measured, highResolution bool) map[string]autoscaling.Series {
	metrics := make(map[string]autoscaling.Series, len(r.Metrics))
	for _, t := range r.Policies.TargetTracking {
		if t.HighResolution == highResolution {
			metrics[t.Name] = r.Metrics[t.Name](m)
		}
	}
	for _, s := range r.Policies.StepScaling {
		if !highResolution {
			metrics[s.Name] = r.Metrics[s.Name](m)
		}
	}
	return metrics
}

// pollQueue lets the fast policy decide by the queue itself.
func (r *run) pollQueue() {
	now := scaling.Reading{At: r.clockTime(), Running: r.fleet.running}
	now.Visible, now.InFlight = r.messages()
	n := r.Fast.Decide(r.last, now, r.fleet.desired)
	r.last = now
	r.setDesired(n, "fast")
}

// setDesired sets the desired count of the service.
func (r *run) setDesired(n int, policy string) {
	if n == r.fleet.desired {
		return
	}
	r.result.Changes = append(r.result.Changes, Change{r.now, r.fleet.desired, n, policy})
	r.fleet.desired = n
	r.reconcile()
}

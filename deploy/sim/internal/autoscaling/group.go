package autoscaling

import (
	"fmt"
	"time"

	"darkroom/worker/scaling"
)

// Config is a scalable target with its policies, for the workers of one ECS service.
type Config struct {
	scaling.Bounds
	TargetTracking []TargetTracking
	StepScaling    []StepScaling
	Predictive     []PredictiveScaling
}

// Validate reports the first setting that cannot be used.
func (c Config) Validate() error {
	if err := c.Bounds.Validate(); err != nil {
		return err
	}
	names := map[string]bool{}
	add := func(name string, err error) error {
		if err == nil && names[name] {
			err = fmt.Errorf("two policies have the name %s", name)
		}
		names[name] = true
		return err
	}
	for _, p := range c.TargetTracking {
		if err := add(p.Name, p.Validate()); err != nil {
			return err
		}
	}
	for _, p := range c.StepScaling {
		if err := add(p.Name, p.Validate()); err != nil {
			return err
		}
	}
	for _, p := range c.Predictive {
		if err := add(p.Name, p.Validate()); err != nil {
			return err
		}
	}
	return nil
}

// Group decides for one group of workers and remembers its cooldowns. It is not safe for concurrent use.
type Group struct {
	config    Config
	cooldowns map[string]cooldown // key: name of the policy
	noneUntil time.Time           // no removal before
	floor     int                 // no removal below, because of a forecast
}

// cooldown follows a change by a policy. While it lasts, the workers added by that change count towards the next one:
// only a larger change adds more, and only the difference.
type cooldown struct {
	until time.Time
	base  int // workers before the change
}

// NewGroup returns a group without any cooldown.
func NewGroup(c Config) (*Group, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Group{config: c, cooldowns: map[string]cooldown{}}, nil
}

// Decision is how many workers there should be.
type Decision struct {
	Desired int
	Policy  string // policy that changed the number; "" if none did
}

// Decide takes the number of workers desired now and the metric of each policy up to now, by the name of the policy. It
// returns the number to desire. Call it once a minute: CloudWatch evaluates alarms on such metrics that often, and
// repeats the action of an alarm that stays on.
//
// If policies want different numbers, the largest one holds. Workers are removed only if no policy adds any and all
// that can remove want to. A group of no workers stays so under target tracking, since nothing is in proportion to 0.
func (g *Group) Decide(now time.Time, desired int, metrics map[string]Series) Decision {
	if d := g.ScaleOut(now, desired, metrics); d.Policy != "" {
		return d
	}
	return g.scaleIn(now, desired, metrics)
}

// ScaleOut is Decide for a group whose scale-in is suspended.
func (g *Group) ScaleOut(now time.Time, desired int, metrics map[string]Series) Decision {
	c := g.config
	d := Decision{Desired: desired}
	var wait time.Duration
	add := func(name string, want int, cooldown time.Duration) {
		if want > desired && c.Clamp(want) > d.Desired {
			d, wait = Decision{c.Clamp(want), name}, cooldown
		}
	}
	for _, p := range c.TargetTracking {
		add(p.Name, p.scaleOut(g.base(p.Name, now, desired), metrics[p.Name]), p.ScaleOutCooldown)
	}
	for _, p := range c.StepScaling {
		add(p.Name, p.desired(g.base(p.Name, now, desired), metrics[p.Name]), p.Cooldown)
	}
	if d.Desired > desired {
		g.cooldowns[d.Policy] = cooldown{now.Add(wait), g.base(d.Policy, now, desired)}
		g.noneUntil = time.Time{} // adding workers ends the cooldown of a removal
	}
	return d
}

// base returns how many workers a policy counts from.
func (g *Group) base(name string, now time.Time, desired int) int {
	if c, ok := g.cooldowns[name]; ok && now.Before(c.until) {
		return min(c.base, desired)
	}
	return desired
}

// scaleIn is Decide where no policy adds workers.
func (g *Group) scaleIn(now time.Time, desired int, metrics map[string]Series) Decision {
	d := Decision{Desired: -1}
	var wait time.Duration
	ask := func(name string, n int, cooldown time.Duration) {
		if n < desired {
			n = min(max(g.config.Clamp(n), g.floor), desired)
		}
		if n > d.Desired {
			d, wait = Decision{n, name}, cooldown
		}
	}
	for _, p := range g.config.TargetTracking {
		if !p.NoScaleIn {
			ask(p.Name, p.scaleIn(desired, metrics[p.Name]), p.ScaleInCooldown)
		}
	}
	for _, p := range g.config.StepScaling {
		if n := p.desired(desired, metrics[p.Name]); n < desired {
			ask(p.Name, n, p.Cooldown)
		}
	}
	if d.Desired < 0 || d.Desired >= desired || now.Before(g.noneUntil) {
		return Decision{Desired: desired}
	}
	g.noneUntil = now.Add(wait)
	return d
}

package scaling

import (
	"fmt"
	"time"
)

// Config is what is set for the workers of one ECS service: a scalable target with its policies.
type Config struct {
	Bounds
	Tracking []Tracking
	Stepping []Stepping
}

// Validate reports the first setting that cannot be used.
func (c Config) Validate() error {
	if err := c.Bounds.Validate(); err != nil {
		return err
	}
	names := map[string]bool{}
	for _, t := range c.Tracking {
		if err := t.Validate(); err != nil {
			return err
		}
		if names[t.Name] {
			return fmt.Errorf("policy %s is there twice", t.Name)
		}
		names[t.Name] = true
	}
	for _, p := range c.Stepping {
		if err := p.Validate(); err != nil {
			return err
		}
		if names[p.Name] {
			return fmt.Errorf("policy %s is there twice", p.Name)
		}
		names[p.Name] = true
	}
	return nil
}

// Group decides for one group of workers and remembers its cooldowns. It is not for concurrent use.
type Group struct {
	config    Config
	cooldowns map[string]cooldown // by name of the policy
	inUntil   time.Time           // no removal before
}

// cooldown is what a policy's last change left behind. While it lasts, what that change added counts as part of what the
// next one asks for: only a larger change adds more, and only the difference.
type cooldown struct {
	until time.Time
	base  int // workers before the change
}

// NewGroup returns a group without a past.
func NewGroup(c Config) (*Group, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &Group{config: c, cooldowns: map[string]cooldown{}}, nil
}

// Decision is how many workers there should be.
type Decision struct {
	Desired int
	Policy  string // that changed it; "" if none did
}

// Decide takes the number of workers that is desired now and the metric of each policy, by its name, up to now, and returns
// the number that should be desired. It is to be called once a minute, as often as CloudWatch evaluates alarms on such
// metrics and repeats the action of one that stays on.
//
// Of policies that want different numbers the largest holds, so that a removal happens only where no policy adds, and all
// that can remove want it. A group of no workers stays so under target tracking: nothing is in proportion to 0.
func (g *Group) Decide(now time.Time, desired int, metrics map[string]Series) Decision {
	c := g.config
	d := Decision{Desired: desired}
	var cool time.Duration
	add := func(name string, want int, after time.Duration) {
		if want > desired && c.Clamp(want) > d.Desired {
			d, cool = Decision{c.Clamp(want), name}, after
		}
	}
	for _, t := range c.Tracking {
		add(t.Name, t.out(g.base(t.Name, now, desired), metrics[t.Name]), t.OutCooldown)
	}
	for _, p := range c.Stepping {
		add(p.Name, p.want(g.base(p.Name, now, desired), metrics[p.Name]), p.Cooldown)
	}
	if d.Desired > desired {
		g.cooldowns[d.Policy] = cooldown{now.Add(cool), g.base(d.Policy, now, desired)}
		g.inUntil = time.Time{} // workers that are added end the wait of a removal
		return d
	}
	return g.remove(now, desired, metrics)
}

// base is how many workers a policy counts from.
func (g *Group) base(name string, now time.Time, desired int) int {
	if cool, ok := g.cooldowns[name]; ok && now.Before(cool.until) {
		return min(cool.base, desired)
	}
	return desired
}

// remove is Decide where no policy adds.
func (g *Group) remove(now time.Time, desired int, metrics map[string]Series) Decision {
	d := Decision{Desired: -1}
	cool := time.Duration(0)
	ask := func(name string, n int, after time.Duration) {
		if n < desired {
			n = g.config.Clamp(n)
		}
		if n > d.Desired {
			d, cool = Decision{n, name}, after
		}
	}
	for _, t := range g.config.Tracking {
		if !t.NoScaleIn {
			ask(t.Name, t.in(desired, metrics[t.Name]), t.InCooldown)
		}
	}
	for _, p := range g.config.Stepping {
		if n := p.want(desired, metrics[p.Name]); n < desired {
			ask(p.Name, n, p.Cooldown)
		}
	}
	if d.Desired < 0 || d.Desired >= desired || now.Before(g.inUntil) {
		return Decision{Desired: desired}
	}
	g.inUntil = now.Add(cool)
	return d
}

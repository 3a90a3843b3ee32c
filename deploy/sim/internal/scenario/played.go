package scenario

import (
	"fmt"
	"time"

	"darkroom/deploy/sim/internal/simulation"
	"darkroom/deploy/sim/internal/system"
)

// Played is a scenario with its results under one seed.
type Played struct {
	Scenario
	Config simulation.Config
	*simulation.Result
	Sizing  Sizing
	Front   time.Duration      // longest wait for a token
	Without *simulation.Result // the same without the deployments; nil if there are none

	Fair, OneQueue BoardWaits // results of a scenario with a flood
}

// Play simulates a scenario on a system.
func (s Scenario) Play(sys system.System, seed uint64) (*Played, error) {
	c := s.config(sys.Config, seed)
	asked := c.Arrivals
	s.Photos = len(asked)
	c.Arrivals = sys.Front.Admit(asked)
	r, err := simulation.Run(c)
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	p := &Played{Scenario: s, Config: c, Result: r, Sizing: sizingFormula(c, sys.Latency),
		Front: system.LongestWait(asked, c.Arrivals)}
	if s.Flood != nil {
		return p, p.compareQueues(asked[0])
	}
	if len(c.Deployments) > 0 {
		c.Deployments = nil
		if p.Without, err = simulation.Run(c); err != nil {
			return nil, fmt.Errorf("scenario %s without deployments: %w", s.Name, err)
		}
	}
	return p, nil
}

// compareQueues plays a flood with two queues and with one, whichever the system has.
func (p *Played) compareQueues(start time.Duration) error {
	other := p.Config
	if other.Routing = nil; p.Config.Routing == nil {
		other.Routing = simulation.DefaultRouting()
	}
	r, err := simulation.Run(other)
	if err != nil {
		return fmt.Errorf("scenario %s with the other number of queues: %w", p.Name, err)
	}
	p.Fair, p.OneQueue = p.Flood.waits(p.Result, p.Photos, start), p.Flood.waits(r, p.Photos, start)
	if p.Config.Routing == nil {
		p.Fair, p.OneQueue = p.OneQueue, p.Fair
	}
	return nil
}

// Rollout returns what became of the first deployment. One that never began has a time below 0.
func (p *Played) Rollout() simulation.Rollout {
	if len(p.Rollouts) == 0 {
		return simulation.Rollout{Took: -2}
	}
	return p.Rollouts[0]
}

// Package taskprotection keeps Amazon ECS from stopping a task that is at work. While there is work it sets the task's
// scale-in protection, which scale-in and deployments respect. It ends the protection when there has been no work for a
// while.
//
// It calls the container agent at $ECS_AGENT_URI, which ECS sets in every container of a task:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
// The agent uses the task's role, which needs the permission ecs:UpdateTaskProtection. A task without protection drains
// when it is stopped, so no failure here ends the program.
package taskprotection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"darkroom/worker/settings"
)

// Limits of ExpiresInMinutes: see the page above.
const (
	minExpires = time.Minute
	maxExpires = 2880 * time.Minute
)

// retryPause is the time between a call that failed and the next one.
const retryPause = 10 * time.Second

// blockedPause is the time until the next call after ECS has refused because of a deployment. It varies by up to a
// half, because ECS refuses all workers at the same time.
const blockedPause = 30 * time.Second

// Config holds the settings of a task's protection.
type Config struct {
	AgentURI string        // URL of the container agent: $ECS_AGENT_URI
	Expires  time.Duration // when ECS ends a protection that is not renewed, 1 min to 48 h in whole minutes; 0 for 10 min
	Linger   time.Duration // how long the protection lasts after the work, to avoid flicker, 0 to 1 h; 0 ends it at once
	// Drain is called once, when Replaced reports that a deployment replaces this task. Replaced is called when the
	// protection is renewed, and when ECS refuses it because protected tasks block a deployment. A task that then
	// received new work would block the deployment. Default: none.
	Drain func()
	// Replaced reports whether a deployment replaces this task. ECS also refuses the protection when more tasks are
	// protected than are desired, as happens whenever scale-in has lowered the desired count below the number of busy
	// tasks. Then no task may drain: all of them would. Default: this task is not being replaced. An unprotected task
	// drains when ECS stops it.
	Replaced func(context.Context) (bool, error)
	Client   *http.Client // default http.DefaultClient
	Log      *slog.Logger // default discards
}

func (c Config) withDefaults() Config {
	if c.Expires == 0 {
		c.Expires = 10 * time.Minute
	}
	if c.Drain == nil {
		c.Drain = func() {}
	}
	if c.Replaced == nil {
		c.Replaced = func(context.Context) (bool, error) { return false, nil }
	}
	if c.Client == nil {
		c.Client = http.DefaultClient
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Validate reports the first setting that is out of its range.
func (c Config) Validate() error {
	c = c.withDefaults()
	if _, err := settings.HTTPURL(c.AgentURI); err != nil {
		return settings.Named("agent URI", err)
	}
	if err := settings.Named("expiry", settings.Range(c.Expires, minExpires, maxExpires)); err != nil {
		return err
	}
	if c.Expires%time.Minute != 0 {
		return fmt.Errorf("expiry: %v is not a whole number of minutes", c.Expires)
	}
	return settings.Named("linger", settings.Range(c.Linger, 0, time.Hour))
}

// Protection is the scale-in protection of the task that this program runs in.
type Protection struct {
	cfg  Config
	url  string
	wake chan struct{}

	mu   sync.Mutex
	busy bool
	idle time.Time // when the work ended, if it is not busy
}

// New returns the protection of this task. Nothing is protected before Run.
func New(cfg Config) (*Protection, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("task protection: %w", err)
	}
	cfg = cfg.withDefaults()
	return &Protection{cfg: cfg, url: strings.TrimSuffix(cfg.AgentURI, "/") + "/task-protection/v1/state",
		wake: make(chan struct{}, 1)}, nil
}

// Busy records that work has begun, or that all of it has ended. It does not wait for the agent.
func (p *Protection) Busy(busy bool) {
	p.mu.Lock()
	p.busy, p.idle = busy, time.Now()
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run follows Busy until ctx ends. It then leaves the protection as it is: the task ends with the program.
func (p *Protection) Run(ctx context.Context) {
	var (
		until time.Time // when the protection expires; zero if it is not set
		retry time.Time // earliest time of the next call
	)
	for {
		now := time.Now()
		protect, due := p.next(now, until)
		if retry.After(due) {
			due = retry
		}
		if due.After(now) || due.IsZero() {
			if !p.wait(ctx, now, due) {
				return
			}
			continue
		}
		err := p.callAgent(ctx, protect)
		switch refused := (*refusal)(nil); {
		case err == nil && protect:
			// ECS may grant the protection although a deployment replaces this task: it refuses only while more tasks are
			// protected than are desired. A task that always has work would then stay for as long as it has work.
			if until.After(now) && p.replaced(ctx) {
				p.cfg.Log.Info("a deployment replaces this task, draining")
				p.cfg.Drain()
				return
			}
			until, retry = now.Add(p.cfg.Expires), time.Time{}
		case err == nil:
			until, retry = time.Time{}, time.Time{}
		case ctx.Err() != nil:
			return
		case errors.As(err, &refused) && refused.Reason == reasonBlocked:
			p.cfg.Log.Debug("ECS refuses to protect this task", "error", err)
			if p.replaced(ctx) {
				p.cfg.Log.Warn("a deployment replaces this task, draining", "error", err)
				p.cfg.Drain()
				return
			}
			retry = time.Now().Add(blockedPause/2 + rand.N(blockedPause))
		case errors.As(err, &refused) && refused.Reason == reasonNoService:
			p.cfg.Log.Info("this task belongs to no service, so it needs no protection from scale-in")
			return
		default:
			p.cfg.Log.Warn("task protection not changed", "protect", protect, "error", err)
			retry = time.Now().Add(retryPause)
		}
	}
}

// replaced reports whether a deployment replaces this task. It reports false if it cannot find out.
func (p *Protection) replaced(ctx context.Context) bool {
	replaced, err := p.cfg.Replaced(ctx)
	if err != nil && ctx.Err() == nil {
		p.cfg.Log.Warn("cannot find out whether this task is being replaced", "error", err)
	}
	return err == nil && replaced
}

// next returns which protection to set next and when. The time is zero while there is nothing to set.
func (p *Protection) next(now, until time.Time) (protect bool, due time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	protected := until.After(now)
	switch {
	case p.busy && protected:
		return true, until.Add(-p.cfg.Expires / 2)
	case p.busy:
		return true, now
	case protected:
		return false, p.idle.Add(p.cfg.Linger)
	}
	return false, time.Time{}
}

// wait waits for a call of Busy, or until due if that is not zero. It returns false if ctx has ended.
func (p *Protection) wait(ctx context.Context, now, due time.Time) bool {
	var after <-chan time.Time
	if !due.IsZero() {
		t := time.NewTimer(due.Sub(now))
		defer t.Stop()
		after = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-p.wake:
	case <-after:
	}
	return true
}

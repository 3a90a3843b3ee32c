// Package taskprotection keeps Amazon ECS from stopping a task that is at work: it sets the task's scale-in protection, which
// scale-in and deployments respect, while there is work, and takes it back when there has been none for a while.
//
// It speaks to the container agent, at $ECS_AGENT_URI, which ECS sets in each container of a task:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
// The agent acts with the task's role, which needs the permission ecs:UpdateTaskProtection. Protection is a courtesy
// to the work in hand: without it a task that is stopped drains, so that nothing here fails the program.
package taskprotection

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Limits of ExpiresInMinutes, of the page above.
const (
	expiresLeast = time.Minute
	expiresMost  = 2880 * time.Minute
)

const (
	callTimeout = 2 * time.Second  // for one call to the agent
	retryAfter  = 10 * time.Second // a call that failed
	answerMost  = 64 << 10         // bytes of an answer
)

// Config holds the settings of a task's protection. A zero field means its default.
type Config struct {
	AgentURI string        // of the container agent: $ECS_AGENT_URI
	Expires  time.Duration // whole minutes after which ECS ends a protection that is not renewed, 1 min to 48 h; default 10 min
	Linger   time.Duration // how long protection outlasts the work, so that it does not flicker, 0 to 1 h; default 30 s
	// Drain is called, once, when ECS says that protected tasks hold up a deployment: to go on with new work would
	// hold it up for ever. Default: nobody is told.
	Drain  func()
	Client *http.Client // default http.DefaultClient
	Log    *slog.Logger // default discards
}

func (c Config) withDefaults() Config {
	if c.Expires == 0 {
		c.Expires = 10 * time.Minute
	}
	if c.Linger == 0 {
		c.Linger = 30 * time.Second
	}
	if c.Drain == nil {
		c.Drain = func() {}
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
	u, err := url.Parse(c.AgentURI)
	switch {
	case err != nil:
		return fmt.Errorf("agent URI: %w", err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("agent URI: %q is no URL of a server", c.AgentURI)
	case c.Expires < expiresLeast || c.Expires > expiresMost || c.Expires%time.Minute != 0:
		return fmt.Errorf("expiry: %v is not whole minutes within %v to %v", c.Expires, expiresLeast, expiresMost)
	case c.Linger < 0 || c.Linger > time.Hour:
		return fmt.Errorf("linger: %v is not within 0 to 1h", c.Linger)
	}
	return nil
}

// Protection is the scale-in protection of the task that this program runs in.
type Protection struct {
	cfg  Config
	url  string
	wake chan struct{}

	mu   sync.Mutex
	busy bool
	idle time.Time // since when, if it is not busy
}

// New returns the protection of this task, which is not set. Nothing happens before Run.
func New(cfg Config) (*Protection, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("ecs: %w", err)
	}
	cfg = cfg.withDefaults()
	return &Protection{cfg: cfg, url: strings.TrimSuffix(cfg.AgentURI, "/") + "/task-protection/v1/state", wake: make(chan struct{}, 1)}, nil
}

// Busy says that work has begun or that all of it has ended. It does not wait for the agent.
func (p *Protection) Busy(busy bool) {
	p.mu.Lock()
	p.busy, p.idle = busy, time.Now()
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run follows Busy until ctx ends. It leaves the protection as it is: the task ends with the program.
func (p *Protection) Run(ctx context.Context) {
	var (
		until time.Time // when the protection expires; zero if it is not set
		retry time.Time // no call before
	)
	for {
		now := time.Now()
		want, due := p.next(now, until)
		if retry.After(due) {
			due = retry
		}
		if due.After(now) || due.IsZero() {
			if !p.wait(ctx, now, due) {
				return
			}
			continue
		}
		err := p.set(ctx, want)
		switch blocked := (*failure)(nil); {
		case err == nil && want:
			until, retry = now.Add(p.cfg.Expires), time.Time{}
		case err == nil:
			until, retry = time.Time{}, time.Time{}
		case ctx.Err() != nil:
			return
		case errors.As(err, &blocked) && blocked.Reason == reasonBlocked:
			p.cfg.Log.Warn("protected tasks hold up a deployment, draining", "error", err)
			p.cfg.Drain()
			return
		case errors.As(err, &blocked) && blocked.Reason == reasonNoService:
			p.cfg.Log.Info("this task is of no service, which could scale in: it is not protected")
			return
		default:
			p.cfg.Log.Warn("task protection not changed", "protect", want, "error", err)
			retry = time.Now().Add(retryAfter)
		}
	}
}

// next returns what to set next and when. The time is zero while there is nothing to set.
func (p *Protection) next(now, until time.Time) (want bool, due time.Time) {
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

// wait waits until due, if it is not zero, or for a call of Busy. It returns false if ctx has ended.
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

// Reasons of failures:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
const (
	reasonBlocked   = "DEPLOYMENT_BLOCKED"
	reasonNoService = "TASK_NOT_VALID"
)

// failure is what ECS refuses a task, in an answer with status 200.
type failure struct{ Reason, Detail string }

func (f *failure) Error() string { return f.Reason + ": " + f.Detail }

// set makes one call to the agent.
func (p *Protection) set(ctx context.Context, protect bool) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	in := struct {
		ProtectionEnabled bool
		ExpiresInMinutes  int `json:",omitempty"`
	}{ProtectionEnabled: protect}
	if protect {
		in.ExpiresInMinutes = int(p.cfg.Expires / time.Minute)
	}
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("task protection: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, p.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("task protection: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.cfg.Client.Do(req)
	if err != nil {
		return fmt.Errorf("task protection: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, answerMost))
	if err != nil {
		return fmt.Errorf("task protection: read answer: %w", err)
	}
	var out struct {
		Protection *struct{ ProtectionEnabled bool }
		Failure    *failure
		Error      *struct{ Code, Message string }
	}
	err = json.Unmarshal(text, &out)
	switch {
	case err == nil && out.Failure != nil:
		return fmt.Errorf("task protection: %w", out.Failure)
	case err == nil && out.Error != nil:
		return fmt.Errorf("task protection: %s: %s: %s", resp.Status, out.Error.Code, out.Error.Message)
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("task protection: %s", resp.Status)
	case err != nil:
		return fmt.Errorf("task protection: answer: %w", err)
	case out.Protection == nil || out.Protection.ProtectionEnabled != protect:
		return errors.New("task protection: the answer does not confirm the change")
	}
	return nil
}

// Package purgetest holds what tests of purges share: a CDN in memory and the conformance suite that every
// [purge.Purger] passes.
package purgetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"darkroom/worker/internal/purge"
)

// MaxInProgress is the most tags that the purges in progress may have together, as in CloudFront.
const MaxInProgress = 3000

// Memory is a [purge.Purger] in memory. It is driven by the clock and works in a synctest bubble. Set its fields before
// using it.
type Memory struct {
	// Delay is how long a purge takes. What it removes is served until then.
	Delay time.Duration
	// Before, if set, is called at the start of every operation, "purge" or "done", without a lock. The operation returns
	// its error.
	Before func(op string) error

	mu      sync.Mutex
	purges  []begun
	answers []*answer
}

type begun struct {
	tags []string
	at   time.Time
}

// answer is what the cache holds.
type answer struct {
	tags   []string
	stored time.Time
}

// Cache puts an answer with these tags into the cache. cached reports whether it is still served.
func (c *Memory) Cache(tags ...string) (cached func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := &answer{tags, time.Now()}
	c.answers = append(c.answers, a)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return !slices.ContainsFunc(c.purges, func(p begun) bool { return c.complete(p) && p.removes(a) })
	}
}

// removes reports whether a purge removes an answer: one that was stored before it began and has one of its tags.
func (p begun) removes(a *answer) bool {
	return !a.stored.After(p.at) && slices.ContainsFunc(p.tags, func(tag string) bool {
		return slices.ContainsFunc(a.tags, func(has string) bool { return strings.EqualFold(has, tag) })
	})
}

func (c *Memory) complete(p begun) bool { return time.Since(p.at) >= c.Delay }

// Purges returns the tags of every purge so far.
func (c *Memory) Purges() (all [][]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.purges {
		all = append(all, p.tags)
	}
	return all
}

func (c *Memory) begin(ctx context.Context, op string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.Before != nil {
		return c.Before(op)
	}
	return nil
}

// Purge implements [purge.Purger].
func (c *Memory) Purge(ctx context.Context, tags []string) (string, error) {
	if err := c.begin(ctx, "purge"); err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(tags)
	for _, p := range c.purges {
		if !c.complete(p) {
			n += len(p.tags)
		}
	}
	if n > MaxInProgress {
		return "", purge.ErrBusy
	}
	c.purges = append(c.purges, begun{slices.Clone(tags), time.Now()})
	return fmt.Sprint("I", len(c.purges)), nil
}

// Done implements [purge.Purger].
func (c *Memory) Done(ctx context.Context, id string) (bool, error) {
	if err := c.begin(ctx, "done"); err != nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, p := range c.purges {
		if id == fmt.Sprint("I", i+1) {
			return c.complete(p), nil
		}
	}
	return false, fmt.Errorf("purge %.40q: %w", id, purge.ErrUnknown)
}

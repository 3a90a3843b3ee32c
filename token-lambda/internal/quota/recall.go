package quota

import (
	"context"
	"sync"
	"time"
)

// Recall returns a Counter that remembers refusals of next for a second, and meanwhile refuses by itself what they rule
// out. During a flood, each instance of the API then sends one request a second for the board, instead of one for each
// refusal: those would cost money, and DynamoDB writes an item no more than 1,000 times a second.
func Recall(next Counter) Counter { return &recall{next: next, refused: map[Key]refusal{}} }

const (
	recallFor = time.Second
	// mostRecalled is how many refusals are remembered at most.
	mostRecalled = 1000
)

type recall struct {
	next    Counter
	mu      sync.Mutex
	refused map[Key]refusal
}

// refusal is what was counted for a key when it had too little left.
type refusal struct {
	counted Windows
	at      time.Time
}

// Add implements [Counter].
func (r *recall) Add(ctx context.Context, key Key, use Use, limits Windows, at time.Time) (Windows, bool, error) {
	if counted, ok := r.last(key, at); ok && !limits.Admits(counted, use) {
		return counted, false, nil
	}
	counted, added, err := r.next.Add(ctx, key, use, limits, at)
	if err == nil && !added {
		r.remember(key, refusal{counted, at})
	}
	return counted, added, err
}

// Subtract implements [Counter].
func (r *recall) Subtract(ctx context.Context, key Key, use Use, at time.Time) error {
	r.mu.Lock()
	delete(r.refused, key)
	r.mu.Unlock()
	return r.next.Subtract(ctx, key, use, at)
}

// last returns what was counted at a refusal in the same windows, if it is recent.
func (r *recall) last(key Key, now time.Time) (Windows, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.refused[key]
	if !ok || now.Sub(last.at) >= recallFor || !same(last.at, now) {
		return Windows{}, false
	}
	return last.counted, true
}

// remember keeps a refusal. It forgets old ones when there are many, and all if that is not enough.
func (r *recall) remember(key Key, one refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.refused) >= mostRecalled {
		for key, old := range r.refused {
			if one.at.Sub(old.at) >= recallFor {
				delete(r.refused, key)
			}
		}
		if len(r.refused) >= mostRecalled {
			clear(r.refused)
		}
	}
	r.refused[key] = one
}

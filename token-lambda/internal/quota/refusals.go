package quota

import (
	"sync"
	"time"
)

const (
	// recallFor is how long a refusal is remembered. During a flood, each instance of the API then sends one request a
	// second for a board, instead of one for each refusal. Those would cost money, and DynamoDB writes an item no more
	// than 1,000 times a second.
	recallFor = time.Second
	// mostRecalled is how many refusals are remembered at most.
	mostRecalled = 1000
)

// refusals are the recent refusals by key. It is safe for concurrent use.
type refusals struct {
	mu    sync.Mutex
	byKey map[Key]refusal
}

// refusal is what was counted for a key when it had too little left.
type refusal struct {
	counted Windows
	at      time.Time
}

// last returns what was counted at a refusal in the same windows, if it is recent.
func (r *refusals) last(key Key, now time.Time) (Windows, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, ok := r.byKey[key]
	if !ok || now.Sub(last.at) >= recallFor || !sameMinute(last.at, now) {
		return Windows{}, false
	}
	return last.counted, true
}

// remember keeps a refusal. It forgets old ones when there are many, and all if that is not enough.
func (r *refusals) remember(key Key, one refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byKey == nil {
		r.byKey = map[Key]refusal{}
	}
	if len(r.byKey) >= mostRecalled {
		for key, old := range r.byKey {
			if one.at.Sub(old.at) >= recallFor {
				delete(r.byKey, key)
			}
		}
		if len(r.byKey) >= mostRecalled {
			clear(r.byKey)
		}
	}
	r.byKey[key] = one
}

// Package noisygroups finds the groups of messages that hold a queue up.
//
// Its rule is like that of a fair queue: a group is noisy if it has more than a tenth of the recent messages, and at
// least 30 of them. Recent messages are the last 300 that are at most 5 minutes old, so a group that falls silent
// becomes quiet again.
package noisygroups

import (
	"sync"
	"time"
)

const (
	// Window is how many messages are remembered.
	Window = 300
	// MaxAge is how long a message is remembered.
	MaxAge = 5 * time.Minute
	// MinMessages is the fewest recent messages of a noisy group.
	MinMessages = 30
	// share is the part of the recent messages above which a group is noisy: one in so many.
	share = 10
)

// Tracker remembers the groups of recent messages. The zero value has seen none. It is safe for concurrent use.
type Tracker struct {
	mu     sync.Mutex
	ring   [Window]message
	oldest int // index of the oldest message in ring
	n      int // messages in ring
	counts map[string]int
}

// message is a message that was noted.
type message struct {
	group string
	at    time.Time
}

// Note remembers a message of a group and reports whether the group is noisy, this message included. A message without
// a group is a group of its own: it counts, but is never noisy.
func (t *Tracker) Note(group string) (noisy bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[string]int{}
	}
	now := time.Now()
	for t.n > 0 && (t.n == Window || now.Sub(t.ring[t.oldest].at) > MaxAge) {
		t.forget()
	}
	t.ring[(t.oldest+t.n)%Window] = message{group, now}
	t.n++
	if group == "" {
		return false
	}
	t.counts[group]++
	return t.counts[group] >= MinMessages && share*t.counts[group] > t.n
}

// forget removes the oldest message.
func (t *Tracker) forget() {
	group := t.ring[t.oldest].group
	t.oldest = (t.oldest + 1) % Window
	t.n--
	if group == "" {
		return
	}
	if t.counts[group]--; t.counts[group] == 0 {
		delete(t.counts, group)
	}
}

// Package fairqueue orders the messages of a standard queue by the rule of SQS's fair queues, which the Developer Guide
// describes in "How Amazon SQS fair queues work". The messages of one sender, such as a board, are a group. A group is
// noisy if
//
//   - more than a tenth of the messages in flight, and at least 30 of them, are its own, or
//   - its recent share of the consumers' processing time is more than a tenth.
//
// It stays noisy until none of its messages is waiting, or until five minutes have passed without a new message. A
// receive returns messages of quiet groups, the longest waiting first. If there are none, it returns messages of the
// noisy group that has the fewest in flight.
//
// SQS calls its thresholds approximate. Here they are exact, and a group becomes noisy at once. "Recent" is the last
// minute or so, which SQS leaves open.
package fairqueue

import (
	"math"
	"time"

	"darkroom/deploy/testkit/indexheap"
)

const (
	noisyShare    = 0.1
	noisyInFlight = 30
	quietAfter    = 5 * time.Minute

	recent    = time.Minute // time constant of the processing time
	leastMean = 0.01        // messages in flight on average, 0.6 s a minute; a group with less has no share
)

// Group is the messages of a queue that share a key. A queue forgets a group with its last message.
type Group[K comparable, M any] struct {
	key      K
	messages int // in any state
	ready    *indexheap.Heap[M]
	load     load
	sent     time.Time // latest send
	noisy    bool
	at       int // index in the heap of quiet or noisy groups, if ready is not empty
}

// load has the messages in flight of a queue or of a group, now and on average.
type load struct {
	inFlight int
	mean     float64 // messages in flight, averaged over the recent past with exponential weights
	at       time.Time
}

// advance brings mean up to now. An exponential average forgets gradually and needs no history: over a time t without a
// change it moves towards inFlight by 1 - exp(-t/recent).
func (l *load) advance(now time.Time) {
	if t := now.Sub(l.at); t > 0 {
		l.mean += (float64(l.inFlight) - l.mean) * -math.Expm1(-t.Seconds()/recent.Seconds())
		l.at = now
	}
}

// change adds n, which may be negative, to the messages in flight.
func (l *load) change(n int, now time.Time) {
	l.advance(now)
	l.inFlight += n
}

// Backlog is the receivable messages of a queue, of type M, by the key of their group. It takes the time from its
// caller. A receive looks at the first group of a heap and not at the messages of a group, however many they are.
// Messages with the zero key have no group. Each is a group of its own. It is always quiet, because a group of one
// message has at most one in flight.
type Backlog[K comparable, M any] struct {
	before func(a, b M) bool
	place  func(m M, i int)
	groups map[K]*Group[K, M]
	quiet  *indexheap.Heap[*Group[K, M]] // groups with receivable messages; the one with the longest waiting message first
	noisy  *indexheap.Heap[*Group[K, M]] // the one with the fewest messages in flight first
	ready  int
	load   load
}

// New returns an empty backlog. before orders messages: the longest waiting first. place tells a receivable message its
// index in its group.
func New[K comparable, M any](before func(a, b M) bool, place func(m M, i int)) *Backlog[K, M] {
	setIndex := func(g *Group[K, M], i int) { g.at = i }
	longest := func(a, b *Group[K, M]) bool { return before(a.ready.First(), b.ready.First()) }
	fewest := func(a, b *Group[K, M]) bool {
		if a.load.inFlight != b.load.inFlight {
			return a.load.inFlight < b.load.inFlight
		}
		return longest(a, b)
	}
	return &Backlog[K, M]{before: before, place: place, groups: map[K]*Group[K, M]{},
		quiet: indexheap.New(longest, setIndex), noisy: indexheap.New(fewest, setIndex)}
}

// Len returns the number of receivable messages.
func (b *Backlog[K, M]) Len() int { return b.ready }

// InFlight returns the number of messages in flight.
func (b *Backlog[K, M]) InFlight() int { return b.load.inFlight }

// Groups returns the number of groups that have a message in any state.
func (b *Backlog[K, M]) Groups() int { return len(b.groups) }

// Join counts a message that was sent to the queue, in any state, and returns its group.
func (b *Backlog[K, M]) Join(key K, sent, now time.Time) *Group[K, M] {
	g, ok := b.groups[key]
	if !ok {
		g = &Group[K, M]{key: key, ready: indexheap.New(b.before, b.place), load: load{at: now}}
		b.groups[key] = g
	}
	g.messages++
	if sent.After(g.sent) {
		g.sent = sent
	}
	return g
}

// Leave forgets a message that Join counted. It must be neither receivable nor in flight.
func (b *Backlog[K, M]) Leave(g *Group[K, M]) {
	if g.messages--; g.messages == 0 {
		delete(b.groups, g.key)
	}
}

// Push makes a message of the group receivable.
func (b *Backlog[K, M]) Push(g *Group[K, M], m M) {
	g.ready.Push(m)
	b.ready++
	if h := b.heap(g); g.ready.Len() == 1 {
		h.Push(g)
	} else {
		h.Fix(g.at)
	}
}

// Remove takes the message with the index i out of the receivable ones. A group is quiet once none of its messages
// waits.
func (b *Backlog[K, M]) Remove(g *Group[K, M], i int) {
	h := b.heap(g)
	b.ready--
	if g.ready.Len() == 1 { // while the group still has a first message for the heap to compare
		h.Remove(g.at)
		g.noisy = false
	}
	g.ready.Remove(i)
	if g.ready.Len() > 0 {
		h.Fix(g.at)
	}
}

// ChangeInFlight adds n, which may be negative, to the messages of the group in flight.
func (b *Backlog[K, M]) ChangeInFlight(g *Group[K, M], n int, now time.Time) {
	b.load.change(n, now)
	g.load.change(n, now)
	if g.noisy {
		b.noisy.Fix(g.at)
	}
}

// heap returns the heap that holds g while it has receivable messages.
func (b *Backlog[K, M]) heap(g *Group[K, M]) *indexheap.Heap[*Group[K, M]] {
	if g.noisy {
		return b.noisy
	}
	return b.quiet
}

// First returns the message to receive next, if any is receivable. It finds the groups that became noisy or quiet.
func (b *Backlog[K, M]) First(now time.Time) (m M, ok bool) {
	for i := 0; i < b.noisy.Len(); {
		if g := b.noisy.Items()[i]; now.Sub(g.sent) >= quietAfter {
			b.mark(g, false)
			i = 0 // the heap has a new order
		} else {
			i++
		}
	}
	b.load.advance(now)
	for b.quiet.Len() > 0 {
		g := b.quiet.First()
		if g.load.advance(now); !b.disturbs(g) {
			return g.ready.First(), true
		}
		b.mark(g, true)
	}
	if b.noisy.Len() > 0 {
		return b.noisy.First().ready.First(), true
	}
	return m, false
}

// disturbs reports whether g has more than its share of the messages in flight or of the recent processing time.
func (b *Backlog[K, M]) disturbs(g *Group[K, M]) bool {
	if g.key == *new(K) {
		return false
	}
	crowded := g.load.inFlight >= noisyInFlight && float64(g.load.inFlight) > noisyShare*float64(b.load.inFlight)
	return crowded || b.load.mean >= leastMean && g.load.mean > noisyShare*b.load.mean
}

// mark moves a group with receivable messages to the noisy or to the quiet groups.
func (b *Backlog[K, M]) mark(g *Group[K, M], noisy bool) {
	b.heap(g).Remove(g.at)
	g.noisy = noisy
	b.heap(g).Push(g)
}

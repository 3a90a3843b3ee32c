package fakesqs

import (
	"container/heap"
	"math"
	"time"
)

// The rule of fair queues, for standard queues (Developer Guide, "How Amazon SQS fair queues work"). A group is noisy if
//
//   - more than noisyShare of the messages in flight, and at least noisyInFlight, are its own, or
//   - its recent share of the consumers' processing time exceeds noisyShare.
//
// It stays noisy until none of its messages waits, or until nothing was sent to it for quietAfter. A receive returns
// messages of quiet groups, the longest waiting first, and messages of noisy groups only if there is none: then those of
// the noisy group with the fewest messages in flight. SQS says that its own thresholds are approximate.
const (
	noisyShare    = 0.1
	noisyInFlight = 30
	quietAfter    = 5 * time.Minute
)

// SQS gives no number for "recent". Here it is about a minute, in which less than 0.6 s of processing are too little to
// share.
const (
	recentTime = time.Minute
	leastMean  = 0.01
)

// group is the messages of a queue that share a MessageGroupId. A queue forgets a group with its last message. A message
// without a group is a group of its own. It is always quiet, because it can have at most one message in flight, so one
// group with the empty id holds all of them.
type group struct {
	id       string
	messages int                   // in any state
	ready    indexedHeap[*message] // the longest waiting first
	load     load
	sent     time.Time // latest send
	noisy    bool
	at       int // index in the heap of quiet or noisy groups, if ready is not empty
}

// load is what keeps the consumers of a queue or of a group busy.
type load struct {
	inFlight int
	mean     float64 // messages in flight, averaged over the recent past with exponential weights
	at       time.Time
}

// advance brings mean up to now. An exponential average with the time constant recentTime forgets gradually, and needs
// no history: over a time t without a change it moves towards inFlight by 1 - exp(-t/recentTime).
func (l *load) advance(now time.Time) {
	if t := now.Sub(l.at); t > 0 {
		l.mean += (float64(l.inFlight) - l.mean) * -math.Expm1(-t.Seconds()/recentTime.Seconds())
		l.at = now
	}
}

// change adds n, which may be negative, to the messages in flight.
func (l *load) change(n int, now time.Time) {
	l.advance(now)
	l.inFlight += n
}

// backlog is the receivable messages of a queue by group. A receive looks at the first group of a heap and not at the
// messages of a group, however many they are.
type backlog struct {
	groups map[string]*group
	quiet  indexedHeap[*group] // quiet groups with receivable messages; the one with the longest waiting message first
	noisy  indexedHeap[*group] // noisy ones; the one with the fewest messages in flight first
	ready  int                 // receivable messages of all groups
	load   load
}

func newBacklog() backlog {
	place := func(g *group, i int) { g.at = i }
	longest := func(a, b *group) bool { return soonest(a.ready.items[0], b.ready.items[0]) }
	fewest := func(a, b *group) bool {
		if a.load.inFlight != b.load.inFlight {
			return a.load.inFlight < b.load.inFlight
		}
		return longest(a, b)
	}
	return backlog{groups: map[string]*group{},
		quiet: indexedHeap[*group]{before: longest, place: place}, noisy: indexedHeap[*group]{before: fewest, place: place}}
}

// join counts a message of the queue, whatever its state, and returns its group.
func (b *backlog) join(m *message, now time.Time) *group {
	g, ok := b.groups[m.Group]
	if !ok {
		g = &group{id: m.Group, ready: messageHeap(soonest, setAt), load: load{at: now}}
		b.groups[m.Group] = g
	}
	g.messages++
	if m.Sent.After(g.sent) {
		g.sent = m.Sent
	}
	return g
}

// leave forgets a message that join counted. It must no longer be receivable or in flight.
func (b *backlog) leave(m *message) {
	if m.group.messages--; m.group.messages == 0 {
		delete(b.groups, m.group.id)
	}
}

// push makes a message of the queue receivable.
func (b *backlog) push(m *message) {
	heap.Push(&m.group.ready, m)
	b.ready++
	if h := b.heap(m.group); m.group.ready.Len() == 1 {
		heap.Push(h, m.group)
	} else {
		heap.Fix(h, m.group.at)
	}
}

// remove takes a message out of the receivable ones. A group of which none waits any more is quiet.
func (b *backlog) remove(m *message) {
	g := m.group
	h := b.heap(g)
	b.ready--
	if g.ready.Len() == 1 { // while the group still has a first message for the heap to compare
		heap.Remove(h, g.at)
		g.noisy = false
	}
	heap.Remove(&g.ready, m.at)
	if g.ready.Len() > 0 {
		heap.Fix(h, g.at)
	}
}

// take removes a receivable message and counts it as in flight, so that the next one of the same receive is chosen as if
// this one had been received.
func (b *backlog) take(m *message, now time.Time) {
	b.remove(m)
	b.inFlight(m.group, 1, now)
}

// putBack undoes take.
func (b *backlog) putBack(m *message, now time.Time) {
	b.inFlight(m.group, -1, now)
	b.push(m)
}

// inFlight adds n, which may be negative, to the messages in flight of a group.
func (b *backlog) inFlight(g *group, n int, now time.Time) {
	b.load.change(n, now)
	g.load.change(n, now)
	if g.noisy {
		heap.Fix(&b.noisy, g.at)
	}
}

// heap returns the heap that holds g while it has receivable messages.
func (b *backlog) heap(g *group) *indexedHeap[*group] {
	if g.noisy {
		return &b.noisy
	}
	return &b.quiet
}

// first returns the message to receive next, or nil. It finds the groups that became noisy or quiet.
func (b *backlog) first(now time.Time) *message {
	for i := 0; i < b.noisy.Len(); {
		if g := b.noisy.items[i]; now.Sub(g.sent) >= quietAfter {
			b.mark(g, false)
			i = 0 // the heap has a new order
		} else {
			i++
		}
	}
	b.load.advance(now)
	for b.quiet.Len() > 0 {
		g := b.quiet.items[0]
		if g.load.advance(now); !b.disturbs(g) {
			return g.ready.items[0]
		}
		b.mark(g, true)
	}
	if b.noisy.Len() > 0 {
		return b.noisy.items[0].ready.items[0]
	}
	return nil
}

// disturbs reports whether g has more than its share of the messages in flight or of the recent processing time.
func (b *backlog) disturbs(g *group) bool {
	if g.id == "" {
		return false
	}
	crowded := g.load.inFlight >= noisyInFlight && float64(g.load.inFlight) > noisyShare*float64(b.load.inFlight)
	return crowded || b.load.mean >= leastMean && g.load.mean > noisyShare*b.load.mean
}

// mark moves a group with receivable messages to the noisy or to the quiet groups.
func (b *backlog) mark(g *group, noisy bool) {
	heap.Remove(b.heap(g), g.at)
	g.noisy = noisy
	heap.Push(b.heap(g), g)
}

package pool

import (
	"sync"
	"sync/atomic"

	"darkroom/worker/internal/queue"
)

// lendShare is the part of the slots that a pool lends at most: one in so many.
const lendShare = 4

// lending is what a pool lends to the router of another queue.
type lending struct {
	most int         // slots lent at once; 0 for none
	idle atomic.Bool // the last receive succeeded and brought nothing

	mu   sync.Mutex
	lent map[string]int // slots lent, by group
	all  int            // slots lent
}

func newLending(cfg Config) *lending {
	l := &lending{lent: map[string]int{}}
	if cfg.Lends {
		l.most = cfg.Slots / lendShare
	}
	return l
}

// reserved returns how many slots a receive must leave free.
func (l *lending) reserved() int {
	if !l.idle.Load() {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.most - l.all
}

// take records a slot that is lent to a group, unless too many are lent already.
func (l *lending) take(group string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= l.most || l.lent[group] >= (l.most+1)/2 {
		return false
	}
	l.all++
	l.lent[group]++
	return true
}

// giveBack records that a group has returned a slot.
func (l *lending) giveBack(group string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.lent[group]--; l.lent[group] == 0 {
		delete(l.lent, group)
	}
}

// Lend takes a slot for a message of another queue, whose handler then works as if the message had come through this
// pool's queue. The caller calls giveBack once the handler has returned. With [Config.Lends] the pool lends a slot only
//
//   - while nothing waits: the last receive brought no message, and a slot is free;
//   - while it takes messages: it is [Pool.Ready];
//   - up to a quarter of its slots, and to one group up to half of that, rounded up.
//
// A group that floods therefore fills its share. Its other messages arrive in this pool's queue, and from the next
// receive the pool lends nothing until the queue is empty again.
func (p *Pool) Lend(m queue.Message, group string) (giveBack func(), ok bool) {
	if !p.lending.idle.Load() || p.Ready() != nil || !p.lending.take(group) {
		return nil, false
	}
	for {
		free := p.free.Load()
		if free < 1 {
			p.lending.giveBack(group)
			return nil, false
		}
		if p.free.CompareAndSwap(free, free-1) {
			break
		}
	}
	p.cfg.Metrics.busy.Inc()
	p.cfg.Metrics.observeWait(m, p.noise.Note(group))
	return sync.OnceFunc(func() {
		p.cfg.Metrics.busy.Dec()
		p.lending.giveBack(group)
		p.freeSlots(1)
	}), true
}

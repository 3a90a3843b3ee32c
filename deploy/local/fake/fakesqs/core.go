package fakesqs

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// core is the emulator without its protocol. One lock guards all queues, so that moving a message between two queues
// is atomic. Every operation works out its effect, commits it to the store and only then changes memory: a result that
// a caller has seen is on file, and a failed commit changes nothing.
type core struct {
	region, account string
	log             *slog.Logger
	store           *store

	mu     sync.Mutex
	queues map[string]*queue // key: name of the queue
	byID   map[uint64]*queue
	tasks  []*moveTask // in the order of their start
	seq    uint64      // number of the latest message
	next   time.Time   // when the clock goroutine ticks next; if zero, when it is poked
	closed bool

	poke    chan struct{} // signals that next is now earlier
	done    chan struct{} // closed by close; ends long polls and the clock goroutine
	stopped chan struct{} // closed when the clock goroutine ends
}

func openCore(region, account, path string, log *slog.Logger) (*core, error) {
	st, err := openStore(path)
	if err != nil {
		return nil, err
	}
	c := &core{region: region, account: account, log: log, store: st,
		queues: map[string]*queue{}, byID: map[uint64]*queue{},
		poke: make(chan struct{}, 1), done: make(chan struct{}), stopped: make(chan struct{})}
	if err := c.load(time.Now()); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), st.close())
	}
	go c.clock()
	return c, nil
}

func (c *core) load(now time.Time) error {
	var err error
	c.seq, err = c.store.load(func(s savedQueue) error {
		attrs, err := attributes{}.withChanges(s.Attributes)
		if err != nil {
			return fmt.Errorf("queue %s: %w", s.Name, err)
		}
		q := newQueue(s.ID, s.Name, attrs, s.Tags, s.Created)
		q.modified = s.Modified
		c.queues[s.Name], c.byID[s.ID] = q, q
		return nil
	}, func(m *message) error {
		q, ok := c.byID[m.queue]
		if !ok {
			return fmt.Errorf("message %s is in a queue that does not exist", m.ID)
		}
		q.add(m, now)
		return nil
	})
	return err
}

// close ends long polls, waits for the clock goroutine to end and closes the file. Later operations fail.
func (c *core) close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	close(c.done)
	c.mu.Unlock()
	<-c.stopped
	return c.store.close()
}

// clock runs in the core's only goroutine. It sleeps until the next move step or awaited message is due.
func (c *core) clock() {
	defer close(c.stopped)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-timer.C:
		case <-c.poke:
		}
		c.mu.Lock()
		if c.closed {
			c.mu.Unlock()
			return
		}
		c.tick(time.Now())
		next := c.next
		select { // next already includes what tick scheduled
		case <-c.poke:
		default:
		}
		c.mu.Unlock()
		timer.Stop()
		if !next.IsZero() {
			timer.Reset(time.Until(next))
		}
	}
}

// tick does everything that is due and sets next.
func (c *core) tick(now time.Time) {
	c.next = time.Time{}
	for _, t := range c.tasks {
		if t.status == taskRunning {
			c.stepMove(t, now)
		}
	}
	for _, q := range c.queues {
		if len(q.waiters) > 0 {
			c.notify(q, now)
		}
	}
}

// schedule makes the clock goroutine tick at t or earlier.
func (c *core) schedule(t time.Time) {
	if c.next.IsZero() || t.Before(c.next) {
		c.next = t
		select {
		case c.poke <- struct{}{}:
		default:
		}
	}
}

// notify wakes long polls for the receivable messages, and schedules a tick for the rest of the polls. Every operation
// on a queue ends with it.
func (c *core) notify(q *queue, now time.Time) {
	q.advance(now)
	q.wake()
	if len(q.waiters) > 0 && q.pending.Len() > 0 {
		c.schedule(q.pending.First().visibleAt)
	}
}

// find returns a queue as it is now. It first deletes the messages whose retention period has ended.
func (c *core) find(name string, now time.Time) (*queue, error) {
	if c.closed {
		return nil, unavailable()
	}
	q, ok := c.queues[name]
	if !ok {
		return nil, queueDoesNotExist()
	}
	q.advance(now)
	if old := q.expired(now); len(old) > 0 {
		if err := c.store.commit(change{drop: old}); err != nil {
			return nil, err
		}
		for _, m := range old {
			q.remove(m, now)
		}
	}
	return q, nil
}

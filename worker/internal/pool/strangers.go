package pool

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// If this many messages are bad and none was recognized, the consumer reads the wrong queue, or its settings expect
	// other messages.
	strangerMessages = 3
	// A bad message waits this long for others, which show whether the message or a setting is at fault. If none comes,
	// it is the message.
	strangerGrace = time.Minute
	// While receives pause, one message is received after sampleFirst. Each further pause doubles, up to sampleMost. It
	// ends when strangersMax messages wait.
	sampleFirst  = 15 * time.Second
	sampleMost   = 5 * time.Minute
	strangersMax = 100
)

type recognizeKey struct{}

// Recognize records that the message whose handler was called with ctx is meant for this consumer. A handler calls it
// as soon as it knows, whatever becomes of the message. See [ErrBadMessage].
func Recognize(ctx context.Context) {
	if recognize, ok := ctx.Value(recognizeKey{}).(func()); ok {
		recognize()
	}
}

// strangers holds bad messages back until it is known whether they or the settings are at fault. A consumer with a
// wrong setting finds every message bad, and would empty the queue into the dead-letter queue. Once a single message
// has been recognized, the settings are known to be right, and a bad message is itself at fault.
//
// If the first messages are all bad, receives pause, and the messages wait without a slot, with their visibility
// timeouts extended. Settings change only with a new process, but the queue may also hold messages of this consumer
// behind the others. So one message is received from time to time, until one is recognized.
type strangers struct {
	log      *slog.Logger
	settings string
	gauge    func(paused bool)
	wake     func() // tells the intake that it may receive

	recognized chan struct{} // closed once a message was recognized
	once       sync.Once
	pause      chan struct{} // closed when receives pause

	mu      sync.Mutex
	seen    map[string]bool // messages that were bad so far
	why     error           // why receives pause, or nil
	next    time.Time       // when the next message may be received during the pause
	samples int             // messages received during the pause
}

func newStrangers(cfg Config, wake func()) *strangers {
	return &strangers{log: cfg.Log, settings: cfg.Settings, wake: wake,
		recognized: make(chan struct{}), pause: make(chan struct{}),
		gauge: func(paused bool) { cfg.Metrics.pause(pausedByStrangers, paused) }, seen: map[string]bool{}}
}

// recognize ends the suspicion of the settings for good.
func (s *strangers) recognize() {
	s.once.Do(func() {
		close(s.recognized)
		s.mu.Lock()
		paused := s.why != nil
		s.why, s.seen = nil, nil
		s.mu.Unlock()
		if paused {
			s.gauge(false)
			s.log.Info("a message is for this worker, receives continue")
			s.wake()
		}
	})
}

// isRecognized reports whether a message was recognized.
func (s *strangers) isRecognized() bool {
	select {
	case <-s.recognized:
		return true
	default:
		return false
	}
}

// hold waits until it is known whether a bad message or a setting is at fault. It returns nil if it is the message.
// Otherwise its error says why the message must go back to the queue. why is the handler's error.
func (s *strangers) hold(running context.Context, d *delivery, why error) error {
	s.suspect(d, why)
	grace := time.NewTimer(strangerGrace)
	defer grace.Stop()
	alone, pause := grace.C, s.pause
	for {
		select {
		case <-s.recognized:
			return nil
		case <-running.Done():
			return ErrDrained
		case <-d.ctx.Done():
			return context.Cause(d.ctx)
		case <-pause:
			alone, pause = nil, nil
		case <-alone:
			return nil
		}
	}
}

// suspect records a bad message, and makes receives pause if there are too many.
func (s *strangers) suspect(d *delivery, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil { // recognized meanwhile
		return
	}
	s.seen[d.ID] = true
	if s.why != nil || len(s.seen) < strangerMessages {
		return
	}
	s.why, s.next = why, time.Now().Add(sampleFirst)
	close(s.pause)
	s.gauge(true)
	s.log.Error("receives pause: no message so far is for this worker", "check", s.settings, "messages", len(s.seen),
		"error", why)
}

// takeSample reports whether the intake may receive one message although receives pause.
func (s *strangers) takeSample() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Before(s.next) || len(s.seen) >= strangersMax {
		return false
	}
	s.samples++
	s.next = now.Add(backoff(s.samples+1, sampleFirst, sampleMost))
	return true
}

// cause returns why receives pause, or nil.
func (s *strangers) cause() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.why
}

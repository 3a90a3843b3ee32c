package reconcile

import (
	"darkroom/worker/internal/store"

	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// patience reads a body until it has delivered nothing for a while, and gives it up then: the context under which the
// body was opened must end with cancel.
type patience struct {
	body  io.Reader
	wait  time.Duration
	timer *time.Timer
}

func newPatience(body io.Reader, wait time.Duration, cancel context.CancelCauseFunc) *patience {
	p := &patience{body: body, wait: wait, timer: time.AfterFunc(wait, func() { cancel(store.ErrStalled) })}
	p.timer.Stop() // nobody is reading yet
	return p
}

func (p *patience) Read(b []byte) (int, error) {
	p.timer.Reset(p.wait)
	defer p.timer.Stop()
	return p.body.Read(b)
}

// readWhole reads a body that must have exactly so many bytes. The reader checks them against the stored checksum
// at the end, so that must be reached: not a byte is decoded before.
func readWhole(body io.Reader, bytes int64) ([]byte, error) {
	data := make([]byte, bytes)
	if n, err := io.ReadFull(body, data); err != nil {
		return nil, fmt.Errorf("read original: %d of %d bytes: %w", n, bytes, err)
	}
	if n, err := body.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		return nil, fmt.Errorf("read original: want the end after %d bytes, got %d more: %w", bytes, n, err)
	}
	return data, nil
}

// stallsOfMany is how many photos have to stall, without a download that ends well in between, for it to be the
// store's trouble and not theirs.
const stallsOfMany = 3

// stalls tells a store that stalls from an object that does.
type stalls struct {
	mu   sync.Mutex
	keys map[string]bool // that stalled since the last download that ended well
}

// of returns the error for a download of key that stalled.
func (s *stalls) of(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil {
		s.keys = map[string]bool{}
	}
	if s.keys[key] = true; len(s.keys) < stallsOfMany {
		return store.ErrStalled
	}
	return fmt.Errorf("%w: %w, like %d others", store.ErrUnavailable, store.ErrStalled, len(s.keys)-1)
}

// clear notes a download that ended well.
func (s *stalls) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.keys)
}

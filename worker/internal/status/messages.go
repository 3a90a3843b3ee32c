package status

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Messages tracks the stage of each message that the worker holds.
type Messages struct {
	mu  sync.Mutex
	all map[*held]struct{}
}

// NewMessages returns an empty Messages.
func NewMessages() *Messages { return &Messages{all: map[*held]struct{}{}} }

// held is a message that the worker holds. Messages.mu guards it.
type held struct {
	message      string
	receive      int
	begun, since time.Time
	key, stage   string
}

// Message is a message that the worker holds, as the page shows it.
type Message struct {
	ID      string
	Receive int           // number of this receive, from 1
	Key     string        // key of the original; empty until the message was read
	Stage   string        // stage of the work on it
	For     time.Duration // time since the receive
	Since   time.Duration // time in this stage
}

type messageKey struct{}

// Begin tracks a message until the returned function is called. [Messages.Stage] finds it by the returned context.
func (m *Messages) Begin(ctx context.Context, id string, receive int) (context.Context, func()) {
	now := time.Now()
	one := &held{message: id, receive: receive, begun: now, since: now, stage: "starting"}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all[one] = struct{}{}
	return context.WithValue(ctx, messageKey{}, one), func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.all, one)
	}
}

// Stage records that the message of this context has come to a stage with the photo of a key. A context without a
// message changes nothing.
func (m *Messages) Stage(ctx context.Context, key, stage string) {
	one, ok := ctx.Value(messageKey{}).(*held)
	if !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if one.key != key || one.stage != stage {
		one.key, one.stage, one.since = key, stage, time.Now()
	}
}

// List returns the messages, the one held longest first.
func (m *Messages) List() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]Message, 0, len(m.all))
	for one := range m.all {
		list = append(list, Message{ID: one.message, Receive: one.receive, Key: one.key, Stage: one.stage,
			For: time.Since(one.begun), Since: time.Since(one.since)})
	}
	slices.SortFunc(list, func(a, b Message) int { return cmp.Or(cmp.Compare(b.For, a.For), cmp.Compare(a.ID, b.ID)) })
	return list
}

package reconcile_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"
	"testing/synctest"

	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
)

// A stage runs several workers and a client one operation at a time, in a given order, and lets operations fail. It
// explores all orders, one after the other: every interleaving in which it switches from an actor that could go on no
// more often than allowed, with as many faults as allowed, each at every operation.
type stage struct {
	switches, faults int // remaining in this run

	mu     sync.Mutex
	parked []*operation
	last   string // the actor that ran last

	choices []int // choices to take, then those taken
	options []int // number of options at each choice
	taken   int
	log     []string
}

type operation struct {
	actor, name string
	verdict     chan verdict
}

type verdict int

const (
	goOn verdict = iota
	fail         // the operation fails without effect
	lose         // the operation takes effect and its answer is lost
)

var errFault = errors.New("connection reset")

type actorKey struct{}

// step waits for the turn of an operation.
func (s *stage) step(ctx context.Context, name string) verdict {
	op := &operation{ctx.Value(actorKey{}).(string), name, make(chan verdict)}
	s.mu.Lock()
	s.parked = append(s.parked, op)
	s.mu.Unlock()
	return <-op.verdict
}

// run grants operations until no actor asks for another.
func (s *stage) run() {
	for {
		synctest.Wait()
		s.mu.Lock()
		parked := s.parked
		s.mu.Unlock()
		if len(parked) == 0 {
			return
		}
		op, v := s.choose(parked)
		s.mu.Lock()
		s.parked = slices.DeleteFunc(slices.Clone(parked), func(o *operation) bool { return o == op })
		s.mu.Unlock()
		s.log = append(s.log, fmt.Sprintf("%s %s%s", op.actor, op.name, []string{"", ": failed", ": answer lost"}[v]))
		s.last = op.actor
		op.verdict <- v
	}
}

func (s *stage) choose(parked []*operation) (*operation, verdict) {
	mayGoOn := slices.ContainsFunc(parked, func(o *operation) bool { return o.actor == s.last })
	slices.SortFunc(parked, func(a, b *operation) int {
		return cmp.Or(cmp.Compare(rank(a, s.last), rank(b, s.last)), cmp.Compare(a.actor, b.actor), cmp.Compare(a.name, b.name))
	})
	type option struct {
		op      *operation
		verdict verdict
	}
	var options []option
	for _, op := range parked {
		if mayGoOn && op.actor != s.last && s.switches == 0 {
			continue
		}
		options = append(options, option{op, goOn})
		if s.faults > 0 && op.actor != "client" {
			options = append(options, option{op, fail}, option{op, lose})
		}
	}
	if s.taken == len(s.choices) {
		s.choices = append(s.choices, 0)
	}
	o := options[s.choices[s.taken]]
	s.options = append(s.options, len(options))
	s.taken++
	if mayGoOn && o.op.actor != s.last {
		s.switches--
	}
	if o.verdict != goOn {
		s.faults--
	}
	return o.op, o.verdict
}

func rank(o *operation, last string) int {
	if o.actor == last {
		return 0
	}
	return 1
}

// next sets the choices of the next run. It returns false after the last run.
func (s *stage) next() bool {
	for i := len(s.choices) - 1; i >= 0; i-- {
		if s.choices[i]+1 < s.options[i] {
			s.choices = append(s.choices[:i:i], s.choices[i]+1)
			return true
		}
	}
	return false
}

// staged is a bucket whose operations take turns.
type staged struct {
	*storetest.Memory
	stage *stage
	name  string
}

func (b staged) step(ctx context.Context, op, key string) verdict {
	return b.stage.step(ctx, fmt.Sprintf("%s %s %s", op, b.name, key))
}

func (b staged) Head(ctx context.Context, key string) (store.Object, error) {
	if b.step(ctx, "head", key) != goOn {
		return store.Object{}, errFault
	}
	return b.Memory.Head(ctx, key)
}

func (b staged) Get(ctx context.Context, key, etag string) (store.Object, io.ReadCloser, error) {
	if b.step(ctx, "get", key) != goOn {
		return store.Object{}, nil, errFault
	}
	return b.Memory.Get(ctx, key, etag)
}

func (b staged) Put(ctx context.Context, key string, c store.Content) error {
	return b.write(ctx, "put", key, func() error { return b.Memory.Put(ctx, key, c) })
}

func (b staged) Delete(ctx context.Context, keys []string) error {
	return b.write(ctx, "delete", fmt.Sprint(keys), func() error { return b.Memory.Delete(ctx, keys) })
}

func (b staged) DeleteIfMatch(ctx context.Context, key, etag string) error {
	return b.write(ctx, "delete if match", key, func() error { return b.Memory.DeleteIfMatch(ctx, key, etag) })
}

func (b staged) write(ctx context.Context, op, key string, do func() error) error {
	v := b.step(ctx, op, key)
	if v == fail {
		return errFault
	}
	err := do()
	if v == lose {
		return errFault
	}
	return err
}

func (b staged) List(ctx context.Context, prefix, after string) iter.Seq2[store.Entry, error] {
	if b.step(ctx, "list", prefix) != goOn {
		return func(yield func(store.Entry, error) bool) { yield(store.Entry{}, errFault) }
	}
	return b.Memory.List(ctx, prefix, after)
}

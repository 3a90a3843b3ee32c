package reconcile_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"darkroom/worker/internal/reconcile"
	"darkroom/worker/internal/store"
	"darkroom/worker/internal/store/storetest"
	"darkroom/worker/photo"
)

// A stage runs several workers and a client one operation at a time, in a given order, and lets operations fail. It
// explores all orders, one after the other: every interleaving in which it switches from an actor that could go on no more
// often than allowed, with as many faults as allowed, each at every operation.
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

// scenario is a history of one photo. Each change of its original has an event, which a worker receives at any later time,
// and again until it returns no error.
type scenario struct {
	before     string   // original that is already reconciled; "" for none
	changes    []string // originals in order; "" is a deletion, and byUser a removal through the API
	duplicates int      // repeated events of the first change
	recipes    []string // recipes of the workers, in turn; default one
	switches   int      // see stage
	faults     int
	leftovers  bool // a worker that failed may leave variants that no manifest names
}

// byUser is the change by a user who removes the photo: a manifest that says so, and then the deletion of the original.
const byUser = "removed by a user"

func (sc scenario) play(t *testing.T, s *stage) {
	w := newWorld(t, reconcile.Config{})
	w.engine.names = []string{"large"}
	s.parked, s.last, s.options, s.taken, s.log = nil, "", nil, 0, nil
	s.switches, s.faults = sc.switches, sc.faults
	if sc.before != "" {
		w.uploads.Upload(w.ref.Key(), []byte(sc.before), nil)
		w.reconcile(t, reconcile.Rendered)
	}
	uploads, variants := staged{w.uploads, s, "uploads"}, staged{w.variants, s, "variants"}
	workers := 0
	worker := func() {
		recipe := "r1"
		if len(sc.recipes) > 0 {
			recipe = sc.recipes[workers%len(sc.recipes)]
		}
		workers++
		ctx := context.WithValue(t.Context(), actorKey{}, fmt.Sprint("worker ", workers))
		r, err := reconcile.New(reconcile.Config{Bucket: "uploads", ParseEvents: parseEvents, Recipe: photo.Recipe{Name: recipe}}, uploads, variants, &fakeEngine{names: []string{"large of " + recipe}})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				if _, err := r.Reconcile(ctx, w.ref); err == nil {
					return
				} else if !errors.Is(err, errFault) && !errors.Is(err, store.ErrConflict) {
					t.Error(err)
					return
				}
			}
		}()
	}
	go func() {
		ctx := context.WithValue(t.Context(), actorKey{}, "client")
		for i, original := range sc.changes {
			if original == byUser {
				for done := false; !done; {
					s.step(ctx, "looks at the manifest")
					etag := w.manifestETag(t)
					s.step(ctx, "buries the photo")
					done = w.bury(t, etag)
				}
				original = ""
			}
			s.step(ctx, fmt.Sprintf("uploads %q", original))
			if original == "" {
				w.uploads.Delete(ctx, []string{w.ref.Key()})
			} else {
				w.uploads.Upload(w.ref.Key(), []byte(original), nil)
			}
			worker()
			for range sc.duplicates * max(0, 1-i) {
				worker()
			}
		}
	}()
	s.run()
	if slices.Contains(sc.changes, byUser) && w.manifest(t).State != photo.Removed {
		t.Errorf("the photo was removed, and its manifest says %s", w.manifest(t).State)
	}
	w.check(t)
	if !sc.leftovers && w.uploads.Stored(w.ref.Key()) != nil {
		w.checkNothingElse(t)
	}
}

// TestEveryOrderOfEventsAndOperations proves that the buckets end up as the last state of the original asks.
func TestEveryOrderOfEventsAndOperations(t *testing.T) {
	for name, sc := range map[string]scenario{
		"uploaded, with a duplicate":     {changes: []string{"a"}, duplicates: 1, switches: 6},
		"removed while it is rendered":   {changes: []string{"a", ""}, switches: 6},
		"and a duplicate":                {changes: []string{"a", ""}, duplicates: 1, switches: 3},
		"removed when it was done":       {before: "a", changes: []string{""}, switches: 9, faults: 2},
		"replaced while it is rendered":  {changes: []string{"a", "b"}, switches: 4},
		"replaced when it was done":      {before: "a", changes: []string{"b"}, duplicates: 1, switches: 4},
		"replaced and put back":          {before: "a", changes: []string{"b", "a"}, switches: 3},
		"removed and uploaded again":     {changes: []string{"a", "", "b"}, switches: 3},
		"removed, the same put back":     {before: "a", changes: []string{"", "a"}, switches: 4},
		"uploaded, uploaded and removed": {changes: []string{"a", "b", ""}, switches: 3},
		"by its user":                    {changes: []string{"a", byUser}, switches: 4},
		"by its user when it was done":   {before: "a", changes: []string{byUser}, switches: 9, faults: 2},
		"by its user, and sent again":    {before: "a", changes: []string{byUser, "a"}, switches: 5},
		"by its user, with a duplicate":  {before: "a", changes: []string{"b", byUser, "c"}, duplicates: 1, switches: 2},
		"by its user, with faults":       {changes: []string{"a", byUser, "a"}, switches: 2, faults: 1},
		"removed, with faults":           {changes: []string{"a", ""}, switches: 3, faults: 1},
		"duplicate, with faults":         {changes: []string{"a"}, duplicates: 1, switches: 3, faults: 1},
		"replaced, with faults":          {changes: []string{"a", "b"}, switches: 2, faults: 1, leftovers: true},
		"two releases at work":           {changes: []string{"a"}, duplicates: 1, recipes: []string{"r1", "r2"}, switches: 4, leftovers: true},
		"two releases, replaced":         {before: "a", changes: []string{"b"}, duplicates: 1, recipes: []string{"r2", "r3"}, switches: 3, leftovers: true},
		"two releases, unchanged":        {before: "a", changes: []string{"a"}, duplicates: 1, recipes: []string{"r2", "r3"}, switches: 3, leftovers: true},
	} {
		t.Run(name, func(t *testing.T) {
			s, runs := &stage{}, 0
			synctest.Test(t, func(t *testing.T) {
				for more := true; more && !t.Failed(); more = s.next() {
					sc.play(t, s)
					runs++
				}
				if t.Failed() {
					t.Logf("in this order:\n%s", strings.Join(s.log, "\n"))
				}
			})
			t.Logf("%d orders", runs)
		})
	}
}

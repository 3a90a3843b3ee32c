package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"darkroom/token-lambda/contract"
	"darkroom/worker/photo"
)

// burst is a store whose photos become ready at their own times. A photo without a time never does.
type burst struct {
	fakeStore
	start time.Time
	ready map[photo.ID]time.Duration
	fails func(photo.ID, time.Duration) error // may be nil
	slow  time.Duration                       // time of each read

	mu      sync.Mutex
	reads   map[photo.ID]int
	heads   int
	arrived map[photo.ID]bool // for Original
}

func newBurst() *burst {
	return &burst{start: time.Now(), ready: map[photo.ID]time.Duration{}, reads: map[photo.ID]int{}}
}

func (b *burst) Manifest(ctx context.Context, ref photo.Ref, _ *photo.Source) (*photo.Manifest, error) {
	b.mu.Lock()
	b.reads[ref.ID]++
	b.mu.Unlock()
	select {
	case <-time.After(b.slow):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	after := time.Since(b.start)
	if b.fails != nil {
		if err := b.fails(ref.ID, after); err != nil {
			return nil, err
		}
	}
	if at, ok := b.ready[ref.ID]; !ok || after < at {
		return nil, nil
	}
	m := readyManifest()
	m.ID, m.Variants = ref.ID, nil
	return m, nil
}

// Original implements Store.
func (b *burst) Original(_ context.Context, ref photo.Ref) (*photo.Source, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heads++
	return sourceIf(b.arrived[ref.ID]), nil
}

// total returns the number of reads.
func (b *burst) total() (n int) {
	for _, r := range b.reads {
		n += r
	}
	return n
}

// ids returns n ids, in an order that is not alphabetical.
func ids(n int) []photo.ID {
	all := make([]photo.ID, n)
	for i := range all {
		all[i] = photo.ID(fmt.Sprintf("%032x", n-i))
	}
	return all
}

// ask asks for outcomes.
func (r *rig) ask(t *testing.T, ids []photo.ID, more string) (got []photo.ID, resp *http.Response) {
	t.Helper()
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	resp = r.do(request("GET", boardOutcomes+"?ids="+strings.Join(names, ",")+more, "cats", ""))
	var page contract.Page
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil || page.Next != "" {
		t.Fatal(err, page.Next)
	}
	for _, up := range page.Uploads {
		if up.State != photo.Ready {
			t.Errorf("%s is %s", up.ID, up.State)
		}
		got = append(got, up.ID)
	}
	return got, resp
}

// TestOutcomesCostFewReads: a wait reads at most three groups a second, and every photo at least once.
func TestOutcomesCostFewReads(t *testing.T) {
	for _, c := range []struct{ photos, most int }{{1, 23}, {4, 4 * 22}, {8, 8 * 21}, {100, 12 * 21}} {
		synctest.Test(t, func(t *testing.T) {
			store, all := newBurst(), ids(c.photos)
			if got, _ := newRig(t, Config{}, store).ask(t, all, "&wait=20s"); got != nil {
				t.Error(got)
			}
			if n := store.total(); n > c.most || store.heads > 0 || len(store.reads) != c.photos {
				t.Errorf("%d reads of %d of %d photos, want at most %d", n, len(store.reads), c.photos, c.most)
			}
		})
	}
}

// TestBurstOfOutcomes: a client that asks once a second follows a burst of 200 photos with few requests and reads, also
// if the first twenty photos never have an outcome.
func TestBurstOfOutcomes(t *testing.T) {
	for name, stuck := range map[string]int{"in order": 0, "behind slow photos": 20} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, open := newBurst(), ids(200)
				for i, id := range open[stuck:] {
					store.ready[id] = time.Second + time.Duration(i)*50*time.Millisecond
				}
				rig := newRig(t, Config{}, store)
				requests := 0
				var late time.Duration
				for len(open) > stuck && requests < 100 {
					next := time.Now().Add(time.Second)
					got, _ := rig.ask(t, open[:min(len(open), contract.MaxPage)], "&wait=20s")
					requests++
					for _, id := range got {
						late = max(late, time.Since(store.start)-store.ready[id])
					}
					open = slices.DeleteFunc(open, func(id photo.ID) bool { return slices.Contains(got, id) })
					time.Sleep(time.Until(next))
				}
				t.Logf("%d requests, %d reads, at most %v late", requests, store.total(), late)
				if len(open) != stuck || requests > 25 || store.total() > 200+12*25 || late > 13*time.Second {
					t.Errorf("%d photos are open after %d requests and %d reads, at most %v late", len(open), requests, store.total(), late)
				}
			})
		})
	}
}

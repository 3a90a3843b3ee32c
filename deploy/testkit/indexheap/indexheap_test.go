package indexheap_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"darkroom/deploy/testkit/indexheap"
)

type item struct{ value, at int }

// Random changes of a heap keep the least value first and every index right.
func TestRandomChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	h := indexheap.New(func(a, b *item) bool { return a.value < b.value }, func(x *item, i int) { x.at = i })
	var all []*item
	for range 3000 {
		switch k := r.IntN(10); {
		case k < 5 || len(all) == 0:
			x := &item{value: r.IntN(100)}
			h.Push(x)
			all = append(all, x)
		case k < 8:
			i := r.IntN(len(all))
			if got := h.Remove(all[i].at); got != all[i] {
				t.Fatalf("removed %+v, want %+v", got, all[i])
			}
			all = slices.Delete(all, i, i+1)
		default:
			x := all[r.IntN(len(all))]
			x.value = r.IntN(100)
			h.Fix(x.at)
		}
		if h.Len() != len(all) {
			t.Fatalf("%d items, want %d", h.Len(), len(all))
		}
		if len(all) == 0 {
			continue
		}
		if least := slices.MinFunc(all, func(a, b *item) int { return a.value - b.value }); h.First().value != least.value {
			t.Fatalf("first is %d, want %d", h.First().value, least.value)
		}
		for i, x := range h.Items() {
			if x.at != i {
				t.Fatalf("item at %d has the index %d", i, x.at)
			}
		}
	}
}

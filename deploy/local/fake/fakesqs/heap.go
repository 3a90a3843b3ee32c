package fakesqs

import "container/heap"

// indexedHeap is a heap of items that know their index, so that any of them can be moved or removed in the logarithm of
// the heap's length. It implements heap.Interface.
type indexedHeap[T any] struct {
	items  []T
	before func(a, b T) bool
	place  func(item T, i int)
}

func (h *indexedHeap[T]) Len() int           { return len(h.items) }
func (h *indexedHeap[T]) Less(i, j int) bool { return h.before(h.items[i], h.items[j]) }

func (h *indexedHeap[T]) Swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	h.place(h.items[i], i)
	h.place(h.items[j], j)
}

func (h *indexedHeap[T]) Push(x any) {
	item := x.(T)
	h.place(item, len(h.items))
	h.items = append(h.items, item)
}

func (h *indexedHeap[T]) Pop() any {
	last := len(h.items) - 1
	item, none := h.items[last], *new(T)
	h.items[last] = none
	h.items = h.items[:last]
	return item
}

// messageHeap returns a heap of messages that keep their index with place.
func messageHeap(before func(a, b *message) bool, place func(m *message, i int)) indexedHeap[*message] {
	return indexedHeap[*message]{before: before, place: place}
}

// setAt sets the index of a message in the heap of its state.
func setAt(m *message, i int) { m.at = i }

func soonest(a, b *message) bool {
	if !a.visibleAt.Equal(b.visibleAt) {
		return a.visibleAt.Before(b.visibleAt)
	}
	return a.seq < b.seq
}

func oldest(a, b *message) bool {
	if !a.Sent.Equal(b.Sent) {
		return a.Sent.Before(b.Sent)
	}
	return a.seq < b.seq
}

var _ heap.Interface = (*indexedHeap[*message])(nil)

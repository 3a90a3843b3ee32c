// Package indexheap has a heap whose items know their index. Any item can be removed or moved in time logarithmic in
// the length of the heap.
package indexheap

import "container/heap"

// Heap is a heap. The zero Heap cannot be used: see [New].
type Heap[T any] struct{ s slice[T] }

// New returns an empty heap. before orders the items. place tells an item its index, whenever that changes.
func New[T any](before func(a, b T) bool, place func(item T, i int)) *Heap[T] {
	return &Heap[T]{slice[T]{before: before, place: place}}
}

// Len returns the number of items.
func (h *Heap[T]) Len() int { return len(h.s.items) }

// First returns the first item. The heap must not be empty.
func (h *Heap[T]) First() T { return h.s.items[0] }

// Items returns the items in no particular order. The caller must not change the slice, nor use it after the next
// change of the heap.
func (h *Heap[T]) Items() []T { return h.s.items }

// Push adds an item.
func (h *Heap[T]) Push(item T) { heap.Push(&h.s, item) }

// Remove removes and returns the item at index i.
func (h *Heap[T]) Remove(i int) T { return heap.Remove(&h.s, i).(T) }

// Fix moves the item at index i, whose order has changed, to its place.
func (h *Heap[T]) Fix(i int) { heap.Fix(&h.s, i) }

// slice implements heap.Interface.
type slice[T any] struct {
	items  []T
	before func(a, b T) bool
	place  func(item T, i int)
}

func (s *slice[T]) Len() int           { return len(s.items) }
func (s *slice[T]) Less(i, j int) bool { return s.before(s.items[i], s.items[j]) }

func (s *slice[T]) Swap(i, j int) {
	s.items[i], s.items[j] = s.items[j], s.items[i]
	s.place(s.items[i], i)
	s.place(s.items[j], j)
}

func (s *slice[T]) Push(x any) {
	item := x.(T)
	s.place(item, len(s.items))
	s.items = append(s.items, item)
}

func (s *slice[T]) Pop() any {
	last := len(s.items) - 1
	item, none := s.items[last], *new(T)
	s.items[last] = none
	s.items = s.items[:last]
	return item
}

package queuetest

import (
	"testing"

	"darkroom/worker/internal/queue"
)

func TestMemoryConformance(t *testing.T) {
	Conformance(t, func(t *testing.T, redrive bool) World {
		q := NewMemory(0)
		if redrive {
			q = NewMemory(5)
		}
		return World{Queue: q, Send: q.Send, DeadLetters: func() []DeadLetter { return q.DeadLetters() }}
	})
}

var _ queue.Queue = (*Memory)(nil)

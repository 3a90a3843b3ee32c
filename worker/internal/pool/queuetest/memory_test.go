package queuetest

import (
	"testing"

	"darkroom/worker/internal/pool"
)

func TestMemoryConformance(t *testing.T) {
	Conformance(t, func(t *testing.T) (pool.Queue, func(string)) {
		q := NewMemory()
		return q, q.Send
	})
}

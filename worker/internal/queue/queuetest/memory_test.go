package queuetest

import (
	"testing"

	"darkroom/worker/internal/queue"
)

func TestMemoryConformance(t *testing.T) {
	Conformance(t, func(_ *testing.T, kind DeadLetterQueue) (q, dead queue.Queue) {
		return OpenMemory(kind)
	})
}

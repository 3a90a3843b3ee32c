package lettertest

import (
	"testing"
	"time"
)

func TestMemoryConformance(t *testing.T) {
	Conformance(t, func(*testing.T) (Queue, func(body, reason string)) {
		q := &Memory{}
		return q, func(body, reason string) { q.Put(body, reason, time.Now()) }
	})
}

package storetest

import "testing"

func TestMemoryConformance(t *testing.T) {
	Conformance(t, func(*testing.T) Bucket { return NewMemory() })
}

package storetest

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"darkroom/worker/internal/store"
)

func TestMemory(t *testing.T) {
	Conformance(t, func(*testing.T) store.Bucket { return NewMemory() })
}

func TestMeasuredMemory(t *testing.T) {
	Conformance(t, func(*testing.T) store.Bucket {
		return store.NewMetrics(prometheus.NewRegistry()).Measure(store.RoleVariants, NewMemory())
	})
}

func TestMemoryControlCharacters(t *testing.T) {
	ControlCharacters(t, func(*testing.T) store.Bucket { return NewMemory() })
}

func TestMemoryVersioned(t *testing.T) {
	Versioned(t, func(*testing.T) store.Bucket {
		b := NewMemory()
		b.Versioned = true
		return b
	})
}

func TestMeasuredMemoryVersioned(t *testing.T) {
	Versioned(t, func(*testing.T) store.Bucket {
		b := NewMemory()
		b.Versioned = true
		return store.NewMetrics(prometheus.NewRegistry()).Measure(store.RoleUploads, b)
	})
}

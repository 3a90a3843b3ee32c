package sandbox

import (
	"sync"

	"github.com/tetratelabs/wazero/experimental"
)

// Memory is the linear memory of a codec, used by one instance after another. It is allocated once, at its expected
// size, and copied only if the codec needs more. The kernel provides its pages only when they are used.
type Memory struct {
	expected int64

	mu      sync.Mutex // held while the buffer moves or the stop word is written
	buffer  []byte     // its length is the codec's memory; the capacity beyond is zero
	stopped bool
}

// NewMemory returns a Memory that is expected to grow to this many bytes.
func NewMemory(expected int64) *Memory { return &Memory{expected: expected} }

// Allocate starts an instance, whose memory is all zero. It implements [experimental.MemoryAllocator].
func (m *Memory) Allocate(_, _ uint64) experimental.LinearMemory {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.buffer)
	m.buffer = m.buffer[:0]
	return m
}

// Reallocate grows the memory. It implements [experimental.LinearMemory].
func (m *Memory) Reallocate(size uint64) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if size <= uint64(cap(m.buffer)) {
		m.buffer = m.buffer[:size]
	} else {
		grown := make([]byte, size, max(size, uint64(m.expected), size+size/4))
		copy(grown, m.buffer)
		m.buffer = grown
	}
	m.mark()
	return m.buffer
}

// stop ends this instance, and every later one, at its next turn of a checked loop: see interruptible.
func (m *Memory) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopped = true
	m.mark()
}

// mark writes the stop word if the codec is to stop.
func (m *Memory) mark() {
	if m.stopped && len(m.buffer) > stopAddress {
		m.buffer[stopAddress] = 1
	}
}

// Free ends an instance. It implements [experimental.LinearMemory].
func (m *Memory) Free() {}

package sandbox

import "github.com/tetratelabs/wazero/experimental"

// Memory is the linear memory of a codec, for one instance after the other. It is allocated once, as large as it is
// expected to become, and copied only if the codec needs more than that. The kernel backs no page before it is used.
type Memory struct {
	expected int64
	buffer   []byte // its length is what the codec has; what lies beyond is zero
}

// NewMemory returns a Memory that is expected to become that many bytes.
func NewMemory(expected int64) *Memory { return &Memory{expected: expected} }

// Allocate begins an instance, whose memory is all zero. It implements [experimental.MemoryAllocator].
func (m *Memory) Allocate(_, _ uint64) experimental.LinearMemory {
	clear(m.buffer)
	m.buffer = m.buffer[:0]
	return m
}

// Reallocate grows the memory. It implements [experimental.LinearMemory].
func (m *Memory) Reallocate(size uint64) []byte {
	if size <= uint64(cap(m.buffer)) {
		m.buffer = m.buffer[:size]
		return m.buffer
	}
	grown := make([]byte, size, max(size, uint64(m.expected), size+size/4))
	copy(grown, m.buffer)
	m.buffer = grown
	return m.buffer
}

// Free ends an instance. It implements [experimental.LinearMemory].
func (m *Memory) Free() {}

//go:build race

// Package race says whether the race detector is on. It makes a sync.Pool drop items at random, so that more is
// allocated, and instruments every access to memory, so that loops over pixels are slow.
package race

// Enabled reports whether the race detector is on.
const Enabled = true

//go:build race

// Package race says whether the race detector is on. The detector makes a sync.Pool drop items at random, so more is
// allocated. It instruments every memory access, so loops over pixels are slow.
package race

// Enabled reports whether the race detector is on.
const Enabled = true

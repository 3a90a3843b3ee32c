//go:build race

package engine

// underRace says that the race detector is on. It makes a sync.Pool drop items at random, so that more is allocated, and
// instruments every access to memory, so that loops over pixels are slow.
const underRace = true

//go:build race

package engine

// underRace says that the race detector is on. It makes a sync.Pool drop items at random, so that more is allocated.
const underRace = true

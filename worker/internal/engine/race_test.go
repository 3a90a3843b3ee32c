//go:build race

package engine

// underRace: the race detector makes a sync.Pool lose what it holds at random, so that more is allocated.
const underRace = true

//go:build !race

package variant

const underRace = false

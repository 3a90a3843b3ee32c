package race

import "testing"

// Skip skips a test of one goroutine that takes long under the race detector. The gate runs it without.
func Skip(t testing.TB) {
	t.Helper()
	if Enabled {
		t.Skip("one goroutine, slow under the race detector: runs without it")
	}
}

// Every returns n under the race detector, and 1 otherwise. A test of one goroutine that tries very many alike cases tries
// every n-th of them under the detector, which makes them slow and finds nothing in them. The gate also runs it without.
func Every(n int) int {
	if Enabled {
		return n
	}
	return 1
}

package race

import "testing"

// Skip skips a test that takes long under the race detector and shares nothing between goroutines, or no more than
// tests that run under it. The gate runs it without.
func Skip(t testing.TB) {
	t.Helper()
	if Enabled {
		t.Skip("slow under the race detector: runs without it")
	}
}

// Every returns n under the race detector, and 1 otherwise. A test of one goroutine that tries very many alike cases
// tries every n-th of them under the detector, which makes them slow and finds nothing in them. The gate also runs it
// without.
func Every(n int) int {
	if Enabled {
		return n
	}
	return 1
}

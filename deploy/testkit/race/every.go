package race

import "testing"

// Skip skips a test that takes long under the race detector and shares nothing between goroutines, or shares nothing
// more than tests that run under it. The gate runs such a test without the detector.
func Skip(t testing.TB) {
	t.Helper()
	if Enabled {
		t.Skip("slow under the race detector: runs without it")
	}
}

// Every returns n under the race detector, and 1 otherwise. A test of one goroutine with very many similar cases tries
// only every n-th of them under the detector, which is slow and finds nothing in them. The gate also runs the test
// without the detector.
func Every(n int) int {
	if Enabled {
		return n
	}
	return 1
}

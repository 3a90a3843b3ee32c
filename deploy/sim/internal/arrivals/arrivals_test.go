package arrivals

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestDraw(t *testing.T) {
	got := Draw(1, 100_000, time.Hour, time.Minute, Flat)
	if len(got) != 100_000 || !slices.IsSorted(got) || got[0] < time.Hour || got[len(got)-1] >= time.Hour+time.Minute {
		t.Fatalf("%d uploads from %v to %v", len(got), got[0], got[len(got)-1])
	}
	if !slices.Equal(got, Draw(1, 100_000, time.Hour, time.Minute, Flat)) {
		t.Error("the same seed gives different uploads")
	}
	if slices.Equal(got, Draw(2, 100_000, time.Hour, time.Minute, Flat)) {
		t.Error("different seeds give the same uploads")
	}
	// The standard deviation of the gaps in a Poisson process equals their mean.
	var sum, squares float64
	for i := 1; i < len(got); i++ {
		gap := (got[i] - got[i-1]).Seconds()
		sum, squares = sum+gap, squares+gap*gap
	}
	mean := sum / float64(len(got)-1)
	if cv := math.Sqrt(squares/float64(len(got)-1)-mean*mean) / mean; math.Abs(cv-1) > 0.02 {
		t.Errorf("standard deviation of the gaps is %v of their mean, want 1", cv)
	}
	early := Draw(1, 10_000, 0, time.Hour, func(x float64) float64 { return 1 - x })
	if n, _ := slices.BinarySearch(early, 30*time.Minute); math.Abs(float64(n)/10_000-0.75) > 0.02 {
		t.Errorf("with a falling shape %d of 10,000 uploads are in the first half, want 7,500", n)
	}
}

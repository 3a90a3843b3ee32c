package main

import (
	"math"
	"strings"
	"testing"
	"time"
)

func isClose(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestMeans(t *testing.T) {
	for _, c := range []struct {
		name   string
		of     func([]float64) float64
		values []float64
		want   float64
	}{
		{"geometric mean", geometricMean, []float64{2, 8}, 4},
		{"geometric mean of inverses", geometricMean, []float64{0.5, 0.125}, 0.25},
		{"geometric mean of one", geometricMean, []float64{7}, 7},
		{"mean", mean, []float64{2, 8}, 5},
		{"median", median, []float64{9, 1, 5}, 5},
		{"median of two", median, []float64{9, 1}, 5},
		{"median of one", median, []float64{3}, 3},
	} {
		if got := c.of(c.values); !isClose(got, c.want) {
			t.Errorf("%s of %v: %v, want %v", c.name, c.values, got, c.want)
		}
	}
}

func TestSpreadLeavesValuesInOrder(t *testing.T) {
	values := []float64{3, 1, 2}
	if got := spreadOf(values); got != (spread{2, 1, 3}) {
		t.Errorf("spread %+v", got)
	}
	if values[0] != 3 || values[1] != 1 { // values must stay in the order of the rounds
		t.Errorf("values are now %v", values)
	}
}

func TestRatiosAreOfOneRound(t *testing.T) {
	got := ratios([]float64{10, 30}, []float64{20, 10})
	if len(got) != 2 || !isClose(got[0], 0.5) || !isClose(got[1], 3) {
		t.Errorf("ratios %v", got)
	}
}

func TestPerPhoto(t *testing.T) {
	got, err := perPhoto(300*time.Millisecond, 1100*time.Millisecond, 8)
	if err != nil || !isClose(got, 100) {
		t.Errorf("%v, %v, want 100 ms", got, err)
	}
	if _, err := perPhoto(time.Second, time.Second, 8); err == nil || !strings.Contains(err.Error(), "--repeat") {
		t.Errorf("no difference: %v", err)
	}
}

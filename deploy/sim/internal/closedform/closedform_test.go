package closedform

import (
	"math"
	"testing"
	"time"
)

func TestMeanWait(t *testing.T) {
	// With one server the Pollaczek-Khinchine formula applies: rho / (2 (1 - rho)) service times.
	for _, rho := range []float64{0.1, 0.5, 0.8, 0.95} {
		got, err := MeanWait(rho, time.Second, 1)
		want := rho / (2 * (1 - rho))
		if err != nil || math.Abs(got.Seconds()-want) > 1e-6 {
			t.Errorf("M/D/1 at %v: %v, %v, want %v s", rho, got, err, want)
		}
	}
	// The ratio to the wait of M/M/c lies between one and a half, which it approaches under heavy load.
	for _, c := range []int{2, 5, 16} {
		for _, rho := range []float64{0.5, 0.9, 0.97} {
			got, err := MeanWait(rho*float64(c)/0.1, 100*time.Millisecond, c)
			if err != nil {
				t.Fatal(err)
			}
			ratio := got.Seconds() / exponential(rho*float64(c), c, 0.1)
			if ratio < 0.5 || ratio > 1 || rho > 0.95 && ratio > 0.53 {
				t.Errorf("M/D/%d at %v: %v is %v of M/M/%[1]d", c, rho, got, ratio)
			}
		}
	}
	for _, c := range []struct {
		rate    float64
		servers int
	}{{2, 2}, {0, 1}, {1, 0}, {0.99, 1}} {
		if _, err := MeanWait(c.rate, time.Second, c.servers); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

// exponential returns the mean wait of M/M/c in seconds, by Erlang's C formula.
func exponential(load float64, c int, service float64) float64 {
	b := 1.0 // Erlang's B, by its recursion
	for n := 1; n <= c; n++ {
		b = load * b / (float64(n) + load*b)
	}
	rho := load / float64(c)
	return b / (1 - rho*(1-b)) * service / (float64(c) - load)
}

func TestDrain(t *testing.T) {
	if got := Drain(1000, 50, 10, 10); got != 20*time.Second {
		t.Errorf("1000 photos at 100 a second less 50: %v, want 20s", got)
	}
}

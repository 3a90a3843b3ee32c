package forecast

import (
	"fmt"
	"math"
	"testing"

	"darkroom/worker/photo"
)

// key returns the key of an original.
func key(n int) string { return photo.Ref{Board: "cats", ID: photo.ID(fmt.Sprintf("%032x", n))}.Key() }

func TestCensusCounts(t *testing.T) {
	c := NewCensus(2)
	for i, bytes := range []int64{0, 1, 1000, 1023, 1024, 5 << 20} {
		c.Add(key(i), bytes)
	}
	c.Add("readme.txt", 7)
	if c.Originals != 6 || c.Bytes != 0+1+1000+1023+1024+5<<20 || c.Strays != 1 {
		t.Errorf("got %d originals of %d bytes, %d strays", c.Originals, c.Bytes, c.Strays)
	}
	if n := c.strata[10].count; n != 2 {
		t.Errorf("%d originals of 512 to 1023 bytes, want 2", n)
	}
	if n := len(c.draw()); n != 6 {
		t.Errorf("%d were drawn, want all: there are few of each size", n)
	}
}

// TestCensusDrawsFairly: the first original of a size is drawn as often as the last, even if there are fewer than the
// sample could hold.
func TestCensusDrawsFairly(t *testing.T) {
	t.Run("many", func(t *testing.T) { drawsFairly(t, 10, 10) })
	t.Run("few", func(t *testing.T) { drawsFairly(t, 100, 9) })
}

func drawsFairly(t *testing.T, sample, want int) {
	const originals, runs = 50, 2000
	drawn, all := map[string]int{}, 0
	c := NewCensus(sample)
	for range runs { // the random numbers continue from run to run
		c.strata = [maxStrata]stratum{}
		for i := range originals {
			c.Add(key(i), 100)
		}
		if want < sample { // most of the sample is of another size
			for i := range originals {
				c.Add(key(1000+i), 10_000)
			}
		}
		for _, o := range c.draw() {
			if o.bytes == 100 {
				drawn[o.ref.Key()]++
				all++
			}
		}
	}
	if all != want*runs {
		t.Fatalf("%d were drawn in %d runs, want %d in each", all, runs, want)
	}
	share := float64(want) / originals
	mean, deviation := runs*share, math.Sqrt(runs*share*(1-share))
	for i := range originals {
		if n := drawn[key(i)]; math.Abs(float64(n)-mean) > 5*deviation {
			t.Errorf("original %d was drawn %d times in %d, want about %.0f", i, n, runs, mean)
		}
	}
}

// TestDrawPrefersWhatCosts: most of the sample has the sizes that cost most in total, and every size is in it.
func TestDrawPrefersWhatCosts(t *testing.T) {
	c := NewCensus(100)
	for i := range 2000 {
		c.Add(key(i), 4<<20)
	}
	for i := range 500 {
		c.Add(key(10_000+i), 1<<10)
	}
	c.Add(key(20_000), 60<<20)
	sizes := map[int64]int{}
	for _, o := range c.draw() {
		sizes[o.bytes]++
	}
	if sizes[4<<20] < 80 || sizes[1<<10] < leastDrawn || sizes[60<<20] != 1 {
		t.Errorf("drawn by size: %v", sizes)
	}
}

// TestCensusNeedsNoMemory for more originals.
func TestCensusNeedsNoMemory(t *testing.T) {
	c := NewCensus(10)
	k, i := key(1), 0
	for ; i < 10_000; i++ { // until every sample is full
		c.Add(k, int64(i))
	}
	if n := testing.AllocsPerRun(1000, func() { c.Add(k, int64(i%10_000)); i++ }); n > 0 {
		t.Errorf("%v allocations for each original", n)
	}
}

func TestEmptyCensus(t *testing.T) {
	if all := NewCensus(10).draw(); len(all) != 0 {
		t.Errorf("drawn: %v", all)
	}
}

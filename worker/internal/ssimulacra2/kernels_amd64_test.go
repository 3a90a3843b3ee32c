package ssimulacra2

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestVectors compares the vector code with its portable twins, bit by bit.
func TestVectors(t *testing.T) {
	if !hasAVX2 {
		t.Skip("this processor has no AVX2")
	}
	random := rand.New(rand.NewPCG(1, 2))
	row := func(n int, draw func() float32) []float32 {
		r := make([]float32, n)
		for i := range r {
			r[i] = draw()
		}
		return r
	}
	draws := map[string]func() float32{
		"uniform": random.Float32,
		"dark":    func() float32 { return random.Float32() * 1e-4 },
		"extreme": func() float32 { return float32(random.IntN(2)) },
		"zero":    func() float32 { return 0 },
	}
	for name, draw := range draws {
		for n := 8; n <= 64; n += 8 {
			r, g, b, long, other := row(n, draw), row(n, draw), row(n, draw), row(2*n+8, draw), row(2*n+8, draw)
			compareKernels := func(kernel string, vector, portable func(dst []float32)) {
				t.Helper()
				got, want := make([]float32, n), make([]float32, n)
				vector(got)
				portable(want)
				if !slices.Equal(got, want) {
					t.Errorf("%s of %d samples, %s: %v, want %v", kernel, n, name, got, want)
				}
			}
			compareKernels("multiply", func(d []float32) { multiply(d, r, g) }, func(d []float32) { multiplyPortable(d, r, g) })
			compareKernels("horizontal", func(d []float32) { horizontal(d, long) }, func(d []float32) { horizontalPortable(d, long) })
			compareKernels("halve", func(d []float32) { halve(d, long, other) }, func(d []float32) { halvePortable(d, long, other) })
			compareKernels("luma", func(d []float32) { luma(d, r, g, b) }, func(d []float32) { lumaPortable(d, r, g, b) })
			var rows [windowRows][]float32
			for i := range rows {
				rows[i] = row(n, draw)
			}
			compareKernels("vertical", func(d []float32) { vertical(d, &rows) }, func(d []float32) { verticalPortable(d, &rows) })
			for plane := range planes {
				into := func(d []float32) *[planes][]float32 {
					all := [planes][]float32{make([]float32, n), make([]float32, n), make([]float32, n)}
					all[plane] = d
					return &all
				}
				compareKernels("xyb", func(d []float32) { xyb(into(d), r, g, b) }, func(d []float32) { xybPortable(into(d), r, g, b) })
			}
			var got, want sumLanes
			c := &comparison{rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], rows[6]}
			for i := range n { // a mean of squares is at least the square of the mean
				c.squareA[i] = max(c.squareA[i], c.meanA[i]*c.meanA[i])
				c.squareB[i] = max(c.squareB[i], c.meanB[i]*c.meanB[i])
			}
			compareRows(&got, c)
			comparePortable(&want, c)
			if got != want {
				t.Errorf("compare of %d samples, %s: %v, want %v", n, name, got, want)
			}
		}
	}
}

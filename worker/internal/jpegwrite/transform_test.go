package jpegwrite

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"darkroom/deploy/testkit/race"
)

// strip returns 8 rows of samples: noise of every strength, or extremes.
func strip(r *rand.Rand, n int) []byte {
	pix, strength := make([]byte, n), 1<<r.IntN(9)
	for i := range pix {
		pix[i] = byte(128 + r.IntN(strength) - strength/2)
		if strength == 1<<8 {
			pix[i] = -byte(r.Uint32() & 1)
		}
	}
	return pix
}

// TestVectorsTransformAsThePortableCode compares blocks and masks bit for bit.
func TestVectorsTransformAsThePortableCode(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	for range 4000 / race.Every(10) {
		var table Table
		for i := range table {
			table[i] = uint8(1 + r.IntN(255)>>r.IntN(8))
		}
		var rounding Rounding
		for i := range rounding {
			rounding[i] = uint8(r.IntN(MaxRounding + 1))
		}
		d := newDivisors(&table, &rounding)
		count := 1 + r.IntN(7)
		n := (count + 1) &^ 1
		pix := strip(r, 64*n)
		for _, precisions := range []int{1, levels} {
			got, want := make([]block, n), make([]block, n)
			gotMasks, wantMasks := make([]masks, n), make([]masks, n)
			transformBlocks(got, gotMasks, pix, count, precisions, d)
			transformBlocksPortable(want, wantMasks, pix, count, precisions, d)
			if !slices.Equal(got[:count], want[:count]) || !slices.Equal(gotMasks[:count], wantMasks[:count]) {
				t.Fatalf("%d blocks with table %v: got %v %x, want %v %x", count, table, got, gotMasks, want, wantMasks)
			}
		}
	}
}

// TestTransformIsAccurate compares the transform with the formula of A.3.3 in floating point.
func TestTransformIsAccurate(t *testing.T) {
	var cosines [8][8]float64
	for u := range 8 {
		for x := range 8 {
			cosines[u][x] = math.Cos(float64((2*x+1)*u)*math.Pi/16) / 2
			if u == 0 {
				cosines[u][x] = math.Sqrt(1.0 / 8)
			}
		}
	}
	r := rand.New(rand.NewPCG(8, 1))
	var squares, most float64
	const blocks = 2000
	for n := range blocks {
		pix := strip(r, 64)
		switch n {
		case 0:
			pix = make([]byte, 64)
		case 1:
			pix = bytes.Repeat([]byte{255}, 64)
		}
		var b block
		b.forward(pix, 8)
		for u := range 8 {
			for v := range 8 {
				want := 0.0
				for y := range 8 {
					for x := range 8 {
						want += (float64(pix[8*y+x]) - 128) * cosines[u][x] * cosines[v][y]
					}
				}
				d := float64(b[8*u+v])/(1<<coefficientBits) - want
				squares += d * d
				most = max(most, d, -d)
			}
		}
	}
	rms := math.Sqrt(squares / (64 * blocks))
	t.Logf("off by %.3f at most, %.4f in the mean square", most, rms)
	if most > 0.125 || rms > 0.03 {
		t.Errorf("off by %.3f at most, %.4f in the mean square", most, rms)
	}
}

// TestDivisorsDivide compares every coefficient and step with a division, rounded to the nearest or as a Rounding says.
// Only fractions near the limit may be rounded the other way.
func TestDivisorsDivide(t *testing.T) {
	for step := 1; step <= 255; step += race.Every(20) {
		var table Table
		for i := range table {
			table[i] = uint8(step)
		}
		for _, less := range []uint8{0, uint8(step % MaxRounding)} {
			var rounding Rounding
			for i := range rounding {
				rounding[i] = less
			}
			checkDivisors(t, step, newDivisors(&table, &rounding), 0.52+float64(less)/100, 0.52-float64(less)/100)
		}
	}
}

// checkDivisors divides every coefficient by the step. The level may be at most down less than the quotient, and at
// most up more, in magnitude. If the rounding is a fraction of a coefficient, a quotient may be off by another 1/8.
func checkDivisors(t *testing.T, step int, d *divisors, down, up float64) {
	t.Helper()
	fraction := 1 / float64(step<<coefficientBits)
	for c := -1 << 15; c < 1<<15; c += 64 {
		var b block
		for i := range b {
			b[i] = int16(c + i)
		}
		before, m := b, masks{}
		d.quantise(&b, m[:])
		for i, v := range b {
			quotient := math.Abs(float64(before[i])) / (1 << coefficientBits) / float64(step)
			if level := math.Abs(float64(v)); level < quotient-down-fraction || level > quotient+up+fraction {
				t.Fatalf("%d by %d became %d", before[i], step, v)
			}
		}
	}
}

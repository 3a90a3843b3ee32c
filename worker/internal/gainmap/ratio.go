package gainmap

import (
	"fmt"
	"math"
	"strconv"
)

// Ratio is a rational number as ISO 21496-1 stores it: a numerator with or without a sign, and a denominator, of 32
// bits each.
type Ratio struct {
	Num int64
	Den uint32
}

// valid reports whether the denominator is not 0.
func (r Ratio) valid() bool { return r.Den != 0 }

// Float returns the value of a valid ratio.
func (r Ratio) Float() float64 { return float64(r.Num) / float64(r.Den) }

// String returns the value as the shortest decimal that parses to the same float64.
func (r Ratio) String() string {
	if !r.valid() {
		return fmt.Sprintf("%d/%d", r.Num, r.Den)
	}
	return strconv.FormatFloat(r.Float(), 'f', -1, 64)
}

// parseRatio reads a decimal number. The result is the simplest ratio that is the same float64, or the nearest that
// continued fractions find among those with 31 bits.
func parseRatio(s string) (Ratio, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || math.Abs(v) > math.MaxInt32 {
		return Ratio{}, fmt.Errorf("%w: %.40q is not a number", ErrDamaged, s)
	}
	best, x := Ratio{0, 1}, math.Abs(v)
	// Numerators and denominators of the last two convergents of the continued fraction.
	n0, n1, d0, d1 := int64(0), int64(1), int64(1), int64(0)
	for range 64 {
		whole := math.Floor(x)
		if whole > math.MaxInt32 {
			break
		}
		n0, n1 = n1, int64(whole)*n1+n0
		d0, d1 = d1, int64(whole)*d1+d0
		if n1 > math.MaxInt32 || d1 > math.MaxInt32 {
			break
		}
		best = Ratio{n1, uint32(d1)}
		if best.Float() == math.Abs(v) || x == whole {
			break
		}
		x = 1 / (x - whole)
	}
	if v < 0 {
		best.Num = -best.Num
	}
	return best, nil
}

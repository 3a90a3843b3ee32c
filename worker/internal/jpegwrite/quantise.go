package jpegwrite

import "math/bits"

// zigzag is the order of coefficients in a file (figure A.6): each entry is 8*v+u of a vertical and a horizontal
// frequency.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// place maps the zigzag order to positions in a block.
var place = func() (p [64]uint8) {
	for k, n := range zigzag {
		p[k] = transposed(n)
	}
	return p
}()

func transposed(n uint8) uint8 { return n%8*8 + n/8 }

// levels is how many masks a block has.
const levels = 4

// masks say which coefficients of a block count at each precision: bit k of masks[l] is set if the coefficient at k in
// zigzag order is not 0 without its l lowest bits.
type masks [levels]uint64

// divisors quantise a block. A coefficient c of the transform becomes (|c|+round)*factor >> 16 >> -left, with the sign
// of c. The shift is kept as left, at most 0, for vector instructions that shift to the left; others multiply by scale
// and divide by 2^16 instead. The division is exact, except for some fractions very close to the threshold at which it
// rounds up. That is a half, unless a [Rounding] moves it. All arrays have the layout of a block.
type divisors struct {
	round, factor, scale [64]uint16
	left                 [64]int16
}

// newDivisors returns the divisors of a table.
func newDivisors(t *Table, r *Rounding) *divisors {
	d := &divisors{}
	for n, step := range t {
		i := transposed(uint8(n))
		by := uint32(step) << coefficientBits
		shift := bits.Len32(by) - 1 // 2^shift <= by < 2*2^shift
		if by&(by-1) == 0 {
			shift-- // keeps the factor below 2^16
		}
		d.round[i] = uint16(by * (50 - uint32(r[n%8+n/8])) / 100)
		d.factor[i] = uint16((1<<(16+shift) + by/2) / by)
		d.scale[i], d.left[i] = 1<<(16-shift), -int16(shift)
	}
	return d
}

// quantise divides the coefficients of a block in place, and sets its masks.
func (d *divisors) quantise(b *block, m []uint64) {
	clear(m)
	for k := range zigzag {
		i := place[k] & 63
		sign := int32(b[i]) >> 31
		magnitude := uint32((int32(b[i]) ^ sign) - sign)
		n := (magnitude + uint32(d.round[i])) * uint32(d.factor[i]) >> 16 >> uint16(-d.left[i])
		b[i] = int16((int32(n) ^ sign) - sign)
		for l := range m {
			if n>>l == 0 {
				break
			}
			m[l] |= 1 << k
		}
	}
}

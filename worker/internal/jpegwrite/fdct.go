package jpegwrite

// The forward DCT (A.3.3) transforms columns first and then rows. Each pass is the even and odd half of the usual
// factorisation (Loeffler, Ligtenberg and Moschytz 1989, figure 1). Its rotations are sums of products with 14
// fractional bits, rounded once. The first pass keeps 2 fractional bits and the second drops none. A coefficient is
// therefore 32 times that of the standard, to within 1/8 of its unit. All results of a pass fit into 16 bits: samples
// of -128 everywhere give the largest magnitude, -32768.

// coefficientBits is how many fractional bits a coefficient of the transform has.
const coefficientBits = 5

// cosineBits is how many fractional bits the factors have. The other constants are 2^cosineBits * sqrt(2) *
// cos(i*pi/16). The sqrt(2) gives both halves the same scale.
const (
	cosineBits = 14

	c1 = 22725
	c2 = 21407
	c3 = 19266
	c5 = 12873
	c6 = 8867
	c7 = 4520
)

// block holds the coefficients of a block, column by column. The coefficient of horizontal frequency u and vertical
// frequency v is at 8*u+v.
type block [64]int16

// forward transforms 8 rows of 8 samples.
func (b *block) forward(pix []byte, stride int) {
	var t [64]int32 // row by row
	for y := range 8 {
		for x, v := range pix[y*stride : y*stride+8] {
			t[8*y+x] = int32(v)
		}
	}
	for x := range 8 {
		butterfly(&t, x, 8, 128*8, 2)
	}
	for y := range 8 {
		butterfly(&t, 8*y, 1, 0, 0)
		for u, v := range t[8*y : 8*y+8] {
			b[8*u+y] = int16(v)
		}
	}
}

// butterfly transforms 8 numbers in place: those at first, first+step and so on. It subtracts centre from their sum.
// The results have more fractional bits than the numbers; more says how many.
func butterfly(t *[64]int32, first, step int, centre int32, more uint) {
	number := func(i int) *int32 { return &t[(first+i*step)&63] }
	s0, d0 := *number(0)+*number(7), *number(0)-*number(7)
	s1, d1 := *number(1)+*number(6), *number(1)-*number(6)
	s2, d2 := *number(2)+*number(5), *number(2)-*number(5)
	s3, d3 := *number(3)+*number(4), *number(3)-*number(4)

	t0, t3 := s0+s3, s0-s3
	t1, t2 := s1+s2, s1-s2
	*number(0), *number(4) = (t0+t1-centre)<<more, (t0-t1)<<more
	down := cosineBits - more
	half := int32(1) << (down - 1)
	*number(2) = (t3*c2 + t2*c6 + half) >> down
	*number(6) = (t3*c6 - t2*c2 + half) >> down
	*number(1) = (d0*c1 + d1*c3 + d2*c5 + d3*c7 + half) >> down
	*number(3) = (d0*c3 - d1*c7 - d2*c1 - d3*c5 + half) >> down
	*number(5) = (d0*c5 - d1*c1 + d2*c7 + d3*c3 + half) >> down
	*number(7) = (d0*c7 - d1*c5 + d2*c3 - d3*c1 + half) >> down
}

package jpegscan

//go:generate go run darkroom/worker/internal/neon transform_arm64.neon

// The transforms of this file are the inverse DCT (A.3.3) in integers, each with the roundings of jpegn's transform of
// the same size. Where a damaged file's coefficients overflow 32 bits they wrap, as they do there.

// pixel converts a result of the transform, which is centred on 0, to a sample (A.3.1).
func pixel(v int32) byte { return byte(max(min(v+128, 255), 0)) }

// Factors of the 8-point transform: 2048*sqrt(2)*cos(i*pi/16).
const (
	w1 = 2841
	w2 = 2676
	w3 = 2408
	w5 = 1609
	w6 = 1108
	w7 = 565
)

// rotate8 is the part that the odd halves of the 8-point transforms of rows and columns share.
func rotate8(x4, x5, x6, x7 int32) (a1, a2, a4, a6 int32) {
	a1, x4 = x4+x6, x4-x6
	a6, x5 = x5+x7, x5-x7
	return a1, (181*(x4+x5) + 128) >> 8, (181*(x4-x5) + 128) >> 8, a6
}

// transform8Portable is transform8 without vector instructions.
func transform8Portable(b *[64]int32, out []byte, stride int) {
	var t [64]int32 // row by row
	for y := range 8 {
		row8(b, y, (*[8]int32)(t[8*y:8*y+8]))
	}
	for x := range 8 {
		column8(&t, x, out[x:x+7*stride+1], stride)
	}
}

// row8 transforms row y of a block into r.
func row8(b *[64]int32, y int, r *[8]int32) {
	b0, b1, b2, b3, b4, b5, b6, b7 := b[y], b[8+y], b[16+y], b[24+y], b[32+y], b[40+y], b[48+y], b[56+y]
	if b1|b2|b3|b4|b5|b6|b7 == 0 {
		v := b0 << 3 // the formulas below give the same
		*r = [8]int32{v, v, v, v, v, v, v, v}
		return
	}
	s := w7 * (b1 + b7)
	x4, x5 := s+(w1-w7)*b1, s-(w1+w7)*b7
	s = w3 * (b5 + b3)
	x6, x7 := s-(w3-w5)*b5, s-(w3+w5)*b3
	x1, x2, x4, x6 := rotate8(x4, x5, x6, x7)

	s = w6 * (b2 + b6)
	e2, e3 := s-(w2+w6)*b6, s+(w2-w6)*b2
	e0, e1 := b0<<11+128, b4<<11
	x7, x8 := e0+e1+e3, e0+e1-e3
	x3, x0 := e0-e1+e2, e0-e1-e2

	r[0], r[7] = (x7+x1)>>8, (x7-x1)>>8
	r[1], r[6] = (x3+x2)>>8, (x3-x2)>>8
	r[2], r[5] = (x0+x4)>>8, (x0-x4)>>8
	r[3], r[4] = (x8+x6)>>8, (x8-x6)>>8
}

// column8 transforms column x of the rows' results into pixels.
func column8(t *[64]int32, x int, out []byte, stride int) {
	b0, b1, b2, b3, b4, b5, b6, b7 := t[x], t[8+x], t[16+x], t[24+x], t[32+x], t[40+x], t[48+x], t[56+x]
	s := w7*(b1+b7) + 4
	x4, x5 := (s+(w1-w7)*b1)>>3, (s-(w1+w7)*b7)>>3
	s = w3*(b5+b3) + 4
	x6, x7 := (s-(w3-w5)*b5)>>3, (s-(w3+w5)*b3)>>3
	x1, x2, x4, x6 := rotate8(x4, x5, x6, x7)

	s = w6*(b2+b6) + 4
	e2, e3 := (s-(w2+w6)*b6)>>3, (s+(w2-w6)*b2)>>3
	e0, e1 := b0<<8+8192, b4<<8
	x7, x8 := e0+e1+e3, e0+e1-e3
	x3, x0 := e0-e1+e2, e0-e1-e2

	out[0] = pixel((x7 + x1) >> 14)
	out[stride] = pixel((x3 + x2) >> 14)
	out[2*stride] = pixel((x0 + x4) >> 14)
	out[3*stride] = pixel((x8 + x6) >> 14)
	out[4*stride] = pixel((x8 - x6) >> 14)
	out[5*stride] = pixel((x0 - x4) >> 14)
	out[6*stride] = pixel((x3 - x2) >> 14)
	out[7*stride] = pixel((x7 - x1) >> 14)
}

// Factors of the 4-point transform: 8192*sqrt(2)*cos(i*pi/8).
const (
	r1 = 10703
	r3 = 4433
)

// transform4Portable is transform4 without vector instructions.
func transform4Portable(b *[16]int32, out []byte, stride int) {
	var t [16]int32
	for y := range 4 {
		f0, f1, f2, f3 := b[y], b[4+y], b[8+y], b[12+y]
		e0, e1 := (f0+f2)<<13+1<<7, (f0-f2)<<13+1<<7
		p, q := f1*r1+f3*r3, f1*r3-f3*r1
		t[4*y], t[4*y+1], t[4*y+2], t[4*y+3] = (e0+p)>>8, (e1+q)>>8, (e1-q)>>8, (e0-p)>>8
	}
	rows := [4][]byte{out[0:4], out[stride : stride+4], out[2*stride : 2*stride+4], out[3*stride : 3*stride+4]}
	for x := range 4 {
		f0, f1, f2, f3 := t[x], t[4+x], t[8+x], t[12+x]
		e0, e1 := (f0+f2)<<13+1<<20, (f0-f2)<<13+1<<20
		p, q := f1*r1+f3*r3, f1*r3-f3*r1
		rows[0][x] = pixel((e0 + p) >> 21)
		rows[1][x] = pixel((e1 + q) >> 21)
		rows[2][x] = pixel((e1 - q) >> 21)
		rows[3][x] = pixel((e0 - p) >> 21)
	}
}

// transform2 makes 2 rows of 2 pixels from a block's lowest 2 by 2 coefficients.
func transform2(b *[4]int32, out []byte, stride int) {
	s0, s1 := b[0]+b[2]+4, b[0]-b[2]+4
	s2, s3 := b[1]+b[3], b[1]-b[3]
	out[0], out[1] = pixel((s0+s2)>>3), pixel((s1+s3)>>3)
	out[stride], out[stride+1] = pixel((s0-s2)>>3), pixel((s1-s3)>>3)
}

// transformDC makes size rows of size pixels of a block whose only coefficient is the first. The other transforms give
// the same result for such a block.
func transformDC(dc int32, out []byte, stride, size int) {
	v := pixel((dc + 4) >> 3)
	if size == 4 {
		v = pixel((dc<<18 + 1<<20) >> 21) // the product overflows here as it does in transform4
	}
	for range size {
		row := out[:size]
		for x := range row {
			row[x] = v
		}
		out = out[min(stride, len(out)):]
	}
}

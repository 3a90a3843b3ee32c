package jpegscan

import "math"

// deepBits is the precision of the basis in bits after the point.
const deepBits = 13

// bases holds the inverse DCT of 1, 2, 4 and 8 points (A.3.3). Coefficient u adds base[u][x] to sample x.
var bases = [...][8][8]int64{basis(1), basis(2), basis(4), basis(8)}

func basis(size int) (b [8][8]int64) {
	for u := range size {
		for x := range size {
			v := 1.0
			if u > 0 {
				v = math.Sqrt2 * math.Cos(float64((2*x+1)*u)*math.Pi/float64(2*size))
			}
			b[u][x] = int64(math.Round(v * (1 << deepBits)))
		}
	}
	return b
}

// drawDeep is draw for a picture of 12 bits. It rounds the samples to 8 bits. Such files are rare and not worth a fast
// transform.
func drawDeep(b []int32, out []byte, stride, size int) {
	base := &bases[0]
	switch size {
	case 2:
		base = &bases[1]
	case 4:
		base = &bases[2]
	case 8:
		base = &bases[3]
	}
	var columns [8][8]int64 // horizontal frequencies; the vertical ones are already transformed
	for u := range size {
		for v := range size {
			if c := int64(b[u*size+v]); c != 0 {
				for y := range size {
					columns[u][y] += c * base[v][y]
				}
			}
		}
	}
	const shift = 2*deepBits + 3 + 4 // 3 bits for the scale of the transform, 4 from 12 bits to 8
	for y := range size {
		row := out[y*stride:][:size]
		for x := range row {
			sum := int64(1) << (shift - 1)
			for u := range size {
				sum += columns[u][y] * base[u][x]
			}
			row[x] = byte(max(min(sum>>shift+128, 255), 0))
		}
	}
}

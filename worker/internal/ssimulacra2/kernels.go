package ssimulacra2

import "math"

// lanes is how many samples the vector code processes in one step. The length of every row that a kernel works on is a
// multiple of it.
const lanes = 8

// taps is how far the Gaussian reaches, in samples to each side.
const taps = 4

// gauss holds the weights of the Gaussian at distances of 0 to 4 samples. They are the impulse response of the authors'
// recursive filter with a sigma of 1.5: D. Charalampidis, "Recursive Implementation of the Gaussian Filter Using
// Truncated Cosine Functions" (2016), equations 33 to 57. That filter is truncated where its cosines reach zero, so it
// has no further weights.
var gauss = [taps + 1]float32{0.26462110548819856, 0.2129285920104222, 0.10933537277746029, 0.036011114658364374, 0.009414367809653733}

// similarity is the constant that keeps the map of structure stable where both pictures are flat.
const similarity = 0.0009

// windowRows is how many rows the Gaussian covers.
const windowRows = 2*taps + 1

// sumLanes are the sums of one row, one for each lane: first of the values of each map, then of their fourth powers.
type sumLanes [norms * maps][lanes]float32

// multiplyPortable sets dst to the products of a and b.
func multiplyPortable(dst, a, b []float32) {
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

// horizontalPortable sets dst[i] to the Gaussian of src[i:i+9]. src therefore has 8 samples more than dst.
func horizontalPortable(dst, src []float32) {
	src = src[:len(dst)+2*taps]
	for i := range dst {
		s := src[i:][:windowRows]
		dst[i] = weighted(s[4], s[3]+s[5], s[2]+s[6], s[1]+s[7], s[0]+s[8])
	}
}

// verticalPortable sets dst to the Gaussian of nine rows, each as long as dst.
func verticalPortable(dst []float32, rows *[windowRows][]float32) {
	n := len(dst)
	a, b, c, d, e := rows[0][:n], rows[1][:n], rows[2][:n], rows[3][:n], rows[4][:n]
	f, g, h, k := rows[5][:n], rows[6][:n], rows[7][:n], rows[8][:n]
	for i := range dst {
		dst[i] = weighted(e[i], d[i]+f[i], c[i]+g[i], b[i]+h[i], a[i]+k[i])
	}
}

// weighted returns the weighted sum of a sample and of the pairs at distances of 1 to 4. Each pair is added already.
func weighted(here, one, two, three, four float32) float32 {
	sum := float32(here * gauss[0])
	sum += float32(one * gauss[1])
	sum += float32(two * gauss[2])
	sum += float32(three * gauss[3])
	return sum + float32(four*gauss[4])
}

// halvePortable sets each sample of dst to the mean of two samples of a and two of b.
func halvePortable(dst, a, b []float32) {
	a, b = a[:2*len(dst)], b[:2*len(dst)]
	for i := range dst {
		dst[i] = ((a[2*i] + a[2*i+1]) + (b[2*i] + b[2*i+1])) * 0.25
	}
}

// lumaPortable sets y to the plane Y of linear red, green and blue.
func lumaPortable(y, r, g, b []float32) {
	r, g, b = r[:len(y)], g[:len(y)], b[:len(y)]
	for i := range y {
		p, q := absorbed(absorb00, absorb01, absorb02, r[i], g[i], b[i]), absorbed(absorb10, absorb11, absorb12, r[i], g[i], b[i])
		y[i] = float32((p+q)*0.5) + yPlus
	}
}

// xybPortable sets the rows to the planes X, Y and B-Y of linear red, green and blue.
func xybPortable(rows *[planes][]float32, r, g, b []float32) {
	x, y, z := rows[planeX][:len(r)], rows[planeY][:len(r)], rows[planeB][:len(r)]
	for i := range r {
		p, q := absorbed(absorb00, absorb01, absorb02, r[i], g[i], b[i]), absorbed(absorb10, absorb11, absorb12, r[i], g[i], b[i])
		s := absorbed(absorb20, absorb21, absorb22, r[i], g[i], b[i])
		light := float32((p + q) * 0.5)
		x[i] = float32((p-q)*(xTimes*0.5)) + xPlus
		y[i] = light + yPlus
		z[i] = (s - light) + bPlus
	}
}

// absorbed returns the cube root of an absorbance minus the cube root of its bias.
func absorbed(red, green, blue, r, g, b float32) float32 {
	sum := float32(r*red) + float32(g*green)
	sum += float32(b * blue)
	return cubeRoot(sum+absorbBias) - absorbBiasRoot
}

// rootEstimate minus a third of a number's bits gives approximately the bits of its inverse cube root.
const rootEstimate = 0x54a21d2a

// cubeRoot returns the cube root of x with a relative error below 1e-6. x is between 0.001 and 10. It divides nothing:
// three steps of Newton's iteration improve an estimate of the inverse root from an error of about 3 % to less than a
// rounding error.
func cubeRoot(x float32) float32 {
	third := int32(float32(float32(int32(math.Float32bits(x))) * (1.0 / 3)))
	r := math.Float32frombits(uint32(rootEstimate - third))
	x3 := float32(x * (1.0 / 3))
	for range 3 {
		cube := float32(float32(r*r) * r)
		r = float32(r * (float32(4.0/3) - float32(x3*cube)))
	}
	return float32(float32(r*r) * x)
}

// comparison holds the rows to compare, all of the same length: the reference and the picture, their means, the means
// of their squares, and the mean of their product.
type comparison struct{ a, b, meanA, meanB, squareA, squareB, cross []float32 }

// comparePortable adds the values of the maps of a row to sums.
func comparePortable(sums *sumLanes, c *comparison) {
	for i := range c.a {
		ma, mb := c.meanA[i], c.meanB[i]
		apart := ma - mb
		light := 1 - float32(apart*apart)
		across := float32((c.cross[i]-float32(ma*mb))*2) + similarity
		within := ((c.squareA[i] - float32(ma*ma)) + (c.squareB[i] - float32(mb*mb))) + similarity
		d := max(1-float32(light*across)/within, 0)

		edge := (1+abs(c.b[i]-mb))/(1+abs(c.a[i]-ma)) - 1
		more, less := max(edge, 0), max(-edge, 0)

		lane := i % lanes
		sums[structure][lane] += d
		sums[artefact][lane] += more
		sums[lost][lane] += less
		sums[maps+structure][lane] += fourth(d)
		sums[maps+artefact][lane] += fourth(more)
		sums[maps+lost][lane] += fourth(less)
	}
}

func abs(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }

func fourth(v float32) float32 {
	square := float32(v * v)
	return float32(square * square)
}

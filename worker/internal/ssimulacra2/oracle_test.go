package ssimulacra2

import (
	"image"
	"math"
)

// oracle scores pictures in float64, following the authors' description of the metric step by step: all 108 weights,
// exact curves and roots, and the recursive filter. It shares nothing with the package except the table of weights.
func oracle(a, b *image.NRGBA) float64 {
	if a.Opaque() && b.Opaque() {
		return oracleOn(a, b, 0)
	}
	return min(oracleOn(a, b, 0.1), oracleOn(a, b, 0.9))
}

// grid is a plane of numbers.
type grid struct {
	w, h int
	v    []float64
}

func newGrid(w, h int) grid { return grid{w, h, make([]float64, w*h)} }

func (g grid) mapGrid(f func(i int) float64) grid {
	r := newGrid(g.w, g.h)
	for i := range r.v {
		r.v[i] = f(i)
	}
	return r
}

func oracleOn(a, b *image.NRGBA, ground float64) float64 {
	p, q := oracleLinear(a, ground), oracleLinear(b, ground)
	var scales [][3][norms * maps]float64
	for len(scales) < maxScales && p[0].w >= minSide && p[0].h >= minSide {
		if len(scales) > 0 {
			for c := range p {
				p[c], q[c] = oracleHalve(p[c]), oracleHalve(q[c])
			}
		}
		x, y := oracleXYB(p), oracleXYB(q)
		var norm [3][norms * maps]float64
		for c := range x {
			norm[c] = oracleNorms(x[c], y[c])
		}
		scales = append(scales, norm)
	}
	sum, i := 0.0, 0
	for c := range 3 {
		for _, norm := range scales {
			for _, v := range norm[c] {
				sum += weights[i] * v
				i++
			}
		}
	}
	s := sum * 0.9562382616834844
	s = 2.326765642916932*s - 0.020884521182843837*s*s + 6.248496625763138e-05*s*s*s
	if s <= 0 {
		return 100
	}
	return 100 - 10*math.Pow(s, 0.6276336467831387)
}

func oracleLinear(m *image.NRGBA, ground float64) (rgb [3]grid) {
	for c := range rgb {
		rgb[c] = newGrid(m.Rect.Dx(), m.Rect.Dy())
		for i := range rgb[c].v {
			p := m.PixOffset(m.Rect.Min.X+i%rgb[c].w, m.Rect.Min.Y+i/rgb[c].w)
			alpha := float64(m.Pix[p+3]) / 255
			v := float64(m.Pix[p+c])/255*alpha + (1-alpha)*ground
			if v <= 0.04045 {
				rgb[c].v[i] = v / 12.92
			} else {
				rgb[c].v[i] = math.Pow((v+0.055)/1.055, 2.4)
			}
		}
	}
	return rgb
}

func oracleHalve(g grid) grid {
	r := newGrid((g.w+1)/2, (g.h+1)/2)
	for y := range r.h {
		for x := range r.w {
			for _, d := range [4]image.Point{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
				r.v[y*r.w+x] += g.v[min(2*y+d.Y, g.h-1)*g.w+min(2*x+d.X, g.w-1)] / 4
			}
		}
	}
	return r
}

func oracleXYB(rgb [3]grid) [3]grid {
	const bias = 0.0037930732552754493
	mix := func(r, g, b float64) grid {
		return rgb[0].mapGrid(func(i int) float64 {
			return math.Cbrt(r*rgb[0].v[i]+g*rgb[1].v[i]+b*rgb[2].v[i]+bias) - math.Cbrt(bias)
		})
	}
	l, m := mix(0.3, 0.622, 0.078), mix(0.23, 0.692, 0.078)
	s := mix(0.24342268924547819, 0.20476744424496821, 0.5518098665095536)
	return [3]grid{
		l.mapGrid(func(i int) float64 { return (l.v[i]-m.v[i])/2*14 + 0.42 }),
		l.mapGrid(func(i int) float64 { return (l.v[i]+m.v[i])/2 + 0.01 }),
		l.mapGrid(func(i int) float64 { return s.v[i] - (l.v[i]+m.v[i])/2 + 0.55 }),
	}
}

// oracleNorms returns the norms of a plane in the order of the weights: the means of the three maps, then the 4-norms.
func oracleNorms(a, b grid) (norm [norms * maps]float64) {
	times := func(p, q grid) grid { return p.mapGrid(func(i int) float64 { return p.v[i] * q.v[i] }) }
	ma, mb := oracleBlur(a), oracleBlur(b)
	aa, bb, ab := oracleBlur(times(a, a)), oracleBlur(times(b, b)), oracleBlur(times(a, b))
	for i := range a.v {
		u, v := ma.v[i], mb.v[i]
		d := 1 - (1-(u-v)*(u-v))*(2*(ab.v[i]-u*v)+0.0009)/(aa.v[i]-u*u+bb.v[i]-v*v+0.0009)
		e := (1+math.Abs(b.v[i]-v))/(1+math.Abs(a.v[i]-u)) - 1
		for k, d := range [3]float64{max(d, 0), max(e, 0), max(-e, 0)} {
			norm[k] += d / float64(len(a.v))
			norm[3+k] += math.Pow(d, 4) / float64(len(a.v))
		}
	}
	for k := 3; k < 6; k++ {
		norm[k] = math.Pow(norm[k], 0.25)
	}
	return norm
}

func oracleBlur(g grid) grid {
	r := newGrid(g.w, g.h)
	for y := range g.h {
		copy(r.v[y*g.w:], oracleFilter(g.v[y*g.w:][:g.w]))
	}
	column := make([]float64, g.h)
	for x := range g.w {
		for y := range column {
			column[y] = r.v[y*g.w+x]
		}
		for y, v := range oracleFilter(column) {
			r.v[y*g.w+x] = v
		}
	}
	return r
}

// oracleFilter is the recursive Gaussian of Charalampidis (2016) for a sigma of 1.5. Numbers in brackets are the
// paper's equations.
func oracleFilter(in []float64) []float64 {
	const sigma = 1.5
	n := math.Round(3.2795*sigma + 0.2546) // (57)
	var omega, p, r, rho [3]float64
	sign := [3]float64{1, -1, 1}
	for i := range omega {
		omega[i] = math.Pi / (2 * n) * float64(2*i+1)
		p[i] = sign[i] / math.Tan(omega[i]/2)                   // (37)
		r[i] = sign[i] * p[i] * p[i] / math.Sin(omega[i])       // (44)
		rho[i] = math.Exp(-sigma*sigma/2*omega[i]*omega[i]) / n // (50)
	}
	d13, d35, d51 := p[0]*r[1]-r[0]*p[1], p[1]*r[2]-r[1]*p[2], p[2]*r[0]-r[2]*p[0]
	z15, z35 := d35/d13, d51/d13 // (52)
	a := [3][3]float64{p, r, {z15, z35, 1}}
	gamma := [3]float64{1, n*n - sigma*sigma, z15*rho[0] + z35*rho[1] + rho[2]} // (53), (55)
	det := func(m [3][3]float64) float64 {
		return m[0][0]*(m[1][1]*m[2][2]-m[1][2]*m[2][1]) - m[0][1]*(m[1][0]*m[2][2]-m[1][2]*m[2][0]) +
			m[0][2]*(m[1][0]*m[2][1]-m[1][1]*m[2][0])
	}
	out := make([]float64, len(in))
	valueAt := func(i int) float64 {
		if i < 0 || i >= len(in) {
			return 0
		}
		return in[i]
	}
	for k := range omega {
		m := a
		for i := range m {
			m[i][k] = gamma[i]
		}
		beta := det(m) / det(a)
		n2, d1 := -beta*math.Cos(omega[k]*(n+1)), -2*math.Cos(omega[k]) // (33)
		var last, before float64
		for i, radius := 1-int(n), int(n); i < len(in); i++ {
			v := n2*(valueAt(i-radius-1)+valueAt(i+radius-1)) - d1*last - before // (35)
			last, before = v, last
			if i >= 0 {
				out[i] += v
			}
		}
	}
	return out
}

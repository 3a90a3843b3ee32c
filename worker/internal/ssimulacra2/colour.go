package ssimulacra2

import (
	"image"
	"math"
	"sync"
)

// source reads the rows of a picture on a background, in linear light.
type source struct {
	m      *image.NRGBA
	ground float32
}

// row writes red, green and blue of row y into rgb, in linear light from 0 to 1. Beyond the edges of the picture the
// last row and column are repeated.
func (s source) row(rgb *[3][]float32, y, width int) {
	at := min(y, s.m.Rect.Dy()-1) * s.m.Stride
	pix := s.m.Pix[at:][:4*s.m.Rect.Dx()]
	curve := curves()
	r, g, b := rgb[0][:width], rgb[1][:width], rgb[2][:width]
	n := min(width, len(pix)/4)
	for x := range n {
		p := pix[4*x:][:4]
		if p[3] == 0xff {
			r[x], g[x], b[x] = curve.exact[p[0]], curve.exact[p[1]], curve.exact[p[2]]
			continue
		}
		alpha := float32(p[3]) / 255
		under := float32((1 - alpha) * s.ground)
		over := float32(alpha / 255)
		r[x] = curve.interpolate(float32(float32(p[0])*over) + under)
		g[x] = curve.interpolate(float32(float32(p[1])*over) + under)
		b[x] = curve.interpolate(float32(float32(p[2])*over) + under)
	}
	for x := n; x < width; x++ {
		r[x], g[x], b[x] = r[n-1], g[n-1], b[n-1]
	}
}

// toLinear holds the curve of sRGB (IEC 61966-2-1).
type toLinear struct {
	exact [256]float32            // values of all samples
	steps [curveSteps + 2]float32 // values at equal distances from 0 to 1
}

const curveSteps = 4096

// curves returns the curve, which is calculated once.
var curves = sync.OnceValue(func() *toLinear {
	t := new(toLinear)
	for i := range t.exact {
		t.exact[i] = linear(float64(i) / 255)
	}
	for i := range t.steps {
		t.steps[i] = linear(float64(i) / curveSteps)
	}
	return t
})

func linear(v float64) float32 {
	if v <= 0.04045 {
		return float32(v / 12.92)
	}
	return float32(math.Pow((v+0.055)/1.055, 2.4))
}

// interpolate returns the curve at v, which is 0 to 1. The error is below 1e-6.
func (t *toLinear) interpolate(v float32) float32 {
	at := float32(min(max(v, 0), 1) * curveSteps)
	i := int(at)
	return t.steps[i] + float32((t.steps[i+1]-t.steps[i])*(at-float32(i)))
}

// The weights of red, green and blue in the three absorbances of XYB, and what is added to each (JPEG XL, ISO/IEC
// 18181-1, L.2.2; libjxl's opsin_params.h).
const (
	absorb00, absorb01, absorb02 = 0.30, 1 - 0.30 - 0.078, 0.078
	absorb10, absorb11, absorb12 = 0.23, 1 - 0.23 - 0.078, 0.078
	absorb20, absorb21, absorb22 = 0.24342268924547819, 0.20476744424496821, 1 - 0.24342268924547819 - 0.20476744424496821

	absorbBias     = 0.0037930732552754493
	absorbBiasRoot = 0.15595420054924863 // cube root of absorbBias
)

// Constants that bring the planes to a range of 0 to 1: X is multiplied, and a constant is added to each.
const (
	xTimes = 14
	xPlus  = 0.42
	yPlus  = 0.01
	bPlus  = 0.55
)

package engine

import (
	"image"
	"image/color"
	"math"
	"slices"
)

// The reference for resizing in linear light is calculated in float64 from the definitions alone. The whole picture is
// converted to RGB, by the curve of sRGB to amounts of light, weighted by alpha, resized by one Lanczos filter of three
// lobes (see samples), and converted back. Only then is it rounded to 8 bits.

// lights holds red, green and blue as amounts of light times alpha, and alpha, all from 0 to 1.
type lights [4]samples

// toLight is the transfer function of sRGB (IEC 61966-2-1), for v from 0 to 1.
func toLight(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// toSample is the inverse of toLight, rounded to a sample of 8 bits.
func toSample(light float64) uint8 {
	light = min(max(light, 0), 1)
	if light <= 0.0031308 {
		return clamped(255 * 12.92 * light)
	}
	return clamped(255 * (1.055*math.Pow(light, 1/2.4) - 0.055))
}

// newLights returns the light of a decoded picture. Colours with fewer samples than pixels are interpolated by the
// filter.
func newLights(m image.Image) lights {
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	l := lights{newSamples(w, h), newSamples(w, h), newSamples(w, h), newSamples(w, h)}
	if c, ok := m.(*image.YCbCr); ok {
		cw, ch := w, h
		switch c.SubsampleRatio {
		case image.YCbCrSubsampleRatio420:
			cw, ch = (w+1)/2, (h+1)/2
		case image.YCbCrSubsampleRatio422:
			cw = (w + 1) / 2
		}
		blue, red := planeSamples(c.Cb, c.CStride, cw, ch).resize(w, h), planeSamples(c.Cr, c.CStride, cw, ch).resize(w, h)
		for y := range h {
			for x := range w {
				i, v := y*w+x, float64(c.Y[c.YOffset(x, y)])
				cb, cr := blue.v[i]-128, red.v[i]-128
				for n, s := range [3]float64{v + 1.402*cr, v - 0.344136*cb - 0.714136*cr, v + 1.772*cb} {
					l[n].v[i] = toLight(min(max(s/255, 0), 1))
				}
				l[3].v[i] = 1
			}
		}
		return l
	}
	for y := range h {
		for x := range w {
			c, i := color.NRGBA64Model.Convert(m.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA64), y*w+x
			a := float64(c.A) / 65535
			l[0].v[i], l[1].v[i], l[2].v[i] = a*toLight(float64(c.R)/65535), a*toLight(float64(c.G)/65535), a*toLight(float64(c.B)/65535)
			l[3].v[i] = a
		}
	}
	return l
}

// resized returns the picture in another size, turned upright.
func (l lights) resized(to size, orientation int) *image.NRGBA {
	stored := to.Upright(orientation)
	for i, s := range l {
		if i == 3 && slices.Min(s.v) == 1 { // opaque
			l[i] = newSamples(to.Width, to.Height)
			for at := range l[i].v {
				l[i].v[at] = 1
			}
			continue
		}
		l[i] = s.resize(stored.Width, stored.Height).turnUpright(orientation)
	}
	m := image.NewNRGBA(image.Rect(0, 0, to.Width, to.Height))
	for i := range l[3].v {
		if a := min(max(l[3].v[i], 0), 1); a >= 0.5/255 {
			m.Pix[4*i], m.Pix[4*i+1], m.Pix[4*i+2] = toSample(l[0].v[i]/a), toSample(l[1].v[i]/a), toSample(l[2].v[i]/a)
			m.Pix[4*i+3] = clamped(255 * a)
		}
	}
	return m
}

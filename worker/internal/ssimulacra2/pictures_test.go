package ssimulacra2

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"
)

// drawPhoto returns a picture with the features of a photo: slopes, edges, texture and colours.
func drawPhoto(w, h int, seed uint64) *image.NRGBA {
	random := rand.New(rand.NewPCG(seed, 1))
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			fx, fy := float64(x), float64(y)
			wave := 40 * math.Sin(fx*0.11+fy*0.07)
			c := [3]float64{60 + fx/float64(w)*150 + wave, 80 + fy/float64(h)*120 - wave/2, 140 - fx/float64(w)*90 + wave/3}
			if (x/17+y/13)%3 == 0 {
				c[0], c[2] = c[2]*0.7, c[0]
			}
			grain := random.NormFloat64() * float64((x/40+y/40)%4) * 4
			for i := range c {
				m.Pix[y*m.Stride+4*x+i] = uint8(min(max(c[i]+grain, 0), 255))
			}
			m.Pix[y*m.Stride+4*x+3] = 0xff
		}
	}
	return m
}

func changed(m *image.NRGBA, change func(x, y int, c color.NRGBA) color.NRGBA) *image.NRGBA {
	dst := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			dst.SetNRGBA(x, y, change(x, y, m.NRGBAAt(x, y)))
		}
	}
	return dst
}

func asJPEG(t testing.TB, m *image.NRGBA, quality int) *image.NRGBA {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	d, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return toNRGBA(d)
}

// distortions change a picture in ways that different maps detect.
func distortions(t testing.TB) map[string]func(m *image.NRGBA) *image.NRGBA {
	random := rand.New(rand.NewPCG(7, 7))
	return map[string]func(m *image.NRGBA) *image.NRGBA{
		"jpeg 10": func(m *image.NRGBA) *image.NRGBA { return asJPEG(t, m, 10) },
		"jpeg 50": func(m *image.NRGBA) *image.NRGBA { return asJPEG(t, m, 50) },
		"jpeg 90": func(m *image.NRGBA) *image.NRGBA { return asJPEG(t, m, 90) },
		"noise": func(m *image.NRGBA) *image.NRGBA {
			return changed(m, func(_, _ int, c color.NRGBA) color.NRGBA {
				c.G = uint8(min(max(int(c.G)+random.IntN(21)-10, 0), 255))
				return c
			})
		},
		"blur": func(m *image.NRGBA) *image.NRGBA {
			return changed(m, func(x, y int, c color.NRGBA) color.NRGBA {
				r := m.NRGBAAt(min(x+1, m.Rect.Dx()-1), y)
				return color.NRGBA{uint8((int(c.R) + int(r.R)) / 2), uint8((int(c.G) + int(r.G)) / 2), uint8((int(c.B) + int(r.B)) / 2), c.A}
			})
		},
		"blue": func(m *image.NRGBA) *image.NRGBA {
			return changed(m, func(_, _ int, c color.NRGBA) color.NRGBA { c.B /= 2; return c })
		},
		"darker": func(m *image.NRGBA) *image.NRGBA {
			return changed(m, func(_, _ int, c color.NRGBA) color.NRGBA { c.R, c.G, c.B = c.R/2, c.G/2, c.B/2; return c })
		},
	}
}

func toNRGBA(m image.Image) *image.NRGBA {
	dst := image.NewNRGBA(image.Rectangle{Max: m.Bounds().Size()})
	draw.Draw(dst, dst.Rect, m, m.Bounds().Min, draw.Src)
	return dst
}

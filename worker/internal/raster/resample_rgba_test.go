package raster

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// cutOut draws noise whose alpha falls off slowly, with a transparent part in bright green. The green must show
// nowhere.
func cutOut(width, height int, seed uint64) *image.NRGBA {
	r := rand.New(rand.NewPCG(seed, 1))
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			p := m.Pix[m.PixOffset(x, y):][:4]
			p[0], p[1], p[2], p[3] = uint8(100+r.IntN(90)), uint8(20+r.IntN(60)), uint8(30+x%64), uint8(min(255, x*500/width))
			if y < height/3 {
				p[0], p[1], p[2], p[3] = 0, 255, 0, 0
			}
		}
	}
	return m
}

// exactAlpha resamples alpha, and colours times alpha, in float64. All values are 0 to 255.
func exactAlpha(m *image.NRGBA, width, height int) (colours [3][][]float64, alpha [][]float64) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	x := axis{samples: w, extent: w, pitch: 1, whole: width, count: width, step: 1, parts: 1}
	y := axis{samples: h, extent: h, pitch: 1, whole: height, count: height, step: 1, parts: 1}
	plane := func(get func(p []uint8) float64) [][]float64 {
		rows := make([][]float64, h)
		for j := range rows {
			rows[j] = exact(x, func(i int) float64 { return get(m.Pix[m.PixOffset(i, j):][:4]) })
		}
		out := make([][]float64, height)
		for j := range out {
			out[j] = make([]float64, width)
		}
		for i := range width {
			for j, v := range exact(y, func(s int) float64 { return rows[s][i] }) {
				out[j][i] = v
			}
		}
		return out
	}
	for c := range colours {
		colours[c] = plane(func(p []uint8) float64 { return float64(p[c]) * float64(p[3]) / 255 })
	}
	return colours, plane(func(p []uint8) float64 { return float64(p[3]) })
}

func TestResampleAlphaAgainstFloat(t *testing.T) {
	var kernels Kernels
	for _, s := range [][4]int{{120, 90, 80, 60}, {120, 90, 59, 45}, {121, 83, 40, 27}, {70, 300, 9, 31}, {40, 30, 40, 30}, {90, 1, 45, 1}, {1, 90, 1, 33}, {3, 3, 2, 1}, {30, 20, 60, 40},
		{70001, 2, 9, 1}, {3, 60001, 2, 20}} {
		m := cutOut(s[0], s[1], uint64(s[0]))
		got := must(kernels.resampleRGBA(t.Context(), m, Size{s[2], s[3]}, nil))
		if got.Rect != image.Rect(0, 0, s[2], s[3]) {
			t.Fatalf("%v: %v", s, got.Rect)
		}
		colours, alpha := exactAlpha(m, s[2], s[3])
		for y := range s[3] {
			for x := range s[2] {
				p, a := got.Pix[got.PixOffset(x, y):][:4], min(max(alpha[y][x], 0), 255)
				if math.Abs(float64(p[3])-a) > 1 {
					t.Fatalf("%v at %d,%d: alpha %d, want %.2f", s, x, y, p[3], a)
				}
				for c := range colours {
					want := min(max(colours[c][y][x], 0), a)
					if seen := float64(p[c]) * float64(p[3]) / 255; math.Abs(seen-want) > 1.5 {
						t.Fatalf("%v at %d,%d: colour %d is seen as %.2f, want %.2f", s, x, y, c, seen, want)
					}
					// The colour itself must be right too, as far as the bits of its alpha allow.
					if a >= 8 && math.Abs(float64(p[c])-want*255/a) > 2 {
						t.Fatalf("%v at %d,%d: colour %d is %d under alpha %d, want %.2f", s, x, y, c, p[c], p[3], want*255/a)
					}
				}
			}
		}
	}
}

// TestResampleAlphaKeepsWhatIsFlat checks that a picture stays opaque, or keeps its single colour and alpha.
func TestResampleAlphaKeepsWhatIsFlat(t *testing.T) {
	var kernels Kernels
	for v := range 256 {
		for _, a := range []int{0, 8, 60, 255} {
			m := image.NewNRGBA(image.Rect(0, 0, 21, 13))
			for i := range m.Pix {
				m.Pix[i] = uint8([]int{v, 255 - v, 255, a}[i%4])
			}
			for i, got := range must(kernels.resampleRGBA(t.Context(), m, Size{10, 9}, nil)).Pix {
				want := int(m.Pix[i%4])
				if a == 0 {
					want = 0
				}
				if d := int(got) - want; d != 0 && (a == 255 || i%4 == 3 || max(d, -d) > 1) {
					t.Fatalf("%d with alpha %d: sample %d is %d, want %d", v, a, i%4, got, want)
				}
			}
		}
	}
}

func TestResampleAlphaOfPart(t *testing.T) {
	var kernels Kernels
	whole := cutOut(60, 50, 3)
	part := whole.SubImage(image.Rect(7, 9, 47, 40)).(*image.NRGBA)
	alone := image.NewNRGBA(image.Rect(0, 0, 40, 31))
	for y := range 31 {
		copy(alone.Pix[y*alone.Stride:], part.Pix[y*part.Stride:][:4*40])
	}
	if string(must(kernels.resampleRGBA(t.Context(), part, Size{20, 15}, nil)).Pix) != string(must(kernels.resampleRGBA(t.Context(), alone, Size{20, 15}, nil)).Pix) {
		t.Error("part of a picture looks different")
	}
}

func BenchmarkResampleAlpha(b *testing.B) {
	m := cutOut(2400, 1800, 1)
	var kernels Kernels
	for name, tone := range map[string]*curve{"gamma": nil, "linear": sRGB} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				kernels.resampleRGBA(b.Context(), m, Size{1600, 1200}, tone)
			}
		})
	}
}

package raster

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// exact filters one side in float64, by the definition of the filter. get returns the samples of the source.
func exact(a axis, get func(s int) float64) []float64 {
	sinc := func(x float64) float64 {
		if x == 0 {
			return 1
		}
		return math.Sin(math.Pi*x) / (math.Pi * x)
	}
	out := make([]float64, a.count)
	for i := range out {
		var sum, weights float64
		for q := range a.parts {
			pixel := float64(a.first) + (float64(i)+(float64(q)+0.5)/float64(a.parts))*float64(a.step)
			if a.flip {
				pixel = float64(a.whole) - pixel
			}
			// 0 is the edge of the first sample.
			centre := pixel * float64(a.extent) / float64(a.whole) / float64(a.pitch)
			scale := max(1, float64(a.extent)*float64(a.step)/float64(a.whole)/float64(a.pitch)/float64(a.parts))
			for s := range a.samples {
				if x := (float64(s) + 0.5 - centre) / scale; math.Abs(x) < 3 {
					w := sinc(x) * sinc(x/3)
					sum += w * get(s)
					weights += w
				}
			}
		}
		out[i] = sum / weights
	}
	return out
}

// exactPlane filters the rows and then the columns.
func exactPlane(p Plane, x, y axis) [][]float64 {
	rows := make([][]float64, p.Height)
	for r := range rows {
		rows[r] = exact(x, func(s int) float64 { return float64(p.Pix[r*p.Stride+s]) })
	}
	out := make([][]float64, y.count)
	for r := range out {
		out[r] = make([]float64, x.count)
	}
	for c := range x.count {
		for r, v := range exact(y, func(s int) float64 { return rows[s][c] }) {
			out[r][c] = v
		}
	}
	return out
}

// noise returns the hardest picture for a filter: every sample is random.
func noise(r *rand.Rand, w, h, stride, pitchX, pitchY int) Plane {
	p := Plane{Pix: make([]uint8, (h-1)*stride+w), Stride: stride, Width: w, Height: h, PitchX: pitchX, PitchY: pitchY}
	for i := range p.Pix {
		p.Pix[i] = uint8(min(max(r.IntN(512)-128, 0), 255))
	}
	return p
}

// someAxis returns a random axis that enlarges nothing.
func someAxis(r *rand.Rand, lanes int) axis {
	a := axis{extent: 1 + r.IntN(1<<(1+r.IntN(8))), pitch: []int{1, 1, 2, 4, 8, 16}[r.IntN(6)], step: 1 + r.IntN(2), parts: 1 + r.IntN(2),
		flip: r.IntN(2) == 0, lanes: lanes}
	a.samples = max(1, (a.extent+a.pitch/2)/a.pitch)
	a.whole = max(1, a.extent/a.pitch-r.IntN(1+a.extent/a.pitch))
	a.first = r.IntN(a.whole)
	a.count = (1 + r.IntN(a.whole-a.first) + a.step - 1) / a.step
	return a
}

func TestPlaneAgainstFloat(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var kernels Kernels
	for range 1500 {
		x, y := someAxis(r, tapsAtOnce), someAxis(r, rowsAtOnce)
		src := noise(r, x.samples, y.samples, x.samples+r.IntN(9), x.pitch, y.pitch)
		got, want := must(kernels.resamplePlane(t.Context(), src, x, y, nil)), exactPlane(src, x, y)
		if got.Width != x.count || got.Height != y.count || got.PitchX != x.step || got.PitchY != y.step {
			t.Fatalf("%+v %+v: %d x %d", x, y, got.Width, got.Height)
		}
		var squares float64
		for j := range want {
			for i, v := range want[j] {
				d := float64(got.Pix[j*got.Stride+i]) - min(max(v, 0), 255)
				if squares += d * d; math.Abs(d) > 1 {
					t.Fatalf("%+v %+v: at %d,%d: %d, want %.2f", x, y, i, j, got.Pix[j*got.Stride+i], v)
				}
			}
		}
		if n := float64(x.count * y.count); n > 100 && 10*math.Log10(255*255*n/(squares+1e-9)) < 55 {
			t.Fatalf("%+v %+v: %.1f dB", x, y, 10*math.Log10(255*255*n/squares))
		}
	}
}

func TestFlatStaysFlat(t *testing.T) {
	var kernels Kernels
	for value := range 256 {
		for _, s := range [][4]int{{97, 61, 40, 25}, {97, 61, 97, 61}, {33, 200, 9, 50}, {1, 90, 1, 44}, {90, 1, 31, 1}, {3, 3, 2, 2}} {
			src := Planar{Width: s[0], Height: s[1]}
			for pitch := 1; pitch <= 2; pitch++ {
				p, err := Decoded(make([]uint8, s[0]*s[1]), s[0], s[0], s[1], pitch, pitch)
				if err != nil {
					t.Fatal(err)
				}
				for i := range p.Pix {
					p.Pix[i] = uint8(value)
				}
				src.Planes = append(src.Planes, p)
			}
			for _, p := range must(kernels.resamplePlanar(t.Context(), src, view{whole: Size{s[2], s[3]}, part: image.Rect(0, 0, s[2], s[3])})).Planes {
				for y := range p.Height {
					for x := range p.Width {
						if got := p.Pix[y*p.Stride+x]; int(got) != value {
							t.Fatalf("%v: %d became %d at %d,%d", s, value, got, x, y)
						}
					}
				}
			}
		}
	}
}

// TestPhase resamples a ramp, which shows where each sample was taken. The colour planes of all layouts, turned,
// cropped and of odd sizes, must lie where luma does.
func TestPhase(t *testing.T) {
	var kernels Kernels
	for _, c := range []struct{ extent, whole, at, keep int }{
		{200, 200, 0, 200}, {200, 100, 0, 100}, {201, 100, 0, 100}, {201, 101, 0, 101}, {199, 67, 0, 67}, {203, 203, 5, 90}, {203, 150, 7, 101},
	} {
		for _, scale := range []int{1, 2} { // scale of the decoder
			if c.whole*scale > c.extent {
				continue
			}
			for _, coarse := range []int{1, 2} {
				for _, flip := range []bool{false, true} {
					src := Planar{Width: c.extent, Height: 1}
					for _, pitch := range []int{scale, scale * coarse} {
						n := (c.extent + pitch - 1) / pitch
						p, err := Decoded(make([]uint8, n), n, c.extent, 1, pitch, 1)
						if err != nil {
							t.Fatal(err)
						}
						for i := range p.Pix {
							p.Pix[i] = uint8(20 + (2*i+1)*pitch/2)
						}
						src.Planes = append(src.Planes, p)
					}
					dst := must(kernels.resamplePlanar(t.Context(), src, view{whole: Size{c.whole, 1}, part: image.Rect(c.at, 0, c.at+c.keep, 1), flipX: flip}))
					for i, p := range dst.Planes {
						for x := range p.Width {
							pixel := float64(c.at) + (float64(x)+0.5)*float64(p.PitchX)
							if flip {
								pixel = float64(c.whole) - pixel
							}
							at := pixel * float64(c.extent) / float64(c.whole)
							if edge := 8 * float64(p.PitchX*scale); at < edge || at > float64(c.extent)-edge {
								continue
							}
							if got := float64(p.Pix[x]); math.Abs(got-20-at) > 1.1 {
								t.Fatalf("%+v, decoded at 1/%d, layout %d, flip %v, plane %d: %v at %d, want %.1f", c, scale, coarse, flip, i, got, x, 20+at)
							}
						}
					}
				}
			}
		}
	}
}

package raster

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

// convert returns a picture whose pixels are given by a function.
func convert(width, height, bytes int, coarse bool, pixelAt func(x, y int) [3]uint8) Planar {
	c := NewConversion(width, height, coarse)
	row := make([]uint8, width*bytes)
	for y := range height {
		for x := range width {
			v := pixelAt(x, y)
			copy(row[x*bytes:], v[:])
			if bytes == 4 {
				row[x*4+3] = uint8(x) // the fourth byte is ignored
			}
		}
		c.Row(y, row, bytes)
	}
	return c.Planar()
}

// TestConversionIsThatOfColor compares every eighth shade of every colour, the outermost ones included, with
// image/color.
func TestConversionIsThatOfColor(t *testing.T) {
	const side = 33
	shade := func(i int) uint8 { return uint8(min(8*i, 255)) }
	pixelAt := func(x, y int) [3]uint8 { return [3]uint8{shade(x), shade(y % side), shade(y / side)} }
	for _, bytes := range []int{3, 4} {
		p := convert(side, side*side, bytes, false, pixelAt)
		for y := range p.Height {
			for x := range p.Width {
				v := pixelAt(x, y)
				l, b, r := color.RGBToYCbCr(v[0], v[1], v[2])
				if got := [3]uint8{p.Planes[0].Pix[y*side+x], p.Planes[1].Pix[y*side+x], p.Planes[2].Pix[y*side+x]}; got != [3]uint8{l, b, r} {
					t.Fatalf("%d bytes: %v became %v, want %v", bytes, v, got, [3]uint8{l, b, r})
				}
			}
		}
	}
}

func TestCoarseConversion(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][2]int{{1, 1}, {2, 2}, {1, 5}, {5, 1}, {9, 8}, {8, 9}, {33, 17}} {
		for _, bytes := range []int{3, 4} {
			pix := map[[2]int][3]uint8{}
			for y := range s[1] {
				for x := range s[0] {
					pix[[2]int{x, y}] = [3]uint8{uint8(r.IntN(256)), uint8(255 * r.IntN(2)), uint8(r.IntN(256))}
				}
			}
			p := convert(s[0], s[1], bytes, true, func(x, y int) [3]uint8 { return pix[[2]int{x, y}] })
			fine := convert(s[0], s[1], bytes, false, func(x, y int) [3]uint8 { return pix[[2]int{x, y}] })
			if string(p.Planes[0].Pix) != string(fine.Planes[0].Pix) {
				t.Fatalf("%v: another luma", s)
			}
			for i, plane := range p.Planes[1:] {
				if plane.Width != (s[0]+1)/2 || plane.Height != (s[1]+1)/2 || plane.PitchX != 2 || plane.PitchY != 2 {
					t.Fatalf("%v: %+v", s, plane)
				}
				weights := [][3]float64{{-0.168736, -0.331264, 0.5}, {0.5, -0.418688, -0.081312}}[i]
				for y := range plane.Height {
					for x := range plane.Width {
						var sum, n float64
						for k := range 4 {
							if v, ok := pix[[2]int{2*x + k%2, 2*y + k/2}]; ok {
								sum += 128 + weights[0]*float64(v[0]) + weights[1]*float64(v[1]) + weights[2]*float64(v[2])
								n++
							}
						}
						if d := float64(plane.Pix[y*plane.Stride+x]) - min(sum/n, 255); math.Abs(d) > 0.51 {
							t.Fatalf("%v: plane %d at %d,%d is off by %.2f", s, i+1, x, y, d)
						}
					}
				}
			}
		}
	}
}

// TestConversionThenResample checks that converting to planes and then resampling gives the same as resampling RGB and
// then converting.
func TestConversionThenResample(t *testing.T) {
	const width, height = 181, 133
	r := rand.New(rand.NewPCG(3, 4))
	var channels [3]Plane
	for i := range channels {
		channels[i] = Plane{Pix: make([]uint8, width*height), Stride: width, Width: width, Height: height, PitchX: 1, PitchY: 1}
	}
	pixelAt := func(x, y int) (v [3]uint8) {
		for i := range v {
			v[i] = channels[i].Pix[y*width+x]
		}
		return v
	}
	for y := range height {
		for x := range width {
			for i := range channels { // colours that luma and colour samples can hold, as in photos
				v := 128 + 60*math.Sin(float64(x*(i+2))/17)*math.Cos(float64(y)/float64(9+i)) + float64(r.IntN(40))
				if (x/31+y/23)%5 == 0 {
					v = float64(40 + 70*i)
				}
				channels[i].Pix[y*width+x] = uint8(v)
			}
		}
	}
	var kernels Kernels
	for _, c := range []struct {
		width, height int
		coarse        bool
		least         float64 // dB
	}{{120, 88, false, 50}, {90, 66, false, 50}, {90, 66, true, 42}, {40, 29, true, 42}} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			p := must(kernels.resamplePlanar(t.Context(), convert(width, height, 3, c.coarse, pixelAt), view{whole: Size{c.width, c.height}, part: image.Rect(0, 0, c.width, c.height)}))
			for i, got := range p.Planes {
				x := axis{samples: width, extent: width, pitch: 1, whole: c.width, count: got.Width, step: got.PitchX, parts: got.PitchX}
				y := axis{samples: height, extent: height, pitch: 1, whole: c.height, count: got.Height, step: got.PitchY, parts: got.PitchY}
				red, green, blue := exactPlane(channels[0], x, y), exactPlane(channels[1], x, y), exactPlane(channels[2], x, y)
				var squares float64
				for row := range red {
					for col := range red[row] {
						r, g, b := red[row][col], green[row][col], blue[row][col]
						want := []float64{0.299*r + 0.587*g + 0.114*b, 128 - 0.168736*r - 0.331264*g + 0.5*b, 128 + 0.5*r - 0.418688*g - 0.081312*b}[i]
						d := float64(got.Pix[row*got.Stride+col]) - want
						squares += d * d
					}
				}
				if db := 10 * math.Log10(255*255*float64(got.Width*got.Height)/squares); db < c.least {
					t.Errorf("plane %d: %.1f dB, want %.0f", i, db, c.least)
				}
			}
		})
	}
}

func TestConversionPanics(t *testing.T) {
	for name, f := range map[string]func(*Conversion){
		"short row":   func(c *Conversion) { c.Row(0, make([]uint8, 8), 3) },
		"no such row": func(c *Conversion) { c.Row(2, make([]uint8, 9), 3) },
		"two bytes":   func(c *Conversion) { c.Row(0, make([]uint8, 9), 2) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f(NewConversion(3, 2, false))
		}()
	}
}

func BenchmarkConversion(b *testing.B) {
	row := make([]uint8, 2400*3)
	for i := range row {
		row[i] = uint8(i * i / 7)
	}
	for name, coarse := range map[string]bool{"fine": false, "coarse": true} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c := NewConversion(2400, 1800, coarse)
				for y := range 1800 {
					c.Row(y, row, 3)
				}
			}
		})
	}
}

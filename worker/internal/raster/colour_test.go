package raster

import (
	"image/color"
	"math/rand/v2"
	"testing"
)

// TestColourRowIsThatOfColor compares pixels with those of image/color, for all values of luma and many colours.
func TestColourRowIsThatOfColor(t *testing.T) {
	light := make([]byte, 255) // the last group has one pixel
	for first := range 2 {
		for x := range light {
			light[x] = byte(x + first)
		}
		for _, pitch := range []int{1, 2, 4} {
			groups := (len(light) + pitch - 1) / pitch
			blue, red, dst := make([]byte, groups), make([]byte, groups), make([]byte, 4*len(light))
			for u := 0; u < 256; u += 5 {
				for w := 0; w < 256; w += 3 {
					for i := range blue {
						blue[i], red[i] = byte(u+i), byte(w-i)
					}
					colourRow(dst, light, blue, red, pitch)
					for x, v := range light {
						r, g, b := color.YCbCrToRGB(v, blue[x/pitch], red[x/pitch])
						if got := [4]byte(dst[4*x:]); got != [4]byte{r, g, b, 255} {
							t.Fatalf("%d, %d, %d: got %v, want %d, %d, %d", v, blue[x/pitch], red[x/pitch], got, r, g, b)
						}
					}
				}
			}
		}
	}
}

// TestConvertPlanarIsThatOfColor converts planes of another matrix, pixel by pixel and by image/color.
func TestConvertPlanarIsThatOfColor(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 3))
	for _, size := range []Size{{1, 1}, {2, 2}, {17, 5}, {64, 3}, {33, 32}} {
		for _, pitch := range []int{1, 2} {
			p := Planar{Width: size.Width, Height: size.Height, Matrix: Matrix{Red: 2126, Blue: 722}}
			for i := range 3 {
				c := Plane{Width: size.Width, Height: size.Height, PitchX: 1, PitchY: 1}
				if i > 0 {
					c.Width, c.Height, c.PitchX, c.PitchY = (size.Width+pitch-1)/pitch, (size.Height+pitch-1)/pitch, pitch, pitch
				}
				c.Stride = c.Width + 3
				c.Pix = make([]byte, c.Stride*c.Height)
				for i := range c.Pix {
					c.Pix[i] = byte(r.Uint32())
				}
				p.Planes = append(p.Planes, c)
			}
			luma, blue, red := plainConversion(p)
			must(FromPlanar(p).ConvertColours(t.Context(), nil))
			for y := range size.Height {
				for x := range size.Width {
					if got := p.Planes[0].Row(y)[x]; got != luma[y][x] {
						t.Fatalf("%v, pitch %d: luma at %d,%d is %d, want %d", size, pitch, x, y, got, luma[y][x])
					}
					if got := [2]byte{p.Planes[1].Row(y)[x/pitch], p.Planes[2].Row(y)[x/pitch]}; got != [2]byte{blue[y/pitch][x/pitch], red[y/pitch][x/pitch]} {
						t.Fatalf("%v, pitch %d: colours at %d,%d are %v", size, pitch, x, y, got)
					}
				}
			}
		}
	}
}

// plainConversion returns the planes of p in the matrix of JPEG.
func plainConversion(p Planar) (luma, blue, red [][]byte) {
	pitch := p.Planes[1].PitchX
	luma = make([][]byte, p.Height)
	sums := make([][][3]int, p.Planes[1].Height)
	for i := range sums {
		sums[i] = make([][3]int, p.Planes[1].Width)
	}
	toRGB := p.Matrix.rowConverter()
	for y := range p.Height {
		pix := make([]byte, 4*p.Width)
		toRGB(pix, p.Planes[0].Row(y), p.Planes[1].Row(y), p.Planes[2].Row(y), pitch)
		luma[y] = make([]byte, p.Width)
		for x := range p.Width {
			l, b, r := color.RGBToYCbCr(pix[4*x], pix[4*x+1], pix[4*x+2])
			luma[y][x] = l
			s := &sums[y/pitch][x/pitch]
			s[0], s[1], s[2] = s[0]+int(b), s[1]+int(r), s[2]+1
		}
	}
	for _, row := range sums {
		var b, r []byte
		for _, s := range row {
			b, r = append(b, byte((s[0]+s[2]/2)/s[2])), append(r, byte((s[1]+s[2]/2)/s[2]))
		}
		blue, red = append(blue, b), append(red, r)
	}
	return luma, blue, red
}

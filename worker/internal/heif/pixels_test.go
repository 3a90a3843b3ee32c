package heif

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"darkroom/worker/internal/hevc"
	"darkroom/worker/internal/raster"
)

// tileOf returns a picture of random samples, with gaps between the rows of its planes.
func tileOf(r *rand.Rand, width, height, chroma int, depths ...int) *hevc.Picture {
	x, y := colour{chroma: chroma}.pitch()
	p := &hevc.Picture{Width: width, Height: height, Chroma: chroma}
	for i, depth := range depths {
		plane := hevc.Plane{Width: width, Height: height, Depth: depth}
		if i > 0 {
			plane.Width, plane.Height = (width+x-1)/x, (height+y-1)/y
		}
		plane.Stride = plane.Width + r.IntN(9)
		plane.Pix = make([]uint16, plane.Stride*plane.Height)
		for i := range plane.Pix {
			plane.Pix[i] = uint16(r.IntN(1 << depth))
		}
		p.Planes = append(p.Planes, plane)
	}
	return p
}

// exactSample returns the luma (0 to 1) or colour (-0.5 to 0.5) of a sample, as H.273, 8.3 defines it.
func exactSample(v float64, depth int, full, chroma bool) float64 {
	unit := math.Pow(2, float64(depth-8))
	switch {
	case chroma && full:
		return (v - 128*unit) / (256*unit - 1)
	case chroma:
		return (v/unit - 128) / 224
	case full:
		return v / (256*unit - 1)
	}
	return (v/unit - 16) / 219
}

func byteOf(v float64) byte { return byte(min(max(math.Floor(v*255+0.5), 0), 255)) }

// exceedsRounding reports whether a byte differs from a number of 0 to 1 by more than rounding allows.
func exceedsRounding(got byte, want float64) bool {
	return got != byteOf(want) && math.Abs(math.Mod(want*255+100, 1)-0.5) > 1e-4
}

func TestTables(t *testing.T) {
	t.Parallel()
	for depth := 8; depth <= 12; depth++ {
		for _, full := range []bool{true, false} {
			luma, chroma := lumaTable(depth, full), chromaTable(depth, full)
			for v := range 1 << depth {
				if want := exactSample(float64(v), depth, full, false); exceedsRounding(luma[v], want) {
					t.Fatalf("%d bits, full %v: luma %d became %d, want %.3f", depth, full, v, luma[v], want*255)
				}
				if want := exactSample(float64(v), depth, full, true) + 128.0/255; exceedsRounding(chroma[v], want) {
					t.Fatalf("%d bits, full %v: colour %d became %d, want %.3f", depth, full, v, chroma[v], want*255)
				}
			}
		}
	}
}

// TestPlanes copies tiles into planes, and compares each sample with that of the tile that covers it.
func TestPlanes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for chroma, name := range []string{"4:0:0", "4:2:0", "4:2:2", "4:4:4"} {
		for _, depth := range []int{8, 10, 12} {
			c := colour{chroma: chroma, full: depth != 10, matrix: 1}
			depths := []int{depth, depth, depth}
			if chroma == hevc.Grey {
				depths = depths[:1]
			}
			window := image.Rect(2, 6, 75, 57) // cut from 3 x 2 tiles of 32 x 40
			dst := newPlanes(window, c)
			tiles := make([]*hevc.Picture, 6)
			for i := range tiles {
				tiles[i] = tileOf(r, 32, 40, chroma, depths...)
				if err := dst.draw(t.Context(), tiles[i], i%3*32, i/3*40); err != nil {
					t.Fatal(err)
				}
			}
			x, y := c.pitch()
			for i, p := range dst.Planes {
				px, py := 1, 1
				if i > 0 {
					px, py = x, y
				}
				if p.PitchX != px || p.PitchY != py || p.Width != (73+px-1)/px || p.Height != (51+py-1)/py {
					t.Fatalf("%s: plane %d has %d x %d samples", name, i, p.Width, p.Height)
				}
				for sy := range p.Height {
					for sx := range p.Width {
						X, Y := sx+2/px, sy+6/py
						from := tiles[Y/(40/py)*3+X/(32/px)].Planes[i]
						v := from.Pix[Y%(40/py)*from.Stride+X%(32/px)]
						if got := p.Pix[sy*p.Stride+sx]; got != c.table(i, depth)[v] {
							t.Fatalf("%s, %d bits: sample %d, %d of plane %d is %d, of %d", name, depth, sx, sy, i, got, v)
						}
					}
				}
			}
			if dst.Matrix != (raster.Matrix{Red: 2126, Blue: 722}) {
				t.Errorf("matrix %v", dst.Matrix)
			}
		}
	}
	grey := tileOf(r, 8, 8, hevc.Grey, 8)
	if err := newPlanes(image.Rect(0, 0, 8, 8), colour{chroma: hevc.Chroma420}).draw(t.Context(), grey, 0, 0); err == nil {
		t.Error("a grey tile in a colour picture")
	}
}

// interpolatedColour returns the colour at a pixel by definition: along each halved side, the farther sample has a
// weight of a quarter.
func interpolatedColour(p hevc.Plane, x, y, pitchX, pitchY int) float64 {
	samples := func(i, pitch, n int) (int, int) {
		if pitch == 1 {
			return i, i
		}
		far := i/2 - 1
		if i%2 == 1 {
			far = i/2 + 1
		}
		return i / 2, min(max(far, 0), n-1)
	}
	x0, x1 := samples(x, pitchX, p.Width)
	y0, y1 := samples(y, pitchY, p.Height)
	sampleAt := func(x, y int) float64 { return float64(p.Pix[y*p.Stride+x]) }
	return (9*sampleAt(x0, y0) + 3*sampleAt(x1, y0) + 3*sampleAt(x0, y1) + sampleAt(x1, y1)) / 16
}

// TestDrawSamples compares RGB with the equations of H.273 in floating point, for every layout, range, depth and
// matrix.
func TestDrawSamples(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for _, matrix := range []int{0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 12} {
		for chroma := range 4 {
			for _, full := range []bool{true, false} {
				for _, depths := range [][]int{{8, 8, 8}, {10, 10, 10}, {12, 12, 12}, {10, 8, 8}} {
					c := colour{chroma: chroma, full: full, matrix: matrix, primaries: 12}
					if chroma == hevc.Grey {
						depths = depths[:1]
					}
					p := tileOf(r, 33, 19, chroma, depths...)
					dst := image.NewNRGBA(image.Rect(0, 0, 33, 19))
					drawSamples(t.Context(), canvas{dst, identityLayout(33, 19)}, p, c, false)
					wantRGB(t, fmt.Sprintf("matrix %d, chroma %d, full %v, %d bits", matrix, chroma, full, depths), dst, p, c)
				}
			}
		}
	}
}

func wantRGB(t *testing.T, name string, got *image.NRGBA, p *hevc.Picture, c colour) {
	t.Helper()
	kr, kb := 0.299, 0.114
	if w := (map[int][2]float64{1: {0.2126, 0.0722}, 4: {0.3, 0.11}, 7: {0.212, 0.087}, 9: {0.2627, 0.0593}, 10: {0.2627, 0.0593},
		12: {0.2290, 0.0793}})[c.matrix]; w[0] != 0 {
		kr, kb = w[0], w[1]
	}
	px, py := c.pitch()
	for y := range p.Height {
		for x := range p.Width {
			l := exactSample(float64(p.Planes[0].Pix[y*p.Planes[0].Stride+x]), p.Planes[0].Depth, c.full, false)
			want := [3]float64{l, l, l}
			if len(p.Planes) > 1 {
				b, r := interpolatedColour(p.Planes[1], x, y, px, py), interpolatedColour(p.Planes[2], x, y, px, py)
				depth := p.Planes[1].Depth
				u, v := exactSample(b, depth, c.full, true), exactSample(r, depth, c.full, true)
				switch c.matrix {
				case 0:
					want = [3]float64{exactSample(r, depth, c.full, false), l, exactSample(b, depth, c.full, false)}
				case 8:
					want = [3]float64{l - u + v, l + u, l - u - v}
				default:
					red, blue := l+2*(1-kr)*v, l+2*(1-kb)*u
					want = [3]float64{red, (l - kr*red - kb*blue) / (1 - kr - kb), blue}
				}
			}
			at := got.Pix[got.PixOffset(x, y):]
			for i := range want {
				if exceedsRounding(at[i], want[i]) {
					t.Fatalf("%s: channel %d at %d, %d is %d, want %.4f", name, i, x, y, at[i], want[i]*255)
				}
			}
			if at[3] != 255 {
				t.Fatalf("%s: alpha %d", name, at[3])
			}
		}
	}
}

// TestJoinedTiles checks that colours are interpolated across the borders of tiles, as if the picture were in one
// piece.
func TestJoinedTiles(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for _, chroma := range []int{hevc.Chroma420, hevc.Chroma422} {
		c := colour{chroma: chroma, matrix: 1}
		whole := newWhole(75, 57, c)
		var tiles []*hevc.Picture
		for i := range 6 {
			tiles = append(tiles, tileOf(r, 32, 40, chroma, 10, 10, 10))
			if err := join(t.Context(), whole, tiles[i], i%3*32, i/3*40); err != nil {
				t.Fatal(err)
			}
		}
		dst := image.NewNRGBA(image.Rect(0, 0, 75, 57))
		drawSamples(t.Context(), canvas{dst, identityLayout(75, 57)}, whole, c, false)
		wantRGB(t, fmt.Sprint("joined, chroma ", chroma), dst, whole, c)
		x, y := c.pitch()
		for i, p := range whole.Planes[1:] {
			for sy := range p.Height {
				for sx := range p.Width {
					from := tiles[sy/(40/y)*3+sx/(32/x)].Planes[i+1]
					if got, want := p.Pix[sy*p.Stride+sx], from.Pix[sy%(40/y)*from.Stride+sx%(32/x)]; got != want {
						t.Fatalf("sample %d, %d of colour %d is %d, want %d", sx, sy, i, got, want)
					}
				}
			}
		}
	}
	if err := join(t.Context(), newWhole(64, 64, colour{chroma: hevc.Chroma420}), tileOf(r, 32, 32, hevc.Chroma444, 8, 8, 8), 0, 0); err == nil {
		t.Error("a tile of another layout is joined")
	}
}

// TestUnturned checks that a crop keeps the same part of the stored picture, whatever its orientation.
func TestUnturned(t *testing.T) {
	t.Parallel()
	l := identityLayout(100, 60)
	for _, turned := range []struct {
		name string
		l    layout
	}{
		{"none", l}, {"left", l.turn()}, {"half", l.turn().turn()}, {"right", l.turn().turn().turn()},
		{"flip", l.flip()}, {"flop", l.flop()}, {"left and flip", l.turn().flip()}, {"left and flop", l.turn().flop()},
	} {
		h := Header{layer: layer{layout: turned.l.followedBy(cropLayout(4, 6, 20, 30)), colour: picture{width: 100, height: 60}}}
		got := h.planarWindow()
		if w, ht := h.UnturnedSize(); got.Dx() != w || got.Dy() != ht {
			t.Errorf("%s: %v of %d x %d", turned.name, got, w, ht)
		}
		kept := 0
		for y := range 60 {
			for x := range 100 {
				ux, uy := h.layout.point(x, y)
				inside := image.Pt(ux, uy).In(image.Rect(0, 0, 20, 30))
				if inside != image.Pt(x, y).In(got) {
					t.Fatalf("%s: %d, %d is kept: %v, of %v", turned.name, x, y, inside, got)
				}
				if inside {
					kept++
				}
			}
		}
		if kept != 600 {
			t.Errorf("%s: %d pixels", turned.name, kept)
		}
	}
}

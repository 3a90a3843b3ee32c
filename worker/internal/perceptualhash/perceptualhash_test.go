package perceptualhash

import (
	"image"
	"image/color"
	"math"
	"testing"
)

// draw returns a picture with the colour at each position by a function.
func draw(w, h int, at func(x, y int) color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, at(x, y))
		}
	}
	return m
}

func grey(v int) color.NRGBA { return color.NRGBA{uint8(v), uint8(v), uint8(v), 255} }

// texture returns grey noise in blocks, which contains every frequency.
func texture(w, h int) *image.NRGBA {
	return draw(w, h, func(x, y int) color.NRGBA {
		n := uint32(x/5+1)*0x9e3779b1 ^ uint32(y/7+1)*0x85ebca77
		n = (n ^ n>>15) * 0x2c1b3c6d
		return grey(int(n >> 24))
	})
}

// TestComputeAsImageHash compares hashes with those of imagehash.phash 4.3.2 for the same 32 x 32 pixels, which neither
// has to resize.
func TestComputeAsImageHash(t *testing.T) {
	for _, tc := range []struct {
		name string
		m    *image.NRGBA
		want string
	}{
		{"texture", texture(32, 32), "9a395e0a1deaf2a1"},
		{"curve", draw(32, 32, func(x, y int) color.NRGBA { return grey((x*x + 3*x*y + 2*y) / 17 % 256) }), "aa5d105f0d5d585d"},
		{"colours", draw(32, 32, func(x, y int) color.NRGBA {
			return color.NRGBA{uint8(x * 8), uint8(255 - y*y/4), uint8(x * y % 251), 255}
		}), "80be78e36cc952d5"},
	} {
		if got := Compute(tc.m).String(); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// TestComputeByFormula compares hashes with the formula in float64. Bits with a sum within rounding of the median may
// differ.
func TestComputeByFormula(t *testing.T) {
	m := texture(32, 32)
	got := Compute(m)
	var sums []float64
	for v := range 8 {
		for u := range 8 {
			sum := 0.0
			for y := range 32 {
				for x := range 32 {
					sum += float64(m.NRGBAAt(x, y).R) * math.Cos(math.Pi*float64(v*(2*y+1))/64) * math.Cos(math.Pi*float64(u*(2*x+1))/64)
				}
			}
			sums = append(sums, sum)
		}
	}
	for i, s := range sums {
		above := 0
		for _, o := range sums {
			if o > s {
				above++
			}
		}
		if bit := got>>(63-i)&1 == 1; bit != (above < 32) {
			t.Errorf("bit of wave %d,%d is %v: %d of 64 sums are above its own", i/8, i%8, bit, above)
		}
	}
}

func TestComputeOfFlatPictures(t *testing.T) {
	for _, tc := range []struct {
		c    color.NRGBA
		want string
	}{
		{grey(0), "0000000000000000"}, // every sum is the median
		{grey(1), "8000000000000000"}, // only the mean is above it
		{grey(255), "8000000000000000"},
		{color.NRGBA{200, 40, 90, 255}, "8000000000000000"},
		{color.NRGBA{0, 0, 0, 0}, "8000000000000000"}, // white
	} {
		for _, s := range []image.Point{{1, 1}, {100, 75}, {31, 33}, {1, 100}, {100, 1}} {
			if got := Compute(draw(s.X, s.Y, func(int, int) color.NRGBA { return tc.c })).String(); got != tc.want {
				t.Errorf("%v of %v: got %s, want %s", tc.c, s, got, tc.want)
			}
		}
	}
}

// TestTransparencyIsWhite checks that a transparent picture has the hash of the same picture on white.
func TestTransparencyIsWhite(t *testing.T) {
	glass := draw(60, 40, func(x, y int) color.NRGBA {
		c := texture(60, 40).NRGBAAt(x, y)
		c.A = uint8(x * 255 / 59)
		return c
	})
	flat := draw(60, 40, func(x, y int) color.NRGBA {
		c := glass.NRGBAAt(x, y)
		return grey((int(c.R)*int(c.A) + 255*(255-int(c.A)) + 127) / 255)
	})
	if d := Distance(Compute(glass), Compute(flat)); d > 2 {
		t.Errorf("distance %d, want at most rounding", d)
	}
	if d := Distance(Compute(glass), Compute(texture(60, 40))); d < 8 {
		t.Errorf("distance %d to the opaque picture: alpha has no effect", d)
	}
}

// TestShapeDoesNotMatter checks that repeating pixels in one direction or in both changes nothing.
func TestShapeDoesNotMatter(t *testing.T) {
	small := texture(25, 19)
	want := Compute(small)
	for _, by := range []image.Point{{2, 1}, {1, 3}, {4, 4}} {
		large := draw(25*by.X, 19*by.Y, func(x, y int) color.NRGBA { return small.NRGBAAt(x/by.X, y/by.Y) })
		if got := Compute(large); got != want {
			t.Errorf("%v times as large: %s, want %s", by, got, want)
		}
	}
}

func TestComputeReadsASubImage(t *testing.T) {
	whole := texture(100, 100)
	part := whole.SubImage(image.Rect(10, 20, 60, 90)).(*image.NRGBA)
	copied := draw(50, 70, func(x, y int) color.NRGBA { return whole.NRGBAAt(x+10, y+20) })
	if got, want := Compute(part), Compute(copied); got != want {
		t.Errorf("a part of a picture has the hash %s, a copy of that part %s", got, want)
	}
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b Hash
		want int
	}{{0, 0, 0}, {0, 1, 1}, {1 << 63, 1, 2}, {0, math.MaxUint64, 64}, {0xff00, 0x00ff, 16}} {
		if got := Distance(tc.a, tc.b); got != tc.want || Distance(tc.b, tc.a) != got {
			t.Errorf("%s and %s: got %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestDivide(t *testing.T) {
	for n := 1; n <= 130; n++ {
		cells, pixels := make([]int, side), make([]int, n)
		for _, s := range divide(n) {
			if s.weight < 1 {
				t.Fatalf("%d pixels: %+v", n, s)
			}
			cells[s.to] += s.weight
			pixels[s.from] += s.weight
		}
		for i, sum := range cells {
			if sum != n {
				t.Errorf("%d pixels: cell %d has weight %d", n, i, sum)
			}
		}
		for i, sum := range pixels {
			if sum != side {
				t.Errorf("%d pixels: pixel %d has weight %d", n, i, sum)
			}
		}
	}
}

func BenchmarkCompute(b *testing.B) {
	m := texture(100, 75)
	for b.Loop() {
		Compute(m)
	}
}

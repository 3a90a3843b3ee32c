package gainmap

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// stored maps a position of an upright picture to the stored picture, whose sides are w and h (EXIF 2.32, 4.6.4,
// Orientation).
func stored(orientation int, x, y, w, h float64) (float64, float64) {
	switch orientation {
	case 2:
		return w - x, y
	case 3:
		return w - x, h - y
	case 4:
		return x, h - y
	case 5:
		return y, x
	case 6:
		return y, h - x
	case 7:
		return w - y, h - x
	case 8:
		return w - y, x
	}
	return x, y
}

// TestResizePlaces resizes a gain map whose samples rise evenly along both sides. A sample of the result must have the
// value at its position.
func TestResizePlaces(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	for orientation := 1; orientation <= 8; orientation++ {
		for range 40 {
			size := image.Pt(60+r.IntN(140), 60+r.IntN(140))
			pitch := 1 + r.IntN(2)
			plane := Plane{Width: (size.X + pitch - 1) / pitch, Height: (size.Y + pitch - 1) / pitch, PitchX: pitch, PitchY: pitch}
			plane.Stride = plane.Width + 3
			value := func(x, y float64) float64 { return 0.7*x + 0.4*y }
			plane.Pix = make([]byte, plane.Stride*plane.Height)
			for y := range plane.Height {
				for x := range plane.Width {
					plane.Pix[y*plane.Stride+x] = byte(math.Round(value((float64(x)+0.5)*float64(pitch), (float64(y)+0.5)*float64(pitch))))
				}
			}
			upright := size
			if orientation >= 5 {
				upright = image.Pt(size.Y, size.X)
			}
			whole := image.Pt(upright.X*(1+r.IntN(5))+r.IntN(9), upright.Y*(1+r.IntN(5))+r.IntN(9))
			part := image.Rect(r.IntN(whole.X/2), r.IntN(whole.Y/2), whole.X/2+1+r.IntN(whole.X/2), whole.Y/2+1+r.IntN(whole.Y/2))
			w, h := 5+r.IntN(40), 5+r.IntN(40)
			got, err := Window{whole, part, orientation}.Resize(t.Context(), plane, size, w, h)
			if err != nil || len(got) != w*h {
				t.Fatal(len(got), err)
			}
			what := fmt.Sprintf("orientation %d, %v of %v from %v to %dx%d", orientation, part, whole, size, w, h)
			for y := range h {
				for x := range w {
					px := (float64(part.Min.X) + (float64(x)+0.5)*float64(part.Dx())/float64(w)) / float64(whole.X) * float64(upright.X)
					py := (float64(part.Min.Y) + (float64(y)+0.5)*float64(part.Dy())/float64(h)) / float64(whole.Y) * float64(upright.Y)
					sx, sy := stored(orientation, px, py, float64(size.X), float64(size.Y))
					edge := 2 + math.Max(float64(part.Dx())/float64(w)*float64(upright.X)/float64(whole.X), float64(part.Dy())/float64(h)*float64(upright.Y)/float64(whole.Y))
					if sx < edge || sy < edge || sx > float64(size.X)-edge || sy > float64(size.Y)-edge {
						continue // the filter reaches beyond the gain map
					}
					if want := value(sx, sy); math.Abs(float64(got[y*w+x])-want) > 1 {
						t.Fatalf("%s: %d at %d,%d, want %.1f", what, got[y*w+x], x, y, want)
					}
				}
			}
		}
	}
}

// TestResizeFlat checks that a flat plane does not change, and that samples stay within the range of the plane.
func TestResizeFlat(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		p := Plane{Width: 1 + r.IntN(20), Height: 1 + r.IntN(20), PitchX: 1, PitchY: 1}
		p.Stride, p.Pix = p.Width, make([]byte, p.Width*p.Height)
		low, high := byte(r.IntN(256)), byte(r.IntN(256))
		low, high = min(low, high), max(low, high)
		for i := range p.Pix {
			p.Pix[i] = low
			if r.IntN(2) == 0 {
				p.Pix[i] = high
			}
		}
		whole := image.Pt(1+r.IntN(50), 1+r.IntN(50))
		w := Window{whole, image.Rectangle{Max: whole}, 1 + r.IntN(8)}
		got, err := w.Resize(t.Context(), p, image.Pt(p.Width, p.Height), 1+r.IntN(30), 1+r.IntN(30))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range got {
			if v < low || v > high {
				t.Fatalf("%d is not from %d to %d", v, low, high)
			}
		}
	}
}

// TestResizeLargest checks the weights for the longest sides.
func TestResizeLargest(t *testing.T) {
	const side = 65535
	p := Plane{Pix: make([]byte, side), Stride: side, Width: side, Height: 1, PitchX: 1, PitchY: 1}
	for i := range p.Pix {
		p.Pix[i] = byte(i / 257)
	}
	w := Window{image.Pt(side, 1), image.Rect(side-8192, 0, side, 1), 1}
	got, err := w.Resize(t.Context(), p, image.Pt(side, 1), 8192, 1)
	if err != nil || got[0] != (side-8192)/257 || got[8191] != 254 && got[8191] != 255 {
		t.Errorf("%d to %d: %v", got[0], got[8191], err)
	}
	if got, err = (Window{image.Pt(side, 1), image.Rect(0, 0, side, 1), 3}).Resize(t.Context(), p, image.Pt(side, 1), 1, 1); err != nil || got[0] != 127 {
		t.Errorf("all in one: %d, %v", got[0], err)
	}
}

func TestSize(t *testing.T) {
	for _, tc := range []struct {
		out      image.Point
		num, den int
		want     image.Point
	}{
		{image.Pt(1600, 1200), 1, 4, image.Pt(400, 300)},
		{image.Pt(1600, 1200), 1000, 4001, image.Pt(400, 300)},
		{image.Pt(1600, 1067), 1, 4, image.Pt(400, 267)},
		{image.Pt(320, 213), 1, 4, image.Pt(80, 53)},
		{image.Pt(1600, 2), 1, 4, image.Pt(794, 1)},
		{image.Pt(3, 2), 1, 4, image.Pt(3, 2)},
		{image.Pt(1, 1), 1, 4, image.Pt(1, 1)},
		{image.Pt(100, 100), 3, 1, image.Pt(100, 100)},
	} {
		if got := Size(tc.out, tc.num, tc.den); got != tc.want {
			t.Errorf("%v times %d/%d: %v, want %v", tc.out, tc.num, tc.den, got, tc.want)
		}
	}
}

// TestSizeKeepsProportions checks sizes against the tolerance of libultrahdr, 1 in 100.
func TestSizeKeepsProportions(t *testing.T) {
	for w := 1; w < 400; w += 7 {
		for h := 1; h < 400; h += 11 {
			got := Size(image.Pt(w, h), 1, 4)
			if ratio := float64(got.X) / float64(got.Y) * float64(h) / float64(w); math.Abs(ratio-1) > 0.009 || 4*got.X+2 < w {
				t.Errorf("%dx%d: %v", w, h, got)
			}
		}
	}
}

package samples

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif" // formats of variants
	_ "image/jpeg"
	_ "image/png"
	"math"

	_ "golang.org/x/image/webp"
)

// tolerance is the largest difference of a channel between a variant and the original, on a scale of 256. JPEG,
// palettes and resampling change colours a little; the colours of the quarters differ by more.
const tolerance = 48

// Check decodes a variant of the sample and compares a pixel in each quarter. It returns the size of the variant in
// pixels, and an error if the variant does not decode or does not show the sample upright.
func (s Sample) Check(variant []byte) (image.Point, error) {
	m, _, err := image.Decode(bytes.NewReader(variant))
	if err != nil {
		return image.Point{}, fmt.Errorf("decode a variant of %s: %w", s.Name, err)
	}
	return m.Bounds().Size(), s.compareQuarters(m)
}

// compareQuarters compares a pixel in each quarter of a picture with the sample.
func (s Sample) compareQuarters(m image.Image) error {
	b := m.Bounds()
	if b.Dx() < 4 || b.Dy() < 4 {
		return nil // too small for four distinct quarters
	}
	for i, want := range s.quarters {
		// An eighth from the edge is outside the disc in the middle, however the variant is cropped.
		x, y := b.Min.X+b.Dx()/8, b.Min.Y+b.Dy()/8
		if i%2 == 1 {
			x = b.Max.X - 1 - b.Dx()/8
		}
		if i >= 2 {
			y = b.Max.Y - 1 - b.Dy()/8
		}
		r, g, bl, _ := m.At(x, y).RGBA()
		got := [3]int{int(r >> 8), int(g >> 8), int(bl >> 8)}
		for j, w := range [3]int{int(want.R), int(want.G), int(want.B)} {
			if d := got[j] - w; d > tolerance || d < -tolerance {
				return fmt.Errorf("a variant of %s is not upright: pixel %d,%d of %s is %v, want about %v", s.Name, x, y, b.Size(),
					got, want)
			}
		}
	}
	return nil
}

// Box is the specification of a variant.
type Box struct {
	Name          string
	Width, Height int  // pixels
	Fill          bool // cropped to the proportions of the box instead of scaled to fit
}

// Boxes are a worker's default variants.
var Boxes = []Box{
	{Name: "large", Width: 1600, Height: 1600},
	{Name: "medium", Width: 800, Height: 800},
	{Name: "small", Width: 320, Height: 320},
	{Name: "thumb", Width: 256, Height: 256, Fill: true},
}

// Size returns the size of the variant of a picture, with a rounding error of up to one pixel a side.
func (b Box) Size(width, height int) image.Point {
	w, h, bw, bh := float64(width), float64(height), float64(b.Width), float64(b.Height)
	inside, cover := min(bw/w, bh/h, 1), max(bw/w, bh/h)
	round := func(x, y float64) image.Point {
		return image.Pt(max(1, int(math.Round(x))), max(1, int(math.Round(y))))
	}
	switch {
	case !b.Fill:
		return round(w*inside, h*inside)
	case cover <= 1:
		return round(bw, bh)
	default: // the picture is smaller than the box: crop it to the box's proportions
		return round(bw/cover, bh/cover)
	}
}

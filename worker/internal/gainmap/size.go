package gainmap

import "image"

// Aspect of a gain map: libultrahdr refuses one whose proportions differ from the picture's by more than 1 in 100.
const aspectTolerance = 125 // the difference is less than 1 in this many

// Size returns the size of the gain map of a picture whose size is out. It is the smallest whose width is at least
// out's width times num/den, and whose proportions are those of the picture, to within 0.8 %.
func Size(out image.Point, num, den int) image.Point {
	first := min(max(int((2*int64(out.X)*int64(num)+int64(den))/(2*int64(den))), 1), out.X)
	for w := first; w < out.X; w++ {
		h := max(int((2*int64(w)*int64(out.Y)+int64(out.X))/(2*int64(out.X))), 1)
		a, b := int64(w)*int64(out.Y), int64(h)*int64(out.X)
		if max(a-b, b-a)*aspectTolerance < b {
			return image.Pt(w, h)
		}
	}
	return out
}

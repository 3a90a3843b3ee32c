package gainmap

import "image"

// Tolerance of the aspect ratio. libultrahdr refuses a gain map whose proportions differ from the picture's by more
// than 1 in 100.
const aspectTolerance = 125 // the difference is less than 1 in aspectTolerance

// Size returns the size in pixels of the gain map for a picture of size out: the smallest size that is at least num/den
// times as wide as the picture and has its proportions to within 0.8 %.
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

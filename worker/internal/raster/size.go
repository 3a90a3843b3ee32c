package raster

// Size is a width and a height in pixels.
type Size struct{ Width, Height int }

// Pixels returns the number of pixels.
func (s Size) Pixels() int64 { return int64(s.Width) * int64(s.Height) }

// Covers reports whether both sides of s are at least as long as those of o.
func (s Size) Covers(o Size) bool { return s.Width >= o.Width && s.Height >= o.Height }

// Transposed returns the size with its sides exchanged.
func (s Size) Transposed() Size { return Size{s.Height, s.Width} }

// Upright returns the displayed size of a picture whose stored size is s and whose EXIF orientation is 1 to 8. It works
// in the other direction too: from the displayed size it returns the stored one.
func (s Size) Upright(orientation int) Size {
	if orientation >= 5 {
		return s.Transposed()
	}
	return s
}

// Reduced returns the size of a picture decoded at 1/denominator. With denominator 2 it is also the size of the colour
// planes of a picture in 4:2:0. The file formats count part of a pixel as a whole one, so both sides are rounded up.
func (s Size) Reduced(denominator int) Size {
	return Size{(s.Width + denominator - 1) / denominator, (s.Height + denominator - 1) / denominator}
}

// Max returns the larger width and the larger height of two sizes.
func (s Size) Max(o Size) Size { return Size{max(s.Width, o.Width), max(s.Height, o.Height)} }

// Scale returns side*num/den rounded half up, and at least 1. All sizes that Darkroom chooses itself are rounded this
// way.
func Scale(side, num, den int) int {
	return max(1, int((2*int64(side)*int64(num)+int64(den))/(2*int64(den))))
}

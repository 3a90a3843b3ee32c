package raster

const rgbaBytes = 4 // bytes in a pixel

// RGBAMemory returns the bytes of an RGBA picture.
func RGBAMemory(s Size) int64 { return s.Pixels() * rgbaBytes }

// PlanarMemory returns the bytes of a picture in planes: luma and, unless it is grey, two planes of colour. These are as
// large as luma with fullColour, and else have half its sides, rounded up.
func PlanarMemory(s Size, grey, fullColour bool) int64 {
	switch {
	case grey:
		return s.Pixels()
	case fullColour:
		return s.Pixels() * 3
	}
	return s.Pixels() + 2*s.Over(2).Pixels()
}

// ToPlanarMemory returns the bytes of the planes that RGB pixels become, with a row of sums. See [NewConversion] for
// coarse.
func ToPlanarMemory(s Size, grey, coarse bool) int64 {
	return PlanarMemory(s, grey, !coarse) + int64(s.Width)*16
}

// FilterMemory returns the bytes of the weights along both sides, while they are calculated and then. Each sample of the
// result has as many weights as the six lobes reach over, twice in two bytes each, and half as many for the colours. A
// row of each plane in two bytes a sample is included.
func FilterMemory(from, to Size) int64 {
	return int64(from.Width+from.Height)*48 + int64(to.Width+to.Height)*60
}

// ResampleRGBAMemory returns the bytes of an RGBA picture that is resampled from another. Shrinking needs the rows that
// the filter reaches over, and 32 more, in two bytes a sample. Enlarging is left to imaging, which resamples the width
// first: to a picture as wide as the result and as high as the source.
func ResampleRGBAMemory(from, to Size) int64 {
	switch {
	case from == to:
		return 0
	case !from.Covers(to):
		return RGBAMemory(Size{to.Width, from.Height}) + RGBAMemory(to)
	}
	rows := min(from.Height, 6*(from.Height/to.Height+1)+3+32)
	return RGBAMemory(to) + Size{from.Width, rows + 2}.Pixels()*2*rgbaBytes + FilterMemory(from, to)
}

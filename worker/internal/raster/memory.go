package raster

const rgbaBytes = 4 // bytes in a pixel

// RGBAMemory returns the bytes of an RGBA picture.
func RGBAMemory(s Size) int64 { return s.Pixels() * rgbaBytes }

// PlanarMemory returns the bytes of a picture in planes: luma and, unless it is grey, two planes of colour. With
// fullColour these are as large as luma. Otherwise their sides are half as long, rounded up.
func PlanarMemory(s Size, grey, fullColour bool) int64 {
	switch {
	case grey:
		return s.Pixels()
	case fullColour:
		return s.Pixels() * 3
	}
	return s.Pixels() + 2*s.Reduced(2).Pixels()
}

// ToPlanarMemory returns the bytes of the planes that RGB pixels become, with a row of sums. See [NewConversion] for
// coarse.
func ToPlanarMemory(s Size, grey, coarse bool) int64 {
	bytes := PlanarMemory(s, grey, !coarse)
	if coarse && !grey {
		bytes += int64(s.Width+1) * 6
	}
	return bytes
}

// Step describes a step of resampling for [StepsMemory].
type Step struct {
	Kind             StepKind
	From, To         Size // From is not used by steps that keep the size
	Grey, FullColour bool // layout of planes
}

// StepKind says what a [Step] needs.
type StepKind int

const (
	HoldRGBA     StepKind = iota // an RGBA picture
	HoldPlanes                   // a picture in planes
	FilterPlanes                 // filtering planes, without the result
	FilterRGBA                   // an RGBA picture resampled from another, with the result
	SplitRGBA                    // planes made of RGBA pixels
)

// StepsMemory returns the bytes that steps take if none of their buffers is freed.
func StepsMemory(steps []Step) (bytes int64) {
	for _, s := range steps {
		switch s.Kind {
		case HoldRGBA:
			bytes += RGBAMemory(s.To)
		case HoldPlanes:
			bytes += PlanarMemory(s.To, s.Grey, s.FullColour)
		case FilterPlanes:
			bytes += filterMemory(s.From, s.To)
		case FilterRGBA:
			bytes += resampleRGBAMemory(s.From, s.To)
		case SplitRGBA:
			bytes += ToPlanarMemory(s.To, s.Grey, !s.FullColour)
		}
	}
	return bytes
}

// filterMemory returns the bytes that filtering planes takes, without the result. It includes the weights along both
// sides, also while they are calculated: each sample of the result has a weight of two bytes for each sample that the
// six lobes cover, twice, and half as many for the colours. It also includes a row of each plane in two bytes a sample,
// the planes of a side that is shortened by boxes, and the rows of luma that the filter covers, with 32 more, as
// amounts of light in two bytes a sample.
func filterMemory(from, to Size) int64 {
	less := from.boxed(to)
	return weightsMemory(from, to) + less.rows(to)*int64(less.Width)*2
}

// weightsMemory is filterMemory without the rows in amounts of light.
func weightsMemory(from, to Size) int64 {
	less := from.boxed(to)
	bytes := int64(less.Width+less.Height)*48 + int64(to.Width+to.Height)*60
	if less != from {
		bytes += 3 * less.Pixels()
	}
	return bytes
}

// boxed returns the size of a picture after its sides are shortened by boxes.
func (s Size) boxed(to Size) Size {
	fx, fy := boxSize(s.Width, to.Width), boxSize(s.Height, to.Height)
	return Size{(s.Width + fx - 1) / fx, (s.Height + fy - 1) / fy}
}

// resampleRGBAMemory returns the bytes of an RGBA picture that is resampled from another. Shrinking needs the rows that
// the filter covers, and 32 more, in two bytes a sample. Enlarging is left to imaging, which resamples the width first:
// to a picture as wide as the result and as high as the source.
func resampleRGBAMemory(from, to Size) int64 {
	switch {
	case from == to:
		return 0
	case !from.Covers(to):
		return RGBAMemory(Size{to.Width, from.Height}) + RGBAMemory(to)
	}
	less := from.boxed(to)
	bytes := RGBAMemory(to) + weightsMemory(from, to)
	if less != from {
		bytes += RGBAMemory(less)
	}
	return bytes + (less.rows(to)+2)*int64(less.Width)*2*rgbaBytes
}

// rows returns how many rows the buffer holds: those that the filter covers, and some more.
func (s Size) rows(to Size) int64 {
	return int64(min(s.Height, 6*(s.Height/to.Height+1)+3+extraRows))
}

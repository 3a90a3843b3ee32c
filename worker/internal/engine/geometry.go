package engine

import "cmp"

// size is a width and a height in pixels.
type size struct{ w, h int }

func (s size) pixels() int64      { return int64(s.w) * int64(s.h) }
func (s size) covers(o size) bool { return s.w >= o.w && s.h >= o.h }
func (s size) turned() size       { return size{s.h, s.w} }

// over returns the size of the picture when it is decoded at 1/denom, where a part of a pixel counts as one.
func (s size) over(denom int) size { return size{(s.w + denom - 1) / denom, (s.h + denom - 1) / denom} }

// scaled returns side*num/den rounded half up, and at least 1. It is the one rounding rule of variant sizes.
func scaled(side, num, den int) int {
	return max(1, int((2*int64(side)*int64(num)+int64(den))/(2*int64(den))))
}

// placement says how a variant is made of an upright picture: the whole is resampled, a part of it is kept, and that is
// enlarged. No side of whole is larger than the picture's, and out is keep unless the variant is larger than that.
type placement struct {
	whole size
	keep  size
	x, y  int // pixels of whole, the corner of what is kept; see Spec.corner
	out   size
}

// plan returns the sizes of the variant of a picture.
//
// The side that touches the box is exact and the other follows by scaled. Rounding is monotone, so of two plans for
// one picture the whole of one always covers that of the other.
func (s Spec) plan(pic size) placement {
	box := s.box()
	wider := int64(pic.w)*int64(box.h) > int64(pic.h)*int64(box.w) // than the box, in proportion
	byWidth := size{box.w, scaled(pic.h, box.w, pic.w)}
	byHeight := size{scaled(pic.w, box.h, pic.h), box.h}
	touching := byHeight
	if wider {
		touching = byWidth
	}
	switch {
	case s.Fit == Inside && box.covers(pic):
		return s.enlarged(pic, pic, touching)
	case s.Fit == Inside:
		return placement{whole: touching, keep: touching, out: touching}
	case pic.covers(box) && wider:
		return placement{whole: byHeight, keep: box, out: box}
	case pic.covers(box):
		return placement{whole: byWidth, keep: box, out: box}
	case wider: // Fill, and the picture does not cover the box
		return s.enlarged(pic, size{min(pic.w, scaled(pic.h, box.w, box.h)), pic.h}, box)
	default:
		return s.enlarged(pic, size{pic.w, min(pic.h, scaled(pic.w, box.h, box.w))}, box)
	}
}

// enlarged is the plan of a picture that is too small.
func (s Spec) enlarged(pic, keep, to size) placement {
	p := placement{whole: pic, keep: keep, out: keep}
	if s.Upscale {
		p.out = to
	}
	return p
}

// box is that of the Spec, where a side that is free is as large as a side may be.
func (s Spec) box() size { return size{cmp.Or(s.Width, MaxSide), cmp.Or(s.Height, MaxSide)} }

// corner returns where the kept part of whole begins, for every anchor but Smart. In the centre an odd pixel falls off
// at the right or bottom.
func (a Anchor) corner(whole, keep size) (x, y int) {
	halves := map[Anchor][2]int{TopLeft: {0, 0}, Top: {1, 0}, TopRight: {2, 0}, Left: {0, 1}, Centre: {1, 1}, Right: {2, 1},
		BottomLeft: {0, 2}, Bottom: {1, 2}, BottomRight: {2, 2}}[cmp.Or(a, Centre)]
	return (whole.w - keep.w) * halves[0] / 2, (whole.h - keep.h) * halves[1] / 2
}

// largest returns the size of the whole picture that every variant can be made of without enlarging.
func largest(specs []Spec, pic size) size {
	most := size{1, 1}
	for _, s := range specs {
		whole := s.plan(pic).whole
		most = size{max(most.w, whole.w), max(most.h, whole.h)}
	}
	return most
}

// scales are those that a JPEG may be decoded at beside the whole, and by what the picture then has to shrink further at
// least, in eighths. The decoder's own reduction is softer than the filter and folds some detail back, the more so the
// smaller the scale. What shrinks afterwards hides that: with these ratios the luma of two detailed 12 MP photos stays
// within 43 dB of one filter from full size, and without them it fell to 41.6 dB at 1/2, 36.2 at 1/4 and 34.6 at 1/8.
var scales = []struct{ denom, eighths int }{{8, 16}, {4, 12}, {2, 9}}

// denominator returns the scale to decode a picture at that is to become need.
func denominator(pic, need size) int {
	for _, s := range scales {
		if pic.over(s.denom).covers(size{(need.w*s.eighths + 7) / 8, (need.h*s.eighths + 7) / 8}) {
			return s.denom
		}
	}
	return 1
}

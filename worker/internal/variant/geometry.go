package variant

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

// plan returns how a variant is made of an upright picture: the size that the whole picture is resampled to, and the
// size of the middle of it that is kept. No side of whole is larger than the picture's.
//
// The side that touches the box is exact and the other follows by scaled. Rounding is monotone, so of two plans for
// one picture the whole of one always covers that of the other.
func (s Spec) plan(pic size) (whole, keep size) {
	box := size{s.Width, s.Height}
	wider := int64(pic.w)*int64(box.h) > int64(pic.h)*int64(box.w) // than the box, in proportion
	byWidth := size{box.w, scaled(pic.h, box.w, pic.w)}
	byHeight := size{scaled(pic.w, box.h, pic.h), box.h}
	switch {
	case s.Fit == Inside && box.covers(pic):
		return pic, pic
	case s.Fit == Inside && wider:
		return byWidth, byWidth
	case s.Fit == Inside:
		return byHeight, byHeight
	case pic.covers(box) && wider:
		return byHeight, box
	case pic.covers(box):
		return byWidth, box
	case wider: // Fill, and the picture does not cover the box
		return pic, size{min(pic.w, scaled(pic.h, box.w, box.h)), pic.h}
	default:
		return pic, size{pic.w, min(pic.h, scaled(pic.w, box.h, box.w))}
	}
}

// largest returns the size of the whole picture that every variant can be made of without enlarging.
func largest(specs []Spec, pic size) size {
	most := size{1, 1}
	for _, s := range specs {
		whole, _ := s.plan(pic)
		most = size{max(most.w, whole.w), max(most.h, whole.h)}
	}
	return most
}

// denominator returns the largest of 8, 4, 2 and 1 at which a picture decoded at one part in so many still covers
// need.
func denominator(pic, need size) int {
	for denom := 8; denom > 1; denom /= 2 {
		if pic.over(denom).covers(need) {
			return denom
		}
	}
	return 1
}

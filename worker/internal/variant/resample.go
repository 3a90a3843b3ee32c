package variant

import (
	"image"

	"github.com/disintegration/imaging"
)

// shrink returns src resampled to the size by a Lanczos filter (three lobes), which is src itself where it has that
// size. Colours are weighted by their alpha, so a transparent pixel lends no colour to its neighbours.
//
// imaging panics in its own goroutines, where nothing can recover, on a picture that is not what it claims to be. It
// is only ever given *image.NRGBA, whose pixels this package has laid out itself.
func shrink(src *image.NRGBA, to size) *image.NRGBA {
	if sizeOf(src) == to {
		return src
	}
	return imaging.Resize(src, to.w, to.h, imaging.Lanczos)
}

func sizeOf(m *image.NRGBA) size { return size{m.Rect.Dx(), m.Rect.Dy()} }

// middle returns the middle of src in this size, sharing its pixels. An odd pixel falls off at the right or bottom.
func middle(src *image.NRGBA, keep size) *image.NRGBA {
	x, y := (src.Rect.Dx()-keep.w)/2, (src.Rect.Dy()-keep.h)/2
	return &image.NRGBA{Pix: src.Pix[y*src.Stride+4*x:], Stride: src.Stride, Rect: image.Rect(0, 0, keep.w, keep.h)}
}

// cascade holds the whole picture in ever smaller sizes, the largest first.
type cascade []*image.NRGBA

// add returns the picture in a size that is no larger than those held, and holds it. It resamples the smallest
// picture held that is at least twice as large, or else the largest: a picture that shrinks a little many times
// loses sharpness each time.
func (c *cascade) add(to size) *image.NRGBA {
	src := (*c)[0]
	for _, m := range *c {
		if sizeOf(m) == to {
			return m
		}
		if sizeOf(m).covers(size{2 * to.w, 2 * to.h}) {
			src = m
		}
	}
	dst := shrink(src, to)
	*c = append(*c, dst)
	return dst
}

package engine

import (
	"image"

	"github.com/disintegration/imaging"

	"darkroom/worker/internal/plane"
)

// resize returns src resampled to the size by a Lanczos filter (three lobes), which is src itself where it has that
// size. Colours are weighted by their alpha, so a transparent pixel lends no colour to its neighbours.
//
// What becomes larger, as a Spec can ask, is left to imaging. It panics in its own goroutines, where nothing can
// recover, on a picture that is not what it claims to be. It is only ever given *image.NRGBA, whose pixels this package
// has laid out itself.
func resize(k *plane.Kernels, src *image.NRGBA, to size) *image.NRGBA {
	switch s := sizeOf(src); {
	case s == to:
		return src
	case s.covers(to):
		return k.ResampleAlpha(src, to.w, to.h)
	}
	return imaging.Resize(src, to.w, to.h, imaging.Lanczos)
}

func sizeOf(m *image.NRGBA) size { return size{m.Rect.Dx(), m.Rect.Dy()} }

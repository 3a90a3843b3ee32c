package engine

import (
	"cmp"
	"fmt"
	"image"
	"slices"

	"darkroom/worker/internal/plane"
)

// pictures holds the whole picture, upright and in sRGB, in ever smaller sizes.
//
// Each is made of the smallest picture held that is at least twice as large, or else of the largest: a picture that
// shrinks a little many times loses sharpness each time.
type pictures interface {
	make(p placement, fullColour bool) frame
	preview() *image.NRGBA // at most as large as previewSpec says
}

// Stage is what [Engine.Render] is about.
type Stage string

const (
	Decode   Stage = "decode"
	Resample Stage = "resample" // colours, orientation, sizes and sharpening
	Encode   Stage = "encode"
)

// Stages lists every Stage.
var Stages = []Stage{Decode, Resample, Encode}

// Render makes a variant for every Spec, in their order, and in each of its formats, in theirs. h is what
// [Engine.Inspect] returned for the same data. It calls mark, unless that is nil, whenever a stage begins: decoding once,
// the others in turn. The error is a [*Rejection] when the picture does not decode, even where
// its decoder panics on it.
//
// The picture is decoded at 1/8, 1/4 or 1/2 of its size where the format allows it and no variant needs more, shrunk
// to the largest size needed, and turned upright. Each variant is then made of the nearest larger one that is at
// least twice its size, or else of the largest. So is the preview.
func (e *Engine) Render(data []byte, h Header, mark func(Stage)) ([]Image, Preview, error) {
	if mark == nil {
		mark = func(Stage) {}
	}
	whole, l, err := e.open(data, h, mark)
	if err != nil {
		return nil, Preview{}, err
	}
	return e.variants(whole, l, h, mark)
}

func (e *Engine) open(data []byte, h Header, mark func(Stage)) (pictures, look, error) {
	if e.planar(h) {
		return e.openPlanar(data, h, mark)
	}
	return e.openNRGBA(data, h, mark)
}

func (e *Engine) variants(whole pictures, l look, h Header, mark func(Stage)) (_ []Image, _ Preview, err error) {
	pic := upright(h.stored(), h.Orientation)
	made := make([][]Image, len(e.specs))
	for _, i := range e.downward(pic) {
		s := e.specs[i]
		p := s.plan(pic)
		if s.Anchor == Smart {
			p.x, p.y = smartCorner(whole.preview(), p.whole, p.keep)
		} else {
			p.x, p.y = s.Anchor.corner(p.whole, p.keep)
		}
		f := whole.make(p, s.fullColour(h)).sharpened(s.Sharpen)
		mark(Encode)
		if made[i], err = l.encode(f, s, h); err != nil {
			return nil, Preview{}, fmt.Errorf("variant %s: %w", s.Name, err)
		}
		mark(Resample)
	}
	return slices.Concat(made...), previewOf(whole.preview()), nil
}

// downward returns the indexes of the specs from the one that needs the largest picture to the smallest.
func (e *Engine) downward(pic size) []int {
	order := make([]int, len(e.specs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(e.specs[b].plan(pic).whole.pixels(), e.specs[a].plan(pic).whole.pixels())
	})
	return order
}

// serves reports whether a picture of size s is one to make a picture of size to of.
func (s size) serves(to size) bool { return s == to || s.covers(size{2 * to.w, 2 * to.h}) }

// rgbPictures are pictures in RGB with alpha, the largest first.
type rgbPictures struct {
	kernels *plane.Kernels
	wholes  []*image.NRGBA
}

// inRGB makes of a picture in RGB, as it is stored, what the variants are made of.
func (e *Engine) inRGB(pixels *image.NRGBA, data []byte, h Header, opaque bool) (pictures, look) {
	need := upright(largest(e.specs, upright(h.stored(), h.Orientation)), h.Orientation)
	l := look{opaque: opaque, grey: h.grey()}
	convert, carry := conversion(data, h, l.grey)
	l.profile = carry
	top := orient(resize(&e.kernels, pixels, need), h.Orientation)
	convertNRGBA(top, convert)
	return &rgbPictures{&e.kernels, []*image.NRGBA{top}}, l
}

func (held *rgbPictures) make(p placement, _ bool) frame {
	m := held.whole(p.whole)
	f := frame{rgb: &image.NRGBA{Pix: m.Pix[p.y*m.Stride+4*p.x:], Stride: m.Stride, Rect: image.Rect(0, 0, p.keep.w, p.keep.h)}}
	if p.out != p.keep {
		f.rgb = resize(held.kernels, f.nrgba(), p.out)
	}
	return f
}

func (held *rgbPictures) preview() *image.NRGBA {
	return held.whole(previewSpec.plan(sizeOf(held.wholes[0])).whole)
}

// whole returns the picture in a size that is no larger than those held, and holds it.
func (held *rgbPictures) whole(to size) *image.NRGBA {
	src := held.wholes[0]
	for _, m := range held.wholes {
		if s := sizeOf(m); s.serves(to) && sizeOf(src).covers(s) {
			src = m
		}
	}
	if sizeOf(src) == to {
		return src
	}
	dst := resize(held.kernels, src, to)
	held.wholes = append(held.wholes, dst)
	return dst
}

// planarPictures are pictures in planes, the largest first.
type planarPictures struct {
	kernels *plane.Kernels
	wholes  []plane.Picture
}

// make makes nothing of the rest of a picture: a crop is of no use to the variants that follow.
func (held *planarPictures) make(p placement, fullColour bool) frame {
	src := held.wholes[0]
	for _, w := range held.wholes {
		if s := planesSize(w); s.serves(p.whole) && planesSize(src).covers(s) && (!fullColour || w.Planes[1].PitchX == 1) {
			src = w
		}
	}
	dst := held.kernels.Resample(src, plane.View{Width: p.whole.w, Height: p.whole.h,
		X: p.x, Y: p.y, KeepWidth: p.keep.w, KeepHeight: p.keep.h, FullColour: fullColour})
	if p.keep == p.whole {
		held.wholes = append(held.wholes, dst)
	}
	if p.out != p.keep {
		dst = held.kernels.Resample(dst, plane.View{Width: p.out.w, Height: p.out.h,
			KeepWidth: p.out.w, KeepHeight: p.out.h, FullColour: fullColour})
	}
	return frame{planes: dst}
}

func (held *planarPictures) preview() *image.NRGBA {
	s := previewSpec.plan(planesSize(held.wholes[0])).whole
	return held.make(placement{whole: s, keep: s, out: s}, false).nrgba()
}

func planesSize(p plane.Picture) size { return size{p.Width, p.Height} }

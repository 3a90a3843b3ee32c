package engine

import (
	"cmp"
	"image"
	"slices"

	"darkroom/worker/internal/format"
	"darkroom/worker/internal/raster"
)

// plan is how a photo will be rendered. It is made once per photo, from the header. [Engine.Memory] and every step of
// [Engine.Render] take their sizes and layouts from it.
type plan struct {
	upright    raster.Size    // size of the picture after its orientation is applied
	largest    raster.Size    // upright size from which every variant can be made without enlarging
	decode     format.Target  // size and layout to decode to
	exact      bool           // an opaque picture stays RGB: a variant is lossless, and planes would round its pixels
	fullColour bool           // a variant needs full colour resolution
	alpha      bool           // the picture may be transparent
	lights     []raster.Light // lights in which variants are resampled, each once
	variants   []variantPlan  // the one that needs the largest picture comes first
	moves      bool           // the picture is an animation, and variants stay animated
	drawn      bool           // the picture is from a format without loss
	motion     *plan          // plan of the frames, for the variants that are animated; nil if there is none
	words      int64          // memory in bytes for reading the words of the file
}

// variantPlan is how one variant will be rendered.
type variantPlan struct {
	Spec
	placement
	// The Spec as it was given. The formats of the embedded one are those of the still files.
	given      Spec
	animated   []format.Format // formats in which the variant is animated
	index      int             // index of its Spec
	lossless   bool            // option of the formats that can be lossless
	fullColour bool            // needs full colour resolution, in its files or to score them
	exact      bool            // a file of an opaque picture is lossless
}

// placement says how a variant is made from an upright picture: the picture is resampled to the size whole, cropped to
// part, and enlarged to out. No side of whole is larger than the picture's. out is the size of the part unless the
// variant is enlarged.
type placement struct {
	whole raster.Size
	part  image.Rectangle // part of whole; for the Smart anchor only its size counts
	out   raster.Size
}

// newPlan returns the plan for a picture. The picture that the variants are made from is no smaller than least. If
// moves is true, the variants whose Spec asks for an animation stay animated.
func newPlan(specs []Spec, h format.Header, least raster.Size, moves bool) *plan {
	p := planVariants(specs, h, least, moves)
	if !moves {
		return p
	}
	if moving := p.specs(variantPlan.moves); len(moving) > 0 {
		p.motion = planVariants(moving, h, raster.Size{Width: 1, Height: 1}, moves)
		p.motion.exact, p.motion.alpha = true, false // frames stay RGB with alpha, so all are resampled alike
	}
	return p
}

// planVariants returns the plan without that of the frames.
func planVariants(specs []Spec, h format.Header, least raster.Size, moves bool) *plan {
	loss := format.Lookup(h.Format).Loss
	p := &plan{upright: h.Upright(), largest: least, alpha: h.MayBeTransparent(), moves: moves, drawn: h.Lossless || loss == format.Lossless}
	for i, given := range specs {
		animated, s := given.resolve(h.Format, moves)
		v := variantPlan{Spec: s, given: given, animated: animated, index: i, placement: s.place(p.upright), lossless: s.lossless(h), exact: s.exact(h)}
		v.fullColour = !h.Grey() && (s.Chroma == Chroma444 || v.exact || s.Score != 0)
		p.largest = p.largest.Max(v.whole)
		p.fullColour = p.fullColour || v.fullColour
		p.exact = p.exact || v.exact && !h.Grey() && loss != format.Lossy
		p.variants = append(p.variants, v)
		if !slices.Contains(p.lights, v.light()) {
			p.lights = append(p.lights, v.light())
		}
	}
	slices.SortStableFunc(p.variants, func(a, b variantPlan) int { return cmp.Compare(b.whole.Pixels(), a.whole.Pixels()) })
	p.decode = format.Target{Size: p.largest.Upright(h.Orientation), Planar: h.Planar && !p.exact}
	if slices.Contains(p.lights, raster.Linear) {
		p.decode.Light = raster.Linear
	}
	return p
}

// withoutSpecs returns the plan for the same picture without the specs with these names. The preview keeps its size.
func (p *plan) withoutSpecs(names []string, h format.Header) *plan {
	specs := p.specs(func(v variantPlan) bool { return !slices.Contains(names, v.Name) })
	rest := newPlan(specs, h, previewSpec.place(p.largest).whole, p.moves)
	rest.words = p.words
	if len(rest.lights) == 0 { // only the preview is made
		rest.lights = []raster.Light{raster.Linear}
	}
	return rest
}

// specs returns the Specs of the variants that keep accepts, in the order of the configuration.
func (p *plan) specs(keep func(variantPlan) bool) (specs []Spec) {
	for _, v := range slices.SortedFunc(slices.Values(p.variants), func(a, b variantPlan) int { return cmp.Compare(a.index, b.index) }) {
		if keep(v) {
			specs = append(specs, v.given)
		}
	}
	return specs
}

// light returns the light in which the Spec is resampled.
func (s Spec) light() raster.Light {
	if s.Light == GammaLight {
		return raster.Gamma
	}
	return raster.Linear
}

// place returns the placement of the Spec's variant for a picture.
//
// The side that touches the box is exact and the other follows by raster.Scale. Rounding is monotone, so of two
// placements of one picture, the whole of one always covers the whole of the other.
func (s Spec) place(pic raster.Size) placement {
	box := s.box()
	wider := int64(pic.Width)*int64(box.Height) > int64(pic.Height)*int64(box.Width) // than the box, in proportion
	byWidth := raster.Size{Width: box.Width, Height: raster.Scale(pic.Height, box.Width, pic.Width)}
	byHeight := raster.Size{Width: raster.Scale(pic.Width, box.Height, pic.Height), Height: box.Height}
	touching := byHeight
	if wider {
		touching = byWidth
	}
	switch {
	case s.Fit == Inside && box.Covers(pic):
		return s.placeSmall(pic, pic, touching)
	case s.Fit == Inside:
		return placement{whole: touching, part: s.Anchor.crop(touching, touching), out: touching}
	case pic.Covers(box) && wider:
		return placement{whole: byHeight, part: s.Anchor.crop(byHeight, box), out: box}
	case pic.Covers(box):
		return placement{whole: byWidth, part: s.Anchor.crop(byWidth, box), out: box}
	case wider: // Fill, and the picture does not cover the box
		keep := raster.Size{Width: min(pic.Width, raster.Scale(pic.Height, box.Width, box.Height)), Height: pic.Height}
		return s.placeSmall(pic, keep, box)
	default:
		keep := raster.Size{Width: pic.Width, Height: min(pic.Height, raster.Scale(pic.Width, box.Height, box.Width))}
		return s.placeSmall(pic, keep, box)
	}
}

// placeSmall is place for a picture smaller than the box. Only Upscale enlarges it.
func (s Spec) placeSmall(pic, keep, enlarged raster.Size) placement {
	p := placement{whole: pic, part: s.Anchor.crop(pic, keep), out: keep}
	if s.Upscale {
		p.out = enlarged
	}
	return p
}

// box returns the box of the Spec. A free side is as long as a side may be.
func (s Spec) box() raster.Size {
	return raster.Size{Width: cmp.Or(s.Width, MaxSide), Height: cmp.Or(s.Height, MaxSide)}
}

// crop returns the part of whole that has the given size and lies at the anchor. In the centre, and for Smart, an odd
// pixel is lost at the right or bottom.
func (a Anchor) crop(whole, part raster.Size) image.Rectangle {
	halves, ok := map[Anchor]image.Point{TopLeft: {0, 0}, Top: {1, 0}, TopRight: {2, 0}, Left: {0, 1}, Centre: {1, 1}, Right: {2, 1},
		BottomLeft: {0, 2}, Bottom: {1, 2}, BottomRight: {2, 2}}[a]
	if !ok {
		halves = image.Pt(1, 1)
	}
	x, y := (whole.Width-part.Width)*halves.X/2, (whole.Height-part.Height)*halves.Y/2
	return image.Rect(x, y, x+part.Width, y+part.Height)
}

// partSize returns the size of the part.
func (p placement) partSize() raster.Size {
	return raster.Size{Width: p.part.Dx(), Height: p.part.Dy()}
}

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"darkroom/worker/internal/animation"
	"darkroom/worker/internal/credit"
	"darkroom/worker/internal/format"
)

// Stage is a part of what [Engine.Render] does.
type Stage string

const (
	Decode   Stage = "decode"
	Resample Stage = "resample" // colours, orientation, sizes and sharpening
	Encode   Stage = "encode"   // including all trials for a Score
)

// Stages lists every Stage.
var Stages = []Stage{Decode, Resample, Encode}

// Rendering is the result of [Engine.Render].
type Rendering struct {
	Images  []Image // ordered by Spec, then by the order of its Formats
	Preview Preview
	Words   Words
	Damage  error             // says what is wrong with the file or missing from its picture, for operators; nil if nothing
	LostHDR error             // says why no variant has the gain map that a Spec asks for; nil if nothing was lost
	Motion  *animation.Header // header of an animation that a Spec asks for; nil for any other photo
	// Why its variants show the first frame; nil if they move, or if no Spec asks for an animation.
	Lost *LostAnimation
}

// Render renders a variant for every Spec in each of its formats, in the order in which they are listed. h must be what
// [Engine.Inspect] returned for the same data. Render calls mark, unless it is nil, whenever a stage begins: decoding
// once, the others in turn. The error is a [*Rejection] if the picture does not decode, or its decoder panics. When ctx
// ends, Render returns its error, within a second if the machine is not busy.
//
// The picture is decoded at 1/2 of its size if the format allows it and no variant needs more, or at 1/4 or 1/8 if no
// variant is made in linear light either. It is shrunk to the largest size needed, and turned upright. Each variant,
// and the preview, is made from the smallest size made so far that is at least twice as large, or else from the
// largest.
func (e *Engine) Render(ctx context.Context, data []byte, h Header, mark func(Stage)) (Rendering, error) {
	if h.plan == nil {
		return Rendering{}, errors.New("render: the header is not from Inspect")
	}
	if mark == nil {
		mark = func(Stage) {}
	}
	mark(Decode)
	decoded, err := format.Decode(ctx, data, h.Header, h.plan.decode)
	if err != nil {
		return Rendering{}, err
	}
	gain, lost, err := openGainMap(ctx, h)
	if err != nil {
		return Rendering{}, err
	}
	mark(Resample)
	convert, carry := h.Conversion()
	pyramids, opaque, err := e.pyramids(ctx, decoded.Picture, h, convert)
	if err != nil {
		return Rendering{}, err
	}
	words := e.words(h)
	writer := variantWriter{original: h.Format, opaque: opaque, grey: h.Grey(), profile: carry, exif: credit.EXIF(words.Credit), xmp: credit.XMP(words.Credit),
		lastQualities: map[qualityKey]int{}}
	files := make([][]Image, len(h.plan.variants))
	placed := slices.Clone(h.plan.variants)
	for i, v := range placed {
		if v.Anchor == Smart {
			small, err := pyramids.preview(ctx)
			if err != nil {
				return Rendering{}, err
			}
			v.part = smartPart(small, v.whole, v.partSize())
			placed[i].part = v.part // used by the other frames too
		}
		m, err := pyramids[v.light()].cut(ctx, v.placement, v.fullColour)
		if err != nil {
			return Rendering{}, err
		}
		if m, err = m.Sharpen(ctx, v.Sharpen); err != nil {
			return Rendering{}, err
		}
		mark(Encode)
		if files[v.index], err = writer.write(ctx, m, v); err != nil {
			return Rendering{}, fmt.Errorf("variant %s: %w", v.Name, err)
		}
		if err := gain.addTo(ctx, files[v.index], v); err != nil {
			return Rendering{}, fmt.Errorf("variant %s: %w", v.Name, err)
		}
		mark(Resample)
	}
	small, err := pyramids.preview(ctx)
	if err != nil {
		return Rendering{}, err
	}
	moving, lostFrames, err := e.animate(ctx, data, h, placed, writer)
	if lost, ok := errors.AsType[*LostAnimation](err); ok {
		return e.Render(ctx, data, h.withStillVariants(lost), mark)
	}
	if err != nil {
		return Rendering{}, err
	}
	for i := range moving {
		files[i] = append(moving[i], files[i]...)
	}
	return Rendering{Images: slices.Concat(files...), Motion: h.motion, Lost: h.lostMotion, Preview: newPreview(small), Words: words, Damage: cmp.Or(decoded.Damage, lostFrames), LostHDR: lost}, nil
}

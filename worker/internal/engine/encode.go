package engine

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"slices"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/internal/heif"
	"darkroom/worker/internal/pngwrite"
	"darkroom/worker/photo"
)

// look is what all variants of a picture have in common.
type look struct {
	opaque  bool   // no pixel of the picture is transparent
	grey    bool   // the picture has no colours
	profile []byte // an ICC profile, or nil
}

// encode writes a variant in the formats of its Spec. Beside the pixels a file has the profile of look and nothing
// else.
func (l look) encode(f frame, s Spec, h Header) ([]Image, error) {
	opaque := l.opaque
	if !opaque && s.Background != "" {
		f, opaque = f.flat(s.background()), true
	}
	var images []Image
	if l.profile != nil {
		s.Formats = carrying(s.Formats, h)
	}
	for _, format := range s.formats(h, l.opaque) {
		var data []byte
		var err error
		switch {
		case format == photo.PNG:
			data, err = l.encodePNG(f)
		case format == photo.WebP:
			data, err = l.encodeWebP(f, s.Quality, s.lossless(h))
		case format == photo.AVIF:
			data, err = heif.EncodeAVIF(f.nrgba(), s.Quality)
		case opaque:
			data, err = l.encodeJPEG(f.image(), s)
		default:
			data, err = l.encodeJPEG(f.flat(s.background()).image(), s)
		}
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", format, err)
		}
		made := f.size()
		images = append(images, Image{Name: s.Name, Format: format, Width: made.w, Height: made.h, Data: data})
	}
	return images, nil
}

// carrying returns outputs of which each carries a profile: AVIF, which is written in sRGB alone, becomes Auto.
func carrying(formats []Output, h Header) []Output {
	formats = slices.Clone(formats)
	for i, o := range formats {
		if o == AVIF || o == Original && h.Format == photo.AVIF {
			formats[i] = Auto
		}
	}
	return formats
}

func (l look) encodeJPEG(m image.Image, s Spec) ([]byte, error) {
	var out bytes.Buffer
	o := &jpegn.EncodeOptions{
		Quality:        s.Quality,
		Subsampling:    jpegn.Subsample420,
		OptimizeCoding: true,
		Progressive:    s.Progressive,
		Segments:       jpegSegments(l.profile),
	}
	switch {
	case l.grey && (l.opaque || isGrey(s.background())):
		o.Subsampling = jpegn.SubsampleGray
	case s.Chroma == Chroma444:
		o.Subsampling = jpegn.Subsample444
	}
	if err := jpegn.Encode(&out, m, o); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func isGrey(c color.NRGBA) bool { return c.R == c.G && c.G == c.B }

func (l look) encodePNG(f frame) ([]byte, error) {
	switch {
	case f.rgb == nil && l.grey:
		return pngwrite.Encode(f.image(), l.profile)
	case l.grey:
		return pngwrite.Encode(f.rgb, nil) // RGB has no grey pixels that a profile for grey could be of
	case f.rgb == nil:
		return pngwrite.Encode(f.nrgba(), l.profile)
	}
	return pngwrite.Encode(f.rgb, l.profile)
}

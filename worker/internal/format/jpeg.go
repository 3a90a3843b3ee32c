package format

import (
	"bytes"
	"context"
	"image"

	"darkroom/worker/internal/jpegscan"
	"darkroom/worker/internal/jpegwrite"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

var jpegFormat = Format{
	Name: photo.JPEG, Loss: Lossy, Profile: true, Progressive: true, Chroma: true, GainMap: true,
	sniff:   func(data []byte) bool { return bytes.HasPrefix(data, []byte("\xff\xd8\xff")) },
	inspect: inspectJPEG, decode: decodeJPEG, decodeMemory: jpegDecodeMemory,
	encode: encodeJPEG, encodeMemory: jpegEncodeMemory, rereadMemory: jpegRereadMemory,
}

// scale is a scale that a JPEG may be decoded at.
type scale struct{ denom, eighths int }

// scales lists the reduced scales at which a JPEG may be decoded, and by how much the picture must then shrink further
// at least, in eighths. The decoder's own reduction is softer than the filter and aliases some detail, more at smaller
// scales. Shrinking further hides that: with these ratios the luma of two detailed 12 MP photos stays within 43 dB of
// one filter from full size. Without them it fell to 41.6 dB at 1/2, 36.2 at 1/4 and 34.6 at 1/8.
//
// The decoder adds up samples as they are stored, so in linear light only one scale is good enough. On the most
// detailed of four 12 MP photos, the SSIMULACRA2 score of variants against one filter from full size was 82.4 with this
// ratio at 1/2, and 79.5 with 9 eighths. It was 67 to 74 at 1/4, and 62 to 68 at 1/8.
var scales = map[raster.Light][]scale{
	raster.Gamma:  {{8, 16}, {4, 12}, {2, 9}},
	raster.Linear: {{2, 10}},
}

// denominator returns the scale at which to decode a picture for a target.
func denominator(pic raster.Size, t Target) int {
	need := t.Size
	for _, s := range scales[t.Light] {
		if pic.Reduced(s.denom).Covers(raster.Size{Width: (need.Width*s.eighths + 7) / 8, Height: (need.Height*s.eighths + 7) / 8}) {
			return s.denom
		}
	}
	return 1
}

// decodeJPEG decodes a JPEG at the smallest scale that serves the target.
func decodeJPEG(ctx context.Context, data []byte, h Header, t Target) (Decoded, error) {
	denom := denominator(h.Stored(), t)
	p, err := jpegscan.Decode(ctx, data, denom, h.damaged)
	if err != nil {
		return Decoded{}, rejectJPEG(err)
	}
	if len(p.Planes) != len(h.jpeg.Components) {
		return Decoded{}, corrupt(photo.JPEG, "decoded to %d components of %d", len(p.Planes), len(h.jpeg.Components))
	}
	if !t.Planar {
		m, err := jpegPixels(ctx, p, h, denom)
		if err != nil {
			return Decoded{}, err
		}
		return Decoded{Picture: trim(m, h.Stored(), denom, t.Size), Damage: p.Damage}, nil
	}
	planar, err := jpegPlanes(p, h, denom)
	return Decoded{Picture: planar, Damage: p.Damage}, err
}

// jpegPlanes returns a decoded picture in the planes that the file stores. Its header must say that it is planar.
func jpegPlanes(p jpegscan.Picture, h Header, denom int) (raster.Picture, error) {
	pic, most := raster.Planar{Width: h.Width, Height: h.Height}, jpegscan.MaxSampling(h.jpeg.Components)
	for i, s := range h.jpeg.Components {
		plane, err := raster.Decoded(p.Planes[i].Pix, p.Planes[i].Stride, h.Width, h.Height, denom*most.H/s.H, denom*most.V/s.V)
		if err != nil {
			return raster.Picture{}, err
		}
		pic.Planes = append(pic.Planes, plane)
	}
	return raster.FromPlanar(pic), nil
}

// trim cuts off the last column and row of a picture decoded at 1/denom if less than half of their pixels belong to the
// picture. The rest are padding, and would make the picture appear a little too small.
func trim(m *image.NRGBA, pic raster.Size, denom int, need raster.Size) raster.Picture {
	if w := max(pic.Width/denom, need.Width); pic.Width%denom*2 < denom && w < m.Rect.Max.X {
		m.Rect.Max.X = w
	}
	if h := max(pic.Height/denom, need.Height); pic.Height%denom*2 < denom && h < m.Rect.Max.Y {
		m.Rect.Max.Y = h
	}
	return raster.FromRGBA(m)
}

// jpegDecodeMemory counts what package jpegscan takes. If the picture does not stay in planes, it adds the pixels and a
// row of each component.
func jpegDecodeMemory(h Header, t Target) (decoded raster.Size, bytes int64) {
	denom := denominator(h.Stored(), t)
	decoded = h.Stored().Reduced(denom)
	bytes = h.jpeg.Memory(denom)
	if !t.Planar { // otherwise the samples are the result
		bytes += raster.RGBAMemory(decoded) + int64(len(h.jpeg.Components))*raster.StretchMemory(decoded)
	}
	return decoded, bytes
}

// encodeJPEG encodes planes as they are, and converts other pictures to planes first.
func encodeJPEG(ctx context.Context, p raster.Picture, o Options) ([]byte, error) {
	m, err := p.Encodable(ctx, o.Grey, !o.FullColour)
	if err != nil {
		return nil, err
	}
	planes := jpegwrite.Picture{Width: m.Width, Height: m.Height}
	for _, plane := range m.Planes {
		planes.Planes = append(planes.Planes, jpegwrite.Plane{Pix: plane.Pix, Stride: plane.Stride})
		// The last plane is a colour plane, if there are any.
		planes.SampleX, planes.SampleY = plane.PitchX, plane.PitchY
	}
	return jpegwrite.Encode(ctx, planes, jpegwrite.Options{Quality: o.Quality, Progressive: o.Progressive, Profile: o.Profile, EXIF: o.EXIF, XMP: o.XMP})
}

func jpegEncodeMemory(s raster.Size, planar bool, o Options) int64 {
	samples := 1.5
	if o.FullColour {
		samples = 3
	}
	bytes := jpegwrite.Memory(s.Width, s.Height, samples, o.Progressive, maxProfile+len(o.EXIF)+len(o.XMP))
	if !planar {
		bytes += raster.ToPlanarMemory(s, false, !o.FullColour)
	}
	return bytes
}

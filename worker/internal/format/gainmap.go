package format

import (
	"context"
	"errors"
	"fmt"

	"darkroom/worker/internal/gainmap"
	"darkroom/worker/internal/heif"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// GainMap is the gain map of a photo, a second picture in its file. It shares memory with the file.
type GainMap struct {
	gainmap.Metadata
	header      Header // header of the second picture
	data        []byte // file of that picture alone, if it is a JPEG
	profile     []byte // ICC profile of the colours to which the gains apply, or nil
	orientation int
	curve       *gainmap.Curve // applied to the samples, which are then luma alone; nil for none
}

// FindGainMap returns the gain map of a photo, or nil if it has none or its format cannot have one. h must be what
// [Inspect] returned for the same data. An error says why a gain map cannot be used, and is no reason to reject the
// photo.
//
// The pixels of the gain map count as pixels of the photo. It is not used if it has more pixels than the photo, or if
// both together have more than the limit.
func FindGainMap(data []byte, h Header, limits Limits) (g *GainMap, err error) {
	defer func() {
		if err != nil {
			g = nil
		}
	}()
	defer rescue(h.Format, &err)
	most := Limits{Pixels: min(h.Stored().Pixels(), limits.Pixels-h.Stored().Pixels())}
	switch {
	case h.Format == photo.JPEG:
		g, err = findJPEGGainMap(data, most)
	case h.heif != nil:
		g, err = findHEIFGainMap(data, h, most)
	}
	if g == nil || err != nil {
		return g, err
	}
	if n := g.header.Components; n != 1 && n != 3 {
		return nil, fmt.Errorf("gain map: %d components, want 1 or 3", n)
	}
	if g.orientation == 0 {
		g.orientation = h.Orientation
	}
	if !g.BaseColours {
		if g.profile = g.header.Profile.read("RGB "); len(g.profile) > maxProfile {
			return nil, fmt.Errorf("gain map: a profile of %d bytes, at most %d can be carried", len(g.profile), maxProfile)
		}
		g.BaseColours = g.profile == nil
	}
	g.header.Profile = Profile{} // samples are gains, and no profile applies to them
	return g, nil
}

// findJPEGGainMap returns the gain map of an Ultra HDR JPEG.
func findJPEGGainMap(data []byte, most Limits) (*GainMap, error) {
	found, err := gainmap.Find(data)
	switch {
	case errors.Is(err, gainmap.ErrNone):
		return nil, nil
	case err != nil:
		return nil, err
	}
	second, err := Inspect(found.JPEG, most)
	if err != nil {
		return nil, fmt.Errorf("gain map: %w", err)
	}
	return &GainMap{Metadata: found.Metadata, header: second, data: found.JPEG, curve: found.Curve}, nil
}

// findHEIFGainMap returns the gain map of a HEIC or AVIF: that of a tone map, or Apple's.
func findHEIFGainMap(data []byte, h Header, most Limits) (*GainMap, error) {
	found, err := heif.ReadGainMap(data)
	if found == nil || err != nil {
		return nil, err
	}
	g := &GainMap{header: heifHeader(found.Header)}
	switch {
	case found.ToneMap == nil:
		g.Metadata, g.curve, err = gainmap.Apple(h.Blocks.EXIF)
	case len(found.ToneMap) == 0 || found.ToneMap[0] != 0:
		err = fmt.Errorf("%w: tone map of an unknown version", gainmap.ErrUnsupported)
	default:
		g.Metadata, err = gainmap.ParseISO(found.ToneMap[1:])
	}
	switch {
	case errors.Is(err, gainmap.ErrNone):
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := most.check(g.header.Format, g.Stored()); err != nil {
		return nil, fmt.Errorf("gain map: %w", err)
	}
	// AVIFs are rendered in a lane of their own, and one inside a HEIC must not bypass it.
	if found.Codec != h.heif.Codec {
		return nil, fmt.Errorf("gain map: %w: coded in %v, and the picture in %v", gainmap.ErrUnsupported, found.Codec, h.heif.Codec)
	}
	if found.CodedPixels > most.Pixels {
		return nil, fmt.Errorf("gain map: %d coded pixels, at most %d are read", found.CodedPixels, most.Pixels)
	}
	if found.Turned {
		g.orientation = g.header.Orientation
	}
	return g, nil
}

// Orientation returns the EXIF orientation of the gain map as it is stored, 1 to 8.
func (g *GainMap) Orientation() int { return g.orientation }

// Stored returns the stored size of the gain map.
func (g *GainMap) Stored() raster.Size { return g.header.Stored() }

// Profile returns the ICC profile that a file with the gain map must carry in its second picture, or nil.
func (g *GainMap) Profile() []byte { return g.profile }

// Grey reports whether there is one gain for all colours.
func (g *GainMap) Grey() bool { return g.header.Grey() || g.curve != nil }

// target returns what to decode to if the gain maps of the variants have at most this stored size. It asks for planes,
// since only those record the scale at which they were decoded.
func (g *GainMap) target(most raster.Size) Target {
	if !g.header.Planar {
		most = g.Stored()
	}
	return Target{Size: most, Light: raster.Gamma, Planar: g.header.Planar}
}

// Decode decodes the gain map for variants whose gain maps have at most this stored size. An error, unless it is that
// of ctx, says why it cannot be used, as with FindGainMap. Any damage is an error.
func (g *GainMap) Decode(ctx context.Context, most raster.Size) ([]gainmap.Plane, error) {
	decoded, err := Decode(ctx, g.data, g.header, g.target(most))
	if err == nil {
		err = decoded.Damage
	}
	if err != nil {
		return nil, fmt.Errorf("gain map: %w", err)
	}
	pixels, err := decoded.ConvertColours(ctx, nil) // converts to the YCbCr matrix of JPEG
	if err != nil {
		return nil, err
	}
	m, err := pixels.Encodable(ctx, g.Grey(), false)
	if err != nil {
		return nil, err
	}
	planes := make([]gainmap.Plane, len(m.Planes))
	for i, p := range m.Planes {
		planes[i] = gainmap.Plane{Pix: p.Pix, Stride: p.Stride, Width: p.Width, Height: p.Height, PitchX: p.PitchX, PitchY: p.PitchY}
	}
	if g.curve != nil {
		for i, v := range planes[0].Pix {
			planes[0].Pix[i] = g.curve[v]
		}
	}
	return planes, nil
}

// DecodeMemory returns how many bytes FindGainMap and Decode may take, including the result.
func (g *GainMap) DecodeMemory(most raster.Size) int64 {
	decoded, bytes := DecodeMemory(g.header, g.target(most))
	if !g.header.Planar {
		bytes += raster.ToPlanarMemory(decoded, g.Grey(), false)
	}
	return bytes + gainmap.FindMemory
}

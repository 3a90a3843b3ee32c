package format

import (
	"bytes"
	"errors"
	"image"
	stdjpeg "image/jpeg"

	"github.com/gen2brain/jpegn"

	"darkroom/worker/internal/icc"
	"darkroom/worker/internal/jpegscan"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

var jpegFormat = Format{
	Name: photo.JPEG, Loss: Lossy, Profile: true, Progressive: true, Chroma: true,
	sniff:   func(data []byte) bool { return bytes.HasPrefix(data, []byte("\xff\xd8\xff")) },
	inspect: inspectJPEG, decode: decodeJPEG, decodeMemory: jpegDecodeMemory,
	encode: encodeJPEG, encodeMemory: jpegEncodeMemory,
}

// scales are the scales that a JPEG may be decoded at, besides the whole, and how much the picture must shrink further at
// least, in eighths. The decoder's own reduction is softer than the filter and folds some detail back, the more so the
// smaller the scale. Shrinking afterwards hides that: with these ratios the luma of two detailed 12 MP photos stays
// within 43 dB of one filter from full size. Without them it fell to 41.6 dB at 1/2, 36.2 at 1/4 and 34.6 at 1/8.
var scales = []struct{ denom, eighths int }{{8, 16}, {4, 12}, {2, 9}}

// denominator returns the scale at which to decode a picture that will be resampled to need.
func denominator(pic, need raster.Size) int {
	for _, s := range scales {
		if pic.Over(s.denom).Covers(raster.Size{Width: (need.Width*s.eighths + 7) / 8, Height: (need.Height*s.eighths + 7) / 8}) {
			return s.denom
		}
	}
	return 1
}

// decodeJPEG decodes a JPEG as small as it can. A picture that is not planar goes to RGB.
func decodeJPEG(data []byte, h Header, t Target) (Decoded, error) {
	p, err := decodeJPEGColours(data, h, t)
	return Decoded{Picture: p}, err
}

// decodeJPEGColours decodes a JPEG by its colours.
func decodeJPEGColours(data []byte, h Header, t Target) (raster.Picture, error) {
	switch denom := denominator(h.Stored(), t.Size); {
	case t.Planar:
		return decodeJPEGPlanes(data, h, denom)
	case h.plain:
		m, err := jpegn.Decode(bytes.NewReader(data), &jpegn.Options{ToRGBA: true, ScaleDenom: denom})
		if err != nil {
			return raster.Picture{}, rejectJPEG(err)
		}
		return trim(raster.FromImage(m).NRGBA(), h.Stored(), denom, t.Size), nil
	}
	return decodeJPEGOtherColours(data, h)
}

// decodeJPEGOtherColours decodes a JPEG in CMYK, YCCK or RGB, whole: the standard library, which reads these colours
// right, has no scaled decoding. Inks are converted to sRGB by the profile of the file. Without one that can be used
// they are converted as if they were ideal.
func decodeJPEGOtherColours(data []byte, h Header) (raster.Picture, error) {
	m, err := stdjpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return raster.Picture{}, rejectJPEG(err)
	}
	inks, ok := m.(*image.CMYK)
	if !ok {
		return raster.FromImage(m), nil
	}
	var profile *icc.Profile
	if text := h.Profile.read("CMYK"); text != nil {
		if p, err := icc.Parse(text); err == nil {
			profile = p
		}
	}
	return raster.FromCMYK(inks, profile), nil
}

// trim cuts off the last column and row of a picture decoded at 1/denom if less than half of their pixels belong to the
// picture. The rest are padding, and would make what is left of the picture appear a little too small.
func trim(m *image.NRGBA, pic raster.Size, denom int, need raster.Size) raster.Picture {
	if w := max(pic.Width/denom, need.Width); pic.Width%denom*2 < denom && w < m.Rect.Max.X {
		m.Rect.Max.X = w
	}
	if h := max(pic.Height/denom, need.Height); pic.Height%denom*2 < denom && h < m.Rect.Max.Y {
		m.Rect.Max.Y = h
	}
	return raster.FromRGBA(m)
}

// decodeJPEGPlanes decodes a JPEG to the planes that the file stores, at 1/denom.
func decodeJPEGPlanes(data []byte, h Header, denom int) (raster.Picture, error) {
	m, err := scanJPEG(data, denom)
	if err != nil {
		return raster.Picture{}, err
	}
	p := raster.Planar{Width: h.Width, Height: h.Height}
	add := func(pix []uint8, stride, pitchX, pitchY int) {
		var one raster.Plane
		if one, err = raster.Decoded(pix, stride, h.Width, h.Height, pitchX, pitchY); err == nil {
			p.Planes = append(p.Planes, one)
		}
	}
	switch m := m.(type) {
	case *image.Gray:
		add(m.Pix, m.Stride, denom, denom)
	case *image.YCbCr:
		x, y := denom*h.sampling[0].h, denom*h.sampling[0].v
		add(m.Y, m.YStride, denom, denom)
		add(m.Cb, m.CStride, x, y)
		add(m.Cr, m.CStride, x, y)
	}
	if len(p.Planes) != h.Components {
		return raster.Picture{}, corrupt(photo.JPEG, "decoded to %d components of %d", len(p.Planes), h.Components)
	}
	return raster.FromPlanar(p), nil
}

// scanJPEG decodes a JPEG at 1/denom. Package jpegscan decodes ordinary files in about half the time of jpegn, with the
// same pixels. It also notices picture data that are damaged or end too early, even if a program has put an end marker
// after them. All other files go to jpegn, which decodes what it can of such data.
func scanJPEG(data []byte, denom int) (image.Image, error) {
	m, err := jpegscan.Decode(data, denom)
	switch {
	case err == nil:
		return m, nil
	case errors.Is(err, jpegscan.ErrTruncated):
		return nil, &Rejection{Refusal: photo.Truncated(photo.JPEG), Cause: err}
	case errors.Is(err, jpegscan.ErrCorrupt):
		return nil, corrupt(photo.JPEG, "%w", err)
	}
	m, err = jpegn.Decode(bytes.NewReader(data), &jpegn.Options{ScaleDenom: denom})
	if err != nil {
		return nil, rejectJPEG(err)
	}
	return m, nil
}

// jpegDecodeMemory follows the buffers of jpegn: a copy of the file, the samples of each component in whole blocks, once
// more each component that is enlarged to be converted (none if the planes are taken as they are), and for a progressive
// picture every coefficient in four bytes. So do those of image/jpeg, without the copy. Package jpegscan has the samples
// and, of a progressive picture, the coefficients of a row of blocks.
func jpegDecodeMemory(h Header, t Target) (decoded raster.Size, bytes int64) {
	denom := 1
	if h.plain {
		denom = denominator(h.Stored(), t.Size)
	}
	decoded = h.Stored().Over(denom)
	scanned := t.Planar && h.scans > 0
	switch {
	case scanned:
		bytes = 128<<10 + int64(h.scans)*jpegscan.ScanBytes
	case h.plain:
		bytes = h.Bytes
	}
	most := sampling{1, 1}
	for _, s := range h.sampling[:h.Components] {
		most = sampling{max(most.h, s.h), max(most.v, s.v)}
	}
	units := raster.Size{Width: (h.Width + 8*most.h - 1) / (8 * most.h), Height: (h.Height + 8*most.v - 1) / (8 * most.v)}.Pixels()
	for _, s := range h.sampling[:h.Components] {
		blocks := units * int64(s.h*s.v)
		bytes += blocks * 64 / int64(denom*denom)
		if s != most && !h.Planar {
			bytes += decoded.Pixels()
		}
		switch {
		case h.Progressive && scanned:
			bytes += int64(h.Width/8+most.h) * int64(s.h*s.v) * 64 * 4
		case h.Progressive:
			bytes += blocks * 64 * 4
		}
	}
	if h.Components == 4 {
		bytes += decoded.Pixels() * 4 // image.CMYK
	}
	if !t.Planar { // else the samples are the result
		bytes += raster.RGBAMemory(decoded)
	}
	return decoded, bytes
}

func encodeJPEG(p raster.Picture, o Options) ([]byte, error) {
	options := &jpegn.EncodeOptions{
		Quality:        o.Quality,
		Subsampling:    jpegn.Subsample420,
		OptimizeCoding: true,
		Progressive:    o.Progressive,
		Segments:       profileSegments(o.Profile),
	}
	switch {
	case o.Grey:
		options.Subsampling = jpegn.SubsampleGray
	case o.FullColour:
		options.Subsampling = jpegn.Subsample444
	}
	var out bytes.Buffer
	if err := jpegn.Encode(&out, p.Image(), options); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func jpegEncodeMemory(s raster.Size, planar bool, o Options) int64 {
	n := s.Pixels()
	bytes := n*4 + 64<<10 // output, for noise as much as that in a buffer that doubles, and the statistics of its codes
	if !planar {
		bytes += n*2 + 64<<10 // planes
	}
	if o.FullColour {
		bytes += n * 2
	}
	if o.Progressive {
		bytes += n * 12 // coefficients
	}
	return bytes
}

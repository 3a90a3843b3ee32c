package format

import (
	"bytes"
	"errors"

	"darkroom/worker/internal/exif"
	"darkroom/worker/internal/jpegscan"
	"darkroom/worker/photo"
)

// Markers of application segments (ITU-T T.81, table B.1).
const (
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP11 = 0xeb
	markerAPP13 = 0xed
)

// inspectJPEG reads the headers of a JPEG, its profile and its orientation. If there are several EXIF blocks, the first
// with a valid orientation counts.
func inspectJPEG(data []byte, limits Limits) (Header, error) {
	h := Header{Format: photo.JPEG}
	var parts profileParts
	var words jpegWords
	j, err := jpegscan.Inspect(data, limits.Damaged, func(marker byte, p []byte) {
		words.add(marker, p)
		switch {
		case marker == markerAPP1 && h.Orientation == 0 && bytes.HasPrefix(p, []byte(exif.Prefix)):
			h.Orientation = orientationTag(p)
		case marker == markerAPP2 && len(p) >= 14 && string(p[:len(iccMarker)]) == iccMarker:
			parts.add(p)
		}
	})
	h.Width, h.Height = j.Width, j.Height
	if err == nil || h.Width > 0 && h.Height > 0 {
		if err := limits.check(photo.JPEG, h.Stored()); err != nil {
			return Header{}, err
		}
	}
	if err != nil {
		return Header{}, rejectJPEG(err)
	}
	h.Orientation = max(1, h.Orientation)
	h.jpeg, h.Depth, h.Components, h.Progressive = &j, j.Depth, len(j.Components), j.Progressive
	h.Planar = planarJPEG(j)
	h.Profile = parts.profile()
	h.Blocks, h.Credentials = words.blocks, words.credentials
	return h, nil
}

// planarJPEG reports whether a picture can be decoded to planes: it must be grey, or YCbCr whose colours both have the
// same resolution, and luma a multiple of it.
func planarJPEG(j jpegscan.Header) bool {
	if j.Colour != jpegscan.YCbCr {
		return j.Colour == jpegscan.Grey
	}
	luma, blue, red := j.Components[0], j.Components[1], j.Components[2]
	return blue == red && luma.H%blue.H == 0 && luma.V%blue.V == 0
}

// unreadJPEG names the kinds of JPEG that are not read.
var unreadJPEG = map[error]photo.Kind{
	jpegscan.ErrLossless:     photo.LosslessJPEG,
	jpegscan.ErrArithmetic:   photo.ArithmeticJPEG,
	jpegscan.ErrHierarchical: photo.HierarchicalJPEG,
	jpegscan.ErrComponents:   photo.OddColourJPEG,
	jpegscan.ErrNoHeight:     photo.NoHeightJPEG,
}

// rejectJPEG turns an error of package jpegscan into a Rejection.
func rejectJPEG(err error) error {
	for kind, name := range unreadJPEG {
		if errors.Is(err, kind) {
			return unsupported(photo.JPEG, name, err)
		}
	}
	switch {
	case errors.Is(err, jpegscan.ErrScans):
		return &Rejection{Refusal: photo.TooExpensive(photo.JPEG, "scans", jpegscan.MaxScans), Cause: err}
	case errors.Is(err, jpegscan.ErrUnsupported):
		return unsupported(photo.JPEG, "", err)
	case errors.Is(err, jpegscan.ErrTruncated):
		return &Rejection{Refusal: photo.Truncated(photo.JPEG), Cause: err}
	}
	return corrupt(photo.JPEG, "%w", err)
}

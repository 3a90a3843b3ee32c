package engine

import (
	"errors"
	"image"

	"darkroom/worker/internal/heif"
	"darkroom/worker/internal/icc"
	"darkroom/worker/photo"
)

// inspectHEIF reads the boxes of a HEIC or AVIF picture. Its header has the picture as it is decoded, upright and cropped
// already; the limit holds for what is coded as well.
func inspectHEIF(data []byte, limit pixelLimit) (Header, error) {
	f, err := heif.ReadHeader(data)
	if err != nil {
		return Header{}, rejectHEIF(err)
	}
	for _, s := range []size{{f.StoredWidth, f.StoredHeight}, {f.Width, f.Height}} {
		if err := limit.check(s); err != nil {
			return Header{}, err
		}
	}
	h := Header{Format: photo.HEIC, Width: f.Width, Height: f.Height, Orientation: 1, Components: 3, Depth: f.Depth,
		Animated: f.Animated, Profile: int64(len(f.ICC)), heif: &f}
	if f.Codec == heif.AV1 {
		h.Format = photo.AVIF
	}
	if f.Alpha {
		h.Components = 4
	}
	return h, nil
}

func decodeHEIF(h Header) (*image.NRGBA, error) {
	m, err := h.heif.Decode()
	if err != nil {
		return nil, rejectHEIF(err)
	}
	return m, nil
}

// rejectHEIF turns an error of package heif into a Rejection, where it is the file's fault.
func rejectHEIF(err error) error {
	switch {
	case errors.Is(err, heif.ErrSystemLibrary):
		return err
	case errors.Is(err, heif.ErrTruncated):
		return truncated()
	case errors.Is(err, heif.ErrTooLarge):
		return reject(photo.ReasonTooManyPixels, "The picture has more pixels than are accepted (%v).", err)
	case errors.Is(err, heif.ErrUnsupported):
		return reject(photo.ReasonUnsupported, "The picture is of a kind that is not read (%v).", err)
	}
	return corrupt("The picture does not decode (%v).", err)
}

// codedColours returns what converts the pixels of a picture to sRGB that names its colours without a profile, as only
// HEIC and AVIF do, or nil where they are sRGB or not known.
func codedColours(h Header) *icc.Profile {
	if h.heif == nil {
		return nil
	}
	return icc.Coded(h.heif.Colour.Primaries, h.heif.Colour.Transfer)
}

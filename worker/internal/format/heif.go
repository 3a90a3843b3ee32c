package format

import (
	"context"
	"errors"

	"darkroom/worker/internal/heif"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// partsLimit is how many times the pixels of the largest picture all coded pictures may have that one is made of: alpha
// planes, and pictures over each other.
const partsLimit = 3

// inspectHEIF reads the boxes of a HEIC or AVIF picture. The header describes the picture as it is stored, less what is
// cropped. The limit holds for what is coded as well.
func inspectHEIF(data []byte, limits Limits) (Header, error) {
	name := photo.HEIC
	if heif.Brand(data) == heif.AV1 {
		name = photo.AVIF
	}
	read := heif.ReadHeader
	if limits.Damaged {
		read = heif.ReadPart
	}
	f, err := read(data)
	if err != nil {
		return Header{}, rejectHEIF(name, err)
	}
	// Brands may contradict the picture, whose codec then gives the name.
	if name = photo.HEIC; f.Codec == heif.AV1 {
		name = photo.AVIF
	}
	for _, s := range []raster.Size{{Width: f.StoredWidth, Height: f.StoredHeight}, {Width: f.Width, Height: f.Height}} {
		if err := limits.check(name, s); err != nil {
			return Header{}, err
		}
	}
	if most := partsLimit * limits.Pixels; f.CodedPixels > most {
		return Header{}, &Rejection{Refusal: photo.TooExpensive(name, photo.CodedPixels, f.CodedPixels, most)}
	}
	width, height := f.Unturned()
	h := Header{Format: name, Width: width, Height: height, Orientation: f.Orientation, Components: 3, Depth: f.Depth,
		Animated: f.Animated, Planar: f.Planar(), Sandboxed: f.Sandboxed(), heif: &f,
		Primaries: f.Colour.Primaries, Transfer: f.Colour.Transfer,
		Profile: Profile{size: int64(len(f.ICC)), unpack: func() []byte { return f.ICC }}}
	switch {
	case f.Alpha:
		h.Components = 4
	case f.Grey():
		h.Components = 1
	}
	return h, nil
}

func decodeHEIF(ctx context.Context, _ []byte, h Header, t Target) (d Decoded, err error) {
	if h.damaged {
		d.Picture, d.Damage, err = h.heif.Part(ctx, t.Planar)
	} else {
		d.Picture, err = h.heif.Picture(ctx, t.Planar)
	}
	if err != nil {
		return Decoded{}, rejectHEIF(h.Format, err)
	}
	return d, nil
}

func heifDecodeMemory(h Header, t Target) (decoded raster.Size, bytes int64) {
	return h.Stored(), h.heif.Memory(t.Planar)
}

// rejectHEIF turns an error of package heif into a Rejection if it is the file's fault.
func rejectHEIF(f photo.Format, err error) error {
	var large *heif.SizeError
	var work *heif.WorkError
	switch {
	case errors.Is(err, heif.ErrSystemLibrary):
		return err
	case errors.Is(err, heif.ErrTruncated):
		return &Rejection{Refusal: photo.Truncated(f), Cause: err}
	case errors.As(err, &large):
		return &Rejection{Refusal: photo.TooManyPixels(large.Width, large.Height, heif.MaxPixels), Cause: err}
	case errors.As(err, &work):
		return &Rejection{Refusal: photo.TooExpensive(f, heifParts[work.Part], work.Count, work.Limit), Cause: err}
	case errors.Is(err, heif.ErrUnsupported):
		return unsupported(f, "", err)
	}
	return corrupt(f, "%w", err)
}

// heifParts names for uploaders what a file has too much of.
var heifParts = map[heif.Part]photo.Part{heif.CodedPixels: photo.CodedPixels, heif.CodedBytes: photo.CodedBytes, heif.CodedUses: photo.CodedUses}

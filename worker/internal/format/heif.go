package format

import (
	"context"
	"errors"

	"darkroom/worker/internal/credit"
	"darkroom/worker/internal/heif"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

// Limits of the pixels of all coded pictures that make up one picture (its alpha, overlaid pictures, layers), as
// multiples of the largest picture's pixels. The codec of AVIF takes up to 0.4 s for a megapixel of noise with 10 bits
// and film grain, ten times as long as package hevc, so it gets no more than a picture with alpha needs.
const (
	partsLimit     = 3
	avifPartsLimit = 2
)

// inspectHEIF reads the boxes of a HEIC or AVIF picture. The header describes the picture as it is stored, after
// cropping. The limit applies to the coded pixels as well.
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
	// Brands may contradict the picture. Its codec then decides the format.
	if name = photo.HEIC; f.Codec == heif.AV1 {
		name = photo.AVIF
	}
	for _, s := range []raster.Size{{Width: f.StoredWidth, Height: f.StoredHeight}, {Width: f.Width, Height: f.Height}} {
		if err := limits.check(name, s); err != nil {
			return Header{}, err
		}
	}
	most := partsLimit * limits.Pixels
	if f.Sandboxed() {
		most = avifPartsLimit * limits.Pixels
	}
	if f.CodedPixels > most {
		return Header{}, &Rejection{Refusal: photo.TooExpensive(name, photo.Part(heif.CodedPixels), most)}
	}
	h := heifHeader(f)
	h.Blocks = credit.Blocks{EXIF: f.EXIF, XMP: f.XMP}
	h.Credentials = credentials(f.Credentials)
	return h, nil
}

// heifHeader returns the header of one picture of a file, without its metadata.
func heifHeader(f heif.Header) Header {
	name := photo.HEIC
	if f.Codec == heif.AV1 {
		name = photo.AVIF
	}
	width, height := f.UnturnedSize()
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
	return h
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
		return &Rejection{Refusal: photo.TooExpensive(f, photo.Part(work.Part), work.Limit), Cause: err}
	case errors.Is(err, heif.ErrUnsupported):
		return unsupported(f, "", err)
	}
	return corrupt(f, "%w", err)
}

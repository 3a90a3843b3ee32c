package format

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"

	"darkroom/worker/internal/gifscan"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

var gifFormat = Format{
	Name: photo.GIF, Loss: Lossless, Alpha: true,
	sniff: func(data []byte) bool {
		return bytes.HasPrefix(data, []byte("GIF87a")) || bytes.HasPrefix(data, []byte("GIF89a"))
	},
	inspect: inspectGIF, decode: decodeGIF, decodeMemory: gifDecodeMemory,
	animate: animateGIF, animateMemory: animateGIFMemory,
	animation: gifAnimation, frames: openGIFFrames, framesMemory: gifFramesMemory,
}

// inspectGIF reads the blocks up to the second frame. The picture has the size of the logical screen, enlarged to hold
// the first frame, so a small screen cannot hide a huge frame from the limit.
func inspectGIF(data []byte, limits Limits) (Header, error) {
	f, err := gifscan.Open(data)
	if err != nil {
		return Header{}, rejectGIF(err)
	}
	h := Header{Format: photo.GIF, Orientation: 1, Components: 3, Depth: 8, Indexed: true,
		Width: f.Width, Height: f.Height, Animated: f.Animated}
	h.Blocks.XMP = f.XMP
	h.Credentials = credentials(f.Credentials...)
	if err := limits.check(photo.GIF, h.Stored()); err != nil {
		return Header{}, err
	}
	return h, nil
}

func rejectGIF(err error) error {
	if errors.Is(err, gifscan.ErrTruncated) {
		return &Rejection{Refusal: photo.Truncated(photo.GIF), Cause: err}
	}
	return corrupt(photo.GIF, "%w", err)
}

// decodeGIF decodes the first frame and draws it on the logical screen. The rest of the screen is transparent, whatever
// background the file asks for. Later frames are not read.
//
// Some encoders write a few pixels too few, or a wrong code at the end. Like browsers, decodeGIF shows a frame that
// lacks at most a row as it is, unless the file itself is cut. A frame that lacks more is damaged: it is accepted if
// the limits accept damage and at least one row is there.
func decodeGIF(ctx context.Context, data []byte, h Header, _ Target) (Decoded, error) {
	f, err := gifscan.Open(data)
	if err != nil {
		return Decoded{}, rejectGIF(err)
	}
	m := image.NewNRGBA(image.Rect(0, 0, h.Width, h.Height))
	n, err := f.Draw(ctx, m)
	d := Decoded{Picture: raster.FromRGBA(m)}
	row, whole := f.Frame.Dx(), f.Frame.Dx()*f.Frame.Dy()
	switch {
	case err == nil:
		return d, nil
	case whole-n <= min(row, n) && !errors.Is(err, gifscan.ErrTruncated):
		return d, nil
	case !h.damaged || n < row:
		return Decoded{}, rejectGIF(err)
	}
	d.Damage = fmt.Errorf("%d of %d pixels: %w", n, whole, err)
	return d, nil
}

// gifDecodeMemory counts the colour indexes of a frame as large as the screen, the table of codes, and the result.
func gifDecodeMemory(h Header, _ Target) (decoded raster.Size, bytes int64) {
	s := h.Stored()
	return s, s.Pixels() + raster.RGBAMemory(s) + 64<<10
}

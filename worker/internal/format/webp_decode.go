package format

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"

	"darkroom/worker/internal/raster"
	"darkroom/worker/internal/vp8"
	"darkroom/worker/internal/vp8l"
)

// decode decodes the picture. If it accepts damage, a picture that is cut is shown up to its first incomplete row, if
// there is a complete one, and damage says what is missing. The rest is grey, or transparent if the picture has alpha.
// If damage is accepted and only the alpha does not decode, the picture is opaque.
func (p webpPicture) decode(ctx context.Context, accept bool) (m image.Image, damage, err error) {
	if !p.lossless {
		return p.decodeLossy(ctx, accept)
	}
	pixels, rows, err := vp8l.Decode(ctx, p.data)
	switch {
	case err == nil:
		return pixels, nil, nil
	case !accept || rows == 0 || !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, nil, err
	}
	for rest := pixels.Pix[rows*pixels.Stride:]; len(rest) >= 4; rest = rest[4:] {
		copy(rest, []byte{128, 128, 128, 0}) // the alpha of an opaque picture is set later
	}
	return pixels, p.lostRows(rows, err), nil
}

func (p webpPicture) lostRows(rows int, reason error) error {
	return fmt.Errorf("%d of %d rows: %w", rows, p.size.Height, reason)
}

func (p webpPicture) decodeLossy(ctx context.Context, accept bool) (m image.Image, damage, err error) {
	planes, rows, err := vp8.Decode(ctx, p.data)
	if err != nil && (!accept || rows == 0) {
		return nil, nil, err
	}
	if err != nil {
		damage = p.lostRows(rows, err)
		blankRows(planes, rows)
	}
	if p.alpha == nil {
		return planes, damage, nil
	}
	alpha, err := p.decodeAlpha(ctx)
	switch {
	case err != nil && !accept:
		return nil, nil, fmt.Errorf("alpha: %w", err)
	case err != nil:
		return planes, errors.Join(damage, fmt.Errorf("alpha: %w", err)), nil
	}
	clear(alpha[rows*p.size.Width:])
	return &image.NYCbCrA{YCbCr: *planes, A: alpha, AStride: p.size.Width}, damage, nil
}

// blankRows makes the rows of a picture grey, starting at the given one.
func blankRows(m *image.YCbCr, from int) {
	const grey = 126 // middle of the studio range
	for i := from * m.YStride; i < len(m.Y); i++ {
		m.Y[i] = grey
	}
	for i := (from + 1) / 2 * m.CStride; i < len(m.Cb); i++ {
		m.Cb[i], m.Cr[i] = 128, 128
	}
}

// onScreen draws a frame of an animation on a transparent screen, which must hold all of it.
func onScreen(ctx context.Context, frame raster.Picture, corner image.Point, screen raster.Size) (raster.Picture, error) {
	s := frame.Size()
	if s == screen && corner == (image.Point{}) {
		return frame, nil
	}
	src, err := frame.NRGBA(ctx)
	if err != nil {
		return raster.Picture{}, err
	}
	dst := image.NewNRGBA(image.Rect(0, 0, screen.Width, screen.Height))
	for y := range s.Height {
		if err := ctx.Err(); err != nil {
			return raster.Picture{}, err
		}
		copy(dst.Pix[dst.PixOffset(corner.X, corner.Y+y):], src.Pix[y*src.Stride:y*src.Stride+4*s.Width])
	}
	return raster.FromRGBA(dst), nil
}

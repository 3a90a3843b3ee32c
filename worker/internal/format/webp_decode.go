package format

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math/rand/v2"

	"golang.org/x/image/vp8l"

	"darkroom/worker/internal/raster"
	"darkroom/worker/internal/vp8"
)

// decode decodes the picture. If it accepts damage, it shows a picture that is cut up to the first row that is not
// complete, as long as there is one before it, and damage says what is lost. A picture whose alpha does not decode is then
// opaque.
func (p webpPicture) decode(ctx context.Context, accept bool) (m image.Image, damage, err error) {
	if !p.lossless {
		return p.decodeLossy(ctx, accept)
	}
	m, err = p.decodeLossless(ctx, nil)
	if accept && errors.Is(err, io.ErrUnexpectedEOF) {
		if m, rows := p.upToCut(ctx); rows > 0 {
			return m, p.lostRows(rows, err), nil
		}
	}
	return m, nil, err
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

// blankRows makes the rows of a picture grey from one on.
func blankRows(m *image.YCbCr, from int) {
	const grey = 126 // middle of the studio range
	for i := from * m.YStride; i < len(m.Y); i++ {
		m.Y[i] = grey
	}
	for i := (from + 1) / 2 * m.CStride; i < len(m.Cb); i++ {
		m.Cb[i], m.Cr[i] = 128, 128
	}
}

// decodeLossless decodes a picture whose data go on with more bytes. It checks the context for each 4 KiB that the decoder
// reads. The decoder cannot be stopped while it inverts the transforms, once all of the picture is read. That takes up to
// 20 ns a pixel: 0.25 s for 12 megapixels.
func (p webpPicture) decodeLossless(ctx context.Context, more []byte) (image.Image, error) {
	end := []byte{0} // libwebp lets the last code reach beyond the data
	return vp8l.Decode(contextReader{ctx, io.MultiReader(bytes.NewReader(p.data), bytes.NewReader(more), bytes.NewReader(end))})
}

// upToCut decodes a lossless picture that is cut, and returns how many of its rows are there. The rest is grey, or
// transparent if the picture has alpha.
//
// The decoder returns nothing of a picture whose data end too early. So upToCut decodes it with two different endings: a
// row that depends on what is missing differs between them, and so do rows after it. The first ending is of zeros, and the
// others begin with noise. An ending can be invalid, so upToCut tries several.
func (p webpPicture) upToCut(ctx context.Context) (*image.NRGBA, int) {
	const attempts = 8
	pixels := int(p.size.Pixels())
	ending := make([]byte, cutEnding(int64(pixels)))
	random := ending[:64+min(p.missing, pixels/2)]
	noise := rand.NewChaCha8([32]byte{}) // the same file gives the same picture
	var first *image.NRGBA
	for range attempts {
		m, err := p.decodeLossless(ctx, ending)
		switch {
		case err == nil && first != nil:
			return first, keepCommonRows(first, m.(*image.NRGBA))
		case err == nil:
			first = m.(*image.NRGBA)
		case ctx.Err() != nil:
			return nil, 0
		}
		_, _ = noise.Read(random)
	}
	return nil, 0
}

// cutEnding returns how many bytes replace what is missing of a lossless picture with n pixels: at most half a byte a pixel
// that may be missing, and the zeros behind.
func cutEnding(n int64) int64 { return n/2 + n/8 + 1024 }

// keepCommonRows returns how many rows at the top of two pictures are the same, and blanks the others in m.
func keepCommonRows(m, o *image.NRGBA) int {
	rows := 0
	for rows < m.Rect.Dy() && bytes.Equal(m.Pix[rows*m.Stride:][:m.Stride], o.Pix[rows*o.Stride:][:o.Stride]) {
		rows++
	}
	for rest := m.Pix[rows*m.Stride:]; len(rest) >= 4; rest = rest[4:] {
		copy(rest, []byte{128, 128, 128, 0}) // an opaque picture has its alpha set later
	}
	return rows
}

// onScreen lays a frame of an animation on a transparent screen, which holds all of it.
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

// contextReader ends with the error of a context.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

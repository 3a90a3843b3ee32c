package format

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"math/rand/v2"

	"golang.org/x/image/webp"

	"darkroom/worker/internal/raster"
)

// decode decodes the picture, whose data go on with more bytes. It gives the decoder a file with the picture alone, in
// the form that the decoder accepts.
//
// The decoder cannot be interrupted, except while it reads. It reads all of a lossy picture before it decodes it, which
// takes about 50 ns a pixel: 0.6 s for 12 megapixels.
func (p webpPicture) decode(ctx context.Context, more []byte) (image.Image, error) {
	const alphaBit = 1 << 4
	kind := "VP8 "
	if p.lossless {
		kind = "VP8L"
		more = append(more[:len(more):len(more)], 0) // libwebp lets the last code reach beyond the data
	}
	head := []byte("RIFF\x00\x00\x00\x00WEBP")
	parts := []io.Reader{nil} // the head comes here
	size := int64(len(p.data) + len(more))
	total := size + size&1
	if p.alpha != nil {
		canvas := append(put24([]byte{alphaBit, 0, 0, 0}, p.size.Width-1), put24(nil, p.size.Height-1)...)
		head = binary.LittleEndian.AppendUint32(append(appendChunk(head, "VP8X", canvas), "ALPH"...), uint32(len(p.alpha)))
		parts = append(parts, bytes.NewReader(p.alpha), bytes.NewReader(make([]byte, len(p.alpha)&1)))
		total += int64(len(p.alpha) + len(p.alpha)&1)
	}
	chunk := binary.LittleEndian.AppendUint32([]byte(kind), uint32(size))
	binary.LittleEndian.PutUint32(head[4:], uint32(int64(len(head)+len(chunk))+total-8))
	parts[0] = bytes.NewReader(head)
	parts = append(parts, bytes.NewReader(chunk), bytes.NewReader(p.data), bytes.NewReader(more), bytes.NewReader(make([]byte, size&1)))
	return webp.Decode(contextReader{ctx, io.MultiReader(parts...)})
}

// rescue decodes what there is of a picture that does not decode for a reason. damage says what is lost.
func (p webpPicture) rescue(ctx context.Context, reason error) (m image.Image, damage, err error) {
	if errors.Is(reason, io.ErrUnexpectedEOF) {
		if m, rows := p.upToCut(ctx); rows > 0 {
			return m, fmt.Errorf("%d of %d rows: %w", rows, p.size.Height, reason), nil
		}
	}
	if p.alpha == nil {
		return nil, nil, reason
	}
	p.alpha = nil
	if m, err = p.decode(ctx, nil); err != nil {
		return nil, nil, reason
	}
	return m, fmt.Errorf("alpha: %w", reason), nil
}

// upToCut decodes a picture that is cut, and returns how many of its rows are there. The rest is grey, or transparent if
// the picture has alpha.
//
// The decoder returns nothing of a picture whose data end too early. So upToCut decodes it with two different endings: a
// row that depends on what is missing differs between them, and so do rows after it. The first ending is of zeros. Zeros
// are the likely bits for the arithmetic coding of VP8, so few bytes of them last for the whole picture. In VP8L an ending
// can be invalid, so upToCut tries several.
func (p webpPicture) upToCut(ctx context.Context) (image.Image, int) {
	const attempts = 8
	if !p.lossless && !p.hasModes() {
		return nil, 0
	}
	pixels := int(p.size.Pixels())
	ending := make([]byte, cutEnding(int64(pixels)))
	random := ending[:64+min(p.missing, pixels/2)] // other parts of the data may begin anywhere in what is missing
	noise := rand.NewChaCha8([32]byte{})           // the same file gives the same picture
	var first image.Image
	for range attempts {
		m, err := p.decode(ctx, ending)
		switch {
		case err == nil && first != nil:
			return first, keepCommonRows(first, m)
		case err == nil:
			first = m
		case ctx.Err() != nil:
			return nil, 0
		}
		_, _ = noise.Read(random)
	}
	return nil, 0
}

// cutEnding returns how many bytes replace what is missing of a picture with n pixels: at most half a byte a pixel that may
// be missing, and the zeros behind.
func cutEnding(n int64) int64 { return n/2 + n/8 + 1024 }

// hasModes reports whether the first partition of a lossy picture is there, which has the modes of all blocks (RFC 6386,
// 9.2 to 9.11). Without it the picture is that of the ending.
func (p webpPicture) hasModes() bool { return 10+int(le24(p.data)>>5) <= len(p.data) }

// keepCommonRows returns how many rows at the top of two pictures are the same, and blanks the others in m.
func keepCommonRows(m, other image.Image) int {
	switch m := m.(type) {
	case *image.YCbCr:
		return commonRowsYCbCr(m, other.(*image.YCbCr))
	case *image.NYCbCrA:
		rows := commonRowsYCbCr(&m.YCbCr, &other.(*image.NYCbCrA).YCbCr)
		clear(m.A[rows*m.AStride:])
		return rows
	case *image.NRGBA:
		o, rows := other.(*image.NRGBA), 0
		for rows < m.Rect.Dy() && bytes.Equal(m.Pix[rows*m.Stride:][:m.Stride], o.Pix[rows*o.Stride:][:o.Stride]) {
			rows++
		}
		for rest := m.Pix[rows*m.Stride:]; len(rest) >= 4; rest = rest[4:] {
			copy(rest, []byte{128, 128, 128, 0}) // an opaque picture has its alpha set later
		}
		return rows
	}
	return 0
}

func commonRowsYCbCr(m, o *image.YCbCr) int {
	same := func(a, b []byte, stride, y int) bool {
		return bytes.Equal(a[y*stride:][:stride], b[y*stride:][:stride])
	}
	rows := 0
	for rows < m.Rect.Dy() && same(m.Y, o.Y, m.YStride, rows) && same(m.Cb, o.Cb, m.CStride, rows/2) && same(m.Cr, o.Cr, m.CStride, rows/2) {
		rows++
	}
	const grey = 126 // middle of the studio range
	for i := rows * m.YStride; i < len(m.Y); i++ {
		m.Y[i] = grey
	}
	for i := (rows + 1) / 2 * m.CStride; i < len(m.Cb); i++ {
		m.Cb[i], m.Cr[i] = 128, 128
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

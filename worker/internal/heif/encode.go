package heif

import (
	"context"
	"fmt"
	"image"

	"darkroom/worker/internal/sandbox"
)

// speed of the AV1 encoder, 0 to 10: a higher speed means less effort
const speed = 8

// EncodeAVIF encodes a picture in sRGB, with its alpha if it is not opaque, in 8 bits and 4:2:0. quality is 1 to 100.
// The picture may have at most MaxPixels/4 pixels. When ctx ends, EncodeAVIF returns its error.
func EncodeAVIF(ctx context.Context, img *image.NRGBA, quality int) ([]byte, error) {
	if err := Check(); err != nil {
		return nil, err
	}
	size := img.Bounds().Size()
	if quality < 1 || quality > 100 {
		return nil, fmt.Errorf("avif quality %d: want 1 to 100", quality)
	}
	if size.X < 1 || size.Y < 1 || size.X > maxSide || size.Y > maxSide || size.X*size.Y > MaxPixels/4 {
		return nil, fmt.Errorf("avif of %d x %d pixels: want sides of 1 to %d and at most %d pixels", size.X, size.Y, maxSide, MaxPixels/4)
	}
	m, err := premultiplied(ctx, img)
	if err != nil {
		return nil, err
	}
	out, err := encodeAVIF(ctx, m, quality)
	if err != nil {
		return nil, fmt.Errorf("avif of %d x %d pixels: %w", size.X, size.Y, err)
	}
	return out, nil
}

// encodeAVIF calls libavif, as package avif does.
func encodeAVIF(ctx context.Context, img *image.RGBA, quality int) (file []byte, err error) {
	const chroma420 = 3
	width, height := img.Rect.Dx(), img.Rect.Dy()
	mem := sandbox.NewMemory(encoderMemory(width, height))
	err = avifEncode.Run(ctx, mem, func(i *sandbox.Instance) (err error) {
		q := uint64(quality)
		file, err = i.Encode(img.Pix, width, height, q, q, speed, chroma420)
		return err
	})
	return file, err
}

// premultiplied returns a picture as the encoder needs it: without gaps between its rows, and with colours multiplied
// by alpha.
func premultiplied(ctx context.Context, img *image.NRGBA) (*image.RGBA, error) {
	size := img.Bounds().Size()
	dst := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		src := img.Pix[y*img.Stride:][:4*size.X]
		row := dst.Pix[y*dst.Stride:][:4*size.X]
		for i := 0; i < len(src); i += 4 {
			a := uint32(src[i+3])
			for c := range 3 {
				row[i+c] = uint8((uint32(src[i+c])*a + 127) / 255)
			}
			row[i+3] = uint8(a)
		}
	}
	return dst, nil
}

package format

import (
	"context"
	"errors"
	"image"
	"io"

	"darkroom/worker/internal/credit"
	"darkroom/worker/internal/raster"
	"darkroom/worker/internal/vp8l"
	"darkroom/worker/photo"
)

var webpFormat = Format{
	Name: photo.WebP, Loss: Either, Alpha: true, Profile: true,
	sniff: func(data []byte) bool {
		return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
	},
	inspect: inspectWebP, decode: decodeWebP, decodeMemory: webpDecodeMemory,
	encode: encodeWebP, encodeMemory: webpEncodeMemory, rereadMemory: webpRereadMemory,
	animation: webpAnimationHeader, frames: openWebPFrames, framesMemory: webpFramesMemory,
	animate: animateWebP, animateMemory: animateWebPMemory,
	checkSandbox: checkWebP,
}

// inspectWebP reads the sizes of the canvas and of the first picture. The limit applies to each. They must be equal,
// except in an animation, where the first frame must lie on the canvas.
func inspectWebP(data []byte, limits Limits) (Header, error) {
	f, err := parseWebP(data, limits.Damaged)
	if err != nil {
		return Header{}, err
	}
	p := f.picture
	if f.canvas != (raster.Size{}) {
		err = limits.check(photo.WebP, f.canvas)
	}
	if err == nil && p.data != nil {
		err = limits.check(photo.WebP, p.size)
	}
	if err != nil {
		return Header{}, err
	}
	switch on := (raster.Size{Width: f.corner.X + p.size.Width, Height: f.corner.Y + p.size.Height}); {
	case p.data == nil && f.cut != nil:
		return Header{}, &Rejection{Refusal: photo.Truncated(photo.WebP), Cause: f.cut}
	case p.data == nil:
		return Header{}, corrupt(photo.WebP, "no picture")
	case f.animated && !f.canvas.Covers(on):
		return Header{}, corrupt(photo.WebP, "first frame reaches to %d x %d on a canvas of %d x %d", on.Width, on.Height, f.canvas.Width, f.canvas.Height)
	case !f.animated && f.canvas != raster.Size{} && f.canvas != p.size:
		return Header{}, corrupt(photo.WebP, "picture of %d x %d on a canvas of %d x %d", p.size.Width, p.size.Height, f.canvas.Width, f.canvas.Height)
	}
	h := Header{Format: photo.WebP, Orientation: 1, Components: 3, Depth: 8, Width: p.size.Width, Height: p.size.Height,
		Animated: f.animated, Lossless: p.lossless}
	if f.animated {
		h.Width, h.Height = f.canvas.Width, f.canvas.Height
	}
	if f.transparent() {
		h.Components = 4
	}
	h.entropy = p.lossless || p.alpha != nil && h.Components == 4
	h.Planar = !h.Lossless && h.Components == 3
	if f.profile != nil {
		h.Profile = Profile{size: int64(len(f.profile)), unpack: func() []byte { return f.profile }}
	}
	if f.exif != nil {
		h.Orientation = orientation(f.exif)
	}
	h.Blocks = credit.Blocks{EXIF: f.exif, XMP: f.xmp}
	h.Credentials = credentials(f.c2pa)
	return h, nil
}

// decodeWebP decodes the picture, or the first frame of an animation, which it draws on the canvas. The rest of the
// canvas is transparent, as in browsers, whatever background the file asks for.
func decodeWebP(ctx context.Context, data []byte, h Header, t Target) (Decoded, error) {
	f, err := parseWebP(data, h.damaged)
	if err != nil {
		return Decoded{}, err
	}
	p := f.picture
	if h.Components == 3 {
		p.alpha = nil
	}
	m, damage, err := p.decode(ctx, h.damaged)
	if err != nil {
		return Decoded{}, rejectWebP(err)
	}
	if damage == nil {
		damage = f.cut
	}
	picture, err := webpPixels(ctx, m, t.Planar, !f.transparent())
	if err == nil && f.animated {
		picture, err = onScreen(ctx, picture, f.corner, h.Stored())
	}
	return Decoded{Picture: picture, Damage: damage}, err
}

func rejectWebP(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return &Rejection{Refusal: photo.Truncated(photo.WebP), Cause: err}
	}
	return corrupt(photo.WebP, "%w", err)
}

// webpPixels returns the decoded picture, in planes if planar is true. A lossless picture loses its alpha if the file
// says that it is opaque.
func webpPixels(ctx context.Context, m image.Image, planar, opaque bool) (raster.Picture, error) {
	switch m := m.(type) {
	case *image.YCbCr:
		if planar {
			return studioPlanes(ctx, m)
		}
		return studioRGBA(ctx, m, nil, 0)
	case *image.NYCbCrA:
		return studioRGBA(ctx, &m.YCbCr, m.A, m.AStride)
	case *image.NRGBA:
		for y := 0; opaque && y < m.Rect.Dy(); y++ {
			if err := ctx.Err(); err != nil {
				return raster.Picture{}, err
			}
			row := m.Pix[y*m.Stride:][:4*m.Rect.Dx()]
			for i := 3; i < len(row); i += 4 {
				row[i] = 0xff
			}
		}
	}
	return raster.FromImage(m), nil
}

func webpDecodeMemory(h Header, t Target) (decoded raster.Size, bytes int64) {
	s := h.Stored()
	n := s.Pixels()
	if !h.Lossless {
		bytes = n * 3 / 2 // planes
	}
	if h.Animated {
		bytes += raster.RGBAMemory(s) // a frame that does not cover the canvas
	}
	var rgba, workspace int64
	if !t.Planar {
		rgba = raster.RGBAMemory(s)
	}
	if h.entropy {
		workspace = vp8l.Memory(s.Width, s.Height)
	}
	if h.Lossless {
		bytes += rgba + workspace
	} else {
		bytes += max(rgba, workspace) // alpha is decoded before the conversion to RGB
	}
	if h.entropy && !h.Lossless {
		bytes += n // alpha
	}
	return s, bytes + HuffmanMemory(h)
}

// HuffmanMemory returns how many bytes the prefix codes of a lossless WebP, or of lossless alpha, take at most.
// Ordinary files need a small part of that, but only decoding shows how much.
func HuffmanMemory(h Header) int64 {
	if !h.entropy {
		return 0
	}
	return vp8l.CodesMemory(h.Stored().Width, h.Stored().Height, h.Bytes)
}

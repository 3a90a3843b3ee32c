package format

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"sync"

	"darkroom/worker/internal/icc"
	"darkroom/worker/internal/pngscan"
	"darkroom/worker/internal/pngwrite"
	"darkroom/worker/internal/raster"
	"darkroom/worker/photo"
)

var pngFormat = Format{
	Name: photo.PNG, Loss: Lossless, Alpha: true, Profile: true,
	sniff:   func(data []byte) bool { return bytes.HasPrefix(data, []byte(pngscan.Signature)) },
	inspect: inspectPNG, decode: decodePNG, decodeMemory: pngDecodeMemory,
	animation: pngAnimation, frames: openPNGFrames, framesMemory: pngFramesMemory,
	encode: encodePNG, encodeMemory: pngEncodeMemory,
}

// inspectPNG reads all chunks except those of the pixels. A picture is planar if it can be decoded row by row.
func inspectPNG(data []byte, limits Limits) (Header, error) {
	h := Header{Format: photo.PNG, Orientation: 1}
	var err error
	if h.Width, h.Height, err = pngscan.ReadSize(data); err != nil {
		return Header{}, rejectPNG(err)
	}
	if err := limits.check(photo.PNG, h.Stored()); err != nil {
		return Header{}, err
	}
	f, err := pngscan.Open(data, limits.Damaged)
	if err != nil {
		return Header{}, rejectPNG(err)
	}
	h.png = f
	h.Depth, h.Components, h.Indexed, h.Interlaced = f.Depth, f.Samples, f.Indexed, f.Interlaced
	h.Animated, h.keyed = f.Animated, f.Transparent()
	h.Planar = h.Depth == 8 && !h.Interlaced && !h.keyed
	if f.EXIF != nil {
		h.Orientation = orientation(f.EXIF)
	}
	h.Blocks = pngBlocks(f)
	h.Credentials = credentials(f.Credentials)
	if f.Colours.ICC != nil && !namesColours(f.Colours) {
		h.Profile.size = int64(len(f.Colours.ICC)) * pngscan.MaxInflation
		h.Profile.unpack = func() []byte { return unpackPNGProfile(f.Colours.ICC) }
	}
	inspected := h
	h.colours = sync.OnceValues(func() (*icc.Profile, []byte) { return pngColours(inspected) })
	return h, nil
}

// decodePNG decodes the first frame of an animation, or else the picture. For a damaged file it returns the rows before
// the fault if there is at least one, see [pngscan.File.Image]. If the first frame is damaged, it returns the picture
// instead.
func decodePNG(ctx context.Context, _ []byte, h Header, t Target) (Decoded, error) {
	f := h.png
	if frame := f.Frame(); frame != nil {
		if m, rows, err := frame.Image(ctx, h.narrow()); rows == frame.RowCount() {
			p, ended := onScreen(ctx, raster.FromRGBA(m), image.Pt(frame.X, frame.Y), h.Stored())
			return Decoded{Picture: p, Damage: errors.Join(f.Damage, err)}, ended
		}
	}
	var p raster.Picture
	var rows int
	var err error
	if t.Planar {
		p, rows, err = decodePNGPlanes(ctx, h, t.Size)
	} else {
		var m *image.NRGBA
		m, rows, err = f.Image(ctx, h.narrow())
		p = raster.FromRGBA(m)
	}
	if n := f.RowCount(); rows < n {
		if rows == 0 || !h.damaged {
			return Decoded{}, rejectPNG(err)
		}
		err = fmt.Errorf("%d of %d rows: %w", rows, n, err)
	}
	return Decoded{Picture: p, Damage: errors.Join(f.Damage, err)}, nil
}

// decodePNGPlanes decodes an opaque picture of 8 bits. It converts each row to planes as it is decoded. Missing rows
// are black. Colours have half the resolution if the picture will shrink to half its size or less.
func decodePNGPlanes(ctx context.Context, h Header, need raster.Size) (p raster.Picture, rows int, err error) {
	if h.Grey() {
		luma := raster.NewPlane(h.Stored())
		rows, err = h.png.Rows(ctx, func(y int, row []byte) { copy(luma.Pix[y*luma.Stride:], row) })
		return raster.FromPlanar(raster.Planar{Width: h.Width, Height: h.Height, Planes: []raster.Plane{luma}}), rows, err
	}
	c := raster.NewConversion(h.Width, h.Height, h.Stored().Reduced(2).Covers(need))
	rows, err = h.png.Rows(ctx, func(y int, row []byte) { c.Row(y, row, 3) })
	if rows < h.Height && h.damaged {
		black := make([]byte, 3*h.Width)
		for y := rows; y < h.Height; y++ {
			c.Row(y, black, 3)
		}
	}
	return raster.FromPlanar(c.Planar()), rows, err
}

func rejectPNG(err error) error {
	switch {
	case errors.Is(err, pngscan.ErrTruncated):
		return &Rejection{Refusal: photo.Truncated(photo.PNG), Cause: err}
	case errors.Is(err, pngscan.ErrChunks):
		return &Rejection{Refusal: photo.TooExpensive(photo.PNG, "chunks", pngscan.MaxChunks), Cause: err}
	}
	return corrupt(photo.PNG, "%w", err)
}

func pngDecodeMemory(h Header, t Target) (decoded raster.Size, bytes int64) {
	s := h.Stored()
	bytes = pngRowsMemory(h)
	if h.png.Frame() != nil { // the first frame may cover part of the picture, or be damaged
		bytes += raster.RGBAMemory(s)
	}
	if t.Planar {
		return s, bytes + raster.ToPlanarMemory(s, h.Grey(), s.Reduced(2).Covers(t.Size))
	}
	return s, bytes + raster.RGBAMemory(s)
}

// pngRowsMemory counts two rows, and the buffers that inflate and convert them.
func pngRowsMemory(h Header) int64 {
	width, deep := int64(h.Width), int64(max(h.Depth, 8)/8)
	bytes := 2*width*int64(h.Components)*deep + 256<<10
	if h.Depth == 16 {
		bytes += 8*width + icc.DeepMemory
	}
	if h.Interlaced {
		bytes += 4 * width
	}
	return bytes
}

// encodePNG writes grey pixels for a grey picture in planes, and RGB otherwise, which cannot carry a profile for grey.
func encodePNG(ctx context.Context, p raster.Picture, o Options) ([]byte, error) {
	beside := pngwrite.Options{Profile: o.Profile, EXIF: o.EXIF, XMP: o.XMP}
	if p.IsPlanar() && o.Grey {
		return pngwrite.Encode(ctx, p.Image(), beside)
	}
	m, err := p.NRGBA(ctx)
	if err != nil {
		return nil, err
	}
	if isGreyProfile(o.Profile) {
		beside.Profile = nil
	}
	return pngwrite.Encode(ctx, m, beside)
}

// pngEncodeMemory assumes pixels that do not compress, in a buffer that starts at half the size of the file.
func pngEncodeMemory(s raster.Size, planar bool, _ Options) int64 {
	if planar {
		return s.Pixels()*9 + 128<<10 // the file of RGB, and the pixels converted to it
	}
	return s.Pixels()*6 + 128<<10
}

package heif

import (
	"context"
	"image"

	"darkroom/worker/internal/hevc"
	"darkroom/worker/internal/raster"
)

// byteTable holds the 8 bits of full range for each sample of up to 12 bits. For 8 bits of full range, it is the
// identity.
type byteTable [1 << 12]byte

// lumaTable returns the table of luma, or of red, green and blue, for a depth in bits (ITU-T H.273, 8.3).
func lumaTable(depth int, full bool) *byteTable {
	black, span := 0, 1<<depth-1
	if !full {
		black, span = 16<<(depth-8), 219<<(depth-8)
	}
	var t byteTable
	for v := range 1 << depth {
		t[v] = byte(min(max((2*(v-black)*255+span)/(2*span), 0), 255))
	}
	return &t
}

// chromaTable is lumaTable for colours. Their neutral value is in the middle of the range.
func chromaTable(depth int, full bool) *byteTable {
	span := 1<<depth - 1
	if !full {
		span = 224 << (depth - 8)
	}
	var t byteTable
	for v := range 1 << depth {
		n := 2*(v-1<<(depth-1))*255 + span + 256*span // 128 plus the difference from grey, times 2*span; rounds half up
		t[v] = byte(min(max(n, 0)/(2*span), 255))
	}
	return &t
}

// planes is an opaque picture in 8 bits and full range, into which tiles are copied.
type planes struct {
	raster.Planar
	window image.Rectangle // part of the stored picture that is kept
	colour colour
	tables [3]*byteTable
}

// newPlanes returns the planes for a part of a stored picture. The part begins at a colour sample.
func newPlanes(window image.Rectangle, c colour) *planes {
	p := &planes{window: window, colour: c}
	p.Width, p.Height, p.Matrix = window.Dx(), window.Dy(), c.weights()
	x, y := c.pitch()
	p.Planes = []raster.Plane{raster.NewPlane(p.Size())}
	if c.chroma != hevc.Grey {
		for range 2 {
			s := raster.Size{Width: (p.Width + x - 1) / x, Height: (p.Height + y - 1) / y}
			plane := raster.NewPlane(s)
			plane.PitchX, plane.PitchY = x, y
			p.Planes = append(p.Planes, plane)
		}
	}
	return p
}

// draw copies a tile whose first pixel is at x, y of the stored picture. A colour sample begins there too.
func (p *planes) draw(ctx context.Context, tile *hevc.Picture, x, y int) error {
	if len(tile.Planes) != len(p.Planes) {
		return corrupt("decoded to %d planes of %d", len(tile.Planes), len(p.Planes))
	}
	for i, from := range tile.Planes {
		if p.tables[i] == nil {
			p.tables[i] = p.colour.table(i, from.Depth)
		}
		to := p.Planes[i]
		// left and top are where the plane begins, in samples of the tile.
		left, top := (p.window.Min.X-x)/to.PitchX, (p.window.Min.Y-y)/to.PitchY
		first, last := max(left, 0), min(left+to.Width, from.Width)
		for row := max(top, 0); row < min(top+to.Height, from.Height) && first < last; row++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			dst := to.Pix[(row-top)*to.Stride+first-left:][:last-first]
			if from.Depth == 8 && p.colour.full {
				from.CopyBytes(dst, first, row)
			} else {
				copySamples(dst, from.Pix[row*from.Stride+first:], p.tables[i])
			}
		}
	}
	return nil
}

// copySamples writes the 8 bits of each sample. src may be longer than dst.
func copySamples(dst []byte, src []uint16, t *byteTable) {
	src = src[:len(dst)]
	for ; len(dst) >= 8 && len(src) >= 8; dst, src = dst[8:], src[8:] {
		d, s := (*[8]byte)(dst), (*[8]uint16)(src)
		d[0], d[1], d[2], d[3] = t[s[0]&4095], t[s[1]&4095], t[s[2]&4095], t[s[3]&4095]
		d[4], d[5], d[6], d[7] = t[s[4]&4095], t[s[5]&4095], t[s[6]&4095], t[s[7]&4095]
	}
	for i, v := range src {
		dst[i] = t[v&4095]
	}
}

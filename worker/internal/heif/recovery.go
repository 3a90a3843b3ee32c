package heif

import (
	"encoding/binary"

	"darkroom/worker/internal/h273"
	"darkroom/worker/internal/hevc"
)

// For a sequence, the codec converts planes to RGB without interpolation: it repeats each colour sample for all pixels
// that share it. So this package recovers the planes from the RGB, and converts them like those of HEVC. To lose
// nothing, it declares the planes as BT.601 in full range, whatever they are, and has the codec convert to 16 bits a
// sample. If RGB is clipped, one unclipped pixel of those that share a colour sample is enough to recover the sample.

// isSubsampled reports whether the tile has fewer colour samples than pixels.
func (t tile) isSubsampled() bool {
	return t.coded.chroma == hevc.Chroma420 || t.coded.chroma == hevc.Chroma422
}

// codecColours are the colours that the codec's file declares for planes that will be recovered.
var codecColours = nclx{primaries: h273.BT709, transfer: 13, matrix: h273.MatrixBT601, full: true}

// Contributions of the colours to red, green and blue in that matrix.
const (
	kr, kb           = 0.299, 0.114
	kg               = 1 - kr - kb
	redOfCr          = 2 * (1 - kr)
	blueOfCb         = 2 * (1 - kb)
	greenOfCr        = -redOfCr * kr / kg
	greenOfCb        = -blueOfCb * kb / kg
	max16     uint16 = 1<<16 - 1
)

// recovery turns RGB of a frame back into its planes.
type recovery struct {
	planes hevc.Picture
	x, y   int     // pixels that share a colour sample
	unit   float32 // steps of a plane's sample in one step of 16 bits
	grey   float32
}

// newRecovery returns a recovery of a frame in these samples.
func newRecovery(c coded) *recovery {
	r := &recovery{planes: *newWhole(c.width, c.height, colour{chroma: c.chroma})}
	r.x, r.y = colour{chroma: c.chroma}.pitch()
	for i := range r.planes.Planes {
		r.planes.Planes[i].Depth = c.depth
	}
	r.unit = float32(int(1)<<c.depth-1) / float32(max16)
	r.grey = float32(int(1) << (c.depth - 1))
	return r
}

// recoveryMemory returns how many bytes the planes take.
func recoveryMemory(c coded) int64 { return 6 * int64(c.width) * int64(c.height) }

// recoverPlanes returns the planes of a frame of RGBA with 16 bits a sample. They are valid until the next call.
func (r *recovery) recoverPlanes(deep []byte) *hevc.Picture {
	luma, blue, red := &r.planes.Planes[0], &r.planes.Planes[1], &r.planes.Planes[2]
	for v := range blue.Height {
		for u := range blue.Width {
			b := block{x: u * r.x, y: v * r.y}
			b.right, b.bottom = min(b.x+r.x, luma.Width), min(b.y+r.y, luma.Height)
			b.colours(deep, luma.Width)
			blue.Pix[v*blue.Stride+u] = r.sample(b.cb*r.unit + r.grey)
			red.Pix[v*red.Stride+u] = r.sample(b.cr*r.unit + r.grey)
			for y := b.y; y < b.bottom; y++ {
				for x := b.x; x < b.right; x++ {
					luma.Pix[y*luma.Stride+x] = r.sample(b.luma(deep[8*(y*luma.Width+x):]) * r.unit)
				}
			}
		}
	}
	return &r.planes
}

// sample rounds a sample.
func (r *recovery) sample(v float32) uint16 { return uint16(min(max(v+0.5, 0), 2*r.grey-1)) }

// block is the pixels of one colour sample.
type block struct {
	x, y, right, bottom int
	cb, cr              float32 // scale of 16-bit samples
	sure                bool    // cb and cr come from pixels that are not clipped
}

// colours finds the colours of the block: the mean of its pixels that are not clipped, or else of all.
func (b *block) colours(deep []byte, width int) {
	var sums [2]struct{ cb, cr, n float32 }
	for y := b.y; y < b.bottom; y++ {
		for x := b.x; x < b.right; x++ {
			p := deep[8*(y*width+x):]
			red, green, blue := sample16(p), sample16(p[2:]), sample16(p[4:])
			sum := &sums[0]
			if clipped(red) || clipped(green) || clipped(blue) {
				sum = &sums[1]
			}
			luma := kr*float32(red) + kg*float32(green) + kb*float32(blue)
			sum.cb += (float32(blue) - luma) / blueOfCb
			sum.cr += (float32(red) - luma) / redOfCr
			sum.n++
		}
	}
	sum := &sums[0]
	if b.sure = sum.n > 0; !b.sure {
		sum = &sums[1]
	}
	b.cb, b.cr = sum.cb/sum.n, sum.cr/sum.n
}

// luma returns the luma of a pixel. If samples are clipped, it uses one that is not, if any.
func (b *block) luma(p []byte) float32 {
	red, green, blue := sample16(p), sample16(p[2:]), sample16(p[4:])
	switch {
	case !b.sure || !clipped(red) && !clipped(green) && !clipped(blue):
	case !clipped(green):
		return float32(green) - greenOfCb*b.cb - greenOfCr*b.cr
	case !clipped(red):
		return float32(red) - redOfCr*b.cr
	case !clipped(blue):
		return float32(blue) - blueOfCb*b.cb
	}
	return kr*float32(red) + kg*float32(green) + kb*float32(blue)
}

func sample16(p []byte) uint16 { return binary.LittleEndian.Uint16(p) }

func clipped(v uint16) bool { return v == 0 || v == max16 }

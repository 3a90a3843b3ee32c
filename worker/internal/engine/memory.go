package engine

import (
	"slices"

	"darkroom/worker/internal/heif"
	"darkroom/worker/internal/icc"
	"darkroom/worker/photo"
)

const rgba = 4 // bytes a pixel of image.NRGBA

// Memory returns how many bytes [Engine.Render] may take at its peak beside the file itself. It is the sum of the
// buffers of all stages, although most are garbage by the time that the last is made: until the collector runs,
// garbage takes memory too, and with GOGC=100 it runs when there is as much garbage as living data.
//
// What the engine keeps from one picture to the next, at most 2 MB, is not in it.
func (e *Engine) Memory(h Header) int64 {
	stored := upright(largest(e.specs, upright(h.stored(), h.Orientation)), h.Orientation)
	decoded, bytes := decodeMemory(h, stored)
	bytes += profileMemory(h) + 256<<10
	if h.mayBeTransparent() || slices.ContainsFunc(e.specs, func(s Spec) bool { return s.exact(h) }) {
		bytes += 3 << 19 // what deflates a PNG
	}
	switch {
	case e.planar(h) && h.Format == photo.JPEG: // its planes are in it
		return bytes + e.planarMemory(h, decoded)
	case e.planar(h):
		return bytes + conversionMemory(h, decoded, stored) + e.planarMemory(h, decoded)
	}
	bytes += decoded.pixels() * rgba
	var rest int64
	if e.exact(h) {
		rest = e.rgbMemory(h, decoded, asRGB)
	} else {
		rest = conversionMemory(h, decoded, stored) + e.planarMemory(h, decoded)
	}
	if h.mayBeTransparent() { // which is not known before it is decoded
		rest = max(rest, e.rgbMemory(h, decoded, asAlpha))
	}
	return bytes + rest
}

// way is how a picture is held once it is decoded.
type way int

const (
	asPlanes way = iota // opaque
	asRGB               // opaque
	asAlpha             // in RGB with alpha
)

// rgbMemory is that of the picture as NRGBA in each size, of what filters one into the next, and of encoding.
func (e *Engine) rgbMemory(h Header, decoded size, held way) int64 {
	pic := upright(h.stored(), h.Orientation)
	need := largest(e.specs, pic)
	bytes := resizeMemory(decoded, upright(need, h.Orientation)) + resizeMemory(need, previewSpec.plan(need).whole)
	if h.Orientation != 1 {
		bytes += need.pixels() * rgba
	}
	for _, s := range e.specs {
		p := s.plan(pic)
		bytes += resizeMemory(need, p.whole) + resizeMemory(p.keep, p.out) + e.outputMemory(s, h, p.out, held)
		if p.out != p.keep {
			bytes += p.keep.pixels() * rgba // what is kept, with its rows one after another
		}
	}
	return bytes
}

// conversionMemory is that of the planes that pixels become, with a row of sums.
func conversionMemory(h Header, decoded, need size) int64 {
	return planesMemory(h, decoded, !decoded.over(2).covers(need)) + int64(decoded.w)*16
}

// profileMemory is that of a profile, joined from its parts, and of the tables made of it. See icc.Profile.
func profileMemory(h Header) int64 {
	if h.Profile == 0 {
		return 0
	}
	return 5*min(h.Profile, icc.MaxBytes) + 1<<20
}

// planarMemory is that of the planes of the picture in each size, of what filters one into the next, and of encoding. The
// encoder keeps the planes of the largest, in whole blocks, for those that follow.
func (e *Engine) planarMemory(h Header, decoded size) int64 {
	pic := upright(h.stored(), h.Orientation)
	need := largest(e.specs, pic)
	full := e.fullColour(h)
	bytes := planesMemory(h, need, full) + filterMemory(decoded, need)
	if h.Orientation >= 5 {
		bytes += planesMemory(h, need, full)
	}
	blocks := need
	for _, s := range e.specs {
		p := s.plan(pic)
		full := s.fullColour(h)
		if p.whole != need {
			bytes += filterMemory(need, p.whole)
		}
		if p.keep != need || full != e.fullColour(h) {
			bytes += planesMemory(h, p.keep, full)
		}
		if p.out != p.keep {
			bytes += filterMemory(p.keep, p.out) + planesMemory(h, p.out, full)
		}
		blocks = size{max(blocks.w, p.out.w), max(blocks.h, p.out.h)}
		bytes += e.outputMemory(s, h, p.out, asPlanes)
	}
	return bytes + planesMemory(h, size{(blocks.w + 15) &^ 15, (blocks.h + 15) &^ 15}, full)
}

// planesMemory is that of luma and, if there are colours, of two planes as large, or with half its sides rounded up.
func planesMemory(h Header, s size, fullColour bool) int64 {
	switch {
	case h.grey():
		return s.pixels()
	case fullColour:
		return s.pixels() * 3
	}
	return s.pixels() + 2*s.over(2).pixels()
}

// filterMemory is that of the weights along both sides, while they are calculated and then: as many for each sample to
// make as the six lobes reach over, twice in two bytes each, and half as many for the colours. A row of each plane in
// two bytes a sample is in it.
func filterMemory(from, to size) int64 { return int64(from.w+from.h)*48 + int64(to.w+to.h)*60 }

// resizeMemory is that of a picture as NRGBA that is made of another. What shrinks needs the rows that the filter reaches
// over, and 32 more, in two bytes a sample. What becomes larger is made by imaging, which resamples the width first: to a
// picture as wide as the result and as high as the source.
func resizeMemory(from, to size) int64 {
	switch {
	case from == to:
		return 0
	case !from.covers(to):
		return size{to.w, from.h}.pixels()*rgba + to.pixels()*rgba
	}
	rows := min(from.h, 6*(from.h/to.h+1)+3+32)
	return to.pixels()*rgba + size{from.w, rows + 2}.pixels()*2*rgba + filterMemory(from, to)
}

// outputMemory is that of sharpening a variant and of encoding it in each of its formats.
func (e *Engine) outputMemory(spec Spec, h Header, s size, held way) int64 {
	bytes := int64(0)
	if spec.Sharpen > 0 {
		bytes += s.pixels() * rgba
	}
	formats := spec.formats(h, held != asAlpha)
	if held == asAlpha && (spec.Background != "" || slices.Contains(formats, photo.JPEG)) {
		bytes += s.pixels() * rgba // the frame on a background
	}
	for _, f := range formats {
		bytes += e.encodeMemory(f, spec, h, s, held)
	}
	return bytes
}

// encodeMemory is that of one encoder with its output.
func (e *Engine) encodeMemory(f photo.Format, spec Spec, h Header, s size, held way) int64 {
	n := s.pixels()
	switch f {
	case photo.PNG:
		// Output that does not compress, in a buffer that begins with half of that.
		if held == asPlanes {
			return n*9 + 128<<10 // of RGB, and the pixels in that
		}
		return n*6 + 128<<10
	case photo.AVIF:
		return heif.EncodeMemory(s.w, s.h)
	case photo.WebP:
		// The memory of the codec, which doubles when it grows, and its output twice.
		if spec.lossless(h) {
			return n*128 + 32<<20
		}
		return n*32 + 32<<20
	}
	bytes := n*4 + 64<<10 // output, of noise as much as that in a buffer that doubles, and the statistics of its codes
	if held != asPlanes {
		bytes += n*2 + 64<<10 // planes
	}
	if spec.Chroma == Chroma444 {
		bytes += n * 2
	}
	if spec.Progressive {
		bytes += n * 12 // coefficients
	}
	return bytes
}

// mayBeTransparent reports whether the variants may become PNG.
func (h Header) mayBeTransparent() bool {
	return h.Format != photo.JPEG && (h.Indexed || h.keyed || h.Components == 2 || h.Components == 4)
}

// decodeMemory returns the size that a picture is decoded at to cover need, and the bytes that its decoder takes
// beside the NRGBA pixels or, of a PNG that is decoded to planes, beside those.
func decodeMemory(h Header, need size) (decoded size, bytes int64) {
	n := h.stored().pixels()
	switch h.Format {
	case photo.JPEG:
		return jpegMemory(h, need)
	case photo.PNG:
		bytes = n*pngSamples(h) + 2*int64(h.Width)*int64(h.Components)*int64(max(h.Depth, 8)/8) + 256<<10 // two rows, and what inflates them
		if h.Interlaced {
			bytes += n * rgba * int64(max(h.Depth, 8)/8) // the pictures of the seven passes
		}
	case photo.GIF:
		bytes = n + n*rgba // indexes, and a frame that does not cover the screen
	case photo.HEIC, photo.AVIF:
		bytes = h.heif.Memory() - n*rgba
	case photo.WebP:
		bytes = n*2 + h.Bytes // planes, and the file in a buffer of the decoder
		if h.Animated {
			bytes += n*rgba + h.Bytes // a frame that does not cover the canvas, and a file of it alone
		}
		if h.Components == 4 {
			bytes += n*rgba + n // the picture before its last transform, or the one that carries alpha, and alpha
			// At most 2600 groups of Huffman tables of at most 50 KB, and 128 bytes of table for each of file.
			bytes += min(n/16, 2600, h.Bytes*128/50_000+1) * 50_000
		}
	}
	return h.stored(), bytes
}

// pngSamples is how many bytes a pixel takes in what image/png decodes to, when that is not NRGBA already.
func pngSamples(h Header) int64 {
	deep := int64(max(h.Depth, 8) / 8)
	switch {
	case h.plain: // its rows
		return 0
	case h.Components == 1 && !h.keyed: // grey, or an index
		return deep
	case deep == 2:
		return deep * rgba
	}
	return 0
}

// jpegMemory follows the buffers of jpegn: a copy of the file, the samples of each component in whole blocks, once
// more each component that is enlarged to be converted (none is where the planes are taken as they are), and of a
// progressive picture every coefficient in four bytes. Package jpegscan takes less, image/jpeg much the same.
func jpegMemory(h Header, need size) (decoded size, bytes int64) {
	denom := 1
	if h.plain {
		denom = denominator(h.stored(), need)
	}
	decoded, bytes = h.stored().over(denom), h.Bytes
	most := sampling{1, 1}
	for _, s := range h.sampling[:h.Components] {
		most = sampling{max(most.h, s.h), max(most.v, s.v)}
	}
	units := size{(h.Width + 8*most.h - 1) / (8 * most.h), (h.Height + 8*most.v - 1) / (8 * most.v)}.pixels()
	for _, s := range h.sampling[:h.Components] {
		blocks := units * int64(s.h*s.v)
		bytes += blocks * 64 / int64(denom*denom)
		if s != most && !h.planar() {
			bytes += decoded.pixels()
		}
		if h.Progressive {
			bytes += blocks * 64 * 4
		}
	}
	if h.Components == 4 {
		bytes += decoded.pixels() * 4 // image.CMYK
	}
	return decoded, bytes
}

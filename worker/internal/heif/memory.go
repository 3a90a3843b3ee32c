package heif

import "darkroom/worker/internal/raster"

// The linear memory of the codec, measured with flat and noisy pictures of 0.2 to 21 megapixels. Apart from the coded
// data, it depends only on the size and kind of the picture.
const (
	av1Base  = 3400 << 10
	av1Block = 10.7 // bytes for each pixel of the superblocks, which are 128 x 128 pixels
	av1Edge  = 64   // pixels around a frame on each side
	av1Data  = 1.2  // factor of the coded data
)

const (
	instance     = 256 << 10 // bytes that an instance of the codec takes in addition to its linear memory
	maxInstances = 64        // ended instances that the garbage collector may not have freed yet
)

// linearMemory returns the bytes of linear memory that the codec takes to decode a tile.
func (p *picture) linearMemory(t tile) int64 {
	deep := 0
	if p.depth > 8 {
		deep = 1
	}
	pixels := float64(t.coded.width) * float64(t.coded.height)
	blocks := float64(alignUp(t.coded.width, 128)) * float64(alignUp(t.coded.height, 128))
	frame := float64(alignUp(t.coded.width, 8)+2*av1Edge) * float64(alignUp(t.coded.height, 8)+2*av1Edge)
	samples := [4]float64{1.5, 1.5, 2, 3}[t.coded.chroma] // libaom allocates colours even for a grey frame
	if t.layers.partial() {
		// The best layer may be larger than the selected one, and all of them are decoded.
		pixels, blocks, frame = maxLayerScale*pixels, maxLayerScale*blocks, maxLayerScale*frame
	}
	if t.coded.grain {
		samples *= 2
	}
	wide := deep // samples of RGB with 16 bits
	if t.isDeepened() {
		wide = 1
	}
	return av1Base + int64(8*pixels*float64(1+wide)+av1Block*blocks+samples*frame*float64(1+deep)+av1Data*float64(t.bytes()))
}

func alignUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// bytes returns the size of the coded data.
func (t tile) bytes() (n int64) {
	for _, e := range t.extents {
		n += int64(len(e))
	}
	return n
}

// codecMemory returns the bytes of linear memory that the codec takes. All tiles, including those of alpha, use the
// same memory.
func (h Header) codecMemory() (most int64) {
	for _, p := range h.pictures() {
		if !p.sandboxed() {
			continue
		}
		for _, t := range p.tiles {
			most = max(most, p.linearMemory(t))
		}
	}
	return most
}

// decodeMemory returns how many bytes package hevc takes for one tile after another.
func (h Header) decodeMemory() (most int64) {
	for _, p := range h.pictures() {
		if !p.sandboxed() {
			most = max(most, p.tiles[0].coded.memory) // all tiles of a picture are alike
		}
	}
	return most
}

// Memory returns the most bytes that Picture takes in addition to the file, with planes or without. The first picture
// in AV1 takes up to 100 MB more, because the codec is compiled for it.
func (h Header) Memory(planar bool) int64 {
	planar = planar && h.Planar()
	s := raster.Size{Width: h.Width, Height: h.Height}
	bytes := h.codecMemory() + h.decodeMemory()
	if planar {
		bytes += s.Pixels()
		if x, y := h.colour.colour().pitch(); !h.Grey() {
			bytes += 2 * int64((s.Width+x-1)/x) * int64((s.Height+y-1)/y)
		}
	} else {
		bytes += raster.RGBAMemory(s) * int64(1+h.canvases())
	}
	var whole int64
	for _, p := range h.pictures() {
		whole = max(whole, p.wholeMemory())
		sandboxed, most := p.sandboxed(), int64(0)
		for _, t := range p.tiles {
			if sandboxed {
				bytes += 2 * t.bytes() // the file that is written for the codec
			}
			most = max(most, t.bytes())
		}
		if sandboxed {
			bytes += int64(min(len(p.tiles), maxInstances)) * instance
		} else {
			bytes += 2 * most // a copy in one piece, and one without emulation prevention bytes
		}
	}
	if !planar {
		bytes += whole + h.scaledAlphaMemory()
	}
	return bytes
}

// canvases returns how many extra canvases painting the layer takes. None is larger than the result.
func (l *layer) canvases() (most int) {
	if l.overlay == nil {
		return 0
	}
	for i := range l.overlay.layers {
		upper := &l.overlay.layers[i]
		n := upper.canvases()
		if upper.translucent() {
			n++
		}
		most = max(most, n)
	}
	return most
}

// encoderMemory returns the bytes of linear memory that the encoder takes, measured with noise and with alpha.
func encoderMemory(width, height int) int64 {
	return int64(alignUp(width, 64))*int64(alignUp(height, 64))*60 + 18<<20
}

// EncodeMemory returns the most bytes that EncodeAVIF takes for a picture of width x height pixels, including its
// result.
func EncodeMemory(width, height int) int64 {
	return encoderMemory(width, height) + int64(width)*int64(height)*12
}

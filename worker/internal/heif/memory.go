package heif

// What a codec allocates while it decodes one coded picture: what its instance takes however small the picture is, and
// bytes a pixel. That is all garbage included, and most of it is garbage: WebAssembly's memory starts small and is
// copied each time it grows. Measured with pictures of 0.2 to 12 megapixels, with wazero 1.12. The first picture of a codec takes up to 100 MB more, for the
// codec's own code to be compiled.
const (
	hevcBase     = 2 << 20
	hevcPixel    = 48 // 4:2:0 and grey, 8 bits
	hevcPixel444 = 72 // and 4:2:2
	av1Base      = 18 << 20
	av1Pixel     = 110 // 4:2:0 and grey, 8 bits
	av1Pixel444  = 140 // and 4:2:2
	av1PixelDeep = 400 // the library makes 64-bit pixels, several times over
	perByte      = 10  // of the coded data, which are copied as well
)

// EncodeMemory returns how many bytes EncodeAVIF may allocate for a picture of this size in pixels, its result and all
// garbage included. Measured as above, with noise and with alpha.
func EncodeMemory(width, height int) int64 {
	return int64(width)*int64(height)*190 + 18<<20
}

// Memory returns how many bytes Decode may take at its peak, beside the file. It is what a whole decode allocates, for
// until the collector runs garbage takes memory too; of many tiles it is twice what may live at once, since with
// GOGC=100 the collector runs when there is as much garbage as living data.
func (h Header) Memory() int64 {
	result := int64(h.Width) * int64(h.Height) * 4
	all, most := h.colour.memory()
	if h.alpha != nil {
		a, m := h.alpha.memory()
		all, most = all+a, max(most, m)
	}
	return min(result+all, 2*(result+most))
}

// memory returns what decoding allocates for all tiles, and for the one that takes most.
func (p *picture) memory() (all, most int64) {
	pixels := int64(p.tileWidth) * int64(p.tileHeight)
	for _, t := range p.tiles {
		var n, data int64
		for _, e := range t.extents {
			data += int64(len(e))
		}
		switch {
		case p.codec == HEVC:
			n = hevcPixel
			if t.coded.chroma > 1 {
				n = hevcPixel444
			}
			if t.coded.depth > 8 {
				n *= 2
			}
			n = n*pixels + hevcBase
		default:
			n = av1Pixel
			if t.coded.chroma > 1 {
				n = av1Pixel444
			}
			if p.depth > 8 {
				n = av1PixelDeep
			}
			n = n*pixels + av1Base
		}
		n += perByte * data
		all, most = all+n, max(most, n)
	}
	return all, most
}

package hevc

// frame is the picture being decoded, with the parameters of the loop filters for each block.
type frame struct {
	sps    *SPS
	pps    *pps
	planes []plane // one if the picture is grey, otherwise three

	// One entry for each 4x4 block of luma samples, in rows of stride4.
	stride4 int
	qp      []int8  // QpY
	block   []uint8 // the flags below

	// One entry for each coding tree block, in raster order.
	slices []*slice
	sao    []sao

	samples []uint16 // memory of all planes
	filter  filterRows
}

// Flags of a 4x4 block.
const (
	edgeLeft = 1 << iota // the deblocking filter works on the left side of the block
	edgeTop              // the deblocking filter works on its upper side
	intact               // no loop filter changes its samples (pcm_loop_filter_disabled_flag, cu_transquant_bypass_flag)
)

// plane holds the samples of one component of the coded picture.
type plane struct {
	pix            []uint16 // the sample at x, y is pix[y*stride+x]
	stride         int
	width, height  int
	shiftX, shiftY int // log2 of the luma samples that a sample covers, in each direction
	depth          int // bits of a sample
}

// sao holds the parameters of sample adaptive offset for one coding tree block (7.4.9.3), by component.
type sao struct {
	kind    [3]uint8    // SaoTypeIdx: 0 none, 1 band, 2 edge
	band    [3]uint8    // sao_band_position
	class   [3]uint8    // SaoEoClass: 0 horizontal, 1 vertical, 2 diagonal of 135 degrees, 3 of 45 degrees
	offsets [3][4]int16 // SaoOffsetVal[1..4], scaled by log2OffsetScale
}

// rowPadding is how many samples beyond the end of a row vector kernels may read and write.
const rowPadding = 32

// DecodeMemory returns how many bytes a Decoder takes for a picture, including its result.
func (s *SPS) DecodeMemory() int64 {
	luma := int64(s.codedWidth+rowPadding) * int64(s.codedHeight)
	samples := luma
	if s.Chroma != Grey {
		samples += 2 * luma >> (s.shiftX() + s.shiftY())
	}
	blocks := int64(s.codedWidth/4) * int64(s.codedHeight/4)
	ctbs := int64(s.ctbColumns) * int64(s.ctbRows)
	return 2*samples + 8*blocks + 80*ctbs + segmentMemory*min(ctbs, maxSegments) + s.filterMemory() + 256<<10
}

// begin prepares the frame for a picture.
func (f *frame) begin(p *pps) {
	s := p.sps
	f.sps, f.pps = s, p
	f.planes = append(f.planes[:0], plane{width: s.codedWidth, height: s.codedHeight, depth: s.Depth})
	if s.Chroma != Grey {
		c := plane{width: s.codedWidth >> s.shiftX(), height: s.codedHeight >> s.shiftY(),
			shiftX: s.shiftX(), shiftY: s.shiftY(), depth: s.ChromaDepth}
		f.planes = append(f.planes, c, c)
	}
	size := 0
	for i := range f.planes {
		f.planes[i].stride = f.planes[i].width + rowPadding
		size += f.planes[i].stride * f.planes[i].height
	}
	f.samples = resize(f.samples, size)
	index := 0
	for i := range f.planes {
		n := f.planes[i].stride * f.planes[i].height
		f.planes[i].pix = f.samples[index : index+n : index+n]
		index += n
	}
	f.stride4 = s.codedWidth / 4
	blocks := f.stride4 * (s.codedHeight / 4)
	f.qp, f.block = resize(f.qp, blocks), resize(f.block, blocks)
	clear(f.block)
	ctbs := s.ctbColumns * s.ctbRows
	f.slices, f.sao = resize(f.slices, ctbs), resize(f.sao, ctbs)
	clear(f.slices)
	clear(f.sao)
}

// blank makes coding tree blocks grey. blocks holds their numbers in raster order.
func (f *frame) blank(blocks []int) {
	for _, index := range blocks {
		x, y := index%f.sps.ctbColumns<<f.sps.log2CTB, index/f.sps.ctbColumns<<f.sps.log2CTB
		for i := range f.planes {
			p := &f.planes[i]
			left, right := x>>p.shiftX, min((x+1<<f.sps.log2CTB)>>p.shiftX, p.width)
			for row := y >> p.shiftY; row < min((y+1<<f.sps.log2CTB)>>p.shiftY, p.height); row++ {
				samples := p.pix[row*p.stride+left : row*p.stride+right]
				for k := range samples {
					samples[k] = 1 << (p.depth - 1)
				}
			}
		}
	}
}

// resize returns a slice of n elements with arbitrary values. It uses the memory of s if that is large enough.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// picture returns the part of the frame inside the conformance window (7.4.3.2.1). The window begins and ends at chroma
// samples, so the shifts lose nothing.
func (f *frame) picture() *Picture {
	s := f.sps
	p := &Picture{Width: s.Width, Height: s.Height, Chroma: s.Chroma}
	for _, from := range f.planes {
		x, y := s.cropLeft>>from.shiftX, s.cropTop>>from.shiftY
		width, height := s.Width>>from.shiftX, s.Height>>from.shiftY
		p.Planes = append(p.Planes, Plane{Pix: from.pix[y*from.stride+x:], Stride: from.stride,
			Width: width, Height: height, Depth: from.depth})
	}
	return p
}

package hevc

// slice holds a slice segment header (7.3.6.1). A dependent segment inherits the values of the previous segment.
type slice struct {
	segment     int // counts the segments of the picture, from 0
	index       int // counts the independent segments, from 0
	first       int // SliceAddrRs, the first coding tree block of the slice, raster order
	address     int // slice_segment_address, raster order
	dependent   bool
	qp          int // SliceQpY
	qpOffset    [3]int
	chromaLists bool // cu_chroma_qp_offset_enabled_flag
	saoOn       [3]bool
	across      bool // slice_loop_filter_across_slices_enabled_flag

	deblockingOff        bool
	betaOffset, tcOffset int // doubled already

	pps  *pps
	data []byte // slice_segment_data
}

// maxSegments is the most slice segments of a picture. Level 6.2 allows 600 (table A.8).
const maxSegments = 4096

// segmentMemory is an upper bound for the size of a slice in bytes.
const segmentMemory = 160

// Slice types (table 7-7).
const sliceI = 2

// parseSlice reads the header of a slice segment. before is the previous segment of the picture, or nil.
func (d *Decoder) parseSlice(u unit, before *slice) (*slice, error) {
	r := &bitReader{data: u.data}
	first := r.flag()
	r.skip(1) // no_output_of_prior_pics_flag
	p, err := d.activate(r.number(63))
	if err != nil {
		return nil, err
	}
	if first != (before == nil) {
		return nil, corrupt("slice segment out of order, or a second picture")
	}
	if before != nil && p != before.pps {
		return nil, unsupported("slices of a picture with different parameter sets")
	}
	sps := p.sps
	h := slice{pps: p}
	if !first {
		dependent := p.dependentSlices && r.flag()
		address := int(r.u(bitsFor(sps.ctbColumns * sps.ctbRows)))
		if dependent {
			h = *before
			h.data = nil
		}
		h.dependent, h.address, h.segment = dependent, address, before.segment+1
		if h.segment >= maxSegments {
			return nil, unsupported("more than %d slice segments", maxSegments)
		}
		if address <= 0 || address >= sps.ctbColumns*sps.ctbRows {
			return nil, corrupt("slice segment at block %d", address)
		}
	}
	if !h.dependent {
		h.first = h.address
		if before != nil {
			h.index = before.index + 1
		}
		if err := h.parse(r, u.kind, p); err != nil {
			return nil, err
		}
	}
	if p.tiles || p.wavefront {
		if n := r.number(sps.ctbColumns * sps.ctbRows); n > 0 {
			r.skip(n * (r.number(31) + 1)) // entry points are not needed, because substreams are contiguous
		}
	}
	if p.sliceExtension {
		r.skip(8 * r.number(256))
	}
	if r.flag(); r.pastEnd() { // alignment_bit_equal_to_one
		return nil, corrupt("slice segment header ends early or has a value out of range")
	}
	h.data = u.data[min(len(u.data), (r.pos+7)/8):]
	return &h, nil
}

// parse reads the part of the header that only an independent segment has.
func (h *slice) parse(r *bitReader, kind int, p *pps) error {
	sps := p.sps
	r.skip(p.extraSliceBits)
	if t := r.number(2); t != sliceI {
		return unsupported("slice of type %d, which depends on other pictures", t)
	}
	if p.outputFlag {
		r.skip(1)
	}
	if kind != nalIDRWithLP && kind != nalIDR {
		if err := sps.skipReferences(r); err != nil {
			return err
		}
	}
	if sps.saoOn {
		h.saoOn[0] = r.flag()
		if sps.Chroma != Grey {
			h.saoOn[1] = r.flag()
			h.saoOn[2] = h.saoOn[1]
		}
	}
	h.qp = p.initQP + int(r.se())
	if h.qp < -6*(sps.Depth-8) || h.qp > 51 {
		return corrupt("slice with a quantisation parameter of %d", h.qp)
	}
	h.qpOffset = p.qpOffset
	if p.sliceQPOffsets {
		for i := 1; i < 3; i++ {
			h.qpOffset[i] += r.signed(-12, 12)
			if h.qpOffset[i] < -12 || h.qpOffset[i] > 12 {
				return corrupt("quantisation parameter offset of %d", h.qpOffset[i])
			}
		}
	}
	if len(p.chromaOffsets) > 0 {
		h.chromaLists = r.flag()
	}
	override := p.deblockingOverride && r.flag()
	h.deblockingOff, h.betaOffset, h.tcOffset = p.deblockingOff, p.betaOffset, p.tcOffset
	if override {
		if h.deblockingOff = r.flag(); !h.deblockingOff {
			h.betaOffset, h.tcOffset = 2*r.signed(-6, 6), 2*r.signed(-6, 6)
		}
	}
	h.across = p.acrossSlices
	if p.acrossSlices && (h.saoOn[0] || h.saoOn[1] || !h.deblockingOff) {
		h.across = r.flag()
	}
	return nil
}

// skipReferences skips the reference picture sets in the slice header of an intra-coded picture that is not an
// instantaneous refresh.
func (s *SPS) skipReferences(r *bitReader) error {
	r.skip(s.pocBits)
	if !r.flag() { // short_term_ref_pic_set_sps_flag
		if _, err := s.parseReferenceSet(r, s.shortSets); err != nil {
			return err
		}
	} else if s.shortSets > 1 {
		r.skip(bitsFor(s.shortSets))
	}
	if s.longTerm {
		fromSPS := 0
		if s.longSets > 0 {
			fromSPS = r.number(32)
		}
		for i := range fromSPS + r.number(32) {
			if i < fromSPS {
				if s.longSets > 1 {
					r.skip(bitsFor(s.longSets))
				}
			} else {
				r.skip(s.pocBits + 1)
			}
			if r.flag() {
				r.ue()
			}
		}
	}
	if s.temporalMVP {
		r.skip(1)
	}
	return nil
}

// bitsFor returns Ceil(Log2(n)). n is at least 1.
func bitsFor(n int) int {
	bits := 0
	for n > 1<<bits {
		bits++
	}
	return bits
}

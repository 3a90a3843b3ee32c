package heif

import "bytes"

// Section numbers in this file are those of ITU-T H.265.

// NAL unit types (table 7-1).
const (
	nalFirstIRAP = 16
	nalLastIRAP  = 23
	nalVCL       = 32 // the first that is no part of a picture
	nalVPS       = 32
	nalSPS       = 33
	nalPPS       = 34
)

// coded is what a coded picture's own bit stream says of it.
type coded struct {
	width, height int
	chroma        int  // chroma_format_idc: 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4
	depth         int  // bits of a luma sample
	full          bool // range, of luma and chroma
	matrix        int  // coefficients (ITU-T H.273, 8.3)
	primaries     int  // ITU-T H.273, 8.1; 2 is unspecified
	lengthSize    int  // of HEVC: bytes of the length in front of a NAL unit
}

// readHVCC reads an HEVC configuration (ISO/IEC 14496-15, 8.3.3.1) and the sequence parameter set in it. Several may be
// there only if they agree on what is used here.
func readHVCC(body []byte) (coded, error) {
	r := reader{data: body}
	head := r.bytes(23)
	if r.short {
		return coded{}, corrupt("box %q of %d bytes", "hvcC", len(body))
	}
	if head[0] != 1 {
		return coded{}, unsupported("HEVC configuration of version %d", head[0])
	}
	var c coded
	found := false
	for range head[22] {
		kind := r.u8() & 63
		for range r.u16() {
			nal := r.bytes(uint64(r.u16()))
			if r.short {
				return coded{}, corrupt("box %q", "hvcC")
			}
			if len(nal) < 2 || int(nal[0]>>1) != kind {
				return coded{}, corrupt("NAL unit in box %q", "hvcC")
			}
			if kind != nalSPS || layer(nal) != 0 {
				continue
			}
			sps, err := readSPS(nal)
			if err != nil {
				return coded{}, err
			}
			if found && sps != c {
				return coded{}, unsupported("several sequence parameter sets")
			}
			c, found = sps, true
		}
	}
	if !found {
		return coded{}, corrupt("no sequence parameter set")
	}
	c.lengthSize = int(head[21]&3) + 1
	return c, nil
}

// layer is the layer of a NAL unit of at least two bytes (7.4.2.2). A decoder of one layer leaves out all but 0.
func layer(nal []byte) int { return int(nal[0]&1)<<5 | int(nal[1]>>3) }

// checkHEVC checks that the data of an item are one picture and no more, and that no parameter set there tells other
// than the configuration. So nothing in them can make the decoder take more memory than the configuration announces.
func checkHEVC(data []byte, lengthSize int) error {
	r := reader{data: data}
	pictures := 0
	for len(r.data) > 0 {
		nal := r.bytes(r.uint(lengthSize))
		if r.short {
			return corrupt("NAL unit beyond the end of its item")
		}
		if len(nal) < 3 {
			return corrupt("NAL unit of %d bytes", len(nal))
		}
		if layer(nal) != 0 {
			continue
		}
		switch kind := int(nal[0]>>1) & 63; {
		case kind == nalVPS, kind == nalSPS, kind == nalPPS:
			return unsupported("parameter sets within the picture")
		case kind < nalVCL:
			if kind < nalFirstIRAP || kind > nalLastIRAP {
				return unsupported("a picture that depends on others")
			}
			if nal[2]&0x80 != 0 { // first_slice_segment_in_pic_flag (7.3.6.1)
				pictures++
			}
		}
	}
	if pictures != 1 {
		return unsupported("%d pictures in an item", pictures)
	}
	return nil
}

// readSPS reads a sequence parameter set (7.3.2.2.1) as far as its video signal type (E.2.1).
func readSPS(nal []byte) (coded, error) {
	// Emulation prevention (7.3.1.1). A set is short: a few dozen bytes, or some hundred with scaling lists.
	b := &bits{data: bytes.ReplaceAll(nal[2:], []byte{0, 0, 3}, []byte{0, 0})}
	b.skip(4)
	subLayers := int(b.u(3))
	b.skip(1)
	skipLevels(b, subLayers)
	b.ue()
	chroma := b.ue()
	if chroma == 3 && b.flag() {
		return coded{}, unsupported("separate colour planes")
	}
	width, height := b.ue(), b.ue()
	var left, right, top, bottom uint32
	if b.flag() {
		left, right, top, bottom = b.ue(), b.ue(), b.ue(), b.ue()
	}
	luma, colour := b.ue()+8, b.ue()+8
	poc := b.ue() + 4
	first := subLayers
	if b.flag() {
		first = 0
	}
	for range subLayers - first + 1 {
		b.ue()
		b.ue()
		b.ue()
	}
	for range 6 {
		b.ue()
	}
	if b.flag() { // scaling lists may be on,
		if b.flag() { // and be given
			skipScalingLists(b)
		}
	}
	b.skip(2)
	if b.flag() { // PCM
		b.skip(8)
		b.ue()
		b.ue()
		b.skip(1)
	}
	if b.over() || chroma > 3 || luma > 16 || colour > 16 || poc > 16 {
		return coded{}, corrupt("sequence parameter set")
	}
	if err := skipReferenceSets(b, int(poc)); err != nil {
		return coded{}, err
	}
	b.skip(2)
	c := coded{chroma: int(chroma), depth: int(luma), matrix: unspecified, primaries: unspecified}
	if b.flag() {
		c.readVUI(b)
	}
	if b.over() {
		return coded{}, corrupt("sequence parameter set")
	}
	unitX, unitY := uint64(1), uint64(1) // table 6-1
	if chroma == 1 || chroma == 2 {
		unitX = 2
	}
	if chroma == 1 {
		unitY = 2
	}
	cropX, cropY := unitX*(uint64(left)+uint64(right)), unitY*(uint64(top)+uint64(bottom))
	// The decoder works on whole coding blocks of at most 64 samples: it takes no more than that off.
	if width > maxSide || height > maxSide || cropX >= min(uint64(width), 64) || cropY >= min(uint64(height), 64) {
		return coded{}, unsupported("coded picture of %d x %d less %d x %d", width, height, cropX, cropY)
	}
	c.width, c.height = int(uint64(width)-cropX), int(uint64(height)-cropY)
	return c, nil
}

// skipLevels skips a profile_tier_level (7.3.3).
func skipLevels(b *bits, subLayers int) {
	const profile, level = 88, 8
	b.skip(profile + level)
	var profiles, levels [8]bool
	for i := range subLayers {
		profiles[i], levels[i] = b.flag(), b.flag()
	}
	if subLayers > 0 {
		b.skip(2 * (8 - subLayers))
	}
	for i := range subLayers {
		if profiles[i] {
			b.skip(profile)
		}
		if levels[i] {
			b.skip(level)
		}
	}
}

// skipScalingLists skips a scaling_list_data (7.3.4).
func skipScalingLists(b *bits) {
	for size := range 4 {
		step := 1
		if size == 3 {
			step = 3
		}
		for m := 0; m < 6; m += step {
			if !b.flag() {
				b.ue()
				continue
			}
			if size > 1 {
				b.ue()
			}
			for range min(64, 16<<(2*size)) {
				b.ue()
			}
		}
	}
}

// skipReferenceSets skips the short-term (7.3.7) and the long-term reference picture sets.
func skipReferenceSets(b *bits, pocBits int) error {
	sets := b.ue()
	if sets > 64 {
		return corrupt("%d reference picture sets", sets)
	}
	pictures := 0 // of the set before
	for i := range sets {
		if i > 0 && b.flag() {
			b.skip(1)
			b.ue()
			n := 0
			for range pictures + 1 {
				used := b.flag()
				if !used {
					used = b.flag() // use_delta_flag
				}
				if used {
					n++
				}
			}
			pictures = n
			continue
		}
		negative, positive := b.ue(), b.ue()
		if negative > 16 || positive > 16 {
			return corrupt("reference picture set of %d and %d", negative, positive)
		}
		pictures = int(negative + positive)
		for range pictures {
			b.ue()
			b.skip(1)
		}
	}
	if b.flag() {
		n := b.ue()
		if n > 32 {
			return corrupt("%d long-term reference pictures", n)
		}
		b.skip(int(n) * (pocBits + 1))
	}
	return nil
}

// readVUI reads video usability information as far as the video signal type (E.2.1).
func (c *coded) readVUI(b *bits) {
	if b.flag() && b.u(8) == 255 { // aspect ratio
		b.skip(32)
	}
	if b.flag() { // overscan
		b.skip(1)
	}
	if !b.flag() {
		return
	}
	b.skip(3)
	c.full = b.flag()
	if b.flag() {
		c.primaries = int(b.u(8))
		b.skip(8)
		c.matrix = int(b.u(8))
	}
}

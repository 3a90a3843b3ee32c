package heif

// Section numbers in this file are those of the AV1 bitstream specification, version 1.0.0 with errata 1.

// readSequence reads a sequence header (5.5.1): the size of the largest frame, and the colours (5.5.2).
func readSequence(body []byte) (coded, error) {
	b := &bits{data: body}
	profile := b.u(3)
	b.skip(1)
	reduced := b.flag()
	if reduced { // reduced_still_picture_header
		b.skip(5)
	} else {
		skipOperatingPoints(b)
	}
	widthBits, heightBits := int(b.u(4))+1, int(b.u(4))+1
	c := coded{width: int(b.u(widthBits)) + 1, height: int(b.u(heightBits)) + 1}
	if !reduced && b.flag() { // frame_id_numbers_present_flag
		b.skip(4 + 3)
	}
	b.skip(3)
	if !reduced {
		skipTools(b)
	}
	b.skip(3)
	c.readColours(b, profile)
	c.grain = b.flag() // film_grain_params_present
	if b.pastEnd() {
		return coded{}, corrupt("AV1 sequence header")
	}
	return c, nil
}

// skipOperatingPoints skips the timing and the operating points of a sequence header (5.5.1, 5.5.3, 5.5.4).
func skipOperatingPoints(b *bits) {
	decoderModel, delayBits := false, 0
	if b.flag() { // timing_info_present_flag
		b.skip(64)
		if b.flag() {
			b.ue()
		}
		if decoderModel = b.flag(); decoderModel {
			delayBits = int(b.u(5)) + 1
			b.skip(42)
		}
	}
	displayDelay := b.flag()
	for range b.u(5) + 1 {
		b.skip(12)
		if b.u(5) > 7 {
			b.skip(1)
		}
		if decoderModel && b.flag() {
			b.skip(2*delayBits + 1)
		}
		if displayDelay && b.flag() {
			b.skip(4)
		}
	}
}

// skipTools skips the tools of inter prediction and of screen content (5.5.1).
func skipTools(b *bits) {
	b.skip(4)
	orderHint := b.flag()
	if orderHint {
		b.skip(2)
	}
	screenContent := true
	if !b.flag() { // seq_choose_screen_content_tools
		screenContent = b.flag()
	}
	if screenContent && !b.flag() { // seq_choose_integer_mv
		b.skip(1)
	}
	if orderHint {
		b.skip(3)
	}
}

// readColours reads a colour configuration (5.5.2).
func (c *coded) readColours(b *bits, profile uint32) {
	c.depth, c.primaries, c.transfer, c.matrix = 8, unspecified, unspecified, unspecified
	if b.flag() {
		c.depth = 10
		if profile == 2 && b.flag() {
			c.depth = 12
		}
	}
	grey := profile != 1 && b.flag()
	if b.flag() { // color_description_present_flag
		c.primaries, c.transfer, c.matrix = int(b.u(8)), int(b.u(8)), int(b.u(8))
	}
	switch {
	case grey:
		c.full = b.flag()
		return
	case c.primaries == 1 && c.transfer == 13 && c.matrix == 0:
		c.full = true
	default:
		c.full = b.flag()
		if halfX, halfY := subsampling(b, profile, c.depth); halfX && halfY {
			b.skip(2) // chroma_sample_position
		}
	}
	b.skip(1) // separate_uv_delta_q
}

// subsampling reports in which directions colours have half the samples (5.5.2).
func subsampling(b *bits, profile uint32, depth int) (halfX, halfY bool) {
	switch {
	case profile == 0:
		return true, true
	case profile == 1:
		return false, false
	case depth < 12:
		return true, false
	}
	halfX = b.flag()
	return halfX, halfX && b.flag()
}

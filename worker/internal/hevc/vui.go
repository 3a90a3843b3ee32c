package hevc

// parseVUI reads video usability information (E.2.1). subLayers is sps_max_sub_layers_minus1.
func (s *SPS) parseVUI(r *bitReader, subLayers int) {
	if r.flag() && r.u(8) == 255 { // EXTENDED_SAR
		r.skip(32)
	}
	if r.flag() { // overscan_info_present_flag
		r.skip(1)
	}
	if r.flag() { // video_signal_type_present_flag
		r.skip(3)
		s.FullRange = r.flag()
		if r.flag() {
			s.Primaries, s.Transfer, s.Matrix = int(r.u(8)), int(r.u(8)), int(r.u(8))
		}
	}
	if r.flag() { // chroma_loc_info_present_flag
		r.ue()
		r.ue()
	}
	r.skip(3)
	if r.flag() { // default_display_window_flag
		for range 4 {
			r.ue()
		}
	}
	if r.flag() { // vui_timing_info_present_flag
		r.skip(64)
		if r.flag() {
			r.ue()
		}
		if r.flag() {
			skipHRD(r, subLayers)
		}
	}
	if r.flag() { // bitstream_restriction_flag
		r.skip(3)
		for range 5 {
			r.ue()
		}
	}
}

// skipHRD skips hrd_parameters with common information (E.2.2).
func skipHRD(r *bitReader, subLayers int) {
	nal, vcl := r.flag(), r.flag()
	subPicture := false
	if nal || vcl {
		if subPicture = r.flag(); subPicture {
			r.skip(8 + 5 + 1 + 5)
		}
		r.skip(4 + 4)
		if subPicture {
			r.skip(4)
		}
		r.skip(5 + 5 + 5)
	}
	for range subLayers + 1 {
		fixed := r.flag()
		if !fixed {
			fixed = r.flag()
		}
		lowDelay, count := false, 1
		if fixed {
			r.ue()
		} else {
			lowDelay = r.flag()
		}
		if !lowDelay {
			count = r.number(31) + 1
		}
		for _, present := range []bool{nal, vcl} {
			if !present {
				continue
			}
			for range count { // sub_layer_hrd_parameters (E.2.3)
				r.ue()
				r.ue()
				if subPicture {
					r.ue()
					r.ue()
				}
				r.skip(1)
			}
		}
	}
}

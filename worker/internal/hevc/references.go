package hevc

// parseReferenceSets reads the short-term and the long-term reference picture sets (7.3.2.2.1, 7.3.7). An intra picture
// uses none of them. But a slice header can hold another short-term set, coded as a difference from one of them.
func (s *SPS) parseReferenceSets(r *bitReader) error {
	s.shortSets = r.number(64)
	for i := range s.shortSets {
		n, err := s.parseReferenceSet(r, i)
		if err != nil {
			return err
		}
		s.deltaPocs = append(s.deltaPocs, n)
	}
	if s.longTerm = r.flag(); s.longTerm {
		s.longSets = r.number(32)
		r.skip(s.longSets * (s.pocBits + 1))
	}
	return nil
}

// parseReferenceSet reads st_ref_pic_set(index) and returns NumDeltaPocs (7.3.7, 7.4.8).
func (s *SPS) parseReferenceSet(r *bitReader, index int) (int, error) {
	if index > 0 && r.flag() { // inter_ref_pic_set_prediction_flag
		from := 1
		if index == s.shortSets {
			from = r.number(index-1) + 1 // delta_idx_minus1
		}
		r.skip(1)
		r.ue()
		n := 0
		for range s.deltaPocs[index-from] + 1 {
			used := r.flag()
			if !used {
				used = r.flag() // use_delta_flag
			}
			if used {
				n++
			}
		}
		if n > 16 {
			return 0, corrupt("%d pictures in a reference picture set", n)
		}
		return n, nil
	}
	n := r.number(16) + r.number(16)
	if n > 16 {
		return 0, corrupt("%d pictures in a reference picture set", n)
	}
	for range n {
		r.ue()
		r.skip(1)
	}
	return n, nil
}

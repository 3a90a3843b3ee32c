package vp8

// predict predicts a plane of a macroblock, of n rows of n samples (12.2).
func (w *workspace) predict(place, n int, m mode, hasLeft, hasAbove bool) {
	above := w.samples[place-stride:][:n]
	switch m {
	case modeDC:
		dc := w.mean(place, n, hasLeft, hasAbove)
		for y := range n {
			fill(w.samples[place+y*stride:][:n], dc)
		}
	case modeVertical:
		for y := range n {
			copy(w.samples[place+y*stride:][:n], above)
		}
	case modeHorizontal:
		for y := range n {
			row := w.samples[place+y*stride-1:][:n+1]
			fill(row[1:], row[0])
		}
	default:
		corner := int32(w.samples[place-stride-1])
		for y := range n {
			row := w.samples[place+y*stride:][:n]
			base := int32(w.samples[place+y*stride-1]) - corner
			for x, v := range above {
				row[x] = clamp(int32(v) + base)
			}
		}
	}
}

// mean returns the mean of the samples above and to the left that are in the frame.
func (w *workspace) mean(place, n int, hasLeft, hasAbove bool) byte {
	sum, count := 0, 0
	if hasAbove {
		for _, v := range w.samples[place-stride:][:n] {
			sum += int(v)
		}
		count += n
	}
	if hasLeft {
		for y := range n {
			sum += int(w.samples[place+y*stride-1])
		}
		count += n
	}
	if count == 0 {
		return 128
	}
	return byte((sum + count/2) / count)
}

// subblock holds four rows of four samples and their neighbours. The row above begins at the corner and has four more
// samples to the right. Every other row begins with the sample to the left.
type subblock [4*stride + 5]byte

// predict predicts the samples of a subblock (12.3).
func (s *subblock) predict(m mode) {
	// The edge has the order of the RFC: E[0] is the lowest sample to the left, E[4] the corner, and E[12] the last
	// sample above.
	switch m {
	case modeDC:
		sum := 4
		for i := range 4 {
			sum += int(s[1+i]) + int(s[(1+i)*stride])
		}
		for y := range 4 {
			fill(s.row(y), byte(sum>>3))
		}
	case modeTrueMotion:
		for y := range 4 {
			row, base := s.row(y), int32(s[(1+y)*stride])-int32(s[0])
			for x := range row {
				row[x] = clamp(int32(s[1+x]) + base)
			}
		}
	case modeVertical:
		above := [4]byte{mean3(s[0], s[1], s[2]), mean3(s[1], s[2], s[3]), mean3(s[2], s[3], s[4]), mean3(s[3], s[4], s[5])}
		for y := range 4 {
			copy(s.row(y), above[:])
		}
	case modeHorizontal:
		a, b, c, d := s[stride], s[2*stride], s[3*stride], s[4*stride]
		fill(s.row(0), mean3(s[0], a, b))
		fill(s.row(1), mean3(a, b, c))
		fill(s.row(2), mean3(b, c, d))
		fill(s.row(3), mean3(c, d, d))
	default:
		s.predictDiagonal(m)
	}
}

// row returns a row of the predicted samples.
func (s *subblock) row(y int) []byte { return s[(1+y)*stride+1:][:4] }

func mean2(a, b byte) byte { return byte((uint32(a) + uint32(b) + 1) >> 1) }

// mean3 returns the mean of three samples. The middle one counts twice.
func mean3(a, b, c byte) byte { return byte((uint32(a) + 2*uint32(b) + uint32(c) + 2) >> 2) }

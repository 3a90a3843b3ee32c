package vp8

// predictDiagonal predicts the samples of a subblock along a diagonal (12.3). All samples of a diagonal are equal, so a
// row is a part of a list of values, and the next row is the part that begins one value later.
func (s *subblock) predictDiagonal(m mode) {
	a, b, c, d, e, f, g, h := s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8] // above
	p, i, j, k, l := s[0], s[stride], s[2*stride], s[3*stride], s[4*stride]  // corner, and left
	switch m {
	case modeLeftDown:
		v := [7]byte{mean3(a, b, c), mean3(b, c, d), mean3(c, d, e), mean3(d, e, f), mean3(e, f, g), mean3(f, g, h), mean3(g, h, h)}
		s.set(v[0:4], v[1:5], v[2:6], v[3:7])
	case modeRightDown:
		v := [7]byte{mean3(j, k, l), mean3(i, j, k), mean3(p, i, j), mean3(a, p, i), mean3(p, a, b), mean3(a, b, c), mean3(b, c, d)}
		s.set(v[3:7], v[2:6], v[1:5], v[0:4])
	case modeVerticalRight:
		even := [5]byte{mean3(p, i, j), mean2(p, a), mean2(a, b), mean2(b, c), mean2(c, d)}
		odd := [5]byte{mean3(i, j, k), mean3(i, p, a), mean3(p, a, b), mean3(a, b, c), mean3(b, c, d)}
		s.set(even[1:5], odd[1:5], even[0:4], odd[0:4])
	case modeVerticalLeft:
		even := [5]byte{mean2(a, b), mean2(b, c), mean2(c, d), mean2(d, e), mean3(e, f, g)}
		odd := [5]byte{mean3(a, b, c), mean3(b, c, d), mean3(c, d, e), mean3(d, e, f), mean3(f, g, h)}
		s.set(even[0:4], odd[0:4], even[1:5], odd[1:5])
	case modeHorizontalDown:
		v := [10]byte{
			mean2(k, l), mean3(j, k, l), mean2(j, k), mean3(i, j, k), mean2(i, j), mean3(p, i, j),
			mean2(p, i), mean3(a, p, i), mean3(p, a, b), mean3(a, b, c),
		}
		s.set(v[6:10], v[4:8], v[2:6], v[0:4])
	default: // modeHorizontalUp
		v := [10]byte{mean2(i, j), mean3(i, j, k), mean2(j, k), mean3(j, k, l), mean2(k, l), mean3(k, l, l), l, l, l, l}
		s.set(v[0:4], v[2:6], v[4:8], v[6:10])
	}
}

// set sets the four rows of the samples.
func (s *subblock) set(rows ...[]byte) {
	for y, row := range rows {
		copy(s.row(y), row)
	}
}

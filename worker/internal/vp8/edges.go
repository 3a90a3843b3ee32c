package vp8

// samples holds the samples on a line across an edge, which is between the fourth and the fifth: P3 to P0 and Q0 to Q3
// of the RFC.
type samples [8]byte

// smoothAcross smooths the vertical edge to the left of a position.
func (r region) smoothAcross(place int, f *filter, inside bool) {
	for range r.size {
		s := (*samples)(r.pix[place-4:])
		if step(s[2], s[3], s[4], s[5]) <= f.limit {
			s.smooth(f, inside)
		}
		place += r.stride
	}
}

// smoothDown smooths the horizontal edge above a position.
func (r region) smoothDown(place int, f *filter, inside bool) {
	n := r.size
	row := func(i int) []byte { return r.pix[place+i*r.stride:][:n:n] }
	p3, p2, p1, p0, q0, q1, q2, q3 := row(-4), row(-3), row(-2), row(-1), row(0), row(1), row(2), row(3)
	for i := range n {
		if step(p1[i], p0[i], q0[i], q1[i]) > f.limit {
			continue
		}
		s := samples{p3[i], p2[i], p1[i], p0[i], q0[i], q1[i], q2[i], q3[i]}
		s.smooth(f, inside)
		p2[i], p1[i], p0[i], q0[i], q1[i], q2[i] = s[1], s[2], s[3], s[4], s[5], s[6]
	}
}

// simpleAcross applies the simple filter to the vertical edge to the left of a position.
func (r region) simpleAcross(place int, limit int32) {
	for range r.size {
		s := (*[4]byte)(r.pix[place-2:])
		if step(s[0], s[1], s[2], s[3]) <= limit {
			s[1], s[2] = smooth2(s[0], s[1], s[2], s[3])
		}
		place += r.stride
	}
}

// simpleDown applies the simple filter to the horizontal edge above a position.
func (r region) simpleDown(place int, limit int32) {
	n := r.size
	row := func(i int) []byte { return r.pix[place+i*r.stride:][:n:n] }
	p1, p0, q0, q1 := row(-2), row(-1), row(0), row(1)
	for i := range n {
		if step(p1[i], p0[i], q0[i], q1[i]) <= limit {
			p0[i], q0[i] = smooth2(p1[i], p0[i], q0[i], q1[i])
		}
	}
}

// step returns the size of the step across an edge (15.2).
func step(p1, p0, q0, q1 byte) int32 { return 2*distance(p0, q0) + distance(p1, q1)>>1 }

func distance(a, b byte) int32 {
	d := int32(a) - int32(b)
	sign := d >> 31
	return d ^ sign - sign
}

// smooth smooths an edge whose step is within the limit, unless the samples next to it differ by more than the filter
// allows. It changes three samples on each side of an edge between macroblocks, two on each side of an edge inside a
// macroblock, and one on each side of an edge with high variance.
func (s *samples) smooth(f *filter, inside bool) {
	near := max(distance(s[2], s[3]), distance(s[5], s[4]))
	if max(near, distance(s[0], s[1]), distance(s[1], s[2]), distance(s[7], s[6]), distance(s[6], s[5])) > f.interior {
		return
	}
	switch {
	case near > f.variance:
		s[3], s[4] = smooth2(s[2], s[3], s[4], s[5])
	case inside:
		a := 3 * (int32(s[4]) - int32(s[3]))
		a1, a2 := eighth(a+4), eighth(a+3)
		a3 := (a1 + 1) >> 1
		s[2], s[3] = clamp(int32(s[2])+a3), clamp(int32(s[3])+a2)
		s[4], s[5] = clamp(int32(s[4])-a1), clamp(int32(s[5])-a3)
	default:
		a := clampSigned(3*(int32(s[4])-int32(s[3])) + clampSigned(int32(s[2])-int32(s[5])))
		a1, a2, a3 := (27*a+63)>>7, (18*a+63)>>7, (9*a+63)>>7
		s[1], s[2], s[3] = clamp(int32(s[1])+a3), clamp(int32(s[2])+a2), clamp(int32(s[3])+a1)
		s[4], s[5], s[6] = clamp(int32(s[4])-a1), clamp(int32(s[5])-a2), clamp(int32(s[6])-a3)
	}
}

// smooth2 returns the two samples at an edge, smoothed (15.2).
func smooth2(p1, p0, q0, q1 byte) (p, q byte) {
	a := 3*(int32(q0)-int32(p0)) + clampSigned(int32(p1)-int32(q1))
	return clamp(int32(p0) + eighth(a+3)), clamp(int32(q0) - eighth(a+4))
}

// clampSigned clamps a value to the range of a signed byte.
func clampSigned(v int32) int32 { return min(max(v, -128), 127) }

// eighth clamps a value to the range of a signed byte and returns an eighth of it.
func eighth(v int32) int32 { return min(max(v>>3, -16), 15) }

package hevc

// bitReader reads the syntax elements of parameter sets and slice headers (7.2, 9.2). Beyond the end it returns zeros,
// and pastEnd reports true.
type bitReader struct {
	data []byte
	pos  int // bit
}

func (r *bitReader) pastEnd() bool { return r.pos > 8*len(r.data) }

// u reads an unsigned number of n bits, at most 32.
func (r *bitReader) u(n int) uint32 {
	var v uint64
	first := r.pos >> 3
	for i := range 5 {
		v <<= 8
		if first+i < len(r.data) {
			v |= uint64(r.data[first+i])
		}
	}
	v = v >> (40 - uint(r.pos&7) - uint(n)) & (1<<uint(n) - 1)
	r.pos += n
	return uint32(v)
}

func (r *bitReader) flag() bool { return r.u(1) != 0 }

func (r *bitReader) skip(n int) { r.pos += n }

// ue reads an unsigned Exp-Golomb code (9.2.2), at most 2^32-2.
func (r *bitReader) ue() uint32 {
	zeros := 0
	for !r.flag() {
		if zeros++; zeros > 31 || r.pastEnd() {
			r.pos = 8*len(r.data) + 1
			return 0
		}
	}
	return 1<<uint(zeros) - 1 + r.u(zeros)
}

// se reads a signed Exp-Golomb code (9.2.2).
func (r *bitReader) se() int32 {
	k := r.ue()
	if k&1 != 0 {
		return int32(k/2 + 1)
	}
	return -int32(k / 2)
}

// number reads an unsigned Exp-Golomb code of at most limit. If the code is larger, number returns 0 and pastEnd
// reports true.
func (r *bitReader) number(limit int) int {
	v := r.ue()
	if v > uint32(limit) {
		r.pos = 8*len(r.data) + 1
		return 0
	}
	return int(v)
}

// signed reads a signed Exp-Golomb code from low to high. If the code is outside that range, signed returns 0 and
// pastEnd reports true.
func (r *bitReader) signed(low, high int) int {
	v := int(r.se())
	if v < low || v > high {
		r.pos = 8*len(r.data) + 1
		return 0
	}
	return v
}
